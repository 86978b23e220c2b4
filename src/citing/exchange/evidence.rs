//! What a file says about a study as evidence, beside its record.

use serde::Serialize;

/// What a format says about a study as evidence.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Evidence {
    /// How the study was made, in the library's words (`randomized_trial`), as its publication types propose it.
    pub design: Option<&'static str>,
    /// The publication types as the file has them.
    pub publication_types: Vec<String>,
    /// It is a preprint.
    pub preprint: bool,
    /// It has been retracted.
    pub retracted: bool,
    /// It is itself a retraction, correction or expression of concern: a notice, not a study.
    pub notice: bool,
    /// Who paid.
    pub funding: Vec<Grant>,
    /// The statement on conflicts of interest.
    pub conflicts: Option<String>,
    /// Registrations and data sets, e.g. `ClinicalTrials.gov/NCT00000001`.
    pub registrations: Vec<String>,
    /// What the file says became of the study: retraction, erratum, update.
    pub corrections: Vec<Correction>,
    /// Where it can be read by all: its address in PubMed Central, or what the file calls open.
    pub open_access_url: Option<String>,
}

/// One grant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Grant {
    /// Its number.
    pub number: Option<String>,
    /// Who gave it.
    pub funder: Option<String>,
    /// The funder's country.
    pub country: Option<String>,
}

/// A link between a study and a later or earlier word about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Correction {
    /// `retraction_in`, `retraction_of`, `erratum_in`, `erratum_for`, `concern_in`, `concern_for`, `republished_in`,
    /// `republished_from`, `retracted_republished_in`, `retracted_republished_from`, `update_in`, `update_of`,
    /// `comment_in`, `comment_on`.
    pub kind: &'static str,
    /// Where, as the file has it.
    pub source: String,
    /// PubMed id of that.
    pub pmid: Option<String>,
    /// DOI of that.
    pub doi: Option<String>,
}

/// PubMed's publication types that tell a design, strongest first: of several the first in this list counts.
const DESIGNS: [(&str, &str); 22] = [
    ("meta-analysis", "meta_analysis"),
    ("network meta-analysis", "meta_analysis"),
    ("systematic review", "systematic_review"),
    ("practice guideline", "guideline"),
    ("guideline", "guideline"),
    ("consensus development conference", "guideline"),
    ("consensus development conference, nih", "guideline"),
    ("randomized controlled trial", "randomized_trial"),
    ("randomized controlled trial, veterinary", "animal"),
    ("equivalence trial", "randomized_trial"),
    ("pragmatic clinical trial", "randomized_trial"),
    ("controlled clinical trial", "controlled_trial"),
    ("cohort study", "cohort"),
    ("case-control study", "case_control"),
    ("cross-sectional study", "cross_sectional"),
    ("case reports", "case_report"),
    ("case report", "case_report"),
    ("scoping review", "narrative_review"),
    ("review", "narrative_review"),
    ("editorial", "expert_opinion"),
    ("comment", "expert_opinion"),
    ("letter", "expert_opinion"),
];

impl Evidence {
    /// Takes one publication type, and what follows from it.
    pub(super) fn publication_type(&mut self, name: &str) {
        let name = name.trim();
        if name.is_empty() || self.publication_types.iter().any(|known| known == name) {
            return;
        }
        self.publication_types.push(name.to_owned());
        match name.to_lowercase().as_str() {
            "preprint" => self.preprint = true,
            "retracted publication" => self.retracted = true,
            "retraction of publication" | "retraction notice" | "published erratum" | "expression of concern" => {
                self.notice = true;
            }
            _ => {}
        }
        self.design = self.proposed_design();
    }

    fn proposed_design(&self) -> Option<&'static str> {
        if self.notice {
            return None;
        }
        let types: Vec<String> = self.publication_types.iter().map(|name| name.to_lowercase()).collect();
        DESIGNS.iter().find(|(name, _)| types.iter().any(|known| known == name)).map(|(_, design)| *design)
    }

    /// Takes a grant unless it says nothing or is known.
    pub(super) fn grant(&mut self, grant: Grant) {
        if grant != Grant::default() && !self.funding.contains(&grant) {
            self.funding.push(grant);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_type_proposes_the_design() {
        let design = |types: &[&str]| {
            let mut evidence = Evidence::default();
            types.iter().for_each(|name| evidence.publication_type(name));
            evidence.design
        };
        assert_eq!(design(&["Journal Article", "Review", "Systematic Review", "Meta-Analysis"]), Some("meta_analysis"));
        assert_eq!(design(&["Randomized Controlled Trial", "Journal Article"]), Some("randomized_trial"));
        assert_eq!(design(&["Review"]), Some("narrative_review"));
        assert_eq!(design(&["Journal Article", "Case Reports"]), Some("case_report"));
        assert_eq!(design(&["Journal Article"]), None);
        assert_eq!(design(&["Review", "Retraction of Publication"]), None);
    }
}
