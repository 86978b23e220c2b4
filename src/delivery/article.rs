//! A published article as a reader gets it: the frozen parts as they were stored, the rest around them.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::formats::head;
use super::model::{Include, Selection};
use super::sections::sections;
use super::store::translations::Groups;
use super::store::{self, Around, Publication};
use super::translations::{Translation, others};
use crate::comments::{Comment, CommentPolicy};
use crate::db::Conn;
use crate::db::types::Instant;
use crate::error::Problem;
use crate::http::select::Sparse;
use crate::ids::{ArticleId, GroupId};
use crate::publishing::document::{
    Byline, Evidence, Head, PublishedCitation, PublishedClaim, PublishedSection, Reviewed, Tag,
};

/// A published article.
#[derive(Debug, Serialize, ToSchema)]
pub struct Article {
    /// Stays the same, whatever the slug becomes.
    pub id: ArticleId,
    /// Names the article in addresses; old slugs lead to the present one.
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "microneedling-for-large-pores")]
    pub slug: String,
    /// BCP 47.
    #[schema(max_length = 11, example = "en")]
    pub language: String,
    /// The same for all translations of the article, and for no other.
    pub translation_group: GroupId,
    /// The same in other languages, by language: what is published of them. In lists null unless included.
    #[schema(max_items = 1000)]
    pub translations: Option<Vec<Translation>>,
    /// Plain text.
    #[schema(max_length = 300, example = "Microneedling for large pores")]
    pub title: String,
    /// Plain text.
    #[schema(max_length = 300)]
    pub subtitle: Option<String>,
    /// Plain text.
    #[schema(max_length = 2000)]
    pub summary: Option<String>,
    /// When the article counts as published: the date its editors gave, else of its first publication.
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-24T00:00:00Z")]
    pub published_at: Instant,
    /// When this publication was made.
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-25T09:30:00Z")]
    pub updated_at: Instant,
    /// The number of this publication: 1 for the first.
    #[schema(minimum = 1, maximum = 2147483647, example = 3)]
    pub version: i32,
    /// In the order of the byline.
    #[schema(max_items = 50)]
    pub authors: Vec<ArticleAuthor>,
    /// That experts reviewed what it says; null when none did.
    pub reviewed: Option<Reviewed>,
    /// In the editors' order.
    #[schema(max_items = 50)]
    pub tags: Vec<Tag>,
    /// Words of all sections, headings included.
    #[schema(minimum = 0, maximum = 2147483647, example = 912)]
    pub word_count: i32,
    /// At 230 words a minute, at least 1.
    #[schema(minimum = 1, maximum = 2147483647, example = 4)]
    pub reading_minutes: i32,
    pub evidence: Evidence,
    /// What the article claims, with the studies that speak for it and against it.
    #[schema(max_items = 200)]
    pub claims: Vec<PublishedClaim>,
    /// All sections in their order; null unless included.
    #[schema(value_type = Option<Vec<PublishedSection>>, max_items = 1000)]
    pub sections: Option<Box<RawValue>>,
    /// All citations by their numbers; null unless included.
    #[schema(value_type = Option<Vec<PublishedCitation>>, max_items = 5000)]
    pub citations: Option<Box<RawValue>>,
    pub comments: Discussion,
    pub links: ArticleLinks,
}

/// An author of an article.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticleAuthor {
    #[schema(max_length = 200, example = "Ada Example")]
    pub name: String,
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "ada-example")]
    pub slug: String,
    #[schema(max_length = 200, example = "MD")]
    pub credentials: Option<String>,
    /// The author's ORCID iD, with hyphens.
    #[schema(
        max_length = 19,
        pattern = r"^[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]$",
        example = "0000-0002-1825-0097"
    )]
    pub orcid: Option<String>,
    /// How many published articles have this author; null unless `authors` is included.
    #[schema(minimum = 0, maximum = 9007199254740991i64, example = 12)]
    pub published_articles: Option<i64>,
}

/// What readers say about an article.
#[derive(Debug, Serialize, ToSchema)]
pub struct Discussion {
    pub policy: CommentPolicy,
    /// How many comments are approved.
    #[schema(minimum = 0, maximum = 9007199254740991i64, example = 12)]
    pub count: i64,
    /// Where all of them are.
    #[schema(
        max_length = 200,
        format = "uri-reference",
        example = "/v1/articles/microneedling-for-large-pores/comments"
    )]
    pub href: String,
    /// The first 20 threads of approved comments, the oldest first, replies within what they reply to; null unless
    /// included.
    #[schema(max_items = 20)]
    pub data: Option<Vec<Comment>>,
    /// The address of the threads after these; null when there are none, or unless included.
    #[schema(
        max_length = 2000,
        format = "uri-reference",
        example = "/v1/articles/microneedling-for-large-pores/comments?cursor=Zm9v"
    )]
    pub next: Option<String>,
}

impl Discussion {
    fn of(publication: &Publication, href: &str, around: &mut Around, selection: &Selection) -> Self {
        let threads = around.threads.remove(&publication.id);
        let next = threads.as_ref().and_then(|page| page.next.as_ref());
        Self {
            policy: publication.comment_policy,
            count: around.comments.get(&publication.id).copied().unwrap_or_default(),
            href: href.to_owned(),
            next: next.map(|cursor| format!("{href}?cursor={}", cursor.encode())),
            data: selection.wants(Include::Comments).then(|| threads.map(|page| page.items).unwrap_or_default()),
        }
    }
}

/// Where the parts of an article are.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticleLinks {
    #[serde(rename = "self")]
    #[schema(max_length = 200, format = "uri-reference", example = "/v1/articles/microneedling-for-large-pores")]
    pub self_: String,
    #[schema(
        max_length = 200,
        format = "uri-reference",
        example = "/v1/articles/microneedling-for-large-pores/sections"
    )]
    pub sections: String,
    #[schema(
        max_length = 200,
        format = "uri-reference",
        example = "/v1/articles/microneedling-for-large-pores/citations"
    )]
    pub citations: String,
    #[schema(
        max_length = 200,
        format = "uri-reference",
        example = "/v1/articles/microneedling-for-large-pores/bibliography"
    )]
    pub bibliography: String,
    #[schema(
        max_length = 200,
        format = "uri-reference",
        example = "/v1/articles/microneedling-for-large-pores/evidence"
    )]
    pub evidence: String,
    #[schema(
        max_length = 200,
        format = "uri-reference",
        example = "/v1/articles/microneedling-for-large-pores/comments"
    )]
    pub comments: String,
    #[schema(
        max_length = 200,
        format = "uri-reference",
        example = "/v1/articles/microneedling-for-large-pores/versions"
    )]
    pub versions: String,
}

impl ArticleLinks {
    fn of(slug: &str) -> Self {
        let itself = format!("/v1/articles/{slug}");
        Self {
            sections: format!("{itself}/sections"),
            citations: format!("{itself}/citations"),
            bibliography: format!("{itself}/bibliography"),
            evidence: format!("{itself}/evidence"),
            comments: format!("{itself}/comments"),
            versions: format!("{itself}/versions"),
            self_: itself,
        }
    }
}

impl Article {
    /// Puts the article together. The stored sections and citations are checked to be JSON and copied, not read.
    ///
    /// # Errors
    /// `internal` when what is stored is not what publishing writes.
    pub fn assemble(
        mut publication: Publication,
        head: Head,
        around: &mut Around,
        selection: &Selection,
    ) -> Result<Self, Problem> {
        let links = ArticleLinks::of(&head.slug);
        let sections = sections(&mut publication, selection.formats)?;
        let comments = Discussion::of(&publication, &links.comments, around, selection);
        let of_group = |all: &Groups| {
            let group = all.get(&publication.translation_group);
            group.map(|rows| others(rows, publication.id)).unwrap_or_default()
        };
        let translations = around.translations.as_ref().map(of_group);
        let counts = selection.wants(Include::Authors).then_some(&around.authors);
        let author = |byline: Byline| ArticleAuthor {
            published_articles: counts.map(|counts| counts.get(&byline.slug).copied().unwrap_or_default()),
            name: byline.name,
            slug: byline.slug,
            credentials: byline.credentials,
            orcid: byline.orcid,
        };
        Ok(Self {
            id: head.id,
            slug: head.slug,
            language: head.language,
            translation_group: publication.translation_group,
            translations,
            title: head.title,
            subtitle: head.subtitle,
            summary: head.summary,
            published_at: head.published_at,
            updated_at: head.updated_at,
            version: head.version,
            authors: head.authors.into_iter().map(author).collect(),
            reviewed: head.reviewed,
            tags: head.tags,
            word_count: head.word_count,
            reading_minutes: head.reading_minutes,
            evidence: head.evidence,
            claims: head.claims,
            sections: raw(publication.id, sections)?,
            citations: raw(publication.id, publication.citations)?,
            comments,
            links,
        })
    }
}

/// Puts articles together with all that the selection wants around them.
///
/// # Errors
/// As [`Article::assemble`].
pub fn assemble(
    conn: &mut Conn,
    publications: Vec<Publication>,
    selection: &Selection,
) -> Result<Vec<Article>, Problem> {
    let groups: Vec<GroupId> = publications.iter().map(|publication| publication.translation_group).collect();
    let wanted = selection.wants(Include::Translations);
    let translations = wanted.then(|| store::translations::groups(conn, &groups)).transpose()?;
    assemble_among(conn, publications, selection, translations)
}

/// The same, where the translations are known.
///
/// # Errors
/// As [`Article::assemble`].
pub fn assemble_among(
    conn: &mut Conn,
    publications: Vec<Publication>,
    selection: &Selection,
    translations: Option<Groups>,
) -> Result<Vec<Article>, Problem> {
    let ids: Vec<ArticleId> = publications.iter().map(|publication| publication.id).collect();
    let heads = publications.iter().map(head).collect::<Result<Vec<Head>, _>>()?;
    let authors: Vec<&str> = heads.iter().flat_map(|head| &head.authors).map(|author| author.slug.as_str()).collect();
    let mut around = Around { translations, ..store::around(conn, &ids, &authors, selection)? };
    let parts = publications.into_iter().zip(heads);
    parts.map(|(publication, head)| Article::assemble(publication, head, &mut around, selection)).collect()
}

/// A stored part of a publication, checked to be JSON.
///
/// # Errors
/// `internal` when it is none.
pub fn raw(id: ArticleId, text: Option<String>) -> Result<Option<Box<RawValue>>, Problem> {
    text.map(RawValue::from_string).transpose().map_err(|error| damaged(id, error))
}

/// What is stored of the article is not what publishing writes.
pub fn damaged(id: ArticleId, what: impl std::fmt::Display) -> Problem {
    Problem::internal(format!("the publication of article {id} cannot be read: {what}"))
}

impl Sparse for Article {
    const FIELDS: &'static [&'static str] = &[
        "id",
        "slug",
        "language",
        "translation_group",
        "translations",
        "translations.id",
        "translations.slug",
        "translations.language",
        "translations.title",
        "translations.href",
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
        "authors.published_articles",
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
        "comments",
        "comments.policy",
        "comments.count",
        "comments.href",
        "comments.data",
        "comments.data.id",
        "comments.data.parent_id",
        "comments.data.name",
        "comments.data.url",
        "comments.data.html",
        "comments.data.created_at",
        "comments.data.depth",
        "comments.data.replies",
        "comments.data.more_replies",
        "comments.next",
        "links",
        "links.self",
        "links.sections",
        "links.citations",
        "links.bibliography",
        "links.evidence",
        "links.comments",
        "links.versions",
    ];
}
