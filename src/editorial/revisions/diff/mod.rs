//! What is different between two states of an article. Pure: it takes two documents and no longer than it is given.

mod list;
mod text;

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use serde::Serialize;
use utoipa::ToSchema;

use self::list::{Item, compare};
use super::document::{Citation, Claim, Document};
use crate::ids::{CitationId, StudyId};
use crate::publishing::document::{Byline, Reviewer, Tag};

pub use self::list::{Change, ItemDiff};

/// What a field has in a state: nothing, a text, a number or a list of texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Given {
    Nothing,
    Text(String),
    Number(i32),
    List(Vec<String>),
}

impl From<&str> for Given {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Given {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&Option<String>> for Given {
    fn from(text: &Option<String>) -> Self {
        text.as_ref().map_or(Self::Nothing, Self::from)
    }
}

impl utoipa::PartialSchema for Given {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, SchemaFormat, Type};
        let text = || ObjectBuilder::new().schema_type(Type::String).max_length(Some(500_000));
        let number = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(2))
            .maximum(Some(6));
        let list = ArrayBuilder::new().items(text().max_length(Some(64))).max_items(Some(500));
        let nothing = ObjectBuilder::new().schema_type(Type::Null);
        OneOfBuilder::new()
            .item(text())
            .item(number)
            .item(list)
            .item(nothing)
            .description(Some("What a field has: a text, a number, a list of keys, or nothing."))
            .into()
    }
}

impl ToSchema for Given {}

/// A field that is not the same in both states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldDiff {
    #[schema(max_length = 40, pattern = "^[a-z_]+(?:\\.[a-z_]+)?$", example = "title")]
    pub field: &'static str,
    /// Null for nothing.
    pub from: Given,
    /// Null for nothing.
    pub to: Given,
}

/// All that is different between two states of an article. A list without entries: nothing is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Differences {
    /// Fields of the article: `title`, `reviewed.next_due` and so on.
    #[schema(max_items = 20)]
    pub article: Vec<FieldDiff>,
    /// The byline; authors are matched by slug.
    #[schema(max_items = 100)]
    pub authors: Vec<ItemDiff>,
    /// Who reviewed it; matched by ORCID iD, else by name.
    #[schema(max_items = 20)]
    pub reviewers: Vec<ItemDiff>,
    /// Matched by slug.
    #[schema(max_items = 100)]
    pub tags: Vec<ItemDiff>,
    /// Matched by id, so that a section that was moved is one that was moved.
    #[schema(max_items = 1000)]
    pub sections: Vec<ItemDiff>,
    /// Matched by study; one whose study became one with another by id. Their places are their numbers.
    #[schema(max_items = 10000)]
    pub citations: Vec<ItemDiff>,
    /// Matched by id.
    #[schema(max_items = 400)]
    pub claims: Vec<ItemDiff>,
}

impl Differences {
    /// What is different between two states. From the deadline on texts are compared roughly: what is told stays right, and
    /// more of it may be told as removed and added.
    pub fn between(from: &Document, to: &Document, deadline: Instant) -> Self {
        Self {
            article: fields(article(from), article(to)),
            authors: compare(from.authors.iter().map(author), to.authors.iter().map(author), deadline),
            reviewers: compare(from.reviewers.iter().map(reviewer), to.reviewers.iter().map(reviewer), deadline),
            tags: compare(from.tags.iter().map(tag), to.tags.iter().map(tag), deadline),
            sections: compare(from.sections.iter().map(section), to.sections.iter().map(section), deadline),
            citations: citations(from, to, deadline),
            claims: claims(from, to, deadline),
        }
    }

    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        let lists = [&self.authors, &self.reviewers, &self.tags, &self.sections, &self.citations, &self.claims];
        self.article.is_empty() && lists.iter().all(|list| list.is_empty())
    }
}

/// Names and values, in the same order for everything of a kind.
type Fields = Vec<(&'static str, Given)>;

/// The fields that are not the same.
fn fields(from: Fields, to: Fields) -> Vec<FieldDiff> {
    let both = from.into_iter().zip(to).filter(|((_, from), (_, to))| from != to);
    both.map(|((field, from), (_, to))| FieldDiff { field, from, to }).collect()
}

fn printed<T: std::fmt::Display>(value: Option<T>) -> Given {
    value.map_or(Given::Nothing, |value| Given::Text(value.to_string()))
}

fn article(of: &Document) -> Fields {
    vec![
        ("slug", (&of.slug).into()),
        ("language", (&of.language).into()),
        ("translation_group", printed(Some(of.translation_group))),
        ("title", (&of.title).into()),
        ("subtitle", (&of.subtitle).into()),
        ("summary", (&of.summary).into()),
        ("published_at", printed(of.published_at.map(crate::db::types::Instant::to_rfc3339))),
        ("comment_policy", of.comment_policy.as_str().into()),
        ("style", (&of.style).into()),
        ("reviewed.at", printed(of.reviewed_at)),
        ("reviewed.next_due", printed(of.review_due)),
    ]
}

fn author(of: &Byline) -> Item<'_> {
    let fields =
        vec![("name", (&of.name).into()), ("credentials", (&of.credentials).into()), ("orcid", (&of.orcid).into())];
    Item { key: of.slug.clone(), id: of.slug.clone(), label: &of.name, fields, body: None }
}

fn reviewer(of: &Reviewer) -> Item<'_> {
    let fields =
        vec![("name", (&of.name).into()), ("credentials", (&of.credentials).into()), ("orcid", (&of.orcid).into())];
    let id = of.orcid.clone().unwrap_or_else(|| of.name.clone());
    Item { key: id.clone(), id, label: &of.name, fields, body: None }
}

fn tag(of: &Tag) -> Item<'_> {
    Item {
        key: of.slug.clone(),
        id: of.slug.clone(),
        label: &of.name,
        fields: vec![("name", (&of.name).into())],
        body: None,
    }
}

fn section(of: &super::document::Section) -> Item<'_> {
    let fields = vec![
        ("heading", (&of.heading).into()),
        ("level", Given::Number(of.level)),
        ("anchor", (&of.anchor).into()),
        ("body", (&of.body).into()),
    ];
    let label = of.heading.as_deref().unwrap_or(&of.anchor);
    Item { key: of.id.to_string(), id: of.id.to_string(), label, fields, body: Some(&of.body) }
}

/// By study, of which an article has one citation; what is left by id, since a citation stays when its study becomes one with
/// another.
fn citations(from: &Document, to: &Document, deadline: Instant) -> Vec<ItemDiff> {
    fn item(of: &Citation, study: StudyId) -> Item<'_> {
        let fields = vec![
            ("study", (&of.key).into()),
            ("origin", of.origin.as_str().into()),
            ("evidence_level", printed(of.evidence_level.map(|level| level.as_str()))),
        ];
        Item { key: study.to_string(), id: of.id.to_string(), label: &of.key, fields, body: None }
    }
    let studies = |of: &Document| of.citations.iter().map(|citation| citation.study).collect::<HashSet<_>>();
    let (before, after) = (studies(from), studies(to));
    let left = from.citations.iter().filter(|citation| !after.contains(&citation.study));
    let left: HashMap<CitationId, StudyId> = left.map(|citation| (citation.id, citation.study)).collect();
    let was = |citation: &Citation| {
        let left = left.get(&citation.id).filter(|_| !before.contains(&citation.study));
        left.copied().unwrap_or(citation.study)
    };
    let from = from.numbered().into_iter().map(|citation| item(citation, citation.study));
    let to = to.numbered().into_iter().map(|citation| item(citation, was(citation)));
    compare(from, to, deadline)
}

fn claims(from: &Document, to: &Document, deadline: Instant) -> Vec<ItemDiff> {
    fn item<'d>(of: &'d Claim, keys: &HashMap<StudyId, &str>) -> Item<'d> {
        let named = |studies: &[StudyId]| {
            Given::List(studies.iter().map(|study| keys.get(study).copied().unwrap_or_default().to_owned()).collect())
        };
        let fields = vec![
            ("statement", (&of.statement).into()),
            ("certainty", printed(of.certainty.map(|certainty| certainty.as_str()))),
            ("for", named(&of.supporting)),
            ("against", named(&of.against)),
        ];
        Item { key: of.id.to_string(), id: of.id.to_string(), label: &of.statement, fields, body: None }
    }
    let (before, after) = (from.keys(), to.keys());
    let from = from.claims.iter().map(|claim| item(claim, &before));
    let to = to.claims.iter().map(|claim| item(claim, &after));
    compare(from, to, deadline)
}

#[cfg(test)]
mod tests;
