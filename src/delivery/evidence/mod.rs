//! What an article rests on: its studies as data, and as a picture of them by year, design and sample size.

mod layout;
mod picture;

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use self::layout::{MOST_MARKS, Mark, groups};
use self::picture::{Chart, Standing, Symbol, thousands, year_words};
use crate::citing::author::short_author;
use crate::ids::ArticleId;
use crate::library::{Design, EvidenceLevel, Retraction, RetractionStatus};
use crate::publishing::document::{Evidence, Head, PublishedCitation};

/// What an article rests on.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticleEvidence {
    pub article: EvidenceOf,
    pub evidence: Evidence,
    /// In the order of their numbers.
    #[schema(max_items = 5000)]
    pub studies: Vec<EvidenceStudy>,
}

/// The article whose evidence it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceOf {
    pub id: ArticleId,
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "microneedling-for-large-pores")]
    pub slug: String,
    /// Plain text.
    #[schema(max_length = 300, example = "Microneedling for large pores")]
    pub title: String,
}

/// A study that the article cites, as its picture shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceStudy {
    /// Its number in the article.
    #[schema(value_type = i32, minimum = 1, maximum = 5000, example = 1)]
    pub number: u32,
    /// The key of the study.
    #[schema(max_length = 64, pattern = "^[a-z0-9][a-z0-9_:.-]{1,63}$", example = "majid2009")]
    pub key: String,
    /// Null when it is not known.
    #[schema(max_length = 10000)]
    pub title: Option<String>,
    /// The year it came out.
    #[schema(minimum = -9999, maximum = 9999, example = 2009)]
    pub year: Option<i32>,
    /// How the study was made.
    pub design: Option<Design>,
    /// How many took part.
    #[schema(minimum = 1, maximum = 2147483647, example = 37)]
    pub sample_size: Option<i32>,
    /// How strong it is for the question of this article.
    pub evidence_level: Option<EvidenceLevel>,
    /// What has become of it; null when no notice is known.
    pub retraction: Option<Retraction>,
}

impl ArticleEvidence {
    pub fn of(head: Head, citations: Vec<PublishedCitation>) -> Self {
        let study = |citation: PublishedCitation| EvidenceStudy {
            number: citation.number,
            key: citation.key,
            title: citation.study.title,
            year: citation.study.year,
            design: citation.study.design,
            sample_size: citation.study.sample_size,
            evidence_level: citation.evidence_level,
            retraction: citation.study.retraction,
        };
        Self {
            article: EvidenceOf { id: head.id, slug: head.slug, title: head.title },
            evidence: head.evidence,
            studies: citations.into_iter().map(study).collect(),
        }
    }
}

/// The picture as SVG.
pub fn svg(head: &Head, citations: &[PublishedCitation]) -> String {
    picture::svg(&chart(head, citations))
}

/// What the picture shows. Its words are English, whatever the language of the article.
fn chart(head: &Head, citations: &[PublishedCitation]) -> Chart {
    let rows = rows(citations);
    let row = |design: Option<Design>| rows.iter().position(|row| *row == design).unwrap_or_default();
    let few = citations.len() <= MOST_MARKS;
    let symbols = if few {
        citations.iter().map(|citation| of_one(citation, row(citation.study.design))).collect()
    } else {
        of_groups(citations, &rows, row)
    };
    Chart {
        language: "en".to_owned(),
        title: head.title.clone(),
        description: description(&rows, citations, few),
        rows: rows.iter().map(|design| design_words(*design).to_owned()).collect(),
        symbols,
        unit: if few { "participants" } else { "studies" },
    }
}

/// The designs that occur, in the order of the list of designs, which begins with the strongest; last that of studies
/// that state none.
fn rows(citations: &[PublishedCitation]) -> Vec<Option<Design>> {
    let mut designs: Vec<Option<Design>> = citations.iter().map(|citation| citation.study.design).collect();
    designs.sort_by_key(|design| (design.is_none(), *design));
    designs.dedup();
    designs
}

fn of_one(citation: &PublishedCitation, row: usize) -> Symbol {
    let study = &citation.study;
    let standing = standing(study.status());
    let mark = Mark {
        label: citation.number.to_string(),
        year: study.year,
        row,
        size: study.sample_size.and_then(|size| u32::try_from(size).ok()),
        beside: standing != Standing::Good,
    };
    let author = short_author(&study.record(), "en").unwrap_or_else(|| citation.key.clone());
    let size = match mark.size {
        Some(1) => "1 participant".to_owned(),
        Some(size) => format!("{} participants", thousands(size)),
        None => "sample size not stated".to_owned(),
    };
    let year = study.year.map(|year| format!(" {}", year_words(year))).unwrap_or_default();
    let mut words = format!("{}. {author}{year}, {}, {size}", citation.number, phrase(study.design));
    if let Some(said) = standing_words(standing) {
        words = format!("{words}, {said}");
    }
    Symbol { mark, standing, words }
}

/// One mark for all studies of one design, one standing and a few years.
fn of_groups(
    citations: &[PublishedCitation],
    rows: &[Option<Design>],
    row: impl Fn(Option<Design>) -> usize,
) -> Vec<Symbol> {
    const STANDINGS: [Standing; 3] = [Standing::Good, Standing::Retracted, Standing::Concern];
    let place = |citation: &PublishedCitation| {
        let standing = standing(citation.study.status());
        let at = STANDINGS.iter().position(|known| *known == standing).unwrap_or_default();
        (row(citation.study.design) * STANDINGS.len() + at, citation.study.year)
    };
    let places: Vec<(usize, Option<i32>)> = citations.iter().map(place).collect();
    let symbol = |group: layout::Group| {
        let row = group.row / STANDINGS.len();
        let standing = STANDINGS.get(group.row % STANDINGS.len()).copied().unwrap_or_default();
        let count = u32::try_from(group.members.len()).unwrap_or(u32::MAX);
        let years = match group.years {
            None => "no year".to_owned(),
            Some((from, to)) if from == to => year_words(from),
            Some((from, to)) => format!("{} to {}", year_words(from), year_words(to)),
        };
        let studies = if count == 1 { "1 study".to_owned() } else { format!("{} studies", thousands(count)) };
        let mut words = format!("{studies}, {}, {years}", phrase(rows.get(row).copied().flatten()));
        if let Some(said) = standing_words(standing) {
            words = format!("{words}, {said}");
        }
        let mark = Mark {
            label: thousands(count),
            year: group.years.map(|(from, to)| i32::midpoint(from, to)),
            row,
            size: Some(count),
            beside: standing != Standing::Good,
        };
        Symbol { mark, standing, words }
    };
    groups(&places).into_iter().map(symbol).collect()
}

/// All that the picture shows, in one sentence or two.
fn description(rows: &[Option<Design>], citations: &[PublishedCitation], few: bool) -> String {
    let studies = match citations.len() {
        0 => return "The article cites no studies.".to_owned(),
        1 => "The study that the article cites".to_owned(),
        several => format!("The {several} studies that the article cites"),
    };
    let by = if few { "by year, design and sample size" } else { "by year and design" };
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for citation in citations {
        if let Some(row) = rows.iter().position(|row| *row == citation.study.design) {
            *counts.entry(row).or_default() += 1;
        }
    }
    let designs: Vec<String> =
        counts.into_iter().filter_map(|(row, count)| Some(format!("{}: {count}", phrase(*rows.get(row)?)))).collect();
    let with = |status| citations.iter().filter(|citation| citation.study.status() == Some(status)).count();
    let (retracted, concerns) = (with(RetractionStatus::Retracted), with(RetractionStatus::ExpressionOfConcern));
    let mut said = format!("{studies}, {by}. {}.", designs.join("; "));
    if retracted > 0 {
        said = format!("{said} Retracted: {retracted}.");
    }
    if concerns > 0 {
        said = format!("{said} Under an expression of concern: {concerns}.");
    }
    said
}

fn standing(status: Option<RetractionStatus>) -> Standing {
    match status {
        Some(RetractionStatus::Retracted) => Standing::Retracted,
        Some(RetractionStatus::ExpressionOfConcern) => Standing::Concern,
        Some(RetractionStatus::Corrected | RetractionStatus::Reinstated) | None => Standing::Good,
    }
}

fn standing_words(standing: Standing) -> Option<&'static str> {
    match standing {
        Standing::Good => None,
        Standing::Retracted => Some("retracted"),
        Standing::Concern => Some("expression of concern"),
    }
}

/// The name of a row: short enough for it.
fn design_words(design: Option<Design>) -> &'static str {
    match design {
        Some(Design::MetaAnalysis) => "Meta-analysis",
        Some(Design::SystematicReview) => "Systematic review",
        Some(Design::RandomizedTrial) => "Randomised trial",
        Some(Design::ControlledTrial) => "Controlled trial",
        Some(Design::Cohort) => "Cohort",
        Some(Design::CaseControl) => "Case-control",
        Some(Design::CrossSectional) => "Cross-sectional",
        Some(Design::CaseSeries) => "Case series",
        Some(Design::CaseReport) => "Case report",
        Some(Design::NarrativeReview) => "Narrative review",
        Some(Design::Guideline) => "Guideline",
        Some(Design::Qualitative) => "Qualitative",
        Some(Design::Animal) => "Animal experiment",
        Some(Design::InVitro) => "In vitro",
        Some(Design::ExpertOpinion) => "Expert opinion",
        Some(Design::Other) => "Other design",
        None => "Not stated",
    }
}

/// The design within a sentence.
fn phrase(design: Option<Design>) -> String {
    match design {
        None => "design not stated".to_owned(),
        design => design_words(design).to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn citation(
        number: u32,
        year: Option<i32>,
        design: Option<&str>,
        size: Option<i32>,
        status: Option<&str>,
    ) -> PublishedCitation {
        let mut citation = crate::delivery::examples::citation();
        citation["number"] = json!(number);
        citation["study"]["year"] = json!(year);
        citation["study"]["design"] = json!(design);
        citation["study"]["sample_size"] = json!(size);
        citation["study"]["retraction"] = status.map_or(json!(null), |status| {
            json!({"status": status, "date": null, "reasons": [], "notice_doi": null, "notice_pmid": null,
                   "source": "editor", "disputed": false})
        });
        serde_json::from_value(citation).unwrap()
    }

    fn head() -> Head {
        serde_json::from_value(crate::delivery::examples::article()).unwrap()
    }

    /// Every mark with what it says.
    fn said(drawn: &str) -> Vec<String> {
        let document = roxmltree::Document::parse(drawn).unwrap();
        let marks = document.descendants().filter(|node| node.attribute("role") == Some("graphics-symbol img"));
        marks.map(|mark| mark.attribute("aria-label").unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn each_study_says_what_it_is() {
        let citations = [
            citation(1, Some(2009), Some("case_series"), Some(37), None),
            citation(2, Some(2019), Some("meta_analysis"), Some(12_400), Some("corrected")),
            citation(3, None, None, None, Some("retracted")),
            citation(4, Some(2014), Some("case_series"), Some(1), Some("expression_of_concern")),
        ];
        let drawn = svg(&head(), &citations);
        assert_eq!(
            said(&drawn),
            [
                "1. Majid 2009, case series, 37 participants",
                "2. Majid 2019, meta-analysis, 12,400 participants",
                "3. Majid, design not stated, sample size not stated, retracted",
                "4. Majid 2014, case series, 1 participant, expression of concern",
            ]
        );
        let chart = chart(&head(), &citations);
        assert_eq!(chart.rows, ["Meta-analysis", "Case series", "Not stated"]);
        assert_eq!(
            chart.description,
            "The 4 studies that the article cites, by year, design and sample size. meta-analysis: 1; case series: 2; \
             design not stated: 1. Retracted: 1. Under an expression of concern: 1."
        );
    }

    #[test]
    fn many_studies_are_groups_that_hide_no_retraction() {
        let design = |n: u32| if n.is_multiple_of(2) { "cohort" } else { "case_report" };
        let mut citations: Vec<PublishedCitation> =
            (1..=600).map(|n| citation(n, Some(1980 + n as i32 % 40), Some(design(n)), Some(9), None)).collect();
        citations.push(citation(601, Some(1990), Some("cohort"), None, Some("retracted")));
        let chart = chart(&head(), &citations);
        assert!(chart.symbols.len() < 60 && chart.unit == "studies");
        let counted: u32 = chart.symbols.iter().filter_map(|symbol| symbol.mark.size).sum();
        assert_eq!(counted, 601);
        let retracted: Vec<_> = chart.symbols.iter().filter(|s| s.standing == Standing::Retracted).collect();
        assert!(matches!(retracted.as_slice(), [only] if only.words.starts_with("1 study, cohort, 19")));
        assert_eq!(said(&picture::svg(&chart)).len(), chart.symbols.len());
    }

    #[test]
    fn no_study_makes_a_picture_that_says_so() {
        let drawn = svg(&head(), &[]);
        assert!(roxmltree::Document::parse(&drawn).is_ok() && drawn.contains("The article cites no studies."));
    }
}
