//! `/v1/manage/redirects`: where paths of the site lead that are there no longer.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use deserr::Deserr;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::db::Conn;
use crate::editorial::model::ArticleName;
use crate::error::Problem;
use crate::http::answer::{Answer, Caching, no_content};
use crate::http::body::{Body, MergePatch};
use crate::http::etag::IfMatch;
use crate::http::fault::Faults;
use crate::http::page::{Cursor, Limit, Window};
use crate::http::query::{AnyOf, Flag, NoParameters, Query};
use crate::http::sort::Sort;
use crate::ids::{RedirectId, path_parameter};
use crate::publishing::examples;
use crate::publishing::redirects::model::{
    NewRedirect, RedirectKey, RedirectPatch, RedirectStatus, RedirectView, Redirects, SitePath,
};
use crate::publishing::redirects::store::{self, Filter, Redirect};

/// In which order redirects come.
type RedirectSort = Sort<RedirectKey>;

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query, style = Form)]
pub struct ListParameters {
    /// How many redirects a page has.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100, default = 20)]
    #[deserr(default)]
    limit: Option<Limit>,
    /// From `next` or `prev` of a page.
    #[param(value_type = Option<String>, max_length = 4000, pattern = "^[A-Za-z0-9_-]+$")]
    #[deserr(default)]
    cursor: Option<Cursor>,
    /// The order; a hyphen turns it round. `path` unless given.
    #[param(inline, required = false, explode = false)]
    #[deserr(default)]
    sort: Option<RedirectSort>,
    /// Whether to count all redirects.
    #[param(value_type = Option<bool>, default = false)]
    #[deserr(default)]
    count: Option<Flag>,
    /// Only the redirect of this path, however it is written.
    #[param(inline, value_type = Option<SitePath>)]
    #[deserr(default)]
    path: Option<SitePath>,
    /// Only redirects with one of these statuses.
    #[param(inline, value_type = Option<Vec<RedirectStatus>>, explode = false, min_items = 1, max_items = 50)]
    #[deserr(default)]
    status: Option<AnyOf<RedirectStatus>>,
    /// Only redirects that lead to this article, by its slug or its id.
    #[param(inline, value_type = Option<ArticleName>)]
    #[deserr(default)]
    article: Option<ArticleName>,
}

/// What editors see of a redirect, with its version as the ETag.
fn answer(request: &HttpRequest, view: RedirectView, made: bool) -> Result<HttpResponse, Problem> {
    let answer = Answer::json(Caching::Private, &view)?.version(view.version);
    let answer = if made { answer.created(format!("/v1/manage/redirects/{}", view.id)) } else { answer };
    Ok(answer.to(request))
}

fn viewed(conn: &mut Conn, row: Redirect) -> Result<RedirectView, Problem> {
    store::views(conn, vec![row])?.pop().ok_or_else(|| Problem::not_found("redirect"))
}

/// List the redirects
///
/// Those that editors made. Old slugs of articles lead to the present ones without being listed here.
#[utoipa::path(
    operation_id = "manage_redirects_list",
    tag = "redirects",
    params(ListParameters),
    responses((status = 200, description = "One page of redirects.", body = Redirects, example = json!(examples::redirects()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/redirects")]
pub async fn list(
    _: Permitted<op::RedirectsList>,
    request: HttpRequest,
    state: State,
    query: Query<ListParameters>,
) -> Result<HttpResponse, Problem> {
    let query = query.0;
    let window = Window::new(query.limit, query.sort.unwrap_or(Sort::up(RedirectKey::Path)), query.cursor)?;
    let (counted, limit) = (query.count.unwrap_or_default().0, window.limit);
    let (path, article) = (query.path.map(SitePath::into_string), query.article);
    let statuses = query.status.map(|any| any.0.into_iter().map(|status| status.0).collect());
    let read = move |conn: &mut Conn| {
        let filter = Filter {
            path,
            statuses,
            articles: article.map(|name| store::article_of(conn, &name)).transpose()?.map(Vec::from_iter),
        };
        let page = store::list(conn, &filter, &window)?;
        let total = if counted { Some(store::count(conn, &filter)?) } else { None };
        let (next, prev) = (page.next, page.prev);
        Ok((crate::http::page::Page { items: store::views(conn, page.items)?, next, prev }, total))
    };
    let (page, total) = state.db.read(read).await?;
    let info = page.info(&request, limit, total);
    let answer = Redirects { data: page.items, page: info };
    Ok(Answer::page(Caching::Private, &answer, &answer.page)?.to(&request))
}

/// Make a redirect
///
/// `GET /v1/redirects/resolve` tells frontends of it from then on. A path that leads to another one that leads on is answered
/// with where that ends, so readers are led once; what would lead in a circle is refused.
#[utoipa::path(
    operation_id = "manage_redirects_create",
    tag = "redirects",
    request_body(content = NewRedirect, description = "The redirect.", example = json!({
        "path": "/2019/05/microneedling",
        "article": "microneedling-for-large-pores",
        "note": "From the old site"
    })),
    responses((status = 201, description = "The redirect.", body = RedirectView, example = json!(examples::redirect()))),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["redirect_taken"]))),
)]
#[post("/v1/manage/redirects")]
pub async fn create(
    who: Permitted<op::RedirectsCreate>,
    request: HttpRequest,
    state: State,
    _: Query<NoParameters>,
    body: Body<NewRedirect>,
) -> Result<HttpResponse, Problem> {
    let (new, now) = (body.0, state.clock.now());
    let write = move |conn: &mut Conn| {
        let row = store::create(conn, new, &who.editor, now)?;
        viewed(conn, row)
    };
    answer(&request, state.db.write(write).await?, true)
}

/// How an address names a redirect.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct RedirectPath {
    redirect: String,
}

impl IntoParams for RedirectPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let example = "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e80";
        vec![path_parameter("redirect", "The redirect's id.", "^[A-Za-z0-9-]+$", 36, example)]
    }
}

impl RedirectPath {
    fn read(&self) -> Result<RedirectId, Problem> {
        RedirectId::parse(&self.redirect).ok_or_else(|| Problem::not_found("redirect"))
    }
}

/// Read a redirect
///
/// As editors made it; where readers end up `GET /v1/redirects/resolve` tells.
#[utoipa::path(
    operation_id = "manage_redirects_get",
    tag = "redirects",
    params(RedirectPath),
    responses((status = 200, description = "The redirect.", body = RedirectView, example = json!(examples::redirect()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/redirects/{redirect}")]
pub async fn get(
    _: Permitted<op::RedirectsGet>,
    request: HttpRequest,
    state: State,
    path: web::Path<RedirectPath>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let id = path.read()?;
    let read = move |conn: &mut Conn| {
        let row = store::one(conn, id)?;
        viewed(conn, row)
    };
    answer(&request, state.db.read(read).await?, false)
}

/// Change a redirect
///
/// A JSON Merge Patch (RFC 7396). To lead to an article instead of a location, say `"location": null` with it.
#[utoipa::path(
    operation_id = "manage_redirects_patch",
    tag = "redirects",
    params(RedirectPath, IfMatch),
    request_body(content(
        (RedirectPatch = "application/merge-patch+json", example = json!({"status": 410, "article": null})),
        (RedirectPatch = "application/json", example = json!({"note": "From the old site"})),
    ), description = "What changes."),
    responses((status = 200, description = "The redirect. The ETag is its new version.", body = RedirectView, example = json!(examples::redirect()))),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["redirect_taken"]))),
)]
#[patch("/v1/manage/redirects/{redirect}")]
pub async fn patch(
    who: Permitted<op::RedirectsPatch>,
    request: HttpRequest,
    state: State,
    path: web::Path<RedirectPath>,
    if_match: IfMatch,
    _: Query<NoParameters>,
    body: MergePatch<RedirectPatch>,
) -> Result<HttpResponse, Problem> {
    let (id, now, patch) = (path.read()?, state.clock.now(), body.0);
    let write = move |conn: &mut Conn| {
        let row = store::change(conn, id, patch, &who.editor, &if_match, now)?;
        viewed(conn, row)
    };
    answer(&request, state.db.write(write).await?, false)
}

/// Delete a redirect
///
/// The path leads nowhere from then on, unless it has an old slug in it.
#[utoipa::path(
    operation_id = "manage_redirects_delete",
    tag = "redirects",
    params(RedirectPath, IfMatch),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = [])),
)]
#[delete("/v1/manage/redirects/{redirect}")]
pub async fn delete(
    who: Permitted<op::RedirectsDelete>,
    state: State,
    path: web::Path<RedirectPath>,
    if_match: IfMatch,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (id, now) = (path.read()?, state.clock.now());
    let write = move |conn: &mut Conn| store::remove(conn, id, &who.editor, &if_match, now);
    state.db.write(write).await?;
    Ok(no_content())
}
