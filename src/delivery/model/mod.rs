//! What a reader can ask for: names, filters, sorts and parts.

mod moments;
mod selection;

use std::fmt;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

pub use self::moments::Moments;
pub use self::selection::{Body, Formats, Include, Selection, StudyInclude, StudySelection};
use super::article::Article;
use super::names::{Author, TagOfArticles};
use super::search::{FacetName, Matching};
use super::studies::Study;
use crate::citing::StudyKey;
use crate::citing::identifiers::{Doi, Pmcid, Pmid};
use crate::http::fault::Reason;
use crate::http::filter::Filter;
use crate::http::query::{AnyOf, Batch, ParseText};
use crate::http::schema;
use crate::http::select::{FieldsOf, Selected};
use crate::http::sort::Sort;
use crate::ids::{ArticleRef, StudyId};
use crate::language::Language;
use crate::library::schema::{CslDoi, CslPmcid, CslPmid};
use crate::library::{Design, EvidenceLevel, Year};
use crate::publishing::document::{PublishedCitation, PublishedSection, ReviewOverdue};
use crate::text::anchor;

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

/// As it is read.
impl fmt::Display for StudyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Key(name) | Self::Doi(name) => f.write_str(name),
        }
    }
}

impl PartialSchema for StudyName {
    fn schema() -> RefOr<Schema> {
        schema::formed(Self::PATTERN, Self::MOST)
    }
}

impl ToSchema for StudyName {}

crate::formed_text! {
    /// The anchor of a section, as a filter names it.
    Anchor, anchor::PATTERN, 80, "invalid_anchor",
    "an anchor: lower-case letters a-z, digits and single hyphens", anchor::is_slug
}

impl ParseText for Anchor {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text)
    }
}

crate::formed_text! {
    /// The anchor of a section or its id.
    SectionName, anchor::PATTERN, 80, "invalid_anchor",
    "an anchor (lower-case letters a-z, digits and single hyphens) or an id", anchor::is_slug
}

crate::formed_text! {
    /// The number of a citation or the key of its study.
    CitationName, "^(?:[1-9][0-9]{0,3}|[a-z0-9][a-z0-9_:.-]{1,63})$", 64, "invalid_citation",
    "the number of a citation or the key of its study (majid2009)", is_citation
}

fn is_citation(text: &str) -> bool {
    let is_number = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    is_number || StudyKey::parse(text).is_ok()
}

impl ParseText for SectionName {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text)
    }
}

impl ParseText for CitationName {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text)
    }
}

/// As it is read.
impl fmt::Display for SectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// As it is read.
impl fmt::Display for CitationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

crate::formed_text! {
    /// The key of a study, as a filter names it.
    KeyName, "^[a-z0-9][a-z0-9_:.-]{1,63}$", 64, "invalid_key", "the key of a study such as majid2009", is_key
}

fn is_key(text: &str) -> bool {
    StudyKey::parse(text).is_ok()
}

impl ParseText for KeyName {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text)
    }
}

crate::words! {
    /// An identifier that a study can have.
    Identifier {
        /// Of any kind of publication.
        Doi = "doi",
        /// PubMed's.
        Pmid = "pmid",
        /// PubMed Central's.
        Pmcid = "pmcid",
    }
}

impl ParseText for Identifier {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text).ok_or_else(|| Reason::unknown_word(text, Self::WORDS))
    }
}

/// Makes the text of an identifier that a filter names, in any form in which it is read.
macro_rules! identifier_text {
    ($($(#[$doc:meta])* $name:ident, $of:ident, $schema:ident);+ $(;)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name($of);

        impl $name {
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl ParseText for $name {
            fn parse_text(text: &str) -> Result<Self, Reason> {
                let unreadable = |error| Reason::new("invalid_identifier", format!("Not an identifier: {error}."));
                $of::parse(text).map(Self).map_err(unreadable)
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $schema::schema()
            }
        }
    )+};
}

identifier_text! {
    /// A DOI.
    DoiName, Doi, CslDoi;
    /// PubMed's number.
    PmidName, Pmid, CslPmid;
    /// PubMed Central's number.
    PmcidName, Pmcid, CslPmcid;
}

crate::formed_text! {
    /// The ORCID iD of an author, with hyphens.
    OrcidName, r"^[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]$", 19, "invalid_orcid",
    "an ORCID iD such as 0000-0002-1825-0097", is_orcid
}

fn is_orcid(text: &str) -> bool {
    text.len() == 19
        && text.bytes().enumerate().all(|(at, b)| match at {
            4 | 9 | 14 => b == b'-',
            18 => b.is_ascii_digit() || b == b'X',
            _ => b.is_ascii_digit(),
        })
}

impl ParseText for OrcidName {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text)
    }
}

// Named, because the contract's macros cannot see through type parameters.

/// Tags, authors or articles by their slugs.
pub type Slugs = Filter<SlugName>;
/// Languages of articles.
pub type Languages = Filter<Language>;
/// Studies that are cited.
pub type StudyNames = Filter<StudyName>;
/// Levels of evidence.
pub type Levels = Filter<EvidenceLevel>;
/// Designs of studies.
pub type Designs = Filter<Design>;
/// Years in which studies came out.
pub type Years = Filter<Year>;
/// Identifiers that studies have.
pub type Identifiers = Filter<Identifier>;
/// DOIs of studies.
pub type Dois = Filter<DoiName>;
/// PubMed's numbers of studies.
pub type Pmids = Filter<PmidName>;
/// PubMed Central's numbers of studies.
pub type Pmcids = Filter<PmcidName>;
/// ORCID iDs of authors.
pub type Orcids = Filter<OrcidName>;
/// Articles that are asked for by name.
pub type ArticleNames = Batch<ArticleRef>;
/// Studies that are asked for by name.
pub type StudyBatch = Batch<StudyName>;
/// Authors or tags that are asked for by name.
pub type SlugBatch = Batch<SlugName>;
/// Parts of an article.
pub type Includes = AnyOf<Include>;
/// What is to be counted of what a search finds.
pub type FacetNames = AnyOf<FacetName>;
/// Parts of a study.
pub type StudyIncludes = AnyOf<StudyInclude>;
/// Forms of the text of sections.
pub type Bodies = AnyOf<Body>;
/// Members of an article.
pub type ArticleFields = FieldsOf<Article>;
/// Members of a study.
pub type StudyFields = FieldsOf<Study>;
/// Members of an author.
pub type AuthorFields = FieldsOf<Author>;
/// Members of a tag.
pub type TagFields = FieldsOf<TagOfArticles>;
/// Members of a section.
pub type SectionFields = FieldsOf<PublishedSection>;
/// Members of a citation.
pub type CitationFields = FieldsOf<PublishedCitation>;
/// An article or members of it.
pub type SelectedArticle = Selected<Article>;
/// A study or members of it.
pub type SelectedStudy = Selected<Study>;
/// An author or members of one.
pub type SelectedAuthor = Selected<Author>;
/// A tag or members of it.
pub type SelectedTag = Selected<TagOfArticles>;
/// A section or members of it.
pub type SelectedSection = Selected<PublishedSection>;
/// A citation or members of it.
pub type SelectedCitation = Selected<PublishedCitation>;
/// The order of articles.
pub type ArticleSort = Sort<ArticleKey>;
/// The order of studies.
pub type StudySort = Sort<StudySortKey>;
/// The order of authors or tags.
pub type NameSort = Sort<NameKey>;

/// The order of sections.
pub type SectionSort = Sort<SectionKey>;
/// The order of citations.
pub type CitationSort = Sort<CitationKey>;
/// Sections by their anchors.
pub type Anchors = Filter<Anchor>;
/// Citations by the keys of their studies.
pub type StudyKeys = Filter<KeyName>;
/// Sections that are asked for by name.
pub type SectionBatch = Batch<SectionName>;
/// Citations that are asked for by name.
pub type CitationBatch = Batch<CitationName>;

/// Which published articles: different filters all hold.
#[derive(Debug, Default)]
pub struct Filters {
    pub slugs: Slugs,
    pub tags: Slugs,
    pub authors: Slugs,
    pub languages: Languages,
    pub cites: StudyNames,
    /// The study whose articles are asked for.
    pub study: Option<StudyId>,
    /// Levels of evidence that one of the citations has.
    pub levels: Levels,
    /// Designs that one of the studies has.
    pub designs: Designs,
    /// Whether one of the studies is retracted or under an expression of concern.
    pub retracted: Option<bool>,
    /// Whether its review is overdue.
    pub overdue: Option<ReviewOverdue>,
    /// What a query finds.
    pub matching: Option<Matching>,
    /// When they were published and changed.
    pub moments: Moments,
}

/// Which studies: different filters all hold.
#[derive(Debug, Default)]
pub struct StudyFilters {
    pub designs: Designs,
    pub years: Years,
    /// The first and the last year.
    pub year_from: Option<i32>,
    pub year_to: Option<i32>,
    /// Identifiers that it has, whatever they are.
    pub has: Identifiers,
    pub dois: Dois,
    pub pmids: Pmids,
    pub pmcids: Pmcids,
    /// Whether it is retracted or under an expression of concern.
    pub retracted: Option<bool>,
    /// What a query finds.
    pub matching: Option<Matching>,
}

crate::sort_keys! {
    /// `published_at`: by the date of the article; `updated_at`: by the moment of the publication; `title`: in the order of
    /// the characters' code points; `review_due`: by the day by which the next review is due (`reviewed.next_due`), articles of
    /// which none is due last in both directions. A hyphen before a key turns it round. Ties are in the order of the ids, in
    /// the direction of the last key.
    ArticleKey {
        Published = "published_at",
        Updated = "updated_at",
        Title = "title",
        ReviewDue = "review_due",
    }
}

crate::sort_keys! {
    /// By their place in the article; a hyphen before it turns it round.
    SectionKey {
        Position = "position",
    }
}

crate::sort_keys! {
    /// By their numbers; a hyphen before it turns it round.
    CitationKey {
        Number = "number",
    }
}

crate::sort_keys! {
    /// `title`: in the order of the characters' code points; `year`: by the year it came out, studies of an unknown year
    /// last in both directions; `key`: by the key. A hyphen before a key turns it round. Ties are in the order of the ids,
    /// in the direction of the last key.
    StudySortKey {
        Title = "title",
        Year = "year",
        Key = "key",
    }
}

crate::sort_keys! {
    /// `name`: in the order of the characters' code points; `slug`; `published_articles`: by how many there are. A hyphen
    /// before a key turns it round. Ties are in the order of the slugs, in the direction of the last key.
    NameKey {
        Name = "name",
        Slug = "slug",
        Articles = "published_articles",
    }
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
}
