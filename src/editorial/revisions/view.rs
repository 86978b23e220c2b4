//! What editors get to see of revisions.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::model::{Origin, StudyName};
use super::diff::Differences;
use super::document::{self, Document};
use super::model::{RevisionKind, RevisionName, Row};
use crate::accounts::EditorName;
use crate::comments::CommentPolicy;
use crate::db::types::Instant;
use crate::http::page::PageInfo;
use crate::ids::{CitationId, ClaimId, EditorId, GroupId, SectionId, StudyId};
use crate::library::styles::StyleName;
use crate::library::{Certainty, EvidenceLevel};
use crate::publishing::document::{Byline, Reviewed, Tag};

/// A revision without the state that it holds.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RevisionSummary {
    /// 1 for the article's first.
    #[schema(minimum = 1, maximum = 2147483647, example = 7)]
    pub number: i32,
    /// The version of the working copy that it holds.
    #[schema(minimum = 1, maximum = 2147483647, example = 12)]
    pub version: i32,
    /// The working copy is at this version now.
    pub is_current: bool,
    pub kind: RevisionKind,
    /// The number of the revision that it brought back; null when it brought none.
    #[schema(minimum = 1, maximum = 2147483647, example = json!(null))]
    pub restored_from: Option<i32>,
    /// The number of the publication that was made of it; null when none was. A published revision is kept.
    #[schema(minimum = 1, maximum = 2147483647, example = 2)]
    pub published: Option<i32>,
    /// What editors call it. One with a name is kept.
    #[schema(value_type = Option<RevisionName>, example = "Before the review")]
    pub name: Option<String>,
    /// Who wrote it; null when no editor did: the library changed the article, or it stood so before revisions were kept.
    pub editor: Option<RevisionEditor>,
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-25T09:28:00Z")]
    pub created_at: Instant,
    /// When the last write went into it.
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-25T09:30:00Z")]
    pub updated_at: Instant,
}

/// Who wrote a revision.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RevisionEditor {
    /// Null when the account is gone.
    pub id: Option<EditorId>,
    /// As the editor was called then.
    #[schema(value_type = EditorName, example = "Ada Example")]
    pub name: String,
}

impl RevisionSummary {
    /// `version`: of the working copy now.
    pub fn new(row: Row, version: i32) -> Self {
        let Row { editor_id: id, .. } = row;
        Self {
            number: row.number,
            is_current: row.version == version,
            version: row.version,
            kind: row.kind,
            restored_from: row.restored,
            published: row.published,
            name: row.name,
            editor: row.editor_name.map(|name| RevisionEditor { id, name }),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// A page of revisions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Revisions {
    #[schema(max_items = 100)]
    pub data: Vec<RevisionSummary>,
    pub page: PageInfo,
}

/// A revision, whole.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Revision {
    #[serde(flatten)]
    pub summary: RevisionSummary,
    pub state: RevisedArticle,
}

/// Everything that editors can set of an article, as it was.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RevisedArticle {
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "microneedling-for-large-pores")]
    pub slug: String,
    /// BCP 47.
    #[schema(max_length = 11, pattern = "^[A-Za-z0-9-]+$", example = "en")]
    pub language: String,
    /// That of the translations among which it stood.
    pub translation_group: GroupId,
    #[schema(max_length = 300, example = "Microneedling for large pores")]
    pub title: String,
    #[schema(max_length = 300)]
    pub subtitle: Option<String>,
    #[schema(max_length = 2000)]
    pub summary: Option<String>,
    /// The date that readers see, if the editors gave one.
    #[schema(value_type = Option<String>, format = DateTime, max_length = 35, example = "2024-06-24T00:00:00Z")]
    pub published_at: Option<Instant>,
    pub comment_policy: CommentPolicy,
    /// The citation style; null for the site's.
    #[schema(value_type = Option<StyleName>)]
    pub style: Option<String>,
    #[schema(max_items = 50)]
    pub authors: Vec<Byline>,
    /// That experts reviewed it; null when nobody did.
    pub reviewed: Option<Reviewed>,
    #[schema(max_items = 50)]
    pub tags: Vec<Tag>,
    /// In order.
    #[schema(max_items = 500)]
    pub sections: Vec<RevisedSection>,
    /// In the order of their numbers.
    #[schema(max_items = 5000)]
    pub citations: Vec<RevisedCitation>,
    /// In order.
    #[schema(max_items = 200)]
    pub claims: Vec<RevisedClaim>,
}

/// One section as it was.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RevisedSection {
    pub id: SectionId,
    /// 1 for the first.
    #[schema(minimum = 1, maximum = 500, example = 1)]
    pub position: i32,
    /// Null for the lead.
    #[schema(max_length = 300)]
    pub heading: Option<String>,
    #[schema(minimum = 2, maximum = 6, example = 2)]
    pub level: i32,
    #[schema(max_length = 80, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "lead")]
    pub anchor: String,
    /// Markdown with markers.
    #[schema(max_length = 500000, example = "It helped most patients [@majid2009, p. 28].")]
    pub body: String,
}

/// One citation as it was.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RevisedCitation {
    pub id: CitationId,
    /// 1…n by first appearance; entries without a marker follow.
    #[schema(value_type = i32, minimum = 1, maximum = 5000, example = 1)]
    pub number: u32,
    pub study: RevisedStudy,
    pub origin: Origin,
    /// As an editor gave it; null for what the design suggests.
    pub evidence_level: Option<EvidenceLevel>,
}

/// The study that a citation was of.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RevisedStudy {
    /// The id that it had then.
    pub id: StudyId,
    /// The key that it had then.
    #[schema(max_length = 64, pattern = "^[a-z0-9][a-z0-9_:.-]{1,63}$", example = "majid2009")]
    pub key: String,
    /// What it is called now, or the study that it became one with; null when it was deleted: then the revision cannot be
    /// brought back.
    #[schema(max_length = 64, pattern = "^[a-z0-9][a-z0-9_:.-]{1,63}$", example = "majid2009")]
    pub present_key: Option<String>,
}

/// One claim as it was.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RevisedClaim {
    pub id: ClaimId,
    /// Plain text.
    #[schema(max_length = 2000, example = "Microneedling makes atrophic acne scars less deep.")]
    pub statement: String,
    /// How certain the evidence made it (GRADE); null when nobody said.
    pub certainty: Option<Certainty>,
    /// The keys, then, of the studies that speak for it.
    #[serde(rename = "for")]
    #[schema(max_items = 500, value_type = Vec<StudyName>, example = json!(["majid2009"]))]
    pub supporting: Vec<String>,
    /// The keys, then, of the studies that speak against it.
    #[schema(max_items = 500, value_type = Vec<StudyName>, example = json!([]))]
    pub against: Vec<String>,
}

impl RevisedArticle {
    /// `present`: the keys that the studies have now, by the ids that they had then.
    pub fn new(held: Document, present: &HashMap<StudyId, String>) -> Self {
        let keys = held.keys();
        let named = |studies: &[StudyId]| {
            studies.iter().filter_map(|study| keys.get(study)).map(|key| (*key).to_owned()).collect()
        };
        let claim = |claim: &document::Claim| RevisedClaim {
            id: claim.id,
            statement: claim.statement.clone(),
            certainty: claim.certainty,
            supporting: named(&claim.supporting),
            against: named(&claim.against),
        };
        let citation = |citation: &document::Citation| RevisedCitation {
            id: citation.id,
            number: citation.number,
            study: RevisedStudy {
                id: citation.study,
                key: citation.key.clone(),
                present_key: present.get(&citation.study).cloned(),
            },
            origin: citation.origin,
            evidence_level: citation.evidence_level,
        };
        let section = |(position, section): (i32, document::Section)| RevisedSection {
            id: section.id,
            position,
            heading: section.heading,
            level: section.level,
            anchor: section.anchor,
            body: section.body,
        };
        let citations = held.numbered().into_iter().map(citation).collect();
        let claims = held.claims.iter().map(claim).collect();
        let (by, next_due) = (held.reviewers, held.review_due);
        Self {
            reviewed: held.reviewed_at.map(|at| Reviewed { by, at, next_due }),
            slug: held.slug,
            language: held.language,
            translation_group: held.translation_group,
            title: held.title,
            subtitle: held.subtitle,
            summary: held.summary,
            published_at: held.published_at,
            comment_policy: held.comment_policy,
            style: held.style,
            authors: held.authors,
            tags: held.tags,
            sections: (1..).zip(held.sections).map(section).collect(),
            citations,
            claims,
        }
    }
}

/// What is different between two states of an article.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RevisionDiff {
    /// The revision that is compared.
    pub from: RevisionSummary,
    /// The revision that it is compared with; null for the working copy as it is now.
    pub to: Option<RevisionSummary>,
    /// Nothing is different.
    pub identical: bool,
    #[serde(flatten)]
    pub differences: Differences,
}
