use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::parts::{OnePage, Part, get_part, list_part};
use super::{Moved, OneArticle};
use crate::app::State;
use crate::delivery::examples;
use crate::delivery::printing::Wanted;
use crate::delivery::store::Columns;
use crate::error::Problem;
use crate::http::page::PageInfo;
use crate::http::query::{NoParameters, Query};
use crate::ids::ArticleRef;
use crate::publishing::document::PublishedSection;

const SECTIONS: Part =
    Part { columns: Columns::SECTIONS, order: "position", text: |publication| publication.sections.as_deref() };

/// A page of the sections of an article.
#[derive(Debug, Serialize, ToSchema)]
struct SectionList {
    /// As they were published.
    #[schema(value_type = Vec<PublishedSection>, max_items = 100)]
    data: Vec<Box<RawValue>>,
    page: PageInfo,
}

/// List the sections of a published article
///
/// In their order. The article with `include=sections` has all of them at once.
#[utoipa::path(
    operation_id = "sections_list",
    tag = "articles",
    params(OneArticle, OnePage),
    responses(
        (status = 200, description = "The page.", body = SectionList, example = json!(examples::section_list())),
        Moved,
    ),
)]
#[get("/v1/articles/{article}/sections")]
pub(super) async fn sections_list(
    request: HttpRequest,
    state: State,
    path: web::Path<OneArticle>,
    Query(asked): Query<OnePage>,
) -> Result<HttpResponse, Problem> {
    let list = |data, page: &PageInfo| SectionList { data, page: page.clone() };
    list_part(&state, &request, path.into_inner().article, SECTIONS, asked, Wanted::default(), list).await
}

/// The section that an address is about.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OneSection {
    /// The article's slug or its id. An old slug is answered with 301 to the present one.
    #[param(
        value_type = String,
        max_length = 120,
        pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$",
        example = "microneedling-for-large-pores"
    )]
    article: ArticleRef,
    /// The section's anchor.
    #[param(max_length = 80, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "what-the-studies-found")]
    anchor: String,
}

/// What names a section.
#[derive(Deserialize)]
struct Anchor {
    anchor: String,
}

/// Get a section of a published article
///
/// By its anchor.
#[utoipa::path(
    operation_id = "sections_get",
    tag = "articles",
    params(OneSection),
    responses(
        (status = 200, description = "The section.", body = PublishedSection, example = json!(examples::section())),
        Moved,
    ),
)]
#[get("/v1/articles/{article}/sections/{anchor}")]
pub(super) async fn sections_get(
    request: HttpRequest,
    state: State,
    path: web::Path<OneSection>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let OneSection { article, anchor } = path.into_inner();
    let is = move |section: Anchor| section.anchor == anchor;
    get_part(&state, &request, article, SECTIONS, Wanted::default(), is, "section").await
}
