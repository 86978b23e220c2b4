//! Bringing a revision back: what it holds becomes the working copy again, whole or not at all.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::super::draft::{Byline, Citation, Claim, Draft, Section, Tag};
use super::super::model::Origin;
use super::document::{self, Document};
use crate::citing::fold_key;
use crate::db::Conn;
use crate::error::{Code, Problem};
use crate::http::fault::{Fault, Reason};
use crate::ids::StudyId;
use crate::library::store::names::{self, Known};
use crate::library::styles;
use crate::publishing::document as published;
use crate::text::markdown;

/// Makes the working copy what the revision holds, all but its slug and the translations among which it stands: these are
/// its relations to others, which have gone on. It follows the library as if it had stayed since then: a study that became
/// one with another is cited as that, and markers have the present keys.
///
/// # Errors
/// `study_gone` names the studies that were deleted since. `unknown_style` when there is no such style any more.
pub fn bring_back(conn: &mut Conn, held: Document, draft: &mut Draft) -> Result<(), Problem> {
    if let Some(style) = held.style.as_ref().filter(|style| draft.article.style.as_ref() != Some(style)) {
        let refused = |reason: Reason| Problem::new(Code::UnknownStyle, reason.detail);
        styles::style(conn, style)?.map(drop).map_err(refused)?;
    }
    let studies = present(conn, &held)?;
    let keys = renamed(conn, &held, &studies)?;
    let article = &mut draft.article;
    article.language = held.language;
    article.title = held.title;
    article.subtitle = held.subtitle;
    article.summary = held.summary;
    article.published_at = held.published_at;
    article.comment_policy = held.comment_policy;
    article.style = held.style;
    article.reviewed_at = held.reviewed_at;
    article.review_due = held.review_due;
    draft.authors = held.authors.into_iter().map(byline).collect();
    draft.reviewers = held.reviewers;
    draft.tags = tags(held.tags, std::mem::take(&mut draft.tags));
    draft.sections = held.sections.into_iter().map(|section| with_present_keys(section, &keys)).collect();
    draft.citations = citations(&held.citations, &studies);
    draft.claims = held.claims.into_iter().map(|held| claim(held, &studies)).collect();
    Ok(())
}

/// The studies of the revision as they are now, by the ids that they had then.
type Present = HashMap<StudyId, Known>;

fn present(conn: &mut Conn, held: &Document) -> Result<Present, Problem> {
    let ids: BTreeSet<String> = held.citations.iter().map(|citation| citation.study.to_string()).collect();
    let names = names::resolve(conn, &ids)?;
    let mut faults = Vec::new();
    let mut present = Present::new();
    // In the order in which the revision is read.
    for (index, citation) in held.numbered().into_iter().enumerate() {
        match names.get(&citation.study.to_string()) {
            Some(known) => drop(present.insert(citation.study, known.clone())),
            None => {
                let detail = format!("The study {} is no longer in the library.", citation.key);
                faults.push(Fault::at(format!("/citations/{index}/study"), "study_gone", detail));
            }
        }
    }
    match faults.as_slice() {
        [] => Ok(present),
        [only] => Err(Problem::new(Code::StudyGone, only.detail.clone()).with_errors(faults)),
        many => {
            let detail = format!("{} studies that the revision cites are no longer in the library.", many.len());
            Err(Problem::new(Code::StudyGone, detail).with_errors(faults))
        }
    }
}

/// The present keys by the names that were keys before, folded, of all studies that are called otherwise now.
fn renamed(conn: &mut Conn, held: &Document, studies: &Present) -> Result<HashMap<String, String>, Problem> {
    let of: HashMap<StudyId, &str> = held
        .citations
        .iter()
        .filter_map(|citation| Some((studies.get(&citation.study)?, citation)))
        .filter(|(known, citation)| known.key != citation.key)
        .map(|(known, _)| (known.id, known.key.as_str()))
        .collect();
    if of.is_empty() {
        return Ok(HashMap::new());
    }
    let former = names::aliases(conn, &of.keys().copied().collect::<Vec<_>>())?;
    let names = former.into_iter().flat_map(|(study, former)| former.into_iter().map(move |name| (name, study)));
    Ok(names.filter_map(|(name, study)| Some((fold_key(&name), (*of.get(&study)?).to_owned()))).collect())
}

fn with_present_keys(held: document::Section, keys: &HashMap<String, String>) -> Section {
    let present = |name: &str| keys.get(&fold_key(name)).map(String::as_str);
    let renamed = if keys.is_empty() { None } else { markdown::rename_keys(&held.body, &present) };
    Section {
        id: held.id,
        heading: held.heading,
        level: held.level,
        anchor: held.anchor,
        body: renamed.unwrap_or(held.body),
    }
}

/// One citation for each study: of two that became one the first stays, as an entry if one of them was, with the level of the
/// study that stayed if it had one.
fn citations(held: &[document::Citation], studies: &Present) -> Vec<Citation> {
    let mut places: HashMap<StudyId, usize> = HashMap::new();
    let mut citations: Vec<Citation> = Vec::with_capacity(held.len());
    for held in held {
        let Some(study) = studies.get(&held.study).map(|known| known.id) else { continue };
        match places.get(&study).and_then(|place| citations.get_mut(*place)) {
            Some(there) => {
                if held.origin == Origin::Entry {
                    there.origin = Origin::Entry;
                }
                let (own, other) = if held.study == study {
                    (held.evidence_level, there.evidence_level)
                } else {
                    (there.evidence_level, held.evidence_level)
                };
                there.evidence_level = own.or(other);
            }
            None => {
                places.insert(study, citations.len());
                let (id, origin, evidence_level) = (held.id, held.origin, held.evidence_level);
                citations.push(Citation { id, study, origin, evidence_level });
            }
        }
    }
    citations
}

/// A claim that named both of two studies that became one says of it what it said of the one that stayed.
fn claim(held: document::Claim, studies: &Present) -> Claim {
    let now = |study: &StudyId| studies.get(study).map(|known| known.id);
    let named = || held.supporting.iter().chain(&held.against);
    let stays: HashSet<StudyId> = named().filter(|study| now(study) == Some(**study)).copied().collect();
    let mut met = HashSet::new();
    let mut list = |named: &[StudyId]| {
        let of = named.iter().filter_map(|study| {
            let is = now(study)?;
            ((*study == is || !stays.contains(&is)) && met.insert(is)).then_some(is)
        });
        of.collect::<Vec<_>>()
    };
    let (supporting, against) = (list(&held.supporting), list(&held.against));
    Claim { id: held.id, statement: held.statement, certainty: held.certainty, supporting, against }
}

/// The tags that are there already are not looked for anew.
fn tags(held: Vec<published::Tag>, there: Vec<Tag>) -> Vec<Tag> {
    let tag = |held: published::Tag| {
        let known = there.iter().find(|tag| tag.slug == held.slug).cloned();
        known.unwrap_or(Tag { id: None, slug: held.slug, name: held.name })
    };
    held.into_iter().map(tag).collect()
}

fn byline(held: published::Byline) -> Byline {
    Byline { slug: held.slug, name: held.name, credentials: held.credentials, orcid: held.orcid }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(id: StudyId) -> Known {
        Known { id, key: "kept".into(), title: String::new() }
    }

    #[test]
    fn two_studies_that_became_one_are_cited_once() {
        let (kept, gone) = (StudyId::new(), StudyId::new());
        let present: Present = [(kept, known(kept)), (gone, known(kept))].into();
        let held = |study, origin| document::Citation {
            id: crate::ids::CitationId::new(),
            study,
            key: "x".into(),
            number: 1,
            origin,
            evidence_level: None,
        };
        let both = [held(gone, Origin::Marker), held(kept, Origin::Entry)];
        let cited = citations(&both, &present);
        assert_eq!(cited.len(), 1);
        assert_eq!((cited[0].id, cited[0].study, cited[0].origin), (both[0].id, kept, Origin::Entry));
        let named = |supporting, against| document::Claim {
            id: crate::ids::ClaimId::new(),
            statement: "It helps.".into(),
            certainty: None,
            supporting,
            against,
        };
        let says = |supporting, against| {
            let claim = claim(named(supporting, against), &present);
            (claim.supporting, claim.against)
        };
        assert_eq!(says(vec![gone], vec![kept]), (vec![], vec![kept]));
        assert_eq!(says(vec![kept], vec![gone]), (vec![kept], vec![]));
        assert_eq!(says(vec![gone], vec![]), (vec![kept], vec![]));
    }
}
