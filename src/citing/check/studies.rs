//! Rules about the studies that an article lists.

use std::collections::{HashMap, HashSet};

use super::claims::Reading;
use super::document::Mark;
use super::finding::{At, Collector, Draft};
use super::rule::{Rule, Severity};

/// What the check knows of a study that the article lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CitedStudy {
    /// Its key in the library.
    pub key: String,
    /// Its title.
    pub title: Option<String>,
    /// What its record lacks, as [`crate::citing::record::completeness`] names it.
    pub missing: Vec<String>,
    /// Its identifiers, each with its kind and normalised (`doi:10.…`): equal ones mean the same study.
    pub identifiers: Vec<String>,
    /// The year it was issued.
    pub year: Option<i16>,
    /// What its publisher has said about it since.
    pub integrity: Integrity,
    /// Its study design.
    pub design: Option<String>,
    /// Whether it is a preprint: it may be listed beside the article that came of it.
    pub preprint: bool,
}

/// What became of a study after it was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Integrity {
    /// Nothing is known, or it was reinstated or corrected.
    #[default]
    Sound,
    /// Its publisher has expressed concern.
    Concern,
    /// It was retracted or withdrawn.
    Retracted,
}

pub(super) fn check(reading: &Reading<'_>, studies: &[CitedStudy], found: &mut Collector<'_>) {
    let places = Places::of(reading);
    for study in studies {
        of_record(study, &places, found);
        if places.first(study).is_none() {
            let detail = format!("no marker in the text cites {}", study.key);
            report(Rule::EntryNeverMarked, study, detail, &places, found);
        }
        of_integrity(study, &places, found);
    }
    duplicates(studies, &places, found);
}

/// Where each study is cited.
struct Places<'d> {
    of: HashMap<&'d str, Vec<Place<'d>>>,
}

struct Place<'d> {
    section: usize,
    mark: &'d Mark,
    /// The sentence that the marker belongs to.
    sentence: &'d str,
}

impl<'d> Places<'d> {
    fn of(reading: &Reading<'d>) -> Self {
        let mut of: HashMap<&str, Vec<Place<'_>>> = HashMap::new();
        for block in &reading.blocks {
            for (mark, sentence) in block.marked_sentences() {
                let mut cited = HashSet::new();
                for study in mark.items.iter().filter_map(|item| item.study.as_deref()) {
                    if cited.insert(study) {
                        of.entry(study).or_default().push(Place { section: block.section, mark, sentence });
                    }
                }
            }
        }
        Self { of }
    }

    fn all(&self, study: &CitedStudy) -> &[Place<'d>] {
        self.of.get(study.key.as_str()).map(Vec::as_slice).unwrap_or_default()
    }

    fn first(&self, study: &CitedStudy) -> Option<At> {
        self.all(study).first().map(Place::at)
    }
}

impl Place<'_> {
    fn at(&self) -> At {
        At::body(self.section, self.mark.body.clone())
    }
}

/// Says something of a study as a whole, at its first marker.
fn report(rule: Rule, study: &CitedStudy, detail: String, places: &Places<'_>, found: &mut Collector<'_>) {
    found.add(Draft {
        rule,
        most: Severity::Error,
        at: places.first(study).unwrap_or_default(),
        quote: study.title.as_deref().unwrap_or(&study.key),
        detail,
        identity: &[&study.key],
        studies: vec![study.key.clone()],
    });
}

fn of_record(study: &CitedStudy, places: &Places<'_>, found: &mut Collector<'_>) {
    let missing: Vec<&str> = study.missing.iter().map(String::as_str).filter(|part| *part != "identifier").collect();
    if !missing.is_empty() {
        let detail = format!("the record of {} has no {}", study.key, missing.join(", no "));
        report(Rule::IncompleteStudy, study, detail, places, found);
    }
    if study.identifiers.is_empty() && study.missing.iter().any(|part| part == "identifier") {
        let detail = format!("the record of {} has no DOI, PMID, PMCID, ISBN or address", study.key);
        report(Rule::NoIdentifier, study, detail, places, found);
    }
    let rules = found.rules();
    let oldest = rules.outdated_after.map(|years| i32::from(rules.this_year) - i32::from(years));
    if let (Some(year), Some(oldest)) = (study.year, oldest)
        && i32::from(year) < oldest
    {
        let detail = format!("{} is of {year}; the site asks for studies of {oldest} or later", study.key);
        report(Rule::OutdatedStudy, study, detail, places, found);
    }
}

/// One finding for each sentence that cites the study: to say once that it was retracted does not excuse the others.
fn of_integrity(study: &CitedStudy, places: &Places<'_>, found: &mut Collector<'_>) {
    let (rule, what, words): (_, _, &[&str]) = match study.integrity {
        Integrity::Sound => return,
        Integrity::Concern => {
            (Rule::ExpressionOfConcern, "there is an expression of concern about", &["concern", "retract"])
        }
        Integrity::Retracted => (Rule::RetractedStudy, "there is a retraction of", &["retract", "withdraw"]),
    };
    let detail = format!("{what} {}", study.key);
    if places.all(study).is_empty() {
        report(rule, study, detail, places, found);
        return;
    }
    for place in places.all(study) {
        let sentence = place.sentence;
        let lower = sentence.to_lowercase();
        let said = words.iter().any(|word| lower.contains(word));
        let quote = if sentence.is_empty() { study.key.as_str() } else { sentence };
        found.add(Draft {
            rule,
            most: if said { Severity::Info } else { Severity::Error },
            at: place.at(),
            quote,
            detail: if said { format!("{detail}, and the sentence says so") } else { detail.clone() },
            identity: &[&study.key, sentence],
            studies: vec![study.key.clone()],
        });
    }
}

/// Entries of the list that share an identifier, or have the same title and about the same year.
fn duplicates(studies: &[CitedStudy], places: &Places<'_>, found: &mut Collector<'_>) {
    let mut by_identifier: HashMap<&str, &CitedStudy> = HashMap::new();
    let mut by_title: HashMap<String, Vec<&CitedStudy>> = HashMap::new();
    for study in studies {
        let same = study.identifiers.iter().find_map(|id| Some((*by_identifier.get(id.as_str())?, id.as_str())));
        let title = study.title.as_deref().map(plain_title).filter(|title| !title.is_empty());
        let alike = || {
            let others = by_title.get(title.as_ref()?)?;
            others.iter().copied().find(|other| may_be_the_same(other, study))
        };
        match same {
            Some((other, id)) => twice(other, study, &format!("both have {id}"), places, found),
            None => {
                if let Some(other) = alike() {
                    twice(other, study, "both have the same title and year", places, found);
                }
            }
        }
        for id in &study.identifiers {
            by_identifier.entry(id).or_insert(study);
        }
        if let Some(title) = title {
            by_title.entry(title).or_default().push(study);
        }
    }
}

fn may_be_the_same(one: &CitedStudy, other: &CitedStudy) -> bool {
    let years_apart = match (one.year, other.year) {
        (Some(one), Some(other)) => i32::from(one).abs_diff(i32::from(other)),
        _ => 0,
    };
    // A preprint and its article are two records on purpose.
    years_apart <= 1 && one.preprint == other.preprint
}

fn twice(one: &CitedStudy, other: &CitedStudy, why: &str, places: &Places<'_>, found: &mut Collector<'_>) {
    if one.key == other.key {
        return;
    }
    let at = places.first(other).or_else(|| places.first(one)).unwrap_or_default();
    let mut keys = [one.key.as_str(), other.key.as_str()];
    keys.sort_unstable();
    found.add(Draft {
        rule: Rule::SameStudyTwice,
        most: Severity::Error,
        at,
        quote: other.title.as_deref().unwrap_or(&other.key),
        detail: format!("{} and {} seem to be one study: {why}", one.key, other.key),
        identity: &keys,
        studies: vec![one.key.clone(), other.key.clone()],
    });
}

fn plain_title(title: &str) -> String {
    let lower = title.to_lowercase();
    lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
