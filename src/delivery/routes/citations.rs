use actix_web::{HttpRequest, HttpResponse, get, web};
use deserr::Deserr;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::parts::{OnePage, Part, get_part, list_part};
use super::{InStyle, Moved, OneArticle};
use crate::app::State;
use crate::delivery::examples;
use crate::delivery::printing::{LocaleTag, Wanted};
use crate::delivery::store::Columns;
use crate::error::Problem;
use crate::http::fault::Faults;
use crate::http::page::{Cursor, Limit, PageInfo};
use crate::http::query::{Flag, Query};
use crate::ids::ArticleRef;
use crate::library::styles::StyleName;
use crate::publishing::document::PublishedCitation;

const CITATIONS: Part =
    Part { columns: Columns::CITATIONS, order: "number", text: |publication| publication.citations.as_deref() };

/// Which page, and how its references are printed.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Parameters {
    /// How many items a page has at most; 20 unless given.
    #[deserr(default)]
    #[param(value_type = i32, required = false, minimum = 1, maximum = 100, example = 20)]
    limit: Option<Limit>,
    /// From `next` or `prev` of a page of the same list.
    #[deserr(default)]
    #[param(value_type = String, required = false, max_length = 4000, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<Cursor>,
    /// Whether to count all items.
    #[deserr(default)]
    #[param(value_type = bool, required = false, example = true)]
    count: Option<Flag>,
    /// The citation style, bundled or uploaded; the one that the article was published in unless given.
    #[deserr(default)]
    #[param(inline, required = false, example = "apa")]
    style: Option<StyleName>,
    /// The language of the words and dates in the references; the article's unless given.
    #[deserr(default)]
    #[param(inline, required = false, example = "de-DE")]
    locale: Option<LocaleTag>,
}

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
/// By their numbers. The article with `include=citations` has all of them at once. With `style` or `locale` the references
/// are printed anew for this answer.
#[utoipa::path(
    operation_id = "citations_list",
    tag = "articles",
    params(OneArticle, Parameters),
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
    Query(asked): Query<Parameters>,
) -> Result<HttpResponse, Problem> {
    let list = |data, page: &PageInfo| CitationList { data, page: page.clone() };
    let Parameters { limit, cursor, count, style, locale } = asked;
    let (page, wanted) = (OnePage { limit, cursor, count }, Wanted { style, locale });
    list_part(&state, &request, path.into_inner().article, CITATIONS, page, wanted, list).await
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
    params(OneCitation, InStyle),
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
    Query(asked): Query<InStyle>,
) -> Result<HttpResponse, Problem> {
    // Compared as it is written, so that a citation has one address: no `01`, no `+1`.
    let OneCitation { article, number } = path.into_inner();
    let is = move |citation: Number| citation.number.to_string() == number;
    get_part(&state, &request, article, CITATIONS, asked.into(), is, "citation").await
}
