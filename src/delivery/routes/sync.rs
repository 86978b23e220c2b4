use actix_web::{HttpRequest, HttpResponse, get};
use deserr::Deserr;
use serde::Serialize;
use url::form_urlencoded::Serializer;
use utoipa::{IntoParams, ToSchema};

use super::assemble;
use crate::app::State;
use crate::delivery::examples;
use crate::delivery::following::{SyncCursor, SyncItem, read};
use crate::delivery::model::{Include, Selection};
use crate::error::Problem;
use crate::http::answer::{Answer, Caching, PublicCaching};
use crate::http::fault::Faults;
use crate::http::page::{Limit, PageInfo};
use crate::http::query::{AnyOf, Query};
use crate::http::tag::Tag;

/// From where, and how much at a time.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Parameters {
    /// How many articles a page has at most; 20 unless given.
    #[deserr(default)]
    #[param(value_type = i32, required = false, minimum = 1, maximum = 100, example = 100)]
    limit: Option<Limit>,
    /// Where the client is: from `page.next` while that is there, from `next_sync` afterwards. Without it all articles
    /// are read.
    #[deserr(default)]
    #[param(value_type = String, required = false, max_length = 1000, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<SyncCursor>,
}

/// A page of a copy of everything that is published.
#[derive(Debug, Serialize, ToSchema)]
struct SyncPage {
    /// To be taken over in this order: what an item says takes the place of what the client has of the article. An article
    /// can come more than once, and one can be said to be deleted that the client never had.
    #[schema(max_items = 100)]
    data: Vec<SyncItem>,
    page: PageInfo,
    /// The address that answers what changes from now on; null while `page.next` is there.
    #[schema(max_length = 8000, format = "uri-reference", example = "/v1/sync?cursor=Zm9v")]
    next_sync: Option<String>,
}

/// Keep a copy of everything that is published
///
/// Without `cursor`: the first page of all published articles, each as `GET /v1/articles/{article}?include=sections,citations`
/// answers it. Follow `page.next` while there is one, then keep `next_sync`: asked later, it answers the articles that changed
/// since, each once with what it is by then, or as `deleted_article`. An article changes when it is published anew, follows
/// its studies or its style, or when a comment is shown or no longer; nothing is missed that happens while pages are read.
/// A client that takes over every item has what the API answers.
#[utoipa::path(
    operation_id = "sync_get",
    tag = "following",
    params(Parameters),
    responses((status = 200, description = "The page.", body = SyncPage, example = json!(examples::sync_page()))),
)]
#[get("/v1/sync")]
pub(super) async fn sync_get(
    request: HttpRequest,
    state: State,
    Query(asked): Query<Parameters>,
) -> Result<HttpResponse, Problem> {
    let limit = asked.limit.unwrap_or_default();
    let work = state.db.read(move |conn| {
        let selection = Selection::new(Some(AnyOf(vec![Include::Sections, Include::Citations])), None, None);
        let mut read = read(conn, asked.cursor, limit)?;
        let articles = assemble(conn, std::mem::take(&mut read.publications), &selection)?;
        Ok((read.items(articles), read.next, read.then))
    });
    let (data, next, then) = work.await?;
    let address = |cursor: SyncCursor| {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(asked.limit.map(|limit| ("limit", limit.0.to_string())));
        format!("/v1/sync?{}", query.append_pair("cursor", &cursor.encode()).finish())
    };
    let page = PageInfo { limit: limit.0, next: next.map(address), prev: None, total: None };
    let page = SyncPage { data, page, next_sync: then.map(address) };
    // Whoever asks because of an event must get what it told of: caches in front ask each time.
    let caching = PublicCaching { max_age: 0, s_maxage: 0, stale_while_revalidate: 0, ..state.settings.caching };
    // Nothing else outdates it: a change of something else moves the end of the log, and asking from before it is as good.
    let tags = [Tag::all("articles"), Tag::all("comments")];
    Ok(Answer::page(Caching::Public(caching), &page, &page.page)?.tags(tags).to(&request))
}
