//! What a publication was made from: the working copy as it was, so that the publication can follow the library.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::document::{Byline, Reviewed, Tag};
use crate::citing::fold_key;
use crate::db::types::Instant;
use crate::editorial::draft::Section;
use crate::editorial::model::Origin;
use crate::editorial::store::Settled;
use crate::editorial::view::CitedStudy;
use crate::ids::{ArticleId, ClaimId, EditorId, SectionId, StudyId};
use crate::library::{Certainty, EvidenceLevel};

/// A working copy, frozen. Studies are named by the keys that they had: a key never comes to name another study, and one
/// that was changed or merged away leads to the study that it is now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    pub id: ArticleId,
    pub slug: String,
    pub language: String,
    pub title: String,
    pub subtitle: Option<String>,
    pub summary: Option<String>,
    pub authors: Vec<Byline>,
    pub reviewed: Option<Reviewed>,
    pub tags: Vec<Tag>,
    pub sections: Vec<SourceSection>,
    /// The key of the study for each name that a marker had, folded. What was no study then never becomes one: a
    /// `@name` in running text is not taken for a study that comes later.
    pub names: BTreeMap<String, String>,
    /// In the editors' order.
    pub entries: Vec<SourceEntry>,
    pub claims: Vec<SourceClaim>,
    /// The citation style; the site's at the time when the article names none.
    pub style: String,
    /// Findings of the evidence check that an editor has answered for.
    pub acknowledged: Vec<SourceAcknowledgement>,
    /// How many sentences claim evidence and cite none; `None`: the site does not publish it.
    pub unsupported_claims: Option<usize>,
}

/// One section as it was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceSection {
    pub id: SectionId,
    pub heading: Option<String>,
    pub level: i32,
    pub anchor: String,
    /// Markdown with markers.
    pub body: String,
}

impl From<Section> for SourceSection {
    fn from(section: Section) -> Self {
        let Section { id, heading, level, anchor, body } = section;
        Self { id, heading, level, anchor, body }
    }
}

/// One citation as its editors left it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceEntry {
    /// The study's key.
    pub study: String,
    pub origin: Origin,
    /// `None`: what the design suggests.
    pub evidence_level: Option<EvidenceLevel>,
}

/// A claim as its editors left it; studies by their keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceClaim {
    pub id: ClaimId,
    pub statement: String,
    pub certainty: Option<Certainty>,
    #[serde(rename = "for")]
    pub supporting: Vec<String>,
    pub against: Vec<String>,
}

/// A finding that was answered for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceAcknowledgement {
    pub rule: String,
    pub fingerprint: String,
    pub reason: String,
    pub editor: Option<EditorId>,
    pub at: Instant,
}

/// What a source holds beside the working copy.
#[derive(Debug, Clone, Default)]
pub struct Around {
    pub style: String,
    pub acknowledged: Vec<SourceAcknowledgement>,
    pub unsupported_claims: Option<usize>,
}

impl Source {
    /// Freezes a settled working copy. `studies` are those that it cites.
    pub fn of(settled: &Settled, studies: &HashMap<StudyId, CitedStudy>, around: Around) -> Self {
        let draft = &settled.draft;
        let article = &draft.article;
        let key = |study: &StudyId| studies.get(study).map(|study| study.key.clone());
        let keys = |studies: &[StudyId]| studies.iter().filter_map(key).collect();
        let names = settled.marker_keys().filter_map(|name| {
            let known = settled.names.get(name)?;
            Some((fold_key(name), known.key.clone()))
        });
        Self {
            id: article.id,
            slug: article.slug.clone(),
            language: article.language.clone(),
            title: article.title.clone(),
            subtitle: article.subtitle.clone(),
            summary: article.summary.clone(),
            authors: draft.authors.iter().cloned().map(Byline::from).collect(),
            reviewed: article.reviewed(&draft.reviewers),
            tags: draft.tags.iter().cloned().map(Tag::from).collect(),
            sections: draft.sections.iter().cloned().map(SourceSection::from).collect(),
            names: names.collect(),
            entries: draft
                .citations
                .iter()
                .filter_map(|citation| {
                    let (origin, evidence_level) = (citation.origin, citation.evidence_level);
                    Some(SourceEntry { study: key(&citation.study)?, origin, evidence_level })
                })
                .collect(),
            claims: draft
                .claims
                .iter()
                .map(|claim| SourceClaim {
                    id: claim.id,
                    statement: claim.statement.clone(),
                    certainty: claim.certainty,
                    supporting: keys(&claim.supporting),
                    against: keys(&claim.against),
                })
                .collect(),
            style: around.style,
            acknowledged: around.acknowledged,
            unsupported_claims: around.unsupported_claims,
        }
    }

    /// The keys of all studies that it needs.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.names.values().chain(self.entries.iter().map(|entry| &entry.study)).map(String::as_str)
    }
}
