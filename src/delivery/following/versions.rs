//! The versions that an article had: every publication stays as it was when another one took its place.

use std::fmt;

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::cite::CiteAs;
use super::store::{self, VersionRow};
use crate::db::Conn;
use crate::db::types::Instant;
use crate::delivery::article::{damaged, raw};
use crate::delivery::model::Moments;
use crate::delivery::printing::{Printing, Wanted};
use crate::delivery::store::{Publication, in_order};
use crate::error::Problem;
use crate::http::fault::Reason;
use crate::http::page::{Page, Window};
use crate::http::query::ParseText;
use crate::http::select::Sparse;
use crate::http::sort::Direction;
use crate::ids::ArticleId;
use crate::publishing::document::{Head, PublishedCitation, PublishedSection};

crate::sort_keys! {
    /// By their numbers; a hyphen before it turns it round.
    VersionKey {
        Number = "version",
    }
}

/// The number of a version, as it is asked for by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = i32, minimum = 1, maximum = 2147483647, example = 2)]
pub struct VersionNumber(i32);

impl ParseText for VersionNumber {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        // A version has one name: no `01`, no `+1`.
        let number = text.parse().ok().filter(|number: &i32| *number > 0 && number.to_string() == text);
        number.map(Self).ok_or_else(|| Reason::new("out_of_range", "Expected the number of a version: 1, 2 and so on."))
    }
}

/// As it is read.
impl fmt::Display for VersionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A version in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionSummary {
    /// The number of the publication: 1 for the first.
    #[schema(minimum = 1, maximum = 2147483647, example = 2)]
    version: i32,
    /// Whether it is the one that the article is now.
    is_current: bool,
    /// The slug that it had.
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "microneedling-for-large-pores")]
    slug: String,
    /// BCP 47.
    #[schema(max_length = 11, example = "en")]
    language: String,
    /// Plain text.
    #[schema(max_length = 300, example = "Microneedling for large pores")]
    title: String,
    /// When the article counts as published.
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-24T00:00:00Z")]
    published_at: Instant,
    /// When this publication was made.
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-25T09:30:00Z")]
    updated_at: Instant,
    /// Its permanent address.
    #[schema(
        max_length = 200,
        format = "uri-reference",
        example = "/v1/articles/01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11/versions/2"
    )]
    href: String,
}

/// A version of an article, as it was published then.
#[derive(Debug, Serialize, ToSchema)]
pub struct Version {
    #[serde(flatten)]
    head: Head,
    /// All sections in their order.
    #[schema(value_type = Vec<PublishedSection>, max_items = 1000)]
    sections: Box<RawValue>,
    /// All citations by their numbers. What has become of their studies since is told by the current version alone.
    #[schema(value_type = Vec<PublishedCitation>, max_items = 5000)]
    citations: Box<RawValue>,
    /// Whether it is the one that the article is now.
    is_current: bool,
    /// The number of the one that the article is now.
    #[schema(minimum = 1, maximum = 2147483647, example = 3)]
    current_version: i32,
    cite_as: CiteAs,
    links: VersionLinks,
}

/// Where the other versions are.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionLinks {
    /// Its permanent address.
    #[serde(rename = "self")]
    #[schema(
        max_length = 200,
        format = "uri-reference",
        example = "/v1/articles/01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11/versions/2"
    )]
    self_: String,
    /// The article as it is now.
    #[schema(max_length = 200, format = "uri-reference", example = "/v1/articles/microneedling-for-large-pores")]
    article: String,
    #[schema(
        max_length = 200,
        format = "uri-reference",
        example = "/v1/articles/microneedling-for-large-pores/versions"
    )]
    versions: String,
    /// The version before; null for the first one that there is.
    #[schema(
        max_length = 200,
        format = "uri-reference",
        example = "/v1/articles/01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11/versions/1"
    )]
    previous: Option<String>,
    /// The version after; null for the current one.
    #[schema(
        max_length = 200,
        format = "uri-reference",
        example = "/v1/articles/01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11/versions/3"
    )]
    next: Option<String>,
}

impl Sparse for VersionSummary {
    const FIELDS: &'static [&'static str] =
        &["version", "is_current", "slug", "language", "title", "published_at", "updated_at", "href"];
}

impl Sparse for Version {
    const FIELDS: &'static [&'static str] = &[
        "id",
        "slug",
        "language",
        "title",
        "subtitle",
        "summary",
        "published_at",
        "updated_at",
        "version",
        "authors",
        "authors.name",
        "authors.slug",
        "authors.credentials",
        "authors.orcid",
        "reviewed",
        "reviewed.by",
        "reviewed.by.name",
        "reviewed.by.credentials",
        "reviewed.by.orcid",
        "reviewed.at",
        "reviewed.next_due",
        "tags",
        "tags.slug",
        "tags.name",
        "word_count",
        "reading_minutes",
        "evidence",
        "evidence.citations",
        "evidence.by_design",
        "evidence.by_level",
        "evidence.best_level",
        "evidence.retracted",
        "evidence.concerns",
        "evidence.unsupported_claims",
        "claims",
        "claims.id",
        "claims.statement",
        "claims.certainty",
        "claims.for",
        "claims.against",
        "sections",
        "sections.id",
        "sections.position",
        "sections.heading",
        "sections.anchor",
        "sections.level",
        "sections.html",
        "sections.markdown",
        "sections.text",
        "sections.blocks",
        "sections.citations",
        "citations",
        "citations.number",
        "citations.key",
        "citations.study",
        "citations.study.id",
        "citations.study.key",
        "citations.study.title",
        "citations.study.year",
        "citations.study.doi",
        "citations.study.pmid",
        "citations.study.pmcid",
        "citations.study.isbn",
        "citations.study.design",
        "citations.study.review",
        "citations.study.sample_size",
        "citations.study.follow_up",
        "citations.study.funding",
        "citations.study.conflicts_of_interest",
        "citations.study.open_access_url",
        "citations.study.retraction",
        "citations.study.completeness",
        "citations.study.completeness.complete",
        "citations.study.completeness.missing",
        "citations.study.csl",
        "citations.evidence_level",
        "citations.evidence_level_default",
        "citations.formatted",
        "citations.formatted.style",
        "citations.formatted.position",
        "citations.formatted.label",
        "citations.formatted.text",
        "citations.formatted.html",
        "citations.cited_in",
        "citations.places",
        "links",
        "links.self",
        "links.article",
        "links.versions",
        "links.previous",
        "links.next",
        "is_current",
        "current_version",
        "cite_as",
        "cite_as.url",
        "cite_as.style",
        "cite_as.locale",
        "cite_as.text",
        "cite_as.html",
        "cite_as.csl",
        "cite_as.bibtex",
        "cite_as.ris",
    ];
}

/// The permanent address of a version.
fn address(article: ArticleId, number: i32) -> String {
    format!("/v1/articles/{article}/versions/{number}")
}

/// A version that was read, and what is to be said about it.
pub struct Found {
    publication: Publication,
    printing: Printing,
    /// What the article is now.
    present: Head,
    previous: Option<i32>,
}

/// Reads the version of that number of the article whose publication this is.
///
/// # Errors
/// `not_found` when there is none; `invalid_parameter` when there is no such style.
pub fn one(conn: &mut Conn, present: Head, number: i32, wanted: &Wanted) -> Result<Found, Problem> {
    let article = present.id;
    let publication = match number == present.version {
        true => store::of(conn, &[article])?.pop(),
        false => store::kept(conn, article, number)?,
    };
    let publication = publication.ok_or_else(|| Problem::not_found("version"))?;
    let printing = wanted.printing(conn, &publication)?;
    let previous = store::kept_before(conn, article, number)?;
    Ok(Found { publication, printing, present, previous })
}

impl Found {
    /// The version, on a site of this name under this address.
    ///
    /// # Errors
    /// `internal` when what is stored is not what publishing writes.
    pub fn version(self, site: &str, url: &str) -> Result<Version, Problem> {
        let Self { publication, printing, present, previous } = self;
        let id = publication.id;
        let head: Head = serde_json::from_str(&publication.head).map_err(|error| damaged(id, error))?;
        let lost = || damaged(id, "a part of it was not read");
        let sections = raw(id, publication.sections)?.ok_or_else(lost)?;
        let citations = printing.raw_if_anew(id, raw(id, publication.citations)?)?.ok_or_else(lost)?;
        let (number, current) = (head.version, present.version);
        let itself = address(id, number);
        let article = format!("/v1/articles/{}", present.slug);
        Ok(Version {
            cite_as: CiteAs::of(&head, site, format!("{url}{itself}"), &printing),
            head,
            sections,
            citations,
            is_current: number == current,
            current_version: current,
            links: VersionLinks {
                self_: itself,
                versions: format!("{article}/versions"),
                article,
                previous: previous.map(|previous| address(id, previous)),
                next: (number < current).then(|| address(id, number + 1)),
            },
        })
    }
}

/// Which versions of an article, and in which order.
pub struct Asked {
    pub moments: Moments,
    pub window: Window<VersionKey>,
    /// Those of these numbers, in this order, instead of a page.
    pub ids: Option<Vec<VersionNumber>>,
    pub counted: bool,
}

/// What is found of them.
pub struct Listed {
    pub page: Page<VersionSummary>,
    /// How many there are in all, when that is asked.
    pub total: Option<i64>,
    /// The numbers under which nothing is, where versions were asked for by number.
    pub missing: Option<Vec<String>>,
}

/// The versions of a published article that are asked for.
///
/// # Errors
/// `invalid_parameter` for a cursor of another list.
pub fn list(conn: &mut Conn, article: ArticleId, asked: &Asked) -> Result<Listed, Problem> {
    let Asked { moments, window, ids, counted } = asked;
    let standing = store::standing(conn, article)?;
    let current = standing.as_ref().map(|row| row.number);
    let standing = standing.filter(|row| moments.leave(row.published_at, row.updated_at));
    let total = match counted {
        true => Some(store::count_kept(conn, article, moments)? + i64::from(standing.is_some())),
        false => None,
    };
    let (page, missing) = match ids {
        None => (page(conn, article, moments, window, standing)?, None),
        Some(ids) => {
            let numbers: Vec<i32> = ids.iter().map(|id| id.0).collect();
            let kept = store::kept_numbered(conn, article, moments, &numbers)?;
            let rows = kept.into_iter().chain(standing).map(|row| (row.number, row)).collect();
            let (items, missing) = in_order(ids, |id| Some(id.0), rows);
            (Page::whole(items), Some(missing))
        }
    };
    let summary = |row: VersionRow| VersionSummary {
        version: row.number,
        is_current: Some(row.number) == current,
        slug: row.slug,
        language: row.language,
        title: row.title,
        published_at: row.published_at,
        updated_at: row.updated_at,
        href: address(article, row.number),
    };
    Ok(Listed { page: page.map(summary), total, missing })
}

/// A page of the kept versions and the one that stands, if it is among what is asked for.
fn page(
    conn: &mut Conn,
    article: ArticleId,
    moments: &Moments,
    window: &Window<VersionKey>,
    standing: Option<VersionRow>,
) -> Result<Page<VersionRow>, Problem> {
    let place = window.place(|number| number.parse::<i32>().ok(), |_| Some(()))?;
    // The one that stands is the newest of all.
    let rows: Vec<VersionRow> = if window.ascending() {
        let beside = place.map_or(0, |(number, ())| number);
        let kept = store::kept_beyond(conn, article, moments, (beside, Direction::Up), window.fetch())?;
        kept.into_iter().chain(standing.filter(|row| row.number > beside)).collect()
    } else {
        let beside = place.map_or(i32::MAX, |(number, ())| number);
        let kept = store::kept_beyond(conn, article, moments, (beside, Direction::Down), window.fetch())?;
        standing.into_iter().filter(|row| place.is_none() || row.number < beside).chain(kept).collect()
    };
    Ok(window.page(rows, |row, _| row.number.to_string(), |_| String::new()))
}
