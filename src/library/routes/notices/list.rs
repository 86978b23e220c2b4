//! The notices, whatever they are about.

use actix_web::{HttpRequest, HttpResponse, delete, get, web};
use deserr::Deserr;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::views;
use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::db::Conn;
use crate::error::Problem;
use crate::http::answer::{Answer, Caching, no_content};
use crate::http::fault::{Faults, Reason};
use crate::http::page::{Cursor, Limit, Page, Window};
use crate::http::query::{AnyOf, Flag, NoParameters, ParseText, Query};
use crate::http::sort::Sort;
use crate::ids::{NoticeId, path_parameter};
use crate::library::notices::store::{self, Filter, NoticeKey};
use crate::library::notices::{GivenDoi, NoticeKind, NoticeView, Notices, Sources};
use crate::library::schema::CslDoi;
use crate::library::{NoticeSource, examples};
use crate::publishing;

/// In which order notices come.
type NoticeSort = Sort<NoticeKey>;

impl ParseText for NoticeSource {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text).ok_or_else(|| Reason::unknown_word(text, Self::WORDS))
    }
}

impl ParseText for NoticeKind {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text).ok_or_else(|| Reason::unknown_word(text, Self::WORDS))
    }
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query, style = Form)]
pub struct ListParameters {
    /// How many notices a page has.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100, default = 20)]
    #[deserr(default)]
    limit: Option<Limit>,
    /// From `next` or `prev` of a page.
    #[param(value_type = Option<String>, max_length = 4000, pattern = "^[A-Za-z0-9_-]+$")]
    #[deserr(default)]
    cursor: Option<Cursor>,
    /// The order; a hyphen turns it round. `-created_at` unless given.
    #[param(inline, required = false, explode = false)]
    #[deserr(default)]
    sort: Option<NoticeSort>,
    /// Whether to count all notices.
    #[param(value_type = Option<bool>, default = false)]
    #[deserr(default)]
    count: Option<Flag>,
    /// Only notices of these sources.
    #[param(value_type = Option<Vec<NoticeSource>>, explode = false, min_items = 1, max_items = 50)]
    #[deserr(default)]
    source: Option<AnyOf<NoticeSource>>,
    /// Only notices of these kinds.
    #[param(value_type = Option<Vec<NoticeKind>>, explode = false, min_items = 1, max_items = 50)]
    #[deserr(default)]
    kind: Option<AnyOf<NoticeKind>>,
    /// Only notices about what has this DOI.
    #[param(value_type = Option<CslDoi>)]
    #[deserr(default)]
    doi: Option<GivenDoi>,
    /// Only notices about a study of the library, or about none.
    #[param(value_type = Option<bool>)]
    #[deserr(default)]
    matched: Option<Flag>,
}

impl ListParameters {
    fn filter(self) -> Filter {
        Filter {
            sources: self.source.map(|any| any.0),
            kinds: self.kind.map(|any| any.0),
            doi: self.doi.map(|doi| doi.0),
            matched: self.matched.map(|flag| flag.0),
        }
    }
}

/// List the notices
///
/// All that is known, about studies of the library and others.
#[utoipa::path(
    operation_id = "manage_notices_list",
    tag = "notices",
    params(ListParameters),
    responses((status = 200, description = "One page of notices.", body = Notices, example = json!(examples::notices()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/notices")]
pub(super) async fn list(
    _: Permitted<op::NoticesList>,
    request: HttpRequest,
    state: State,
    query: Query<ListParameters>,
) -> Result<HttpResponse, Problem> {
    let mut query = query.0;
    let sort = query.sort.take().unwrap_or(Sort::down(NoticeKey::CreatedAt));
    let window = Window::new(query.limit, sort, query.cursor.take())?;
    let (counted, limit) = (query.count.unwrap_or_default().0, window.limit);
    let filter = query.filter();
    let read = move |conn: &mut Conn| {
        let Page { items, next, prev } = store::list(conn, &filter, &window)?;
        let total = if counted { Some(store::count(conn, &filter)?) } else { None };
        Ok((Page { items: views(conn, items)?, next, prev }, total))
    };
    let (page, total) = state.db.read(read).await?;
    let info = page.info(&request, limit, total);
    let answer = Notices { data: page.items, page: info };
    Ok(Answer::page(Caching::Private, &answer, &answer.page)?.to(&request))
}

/// Read when notices were imported
///
/// The last file of each source: a study that no notice is about was in none of its entries at that time.
#[utoipa::path(
    operation_id = "manage_notices_sources",
    tag = "notices",
    responses((status = 200, description = "The last import of each source that was imported.", body = Sources,
        example = json!(examples::notice_sources()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/notices/sources")]
pub(super) async fn sources(
    _: Permitted<op::NoticesSources>,
    request: HttpRequest,
    state: State,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let data = state.db.read(store::imports).await?;
    Ok(Answer::json(Caching::Private, &Sources { data })?.to(&request))
}

/// How an address names a notice.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct NoticePath {
    notice: String,
}

impl IntoParams for NoticePath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let example = "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e30";
        vec![path_parameter("notice", "The notice's id.", "^[A-Za-z0-9-]+$", 36, example)]
    }
}

impl NoticePath {
    fn read(&self) -> Result<NoticeId, Problem> {
        NoticeId::parse(&self.notice).ok_or_else(|| Problem::not_found("notice"))
    }
}

/// Read a notice
///
/// With the studies of the library that it is about.
#[utoipa::path(
    operation_id = "manage_notices_get",
    tag = "notices",
    params(NoticePath),
    responses((status = 200, description = "The notice.", body = NoticeView, example = json!(examples::notice()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/notices/{notice}")]
pub(super) async fn get(
    _: Permitted<op::NoticesGet>,
    request: HttpRequest,
    state: State,
    path: web::Path<NoticePath>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let id = path.read()?;
    let read = move |conn: &mut Conn| {
        let notice = store::notice(conn, id)?;
        views(conn, vec![notice])
    };
    let views = state.db.read(read).await?;
    let view = views.first().ok_or_else(|| Problem::not_found("notice"))?;
    Ok(Answer::json(Caching::Private, view)?.to(&request))
}

/// Delete a notice
///
/// Only one that an editor gave. What the others come to is weighed anew, and publications that cite the study are rendered
/// anew if its status is another one then.
#[utoipa::path(
    operation_id = "manage_notices_delete",
    tag = "notices",
    params(NoticePath),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["notice_imported"]))),
)]
#[delete("/v1/manage/notices/{notice}")]
pub(super) async fn delete(
    _: Permitted<op::NoticesDelete>,
    state: State,
    path: web::Path<NoticePath>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (id, now) = (path.read()?, state.clock.now());
    let write = move |conn: &mut Conn| {
        publishing::store::lock(conn)?;
        let gone = store::remove(conn, id)?;
        publishing::retractions::recheck(conn, gone.study_id.as_slice(), now)
    };
    state.db.write(write).await?;
    Ok(no_content())
}
