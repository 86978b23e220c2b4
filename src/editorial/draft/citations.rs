//! The citations of a working copy: what editors list, and what follows from the markers in the text and from the claims.

use std::collections::HashSet;

use super::super::model::{CitationPatch, MOST_CITATIONS, MOST_MARKERS, NewCitation, Origin};
use super::{Citation, Claim, Draft, Marked, Section, ordered, unknown_study};
use crate::citing::marker::Cluster;
use crate::citing::numbering::{Numbering, number};
use crate::error::{Code, Problem};
use crate::http::fault::Fault;
use crate::http::list::AtMost;
use crate::ids::{CitationId, StudyId};
use crate::library::store::Names;
use crate::text::markdown;

impl Draft {
    pub(super) fn set_entries(
        &mut self,
        citations: AtMost<NewCitation, MOST_CITATIONS>,
        names: &Names,
        faults: &mut Vec<Fault>,
    ) {
        let before = std::mem::take(&mut self.citations);
        for (index, new) in citations.0.into_iter().enumerate() {
            let pointer = format!("/citations/{index}/study");
            match names.get(new.study.as_str()) {
                None => faults.push(unknown_study(&pointer, new.study.as_str())),
                Some(study) if self.cites(study.id) => {
                    faults.push(Fault::at(pointer, "duplicate", format!("The study {} is there twice.", study.key)));
                }
                Some(study) => {
                    let kept = before.iter().find(|citation| citation.study == study.id);
                    let id = kept.map_or_else(CitationId::new, |citation| citation.id);
                    let evidence_level = new.evidence_level;
                    self.citations.push(Citation { id, study: study.id, origin: Origin::Entry, evidence_level });
                }
            }
        }
        // Whether markers still cite them is for `settle` to say.
        for citation in before {
            if !self.cites(citation.study) {
                self.citations.push(Citation { origin: Origin::Marker, ..citation });
            }
        }
    }

    /// Whether the article has a citation of the study.
    pub fn cites(&self, study: StudyId) -> bool {
        self.citations.iter().any(|citation| citation.study == study)
    }

    /// Cites a study; answers the id of the citation.
    pub fn add_citation(&mut self, new: &NewCitation, names: &Names) -> Result<CitationId, Problem> {
        let name = new.study.as_str();
        let Some(study) = names.get(name) else {
            return Err(Problem::validation(vec![unknown_study("/study", name)]));
        };
        if let Some(there) = self.citations.iter_mut().find(|citation| citation.study == study.id) {
            if there.origin == Origin::Entry {
                return Err(Problem::new(Code::AlreadyCited, format!("The article cites {} already.", study.key))
                    .with_member("existing", there.id.to_string()));
            }
            // What a marker brought becomes an entry of its own.
            there.origin = Origin::Entry;
            there.evidence_level = new.evidence_level.or(there.evidence_level);
            return Ok(there.id);
        }
        if self.citations.len() >= MOST_CITATIONS {
            let detail = format!("At most {MOST_CITATIONS} citations.");
            return Err(Problem::validation(vec![Fault::at("", "too_many", detail)]));
        }
        let id = CitationId::new();
        let evidence_level = new.evidence_level;
        self.citations.push(Citation { id, study: study.id, origin: Origin::Entry, evidence_level });
        Ok(id)
    }

    /// Changes what the patch names of one citation.
    pub fn patch_citation(&mut self, id: CitationId, patch: CitationPatch) -> Result<(), Problem> {
        let citation = self.citations.iter_mut().find(|citation| citation.id == id);
        let citation = citation.ok_or_else(|| Problem::not_found("citation"))?;
        patch.evidence_level.apply(&mut citation.evidence_level);
        Ok(())
    }

    /// Takes a citation out, unless the text cites its study or a claim names it.
    pub fn remove_citation(&mut self, id: CitationId, names: &Names) -> Result<(), Problem> {
        let at = self.citations.iter().position(|citation| citation.id == id);
        let at = at.ok_or_else(|| Problem::not_found("citation"))?;
        let study = self.citations[at].study;
        let marked = self.marked_sections(study, names);
        if !marked.is_empty() {
            let detail = format!("Markers of the study stand in: {}.", marked.join(", "));
            return Err(Problem::new(Code::CitationMarked, detail));
        }
        if self.claims.iter().any(|claim| claim.studies().any(|named| named == study)) {
            return Err(Problem::new(Code::CitationClaimed, "A claim of the article names the study."));
        }
        self.citations.remove(at);
        Ok(())
    }

    fn marked_sections(&self, study: StudyId, names: &Names) -> Vec<String> {
        let cites = |section: &&Section| {
            keys_of(&markdown::markers(&section.body)).any(|key| names.get(key).is_some_and(|known| known.id == study))
        };
        self.sections.iter().filter(cites).map(|section| section.anchor.clone()).collect()
    }

    /// Puts the citations in this order, which has to name each of them once.
    pub fn order_citations(&mut self, order: &[CitationId]) -> Result<(), Problem> {
        self.citations = ordered(std::mem::take(&mut self.citations), order, |citation| citation.id)?;
        Ok(())
    }

    /// The markers of all sections, in document order.
    pub fn marked(&self) -> Vec<Marked> {
        let marked = |section: &Section| {
            let scan = markdown::scan(&section.body);
            Marked { section: section.id, clusters: scan.clusters, warnings: scan.warnings }
        };
        self.sections.iter().map(marked).collect()
    }

    /// Makes the citations agree with the markers and the claims: a study that the text cites has a citation, and one that
    /// is only there for its markers goes with the last of them; a study that a claim names is an entry unless the text
    /// cites it. Answers the numbering.
    pub fn settle(&mut self, marked: &[Marked], names: &Names) -> Result<Numbering<StudyId>, Problem> {
        let cited: Vec<StudyId> = all_keys(marked).filter_map(|key| names.get(key)).map(|known| known.id).collect();
        let set: HashSet<StudyId> = cited.iter().copied().collect();
        let claimed: Vec<StudyId> = self.claims.iter().flat_map(Claim::studies).collect();
        let only_claimed: HashSet<StudyId> = claimed.iter().copied().filter(|study| !set.contains(study)).collect();
        for citation in self.citations.iter_mut().filter(|citation| only_claimed.contains(&citation.study)) {
            citation.origin = Origin::Entry;
        }
        self.citations.retain(|citation| citation.origin == Origin::Entry || set.contains(&citation.study));
        let mut there: HashSet<StudyId> = self.citations.iter().map(|c| c.study).collect();
        let of_markers = cited.into_iter().map(|study| (study, Origin::Marker));
        for (study, origin) in of_markers.chain(claimed.into_iter().map(|study| (study, Origin::Entry))) {
            if there.insert(study) {
                self.citations.push(Citation { id: CitationId::new(), study, origin, evidence_level: None });
            }
        }
        let citations = self.citations.len();
        if citations > MOST_CITATIONS {
            let detail = format!("At most {MOST_CITATIONS} studies in an article, these are {citations}.");
            return Err(Problem::validation(vec![Fault::at("/sections", "too_many_citations", detail)]));
        }
        Ok(self.numbering(marked, names))
    }

    /// The numbers: by first appearance, then the entries without a marker.
    pub fn numbering(&self, marked: &[Marked], names: &Names) -> Numbering<StudyId> {
        let entries: Vec<StudyId> = self.citations.iter().map(|citation| citation.study).collect();
        number(all_keys(marked), |key| names.get(key).map(|known| known.id), &entries)
    }
}

/// Refuses more markers than an article may have. One that cites several studies counts as many: each is looked up,
/// numbered and, if nobody knows it, told.
pub fn check_markers(marked: &[Marked]) -> Result<(), Problem> {
    let markers = all_keys(marked).count();
    if markers <= MOST_MARKERS {
        return Ok(());
    }
    let detail = format!("At most {MOST_MARKERS} markers in an article, these are {markers}.");
    Err(Problem::validation(vec![Fault::at("/sections", "too_many_markers", detail)]))
}

/// All keys of all markers, in document order.
pub fn all_keys(marked: &[Marked]) -> impl Iterator<Item = &str> {
    marked.iter().flat_map(|section| keys_of(&section.clusters))
}

fn keys_of(clusters: &[Cluster]) -> impl Iterator<Item = &str> {
    clusters.iter().flat_map(|cluster| cluster.items.iter().map(|item| item.key.as_str()))
}
