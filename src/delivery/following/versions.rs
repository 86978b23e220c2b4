//! The versions that an article had: every publication stays as it was when another one took its place.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::cite::CiteAs;
use super::store::{self, VersionRow};
use crate::db::Conn;
use crate::db::types::Instant;
use crate::delivery::article::{damaged, raw};
use crate::delivery::printing::{Printing, Wanted};
use crate::delivery::store::Publication;
use crate::error::Problem;
use crate::http::page::{Page, Window};
use crate::http::select::Sparse;
use crate::ids::ArticleId;
use crate::publishing::document::{Head, PublishedCitation, PublishedSection};

crate::sort_keys! {
    /// By their numbers.
    VersionKey {
        Number = "version",
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
    let previous = store::kept_before(conn, article, number, 1)?.pop().map(|row| row.number);
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

/// A page of the versions of a published article, the newest first, and how many there are in all when that is asked.
///
/// # Errors
/// `invalid_parameter` for a cursor of another list.
pub fn list(
    conn: &mut Conn,
    article: ArticleId,
    window: &Window<VersionKey>,
    counted: bool,
) -> Result<(Page<VersionSummary>, Option<i64>), Problem> {
    let place = window.place(|number| number.parse::<i32>().ok(), |_| Some(()))?;
    let standing = store::standing(conn, article)?;
    let current = standing.as_ref().map(|row| row.number);
    // The one that stands is the newest of all.
    let rows: Vec<VersionRow> = if window.backwards() {
        let number = place.map_or(0, |(number, ())| number);
        let kept = store::kept_after(conn, article, number, window.fetch())?;
        kept.into_iter().chain(standing.filter(|row| row.number > number)).collect()
    } else {
        let number = place.map_or(i32::MAX, |(number, ())| number);
        let kept = store::kept_before(conn, article, number, window.fetch())?;
        standing.into_iter().filter(|row| row.number < number).chain(kept).collect()
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
    let page = window.page(rows, |row, _| row.number.to_string(), |_| String::new());
    let total = match counted {
        true => Some(store::count_kept(conn, article)? + i64::from(current.is_some())),
        false => None,
    };
    Ok((page.map(summary), total))
}
