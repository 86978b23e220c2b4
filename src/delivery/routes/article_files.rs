//! A published article under an address that names its format. Such an address is of one article in one language: a
//! translation is given there when it is asked for, and never because of a header.

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::articles_get::{Parameters, article, written};
use super::languages::InLanguage;
use super::{Moved, OneArticle};
use crate::app::State;
use crate::delivery::examples;
use crate::delivery::formats::{Format, LinkedArticle, WrittenArticle};
use crate::delivery::model::SelectedArticle;
use crate::error::Problem;
use crate::http::query::Query;

/// Get a published article as JSON, for links
///
/// The same as without `.json`, whatever `Accept` and `Accept-Language` say.
#[utoipa::path(
    operation_id = "articles_json",
    tag = "articles",
    params(OneArticle, Parameters),
    responses(
        (status = 200, description = "The article.", body = SelectedArticle, example = json!(examples::article())),
        Moved,
    ),
    extensions(("x-problems" = json!(["language_not_published"]))),
)]
#[get("/v1/articles/{article}.json")]
pub(super) async fn articles_json(
    request: HttpRequest,
    state: State,
    path: web::Path<OneArticle>,
    Query(asked): Query<Parameters>,
) -> Result<HttpResponse, Problem> {
    article(&state, &request, path.into_inner().article, asked.unless_asked(), |answer| answer).await
}

/// Get a published article as linked data
///
/// JSON-LD in the words of schema.org: a `MedicalWebPage` whose `mainEntity` is the article, with the studies that it cites
/// and what has become of them (`creativeWorkStatus`), and the first 20 threads of comments.
#[utoipa::path(
    operation_id = "articles_json_ld",
    tag = "articles",
    params(OneArticle, InLanguage),
    responses(
        (status = 200, description = "The article.", content(
            (LinkedArticle = "application/ld+json", example = json!(examples::linked_article())),
        )),
        Moved,
    ),
    extensions(("x-problems" = json!(["language_not_published"]))),
)]
#[get("/v1/articles/{article}.jsonld")]
pub(super) async fn articles_json_ld(
    request: HttpRequest,
    state: State,
    path: web::Path<OneArticle>,
    Query(asked): Query<InLanguage>,
) -> Result<HttpResponse, Problem> {
    written(&state, &request, path.into_inner().article, asked.language(), Format::JsonLd, |answer| answer).await
}

/// Get a published article as Markdown
///
/// For readers, people and programs: front matter in YAML, the text with its citations as they are printed (`[1]`), and the
/// list of references. Links are absolute.
#[utoipa::path(
    operation_id = "articles_markdown",
    tag = "articles",
    params(OneArticle, InLanguage),
    responses(
        (status = 200, description = "The article.", content(
            (WrittenArticle = "text/markdown", example = json!(examples::markdown_article())),
        )),
        Moved,
    ),
    extensions(("x-problems" = json!(["language_not_published"]))),
)]
#[get("/v1/articles/{article}.md")]
pub(super) async fn articles_markdown(
    request: HttpRequest,
    state: State,
    path: web::Path<OneArticle>,
    Query(asked): Query<InLanguage>,
) -> Result<HttpResponse, Problem> {
    written(&state, &request, path.into_inner().article, asked.language(), Format::Markdown, |answer| answer).await
}

/// Get a published article as a page
///
/// A whole document in HTML to be read as it is: it runs nothing and loads nothing but the images that editors put in the
/// text. Its references lead back to the places that cite them, and it has its linked data in it.
#[utoipa::path(
    operation_id = "articles_html",
    tag = "articles",
    params(OneArticle, InLanguage),
    responses(
        (status = 200, description = "The article.", content(
            (WrittenArticle = "text/html", example = json!(examples::html_article())),
        )),
        Moved,
    ),
    extensions(("x-problems" = json!(["language_not_published"]))),
)]
#[get("/v1/articles/{article}.html")]
pub(super) async fn articles_html(
    request: HttpRequest,
    state: State,
    path: web::Path<OneArticle>,
    Query(asked): Query<InLanguage>,
) -> Result<HttpResponse, Problem> {
    written(&state, &request, path.into_inner().article, asked.language(), Format::Html, |answer| answer).await
}

/// Get a published article as JATS
///
/// XML for archives and publishers, valid against the Archiving and Interchange DTD of JATS 1.3. Each reference is there in its
/// parts and as it is printed.
#[utoipa::path(
    operation_id = "articles_jats",
    tag = "articles",
    params(OneArticle, InLanguage),
    responses(
        (status = 200, description = "The article.", content(
            (WrittenArticle = "application/jats+xml", example = json!(examples::jats_article())),
        )),
        Moved,
    ),
    extensions(("x-problems" = json!(["language_not_published"]))),
)]
#[get("/v1/articles/{article}.xml")]
pub(super) async fn articles_jats(
    request: HttpRequest,
    state: State,
    path: web::Path<OneArticle>,
    Query(asked): Query<InLanguage>,
) -> Result<HttpResponse, Problem> {
    written(&state, &request, path.into_inner().article, asked.language(), Format::Jats, |answer| answer).await
}
