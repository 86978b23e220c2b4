//! What a reader can ask for: names, filters, sorts and parts.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use crate::citing::StudyKey;
use crate::http::fault::Reason;
use crate::http::query::{AnyOf, ParseText};
use crate::http::schema;
use crate::http::select::{Fields, FieldsOf, Selected, Sparse};
use crate::ids::StudyId;
use crate::language::Language;
use crate::library::{Design, EvidenceLevel, Year};
use crate::publishing::document::PublishedStudy;
use crate::text::anchor;

use super::article::Article;
use super::search::{FacetName, Matching};

crate::formed_text! {
    /// The slug of a tag or an author, as a filter names it.
    SlugName, anchor::PATTERN, 120, "invalid_slug", "a slug: lower-case letters a-z, digits and single hyphens",
    anchor::is_slug
}

impl ParseText for SlugName {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text)
    }
}

/// How a reader names a study: what has the form of an id is one, what has a slash is a DOI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StudyName {
    Id(StudyId),
    Key(String),
    Doi(String),
}

impl StudyName {
    const PATTERN: &str = r"^(?:[a-z0-9][a-z0-9_:.-]{1,63}|10\.[0-9]{4,9}/[^\x00-\x20\x7F,]{1,1000})$";
    const MOST: usize = 1014;

    /// Reads it; `None` when it has none of the three forms.
    pub fn read(text: &str) -> Option<Self> {
        if let Some(id) = StudyId::parse(text) {
            return Some(Self::Id(id));
        }
        match text.split_once('/') {
            Some((prefix, suffix)) if is_doi_prefix(prefix) && is_doi_suffix(suffix) => {
                Some(Self::Doi(text.to_ascii_lowercase()))
            }
            None if StudyKey::parse(text).is_ok() => Some(Self::Key(text.to_owned())),
            _ => None,
        }
    }
}

fn is_doi_prefix(text: &str) -> bool {
    let registrant = text.strip_prefix("10.").unwrap_or_default();
    (4..=9).contains(&registrant.len()) && registrant.bytes().all(|b| b.is_ascii_digit())
}

fn is_doi_suffix(text: &str) -> bool {
    (1..=1000).contains(&text.chars().count()) && !text.chars().any(|c| c.is_ascii_control() || c == ' ')
}

impl ParseText for StudyName {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::read(text).ok_or_else(|| {
            let detail = "Expected a study's key (majid2009), its id or its DOI (10.4103/0974-2077.53096).";
            Reason::new("invalid_study", detail)
        })
    }
}

impl PartialSchema for StudyName {
    fn schema() -> RefOr<Schema> {
        schema::formed(Self::PATTERN, Self::MOST)
    }
}

impl ToSchema for StudyName {}

// Named, because the contract's macros cannot see through type parameters.

/// Tags or authors.
pub type Slugs = AnyOf<SlugName>;
/// Languages of articles.
pub type Languages = AnyOf<Language>;
/// Studies that are cited.
pub type StudyNames = AnyOf<StudyName>;
/// Levels of evidence.
pub type Levels = AnyOf<EvidenceLevel>;
/// Designs of studies.
pub type Designs = AnyOf<Design>;
/// Years in which studies came out.
pub type Years = AnyOf<Year>;
/// Parts of an article.
pub type Includes = AnyOf<Include>;
/// What is to be counted of what a search finds.
pub type FacetNames = AnyOf<FacetName>;
/// Members of an article.
pub type ArticleFields = FieldsOf<Article>;
/// Members of a study.
pub type StudyFields = FieldsOf<PublishedStudy>;
/// An article or members of it.
pub type SelectedArticle = Selected<Article>;
/// A study or members of it.
pub type SelectedStudy = Selected<PublishedStudy>;

/// Which published articles: different filters all hold, of the values of one any does.
#[derive(Debug, Default)]
pub struct Filters {
    pub tags: Option<Slugs>,
    pub authors: Option<Slugs>,
    pub languages: Option<Languages>,
    pub cites: Option<StudyNames>,
    /// Levels of evidence that one of the citations has.
    pub levels: Option<Levels>,
    /// Designs that one of the studies has.
    pub designs: Option<Designs>,
    /// Whether one of the studies is retracted or under an expression of concern.
    pub retracted: Option<bool>,
    /// What a query finds.
    pub matching: Option<Matching>,
}

/// Which studies: different filters all hold, of the values of one any does.
#[derive(Debug, Default)]
pub struct StudyFilters {
    pub designs: Option<Designs>,
    pub years: Option<Years>,
    /// Whether it is retracted or under an expression of concern.
    pub retracted: Option<bool>,
    /// What a query finds.
    pub matching: Option<Matching>,
}

crate::words! {
    /// The order of a list of articles; a hyphen before it turns it round. Ties are in the order of the ids.
    ArticleSort {
        /// The oldest first.
        Published = "published_at",
        /// The newest first.
        PublishedDown = "-published_at",
        /// The one whose publication is the oldest first.
        Updated = "updated_at",
        /// The one that was published anew last first.
        UpdatedDown = "-updated_at",
        /// By title, in the order of the characters' code points.
        Title = "title",
        /// The same, from the end.
        TitleDown = "-title",
    }
}

crate::words! {
    /// The order of a list of studies; a hyphen before it turns it round. Ties are in the order of the ids.
    StudySort {
        /// By title, in the order of the characters' code points.
        Title = "title",
        /// The same, from the end.
        TitleDown = "-title",
        /// The oldest first; studies of an unknown year come last.
        Year = "year",
        /// The newest first; studies of an unknown year come last.
        YearDown = "-year",
    }
}

crate::words! {
    /// What an article can have with it.
    Include {
        /// The sections.
        Sections = "sections",
        /// The citations.
        Citations = "citations",
        /// The approved comments.
        Comments = "comments",
        /// How many published articles each author has.
        Authors = "authors",
    }
}

impl ParseText for Include {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text).ok_or_else(|| {
            let detail = format!("There is no part {text:?}.{}", crate::http::fault::suggestion(text, Self::WORDS));
            Reason::new("unknown_value", detail)
        })
    }
}

impl Include {
    /// The paths of what it adds.
    fn paths(self) -> &'static [&'static str] {
        match self {
            Self::Sections => &["sections"],
            Self::Citations => &["citations"],
            Self::Comments => &["comments.data", "comments.next"],
            Self::Authors => &["authors.published_articles"],
        }
    }
}

/// Which parts of an article are to be given.
#[derive(Debug, Default)]
pub struct Selection {
    include: Vec<Include>,
    pub fields: Option<Fields>,
}

impl Selection {
    pub fn new(include: Option<Includes>, fields: Option<ArticleFields>) -> Self {
        Self { include: include.map(|any| any.0).unwrap_or_default(), fields: fields.map(|fields| fields.0) }
    }

    /// Whether the part is to be read: it is included or named by `fields`, and not left out by `fields`.
    pub fn wants(&self, part: Include) -> bool {
        let included = self.include.contains(&part);
        match &self.fields {
            None => included,
            Some(fields) => part.paths().iter().any(|path| fields.names(path) || (included && fields.reaches(path))),
        }
    }

    /// Whether anything about comments is to be given.
    pub fn wants_discussion(&self) -> bool {
        self.fields.as_ref().is_none_or(|fields| fields.reaches("comments"))
    }

    /// Whether nothing but a new publication can change the answer.
    pub fn is_frozen(&self) -> bool {
        !self.wants_discussion() && !self.wants(Include::Authors)
    }
}

impl Sparse for PublishedStudy {
    const FIELDS: &'static [&'static str] = &[
        "id",
        "key",
        "title",
        "year",
        "doi",
        "pmid",
        "pmcid",
        "isbn",
        "design",
        "review",
        "sample_size",
        "follow_up",
        "funding",
        "conflicts_of_interest",
        "open_access_url",
        "retraction",
        "completeness",
        "completeness.complete",
        "completeness.missing",
        "csl",
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_study_is_named_in_three_ways() {
        assert_eq!(StudyName::read("majid2009"), Some(StudyName::Key("majid2009".into())));
        assert_eq!(StudyName::read("10.1000/AbC"), Some(StudyName::Doi("10.1000/abc".into())));
        assert!(matches!(StudyName::read("01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11"), Some(StudyName::Id(_))));
        for bad in ["", "x", "Majid2009", "-a", "11.1000/x", "10.1/x", "10.1000/", "10.1000/a b", "a/b"] {
            assert_eq!(StudyName::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn fields_and_include_agree() {
        let selection = |include: &[Include], fields: &str| {
            let fields = (!fields.is_empty()).then(|| {
                deserr::deserialize::<Fields, _, crate::http::fault::Faults>(serde_json::json!(fields)).unwrap()
            });
            Selection { include: include.to_vec(), fields }
        };
        assert!(!selection(&[], "").wants(Include::Sections));
        assert!(selection(&[Include::Sections], "").wants(Include::Sections));
        assert!(selection(&[], "sections.heading").wants(Include::Sections));
        assert!(!selection(&[Include::Sections], "title").wants(Include::Sections));
        assert!(!selection(&[], "comments").wants(Include::Comments));
        assert!(selection(&[Include::Comments], "comments").wants(Include::Comments));
        assert!(selection(&[], "comments.data.name").wants(Include::Comments));
        assert!(selection(&[], "title").is_frozen() && !selection(&[], "comments.count").is_frozen());
        assert!(!selection(&[], "").is_frozen() && !selection(&[], "authors.published_articles").is_frozen());
    }
}
