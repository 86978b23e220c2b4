//! `/v1/manage/trash`: deleted articles.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use deserr::Deserr;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::working_copy;
use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::db::Conn;
use crate::editorial::examples;
use crate::editorial::store::{self as editorial, Scope};
use crate::editorial::trash::store::{self, TrashKey};
use crate::editorial::trash::view::{Trash, TrashedArticle};
use crate::editorial::view::WorkingCopy;
use crate::error::Problem;
use crate::http::answer::{Answer, Caching, no_content};
use crate::http::fault::Faults;
use crate::http::page::{Cursor, Limit, Window};
use crate::http::query::{Flag, NoParameters, Query};
use crate::http::sort::Sort;
use crate::ids::{ArticleId, path_parameter};

/// In which order the trash is told.
type TrashSort = Sort<TrashKey>;

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query, style = Form)]
pub struct ListParameters {
    /// How many articles a page has.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100, default = 20)]
    #[deserr(default)]
    limit: Option<Limit>,
    /// From `next` or `prev` of a page.
    #[param(value_type = Option<String>, max_length = 4000, pattern = "^[A-Za-z0-9_-]+$")]
    #[deserr(default)]
    cursor: Option<Cursor>,
    /// The order; a hyphen turns it round. `-trashed_at` unless given.
    #[param(inline, required = false, explode = false)]
    #[deserr(default)]
    sort: Option<TrashSort>,
    /// Whether to count all articles.
    #[param(value_type = Option<bool>, default = false)]
    #[deserr(default)]
    count: Option<Flag>,
}

/// List the trash
///
/// Deleted articles, until they are deleted for good. Authors see their own.
#[utoipa::path(
    operation_id = "manage_trash_list",
    tag = "working copies",
    params(ListParameters),
    responses((status = 200, description = "One page of the trash.", body = Trash, example = json!(examples::trash()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/trash")]
pub async fn list(
    who: Permitted<op::TrashList>,
    request: HttpRequest,
    state: State,
    query: Query<ListParameters>,
) -> Result<HttpResponse, Problem> {
    let (query, scope) = (query.0, Scope::of(&who.editor));
    let window = Window::new(query.limit, query.sort.unwrap_or(Sort::down(TrashKey::Trashed)), query.cursor)?;
    let (counted, limit, days) = (query.count.unwrap_or_default().0, window.limit, state.settings.trash.days);
    let read = move |conn: &mut Conn| {
        let page = store::list(conn, scope, &window)?;
        let total = if counted { Some(store::count(conn, scope)?) } else { None };
        Ok((page.map(|(article, at)| TrashedArticle::new(article, at, days)), total))
    };
    let (page, total) = state.db.read(read).await?;
    let info = page.info(&request, limit, total);
    let answer = Trash { data: page.items, page: info };
    Ok(Answer::page(Caching::Private, &answer, &answer.page)?.to(&request))
}

/// How an address names an article in the trash: by its id, since others may have its slug.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct TrashPath {
    article: String,
}

impl IntoParams for TrashPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let example = "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e10";
        vec![path_parameter("article", "The article's id.", "^[A-Za-z0-9-]+$", 36, example)]
    }
}

impl TrashPath {
    fn read(&self) -> Result<ArticleId, Problem> {
        ArticleId::parse(&self.article).ok_or_else(|| Problem::not_found("article in the trash"))
    }
}

/// Take an article out of the trash
///
/// The working copy is back as it was, with its citations, revisions and comments; its schedule is not. Where another article
/// has its slug by now, or its language among the translations, that one has to give way first.
#[utoipa::path(
    operation_id = "manage_trash_restore",
    tag = "working copies",
    params(TrashPath),
    responses((status = 200, description = "The working copy.", body = WorkingCopy, example = json!(examples::working_copy()))),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["slug_taken", "language_taken"]))),
)]
#[post("/v1/manage/trash/{article}/restore")]
pub async fn restore(
    who: Permitted<op::TrashRestore>,
    request: HttpRequest,
    state: State,
    path: web::Path<TrashPath>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (id, scope) = (path.read()?, Scope::of(&who.editor));
    let write = move |conn: &mut Conn| {
        let draft = store::restore(conn, id, scope)?;
        let settled = editorial::settled(conn, draft)?;
        working_copy(conn, settled, scope)
    };
    let copy = state.db.write(write).await?;
    Ok(Answer::json(Caching::Private, &copy)?.version(copy.article.version).to(&request))
}

/// Delete an article for good
///
/// With its sections, citations, revisions and comments. It has to be in the trash.
#[utoipa::path(
    operation_id = "manage_trash_delete",
    tag = "working copies",
    params(TrashPath),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = [])),
)]
#[delete("/v1/manage/trash/{article}")]
pub async fn delete(
    who: Permitted<op::TrashDelete>,
    state: State,
    path: web::Path<TrashPath>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (id, scope) = (path.read()?, Scope::of(&who.editor));
    state.db.write(move |conn| store::remove(conn, id, scope)).await?;
    Ok(no_content())
}
