use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::parts::{OnePage, Part, get_part, list_part};
use super::{Moved, OneArticle};
use crate::app::State;
use crate::delivery::examples;
use crate::delivery::store::Columns;
use crate::error::Problem;
use crate::http::page::PageInfo;
use crate::http::query::{NoParameters, Query};
use crate::ids::ArticleRef;
use crate::publishing::document::PublishedCitation;

const CITATIONS: Part =
    Part { columns: Columns::CITATIONS, order: "number", text: |publication| publication.citations.as_deref() };

/// A page of the citations of an article.
#[derive(Debug, Serialize, ToSchema)]
struct CitationList {
    /// As they were published.
    #[schema(value_type = Vec<PublishedCitation>, max_items = 100)]
    data: Vec<Box<RawValue>>,
    page: PageInfo,
}

/// List the citations of a published article
///
/// By their numbers. The article with `include=citations` has all of them at once.
#[utoipa::path(
    operation_id = "citations_list",
    tag = "articles",
    params(OneArticle, OnePage),
    responses(
        (status = 200, description = "The page.", body = CitationList, example = json!(examples::citation_list())),
        Moved,
    ),
)]
#[get("/v1/articles/{article}/citations")]
pub(super) async fn citations_list(
    request: HttpRequest,
    state: State,
    path: web::Path<OneArticle>,
    Query(asked): Query<OnePage>,
) -> Result<HttpResponse, Problem> {
    let list = |data, page: &PageInfo| CitationList { data, page: page.clone() };
    list_part(&state, &request, path.into_inner().article, CITATIONS, asked, list).await
}

/// The citation that an address is about.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OneCitation {
    /// The article's slug or its id. An old slug is answered with 301 to the present one.
    #[param(
        value_type = String,
        max_length = 120,
        pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$",
        example = "microneedling-for-large-pores"
    )]
    article: ArticleRef,
    /// The citation's number in the article.
    #[param(value_type = i32, minimum = 1, maximum = 5000, example = 1)]
    number: String,
}

/// What names a citation.
#[derive(Deserialize)]
struct Number {
    number: u32,
}

/// Get a citation of a published article
///
/// By its number in the article. Numbers can change with each publication; the study's key does not.
#[utoipa::path(
    operation_id = "citations_get",
    tag = "articles",
    params(OneCitation),
    responses(
        (status = 200, description = "The citation.", body = PublishedCitation, example = json!(examples::citation())),
        Moved,
    ),
)]
#[get("/v1/articles/{article}/citations/{number}")]
pub(super) async fn citations_get(
    request: HttpRequest,
    state: State,
    path: web::Path<OneCitation>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    // Compared as it is written, so that a citation has one address: no `01`, no `+1`.
    let OneCitation { article, number } = path.into_inner();
    let is = move |citation: Number| citation.number.to_string() == number;
    get_part(&state, &request, article, CITATIONS, is, "citation").await
}
