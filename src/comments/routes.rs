//! Comments through HTTP: reading and posting at the delivery door, deciding at the management door.

use actix_web::http::header::USER_AGENT;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get, patch, post, web};
use deserr::Deserr;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::model::{
    About, CommentBatch, CommentFields, CommentKey, CommentPage, CommentPolicy, Decision, ModeratedComment,
    ModeratedCommentPage, NewComment, PostedComment, Rendered, Status, View, render,
};
use super::store::{self, Entry, Posted, Sender, Wanted};
use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::db::Conn;
use crate::db::types::Instant;
use crate::error::{Code, Problem};
use crate::http::answer::{Answer, Caching, moved};
use crate::http::body::{Body, MergePatch};
use crate::http::etag::{self, Precondition};
use crate::http::fault::{Fault, Faults};
use crate::http::filter::Bound;
use crate::http::limits::ClientAddress;
use crate::http::operations::Operations;
use crate::http::page::{Cursor, Limit, Page, Window};
use crate::http::query::{AnyOf, Batch, Flag, MOST_NAMES, NoParameters, Query};
use crate::http::select::Selected;
use crate::http::sort::Sort;
use crate::http::tag::Tag;
use crate::ids::{ArticleRef, CommentId, EditorId, path_parameter};
use crate::publishing::log;
use crate::publishing::name::{Found, OldSlug};

pub fn routes(config: &mut Operations<'_>) {
    config.service(list).service(create).service(manage_list).service(manage_get).service(manage_decide);
}

/// The order of comments.
type CommentSort = Sort<CommentKey>;

/// The parameters of the public list.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// `tree` (the default): threads, each with its replies, and the page counts threads. `flat`: all comments in one
    /// row, and the page counts comments.
    #[param(inline)]
    #[deserr(default)]
    view: Option<View>,
    /// By time: `created_at` (the default) or `-created_at`. Replies within a tree are always the oldest first.
    #[param(inline, required = false, style = Form, explode = false)]
    #[deserr(default)]
    sort: Option<CommentSort>,
    /// These comments, each without its replies, in this order and on one page. It goes with bounds, and not with `view`,
    /// `sort`, `limit` and `cursor`. `missing` names those that are not among what the bounds leave, or not shown at all.
    #[param(inline, required = false, style = Form, explode = false, example = json!(["0190493e-7d2c-7c4a-9b58-2f1d6a0c9e11"]))]
    #[deserr(default)]
    ids: Option<CommentBatch>,
    /// `created_at` is later than this moment, or than this day in UTC. In a tree this holds of the comments at the top: each
    /// comes with all its replies.
    #[param(inline, required = false, example = "2024-06-23")]
    #[deserr(default)]
    created_after: Option<Bound>,
    /// `created_at` is earlier than this moment, or than this day in UTC. In a tree this holds of the comments at the top, as
    /// `created_after` does.
    #[param(inline, required = false, example = "2024-06-24T08:30:00Z")]
    #[deserr(default)]
    created_before: Option<Bound>,
    /// How many threads or comments a page has; 20 unless asked.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100)]
    #[deserr(default)]
    limit: Option<Limit>,
    /// Where the page begins: from the `next` or `prev` of another page.
    #[param(value_type = Option<String>, max_length = 1000, pattern = "^[A-Za-z0-9_-]+$")]
    #[deserr(default)]
    cursor: Option<Cursor>,
    /// Whether to count all threads or comments that the bounds leave: `total` of the page.
    #[param(value_type = Option<bool>)]
    #[deserr(default)]
    count: Option<Flag>,
    /// The members of the comments at the top to give, all others are left out.
    #[param(inline, required = false, style = Form, explode = false, example = json!(["name", "html"]))]
    #[deserr(default)]
    fields: Option<CommentFields>,
}

/// The parameters of the moderators' list.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ManageQuery {
    /// Any of these; all unless asked.
    #[param(value_type = Option<Vec<Status>>, style = Form, explode = false, min_items = 1, max_items = 4)]
    #[deserr(default)]
    status: Option<AnyOf<Status>>,
    /// The slug of a working copy, or an id.
    #[param(value_type = Option<String>, max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$")]
    #[deserr(default)]
    article: Option<About>,
    /// By time: `-created_at` (the default) or `created_at`.
    #[param(inline, required = false, style = Form, explode = false)]
    #[deserr(default)]
    sort: Option<CommentSort>,
    /// How many comments a page has; 20 unless asked.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100)]
    #[deserr(default)]
    limit: Option<Limit>,
    /// Where the page begins: from the `next` or `prev` of another page.
    #[param(value_type = Option<String>, max_length = 1000, pattern = "^[A-Za-z0-9_-]+$")]
    #[deserr(default)]
    cursor: Option<Cursor>,
    /// Whether to count all: `total` of the page.
    #[param(value_type = Option<bool>)]
    #[deserr(default)]
    count: Option<Flag>,
}

/// How an address names a comment.
#[derive(Debug, serde::Deserialize)]
struct CommentPath {
    id: String,
}

impl IntoParams for CommentPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let example = "0190493e-7d2c-7c4a-9b58-2f1d6a0c9e11";
        vec![path_parameter("id", "The comment's id.", "^[A-Za-z0-9-]+$", 36, example)]
    }
}

impl CommentPath {
    fn id(&self) -> Result<CommentId, Problem> {
        CommentId::parse(&self.id).ok_or_else(|| Problem::not_found("comment"))
    }
}

fn comments_of(article: impl std::fmt::Display) -> String {
    format!("/v1/articles/{article}/comments")
}

/// Read an article's comments
///
/// The approved comments of a published article, as threads or in one row. E-mail addresses and what else is known
/// about their writers is never shown. A reply to a comment that is not shown any more stands under the nearest one
/// above that is, or at the top.
#[utoipa::path(
    operation_id = "comments_list",
    tag = "comments",
    params(ArticleRef, ListQuery),
    responses(
        (status = 200, description = "A page of comments.", body = CommentPage, example = json!({
            "data": [{
                "id": "0190493e-7d2c-7c4a-9b58-2f1d6a0c9e11", "parent_id": null, "name": "Grace",
                "url": "https://grace.example.org/", "html": "<p>Has anybody tried this at home?</p>\n",
                "created_at": "2024-06-24T08:12:05.123Z", "depth": 0, "replies": [{
                    "id": "01904941-2b1f-7d33-8c47-5e0f7c1a2b3d",
                    "parent_id": "0190493e-7d2c-7c4a-9b58-2f1d6a0c9e11", "name": "Ada", "url": null,
                    "html": "<p>I have, <em>once</em>.</p>\n", "created_at": "2024-06-24T08:15:00.5Z", "depth": 1,
                    "replies": [], "more_replies": false,
                }], "more_replies": false,
            }],
            "missing": null,
            "page": {"limit": 20, "next": null, "prev": null, "total": null},
        })),
        (status = 301, description = "The article has another slug now."),
        (status = 304, description = "The client has this page already."),
    ),
)]
#[get("/v1/articles/{article}/comments")]
async fn list(
    request: HttpRequest,
    state: State,
    article: web::Path<ArticleRef>,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let ListQuery { view, sort, ids, created_after, created_before, limit, cursor, count, fields } = query.0;
    let posted = Posted { after: created_after, before: created_before };
    if ids.is_some() {
        CommentBatch::alone(&[
            ("view", view.is_some()),
            ("sort", sort.is_some()),
            ("limit", limit.is_some()),
            ("cursor", cursor.is_some()),
        ])?;
    }
    let limit = if ids.is_some() { Some(Limit(MOST_NAMES as i32)) } else { limit };
    let fields = fields.map(|fields| fields.0);
    let view = view.unwrap_or(if ids.is_some() { View::Flat } else { View::Tree });
    let window = Window::new(limit, sort.unwrap_or(Sort::up(CommentKey::CreatedAt)), cursor)?;
    let limit = window.limit;
    let count = count.unwrap_or_default().0;
    let read = move |conn: &mut Conn| {
        let article = match store::published(conn, &article)? {
            Found::Here(article) => article.article_id,
            Found::Moved(to) => return Ok(Err(to)),
        };
        let total = if count { Some(store::total(conn, article, view, posted)?) } else { None };
        let (page, missing) = match &ids {
            None => (store::page(conn, article, view, posted, &window)?, None),
            Some(Batch(ids)) => {
                let (items, missing) = store::batch(conn, article, posted, ids)?;
                (Page::whole(items), Some(missing))
            }
        };
        Ok(Ok((article, page, missing, total)))
    };
    let (article, page, missing, total) = match state.db.read(read).await? {
        Ok(found) => found,
        Err(to) => return Ok(moved(&request, state.public(), &comments_of(&to.present), to.tags())),
    };
    let info = page.info(&request, limit, total);
    let select = |comment| Selected::of(comment, fields.as_ref());
    let data = page.items.into_iter().map(select).collect::<Result<_, _>>()?;
    let body = CommentPage { data, missing, page: info };
    let tags = [Tag::one("article", article), Tag::one("comments", article)];
    Ok(Answer::page(state.public(), &body, &body.page)?.tags(tags).to(&request))
}

/// Post a comment
///
/// Anyone may comment on a published article that takes comments. A comment is held until a moderator approves it.
/// The body is a small part of Markdown: paragraphs, emphasis, code, lists, quotes and links; HTML is shown as the
/// text it is. The answer tells how it will look and what was left out of it. The address and the program that it was
/// sent from are kept for moderators; a `User-Agent` of more than 2000 characters is refused.
#[utoipa::path(
    operation_id = "comments_create",
    tag = "comments",
    params(ArticleRef),
    request_body(content = NewComment, description = "The comment.", example = json!({
        "name": "Grace", "email": "grace@example.org", "url": "https://grace.example.org/",
        "body": "Has anybody tried this at home?",
    })),
    responses(
        (status = 201, description = "It is kept.", body = PostedComment, example = json!({
            "id": "0190493e-7d2c-7c4a-9b58-2f1d6a0c9e11", "article_id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11",
            "parent_id": null, "status": "held", "name": "Grace", "url": "https://grace.example.org/",
            "html": "<p>Has anybody tried this at home?</p>\n", "removed": [],
            "created_at": "2024-06-24T08:12:05.123Z",
        })),
        (status = 308, description = "The article has another slug now; nothing was kept."),
    ),
    extensions(("x-problems" = json!(["comments_closed", "invalid_header"]))),
)]
#[post("/v1/articles/{article}/comments")]
async fn create(
    request: HttpRequest,
    state: State,
    article: web::Path<ArticleRef>,
    _: Query<NoParameters>,
    body: Body<NewComment>,
) -> Result<HttpResponse, Problem> {
    let sender = sender(&request)?;
    let (now, max_depth) = (state.clock.now(), state.settings.comments.max_depth);
    // Off the event loop, and before the transaction: others are not to wait for it.
    let rendered = web::block(move || (render(&body.0.body), body.0)).await.map_err(Problem::internal)?;
    let kept = state.db.write(move |conn| post(conn, &article, rendered, &sender, max_depth, now)).await?;
    match kept {
        Ok(posted) => {
            let location = format!("{}#{}", comments_of(posted.article_id), posted.id);
            Ok(Answer::json(Caching::Private, &posted)?.created(location).to(&request))
        }
        Err(to) => Ok(moved(&request, Caching::Private, &comments_of(&to.present), to.tags())),
    }
}

/// Keeps a comment, or says under which slug the article is now.
fn post(
    conn: &mut Conn,
    name: &ArticleRef,
    (rendered, new): (Rendered, NewComment),
    sender: &Sender,
    max_depth: i32,
    now: Instant,
) -> Result<Result<PostedComment, OldSlug>, Problem> {
    let article = match store::published(conn, name)? {
        Found::Here(article) => article,
        Found::Moved(to) => return Ok(Err(to)),
    };
    if article.comment_policy == CommentPolicy::Closed {
        return Err(Problem::new(Code::CommentsClosed, "The article takes no comments."));
    }
    let depth = match new.parent_id {
        Some(parent) => depth_below(store::depth_of(conn, article.article_id, parent)?, max_depth)?,
        None => 0,
    };
    let (id, article, status) = (CommentId::new(), article.article_id, Status::Held);
    store::insert(conn, &Entry { id, article, depth, new: &new, rendered: &rendered, status, sender, now })?;
    Ok(Ok(PostedComment {
        id,
        article_id: article,
        parent_id: new.parent_id,
        status,
        name: new.name.as_str().to_owned(),
        url: new.url.as_ref().map(|url| url.as_str().to_owned()),
        html: rendered.html,
        removed: rendered.removed,
        created_at: now,
    }))
}

/// The depth of a reply to an approved comment of that depth, if there is one.
fn depth_below(parent: Option<i32>, max_depth: i32) -> Result<i32, Problem> {
    let wrong = |code, detail: String| Problem::validation(vec![Fault::at("/parent_id", code, detail)]);
    match parent {
        None => Err(wrong("unknown_parent", "The article has no approved comment of this id.".to_owned())),
        Some(depth) if depth >= max_depth => {
            Err(wrong("too_deep", format!("Replies may stand at most {max_depth} deep.")))
        }
        Some(depth) => Ok(depth + 1),
    }
}

const MOST_USER_AGENT: usize = 2000;

fn sender(request: &HttpRequest) -> Result<Sender, Problem> {
    let ip = request.extensions().get::<ClientAddress>().and_then(|client| client.0);
    let user_agent = request.headers().get(USER_AGENT).map(|value| readable(value.as_bytes()));
    if user_agent.as_ref().is_some_and(|text| text.chars().count() > MOST_USER_AGENT) {
        let detail = format!("User-Agent may have {MOST_USER_AGENT} characters at most.");
        return Err(Problem::new(Code::InvalidHeader, detail.clone()).with_errors(vec![Fault::of(
            "User-Agent",
            "too_long",
            detail,
        )]));
    }
    Ok(Sender { ip, user_agent })
}

/// A header as text: UTF-8, or else ISO 8859-1, in which every byte is a character and none is lost.
fn readable(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// List comments for moderation
///
/// Comments of any status and article, with all that is known about them; the newest first unless asked. `status=held`
/// is the queue of those that wait for a decision.
#[utoipa::path(
    operation_id = "manage_comments_list",
    tag = "moderation",
    params(ManageQuery),
    responses((status = 200, description = "A page of comments.", body = ModeratedCommentPage, example = json!({
        "data": [{
            "id": "0190493e-7d2c-7c4a-9b58-2f1d6a0c9e11",
            "article": {
                "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11", "slug": "microneedling-for-large-pores",
                "title": "Microneedling for large pores",
            },
            "parent_id": null, "depth": 0, "status": "held", "name": "Grace", "email": "grace@example.org",
            "url": "https://grace.example.org/", "ip": "203.0.113.7", "user_agent": "Mozilla/5.0",
            "body": "Has anybody tried this at home?", "html": "<p>Has anybody tried this at home?</p>\n",
            "created_at": "2024-06-24T08:12:05.123Z", "decided_at": null, "decided_by": null,
        }],
        "page": {"limit": 20, "next": null, "prev": null, "total": null},
    }))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/comments")]
async fn manage_list(
    _: Permitted<op::CommentsList>,
    request: HttpRequest,
    state: State,
    query: Query<ManageQuery>,
) -> Result<HttpResponse, Problem> {
    let ManageQuery { status, article, sort, limit, cursor, count } = query.0;
    let wanted =
        Wanted { statuses: status.map(|any| any.0).unwrap_or_default(), article: article.map(|about| about.0) };
    let window = Window::new(limit, sort.unwrap_or(Sort::down(CommentKey::CreatedAt)), cursor)?;
    let limit = window.limit;
    let count = count.unwrap_or_default().0;
    let read = move |conn: &mut Conn| {
        let total = if count { Some(store::moderated_total(conn, &wanted)?) } else { None };
        Ok((store::moderated_page(conn, &wanted, &window)?, total))
    };
    let (page, total) = state.db.read(read).await?;
    let info = page.info(&request, limit, total);
    let body = ModeratedCommentPage { data: page.items, page: info };
    Ok(Answer::page(Caching::Private, &body, &body.page)?.to(&request))
}

/// Get a comment for moderation
///
/// A comment of any status with all that is known about it.
#[utoipa::path(
    operation_id = "manage_comments_get",
    tag = "moderation",
    params(CommentPath),
    responses((status = 200, description = "The comment.", body = ModeratedComment, example = json!({
        "id": "0190493e-7d2c-7c4a-9b58-2f1d6a0c9e11",
        "article": {
            "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11", "slug": "microneedling-for-large-pores",
            "title": "Microneedling for large pores",
        },
        "parent_id": null, "depth": 0, "status": "held", "name": "Grace", "email": "grace@example.org",
        "url": "https://grace.example.org/", "ip": "203.0.113.7", "user_agent": "Mozilla/5.0",
        "body": "Has anybody tried this at home?", "html": "<p>Has anybody tried this at home?</p>\n",
        "created_at": "2024-06-24T08:12:05.123Z", "decided_at": null, "decided_by": null,
    }))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/comments/{id}")]
async fn manage_get(
    _: Permitted<op::CommentsGet>,
    request: HttpRequest,
    state: State,
    path: web::Path<CommentPath>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let id = path.id()?;
    let comment = state.db.read(move |conn| store::get(conn, id)).await?;
    Ok(Answer::json(Caching::Private, &comment)?.to(&request))
}

/// Decide about a comment
///
/// Approves a comment, holds it again, marks it as spam or puts it in the trash. What it has already it keeps, with the
/// time and the editor of that decision. Replies to a comment that is taken away stay, under the nearest one above.
/// With `If-Match`, the decision is taken only about the comment as it was read.
#[utoipa::path(
    operation_id = "manage_comments_decide",
    tag = "moderation",
    params(
        CommentPath,
        ("If-Match" = Option<String>, Header, description = "The ETag of the comment, as it was read.",
            max_length = 200, pattern = r#"^(?:\*|"[A-Za-z0-9._-]+")$"#, example = "*"),
    ),
    request_body(
        content(
            (Decision = "application/merge-patch+json", example = json!({"status": "approved"})),
            (Decision = "application/json", example = json!({"status": "approved"})),
        ),
        description = "The decision.",
    ),
    responses((status = 200, description = "The comment, decided.", body = ModeratedComment, example = json!({
        "id": "0190493e-7d2c-7c4a-9b58-2f1d6a0c9e11",
        "article": {
            "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11", "slug": "microneedling-for-large-pores",
            "title": "Microneedling for large pores",
        },
        "parent_id": null, "depth": 0, "status": "approved", "name": "Grace", "email": "grace@example.org",
        "url": "https://grace.example.org/", "ip": "203.0.113.7", "user_agent": "Mozilla/5.0",
        "body": "Has anybody tried this at home?", "html": "<p>Has anybody tried this at home?</p>\n",
        "created_at": "2024-06-24T08:12:05.123Z", "decided_at": "2024-06-24T09:00:00Z",
        "decided_by": "01901111-7d2c-7c4a-9b58-2f1d6a0c9e11",
    }))),
    security(("bearer" = [])),
)]
#[patch("/v1/manage/comments/{id}")]
async fn manage_decide(
    permitted: Permitted<op::CommentsDecide>,
    request: HttpRequest,
    state: State,
    path: web::Path<CommentPath>,
    _: Query<NoParameters>,
    precondition: Precondition,
    decision: MergePatch<Decision>,
) -> Result<HttpResponse, Problem> {
    let id = path.id()?;
    let (by, now) = (permitted.editor.id, state.clock.now());
    let write = move |conn: &mut Conn| decide(conn, id, decision.0, &precondition, by, now);
    let comment = state.db.write(write).await?;
    Ok(Answer::json(Caching::Private, &comment)?.to(&request))
}

fn decide(
    conn: &mut Conn,
    id: CommentId,
    decision: Decision,
    precondition: &Precondition,
    by: EditorId,
    now: Instant,
) -> Result<ModeratedComment, Problem> {
    store::lock(conn, id)?;
    let mut comment = store::get(conn, id)?;
    let etag = etag::of_bytes(&serde_json::to_vec(&comment).map_err(Problem::internal)?);
    if !precondition.allows(&etag) {
        return Err(
            Problem::new(Code::VersionConflict, "The comment was changed since it was read.").with_header("ETag", etag)
        );
    }
    let before = comment.status;
    if before == decision.status {
        return Ok(comment);
    }
    store::decide(conn, id, decision.status, by, now)?;
    comment.status = decision.status;
    (comment.decided_at, comment.decided_by) = (Some(now), Some(by));
    if before == Status::Approved || decision.status == Status::Approved {
        let detail = serde_json::json!({"comment": id, "status": decision.status});
        log::append(conn, log::Kind::Comment, comment.article.id, detail, now)?;
    }
    Ok(comment)
}
