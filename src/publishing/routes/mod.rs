//! The management door's operations that decide what the public reads.

use actix_web::{HttpRequest, HttpResponse, post, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::check::ArticleFinding;
use super::examples;
use super::publish::{self, Policy, Published};
use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::db::day::Day;
use crate::db::types::Instant;
use crate::editorial::model::State as ArticleState;
use crate::error::Problem;
use crate::http::answer::{Answer, Caching};
use crate::http::etag::IfMatch;
use crate::http::operations::Operations;
use crate::http::query::{NoParameters, Query};
use crate::ids::{ArticleId, ArticleRef};

pub mod check;
mod redirects;

pub fn routes(config: &mut Operations<'_>) {
    config
        .service(publish_article)
        .service(unpublish_article)
        .service(check::check_article)
        .service(check::acknowledge)
        .service(check::take_back)
        .service(redirects::list)
        .service(redirects::create)
        .service(redirects::get)
        .service(redirects::patch)
        .service(redirects::delete);
}

/// What the public reads of an article from now on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicationSummary {
    pub id: ArticleId,
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "microneedling-for-large-pores")]
    pub slug: String,
    pub state: ArticleState,
    /// The number of the publication: 1 for the first.
    #[schema(minimum = 1, maximum = 2147483647, example = 1)]
    pub version: i32,
    /// The version of the working copy that it was made of.
    #[schema(minimum = 1, maximum = 2147483647, example = 4)]
    pub published_version: Option<i32>,
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-24T00:00:00Z")]
    pub published_at: Instant,
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-25T09:30:00Z")]
    pub updated_at: Instant,
    /// Where the public reads it.
    #[schema(max_length = 200, format = "uri-reference", example = "/v1/articles/microneedling-for-large-pores")]
    pub href: String,
    /// How many studies it cites.
    #[schema(value_type = i32, minimum = 0, maximum = 5000, example = 5)]
    pub citations: usize,
    /// What did not stop the publication, but should be looked at: a study whose record lacks something (`incomplete_study`),
    /// a review that should have been made again by now (`review_overdue`).
    #[schema(max_items = 5001)]
    pub warnings: Vec<PublicationWarning>,
    /// What the evidence check finds in it: warnings, information, and what was acknowledged. Of more than 5,000 the first.
    #[schema(max_items = 5000)]
    pub findings: Vec<ArticleFinding>,
}

/// Something that readers could take amiss.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicationWarning {
    /// Stable.
    #[schema(max_length = 60, pattern = "^[a-z][a-z0-9_]*$", example = "incomplete_study")]
    pub code: String,
    #[schema(
        max_length = 1000,
        pattern = "^.*$",
        example = "Reference 2 (dermsurg) lacks: title, author, issued, identifier."
    )]
    pub detail: String,
}

/// The most findings that one answer tells.
const MOST_FINDINGS: usize = 5_000;

impl PublicationSummary {
    fn new(published: Published, today: Day) -> Self {
        let warnings = published.citations.iter().filter(|citation| !citation.study.completeness.complete);
        let warnings = warnings.map(|citation| PublicationWarning {
            code: "incomplete_study".to_owned(),
            detail: format!(
                "Reference {} ({}) lacks: {}.",
                citation.number,
                citation.key,
                citation.study.completeness.missing.join(", ")
            ),
        });
        let overdue = published.row.review_due.filter(|due| *due < today).map(|due| PublicationWarning {
            code: "review_overdue".to_owned(),
            detail: format!("The next review was due by {due}."),
        });
        Self {
            state: published.article.state(),
            id: published.article.id,
            version: published.row.number,
            published_version: published.article.published_version,
            published_at: published.row.published_at,
            updated_at: published.row.updated_at,
            href: format!("/v1/articles/{}", published.row.slug),
            slug: published.row.slug,
            citations: published.citations.len(),
            warnings: warnings.chain(overdue).collect(),
            findings: published.findings.into_iter().take(MOST_FINDINGS).collect(),
        }
    }
}

/// Publish an article
///
/// What the working copy is at this version becomes what the public reads: numbered, rendered and frozen in one
/// transaction. The evidence check runs first: errors that nobody acknowledged stop it. Publishing a version that is published
/// already changes nothing.
#[utoipa::path(
    operation_id = "manage_articles_publish",
    tag = "working copies",
    params(ArticleRef, IfMatch),
    responses((status = 200, description = "The publication.", body = PublicationSummary, example = json!(examples::publication()))),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["dangling_marker", "check_failed", "nothing_to_publish", "unknown_style", "slug_taken", "language_taken"]))),
)]
#[post("/v1/manage/articles/{article}/publish")]
pub async fn publish_article(
    who: Permitted<op::ArticlesPublish>,
    request: HttpRequest,
    state: State,
    article: web::Path<ArticleRef>,
    if_match: IfMatch,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (article, now, today) = (article.into_inner(), state.clock.now(), state.clock.today());
    let policy = Policy::of(&state);
    let write =
        move |conn: &mut crate::db::Conn| publish::publish(conn, &article, &who.editor, &if_match, &policy, now);
    let published = state.db.write(write).await?;
    let version = published.article.version;
    let summary = PublicationSummary::new(published, today);
    Ok(Answer::json(Caching::Private, &summary)?.version(version).to(&request))
}

/// What an unpublished article is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Unpublished {
    pub id: ArticleId,
    pub state: ArticleState,
}

/// Unpublish an article
///
/// The public reads it no longer; the working copy stays as it is.
#[utoipa::path(
    operation_id = "manage_articles_unpublish",
    tag = "working copies",
    params(ArticleRef, IfMatch),
    responses((status = 200, description = "It is no longer published.", body = Unpublished, example = json!(examples::unpublished()))),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["not_published"]))),
)]
#[post("/v1/manage/articles/{article}/unpublish")]
pub async fn unpublish_article(
    who: Permitted<op::ArticlesUnpublish>,
    request: HttpRequest,
    state: State,
    article: web::Path<ArticleRef>,
    if_match: IfMatch,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (article, now) = (article.into_inner(), state.clock.now());
    let write = move |conn: &mut crate::db::Conn| publish::unpublish(conn, &article, &who.editor, &if_match, now);
    let article = state.db.write(write).await?;
    let answer = Unpublished { id: article.id, state: article.state() };
    Ok(Answer::json(Caching::Private, &answer)?.version(article.version).to(&request))
}
