use actix_web::{HttpRequest, HttpResponse, get, web};
use deserr::Deserr;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::listed;
use crate::app::State;
use crate::db::Conn;
use crate::delivery::examples;
use crate::delivery::model::{AuthorFields, NameKey, NameSort, Orcids, SelectedAuthor, SlugBatch, SlugName, Slugs};
use crate::delivery::names::Author;
use crate::delivery::store::names::{NameFilters, authors as store};
use crate::error::Problem;
use crate::http::answer::Answer;
use crate::http::fault::Faults;
use crate::http::page::{Cursor, Limit, PageInfo, Window};
use crate::http::query::{Batch, Flag, Query};
use crate::http::select::Selected;
use crate::http::sort::Sort;
use crate::http::tag::Tag;

/// Which authors, in which order, and what of them.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Parameters {
    /// How many authors a page has at most; 20 unless given.
    #[deserr(default)]
    #[param(value_type = i32, required = false, minimum = 1, maximum = 100, example = 20)]
    limit: Option<Limit>,
    /// From `next` or `prev` of a page of the same list.
    #[deserr(default)]
    #[param(value_type = String, required = false, max_length = 4000, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<Cursor>,
    /// Whether to count all authors that the filters leave.
    #[deserr(default)]
    #[param(value_type = bool, required = false, example = true)]
    count: Option<Flag>,
    /// Up to three keys, the first counts first. `name` unless given.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["-published_articles", "name"]))]
    sort: Option<NameSort>,
    /// These authors, named by their slugs, in this order and on one page. It goes with filters, and not with `sort`,
    /// `limit` and `cursor`. `missing` names those that are not among what the filters leave.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["ada-example"]))]
    ids: Option<SlugBatch>,
    /// Has one of these slugs.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["ada-example"]))]
    slug: Slugs,
    /// Has one of these ORCID iDs.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["0000-0002-1825-0097"]))]
    orcid: Orcids,
    /// The members to give, all others are left out.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["name", "published_articles"]))]
    fields: Option<AuthorFields>,
}

/// A page of authors.
#[derive(Debug, Serialize, ToSchema)]
struct AuthorList {
    #[schema(max_items = 100)]
    data: Vec<SelectedAuthor>,
    /// With `ids`: the slugs under which nobody was found, in the order asked; null otherwise.
    #[schema(max_items = 100, value_type = Option<Vec<SlugOfAuthor>>)]
    missing: Option<Vec<String>>,
    page: PageInfo,
}

/// The slug of an author.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "nobody")]
struct SlugOfAuthor(#[expect(dead_code, reason = "only its schema is used")] String);

/// List the authors of published articles
///
/// Everybody who is named as an author of a published article. Filters of different names all have to hold; of values joined
/// by commas any may; `not.` before the name of a filter leaves out what has any of the values.
#[utoipa::path(
    operation_id = "authors_list",
    tag = "authors",
    params(Parameters),
    responses((status = 200, description = "The page.", body = AuthorList, example = json!(examples::author_list()))),
)]
#[get("/v1/authors")]
pub(super) async fn authors_list(
    request: HttpRequest,
    state: State,
    Query(asked): Query<Parameters>,
) -> Result<HttpResponse, Problem> {
    let usual = Sort::up(NameKey::Name);
    let window = Window::or_named(asked.ids.as_ref(), asked.limit, asked.sort, usual, asked.cursor)?;
    let limit = window.limit;
    let filters = NameFilters { slugs: asked.slug, orcids: asked.orcid };
    let (ids, counted) = (asked.ids.map(|Batch(ids)| ids), asked.count.unwrap_or_default().0);
    let fields = asked.fields.map(|fields| fields.0);
    let read = state.db.read(move |conn| {
        let list = |conn: &mut Conn| store::list(conn, &filters, &window);
        let batch = |conn: &mut Conn, names: &[SlugName]| store::batch(conn, &filters, names);
        let (page, missing) = listed(conn, ids.as_deref(), list, batch)?;
        let page = page.try_map(|row| Selected::of(Author::from(row), fields.as_ref()))?;
        let total = counted.then(|| store::count(conn, &filters)).transpose()?;
        Ok((page, total, missing))
    });
    let (page, total, missing) = read.await?;
    let info = page.info(&request, limit, total);
    let list = AuthorList { data: page.items, missing, page: info };
    Ok(Answer::page(state.public(), &list, &list.page)?.tags([Tag::all("articles")]).to(&request))
}

/// The author that an address is about.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OneAuthor {
    /// The author's slug.
    #[param(max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "ada-example")]
    slug: String,
}

/// What of the author.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Parts {
    /// The members to give, all others are left out.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["name", "published_articles"]))]
    fields: Option<AuthorFields>,
}

/// Get an author of published articles
///
/// By their slug. Somebody who is named as an author of no published article is not found.
#[utoipa::path(
    operation_id = "authors_get",
    tag = "authors",
    params(OneAuthor, Parts),
    responses((status = 200, description = "The author.", body = SelectedAuthor, example = json!(examples::author()))),
)]
#[get("/v1/authors/{slug}")]
pub(super) async fn authors_get(
    request: HttpRequest,
    state: State,
    path: web::Path<OneAuthor>,
    Query(asked): Query<Parts>,
) -> Result<HttpResponse, Problem> {
    let row = state.db.read(move |conn| Ok(store::find(conn, &path.slug)?)).await?;
    let author = Author::from(row.ok_or_else(|| Problem::not_found("author"))?);
    let fields = asked.fields.map(|fields| fields.0);
    Ok(Answer::json(state.public(), &Selected::of(author, fields.as_ref())?)?.tags([Tag::all("articles")]).to(&request))
}
