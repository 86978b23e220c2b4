//! The state that a revision holds: everything that editors can set of an article, as it is kept and compared.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::super::draft::{Article, Draft};
use super::super::model::Origin;
use super::super::store::Settled;
use super::super::view::CitedStudy;
use crate::comments::CommentPolicy;
use crate::db::day::Day;
use crate::db::types::Instant;
use crate::ids::{CitationId, ClaimId, GroupId, SectionId, StudyId};
use crate::library::{Certainty, EvidenceLevel};
use crate::publishing::document::{Byline, Reviewer, Tag};

/// Everything that editors can set of an article.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    pub slug: String,
    pub language: String,
    pub translation_group: GroupId,
    pub title: String,
    pub subtitle: Option<String>,
    pub summary: Option<String>,
    pub published_at: Option<Instant>,
    pub comment_policy: CommentPolicy,
    pub style: Option<String>,
    pub reviewed_at: Option<Day>,
    pub review_due: Option<Day>,
    pub authors: Vec<Byline>,
    pub reviewers: Vec<Reviewer>,
    pub tags: Vec<Tag>,
    /// In their order.
    pub sections: Vec<Section>,
    /// In the order in which they are kept: that of entries without a marker counts.
    pub citations: Vec<Citation>,
    /// In their order.
    pub claims: Vec<Claim>,
}

/// One section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section {
    pub id: SectionId,
    pub heading: Option<String>,
    pub level: i32,
    pub anchor: String,
    pub body: String,
}

/// One citation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Citation {
    pub id: CitationId,
    pub study: StudyId,
    /// The study's key then: what names it when it is gone.
    pub key: String,
    pub number: u32,
    pub origin: Origin,
    pub evidence_level: Option<EvidenceLevel>,
}

/// One claim. Each study that it names is among the citations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    pub id: ClaimId,
    pub statement: String,
    pub certainty: Option<Certainty>,
    #[serde(rename = "for")]
    pub supporting: Vec<StudyId>,
    pub against: Vec<StudyId>,
}

impl Document {
    /// What a working copy is. `studies`: the cited ones.
    pub fn of(settled: &Settled, studies: &HashMap<StudyId, CitedStudy>) -> Self {
        let Draft { article, authors, reviewers, tags, sections, citations, claims } = settled.draft.clone();
        let Article { slug, language, translation_group, title, subtitle, summary, published_at, .. } = article;
        let Article { comment_policy, style, reviewed_at, review_due, .. } = settled.draft.article.clone();
        let key = |study: StudyId| studies.get(&study).map(|study| study.key.clone()).unwrap_or_default();
        let number = |study: StudyId| settled.numbering.number_of(study).unwrap_or_default();
        let citation = |of: super::super::draft::Citation| Citation {
            id: of.id,
            study: of.study,
            key: key(of.study),
            number: number(of.study),
            origin: of.origin,
            evidence_level: of.evidence_level,
        };
        let section = |of: super::super::draft::Section| Section {
            id: of.id,
            heading: of.heading,
            level: of.level,
            anchor: of.anchor,
            body: of.body,
        };
        let claim = |of: super::super::draft::Claim| Claim {
            id: of.id,
            statement: of.statement,
            certainty: of.certainty,
            supporting: of.supporting,
            against: of.against,
        };
        Self {
            slug,
            language,
            translation_group,
            title,
            subtitle,
            summary,
            published_at,
            comment_policy,
            style,
            reviewed_at,
            review_due,
            authors: authors.into_iter().map(Byline::from).collect(),
            reviewers,
            tags: tags.into_iter().map(Tag::from).collect(),
            sections: sections.into_iter().map(section).collect(),
            citations: citations.into_iter().map(citation).collect(),
            claims: claims.into_iter().map(claim).collect(),
        }
    }

    /// Whether editors set the same: what the library calls a study is not theirs, and numbers follow from the rest.
    pub fn is_same_as(&self, other: &Self) -> bool {
        let bare = |document: &Self| {
            let mut document = document.clone();
            for citation in &mut document.citations {
                citation.key.clear();
                citation.number = 0;
            }
            document
        };
        bare(self) == bare(other)
    }

    /// The keys, then, of the studies.
    pub fn keys(&self) -> HashMap<StudyId, &str> {
        self.citations.iter().map(|citation| (citation.study, citation.key.as_str())).collect()
    }

    /// The citations in the order of their numbers.
    pub fn numbered(&self) -> Vec<&Citation> {
        let mut citations: Vec<&Citation> = self.citations.iter().collect();
        citations.sort_by_key(|citation| citation.number);
        citations
    }
}
