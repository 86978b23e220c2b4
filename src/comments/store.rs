//! Every query about comments. What the public gets is read from the publications and the comments alone.

use std::collections::HashMap;
use std::net::IpAddr;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use time::macros::datetime;
use uuid::Uuid;

use super::model::{
    Comment, CommentKey, CommentPolicy, CommentedArticle, ModeratedComment, NewComment, Rendered, Status, View,
};
use super::thread::{self, Row};
use crate::db::schema::{articles, comments, publications};
use crate::db::types::{Instant, sql};
use crate::db::{Conn, Violation, violation};
use crate::error::Problem;
use crate::http::filter::Bound;
use crate::http::keyset::{Column, Ordered};
use crate::http::page::{Page, Window};
use crate::http::sort::By;
use crate::ids::{ArticleId, ArticleRef, CommentId, EditorId};
use crate::on;
use crate::publishing::name::Found;

/// What comments need to know of a published article.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = publications)]
pub struct Published {
    pub article_id: ArticleId,
    pub comment_policy: CommentPolicy,
}

/// The published article of that name.
///
/// # Errors
/// `not_found` when none is published under it.
pub fn published(conn: &mut Conn, name: &ArticleRef) -> Result<Found<Published>, Problem> {
    let here = on!(conn, c => {
        let query = publications::table.select(Published::as_select()).into_boxed();
        let query = match name {
            ArticleRef::Id(id) => query.filter(publications::article_id.eq(*id)),
            ArticleRef::Slug(slug) => query.filter(publications::slug.eq(slug)),
        };
        query.first(c).optional()
    })?;
    Found::or_moved(conn, name, here)
}

/// How many approved comments these articles have; of several, those without any are left out.
pub fn counts(conn: &mut Conn, of: &[ArticleId]) -> QueryResult<Vec<(ArticleId, i64)>> {
    let approved = comments::table.filter(comments::status.eq(Status::Approved));
    if let [only] = of {
        // A statement that is prepared once.
        let count = on!(conn, c => approved.filter(comments::article_id.eq(*only)).count().get_result(c))?;
        return Ok(vec![(*only, count)]);
    }
    on!(conn, c => approved
        .filter(comments::article_id.eq_any(of))
        .group_by(comments::article_id)
        .select((comments::article_id, diesel::dsl::count_star()))
        .load(c))
}

/// When comments were posted: both bounds hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct Posted {
    pub after: Option<Bound>,
    pub before: Option<Bound>,
}

impl Posted {
    /// The conditions and the moments for them, whose places are numbered from `first` on.
    fn conditions(&self, first: usize) -> (String, Vec<Instant>) {
        let after = self.after.map(|bound| (">=", bound.after()));
        let before = self.before.map(|bound| ("<", bound.before()));
        let both = after.into_iter().chain(before);
        let numbered = both.zip(first..).map(|((than, at), place)| (format!(" AND c.created_at {than} ${place}"), at));
        numbered.unzip()
    }
}

/// A top of a thread: approved, and nothing above it is.
const IS_TOP: &str = "c.status = 'approved' AND (c.parent_id IS NULL OR NOT EXISTS (
    WITH RECURSIVE above AS (
        SELECT p.id, p.parent_id, p.status FROM comments p WHERE p.id = c.parent_id
        UNION ALL
        SELECT p.id, p.parent_id, p.status FROM above JOIN comments p ON p.id = above.parent_id
        WHERE above.status <> 'approved'
    )
    SELECT 1 FROM above WHERE status = 'approved'
))";

const COLUMNS: &str = "c.id, c.depth, c.name, c.url, c.html, c.created_at";

/// Threads from a place on whose tops meet `posted`, each with all that stands below its top. Comments that are not approved are walked
/// through, so that what is below them comes to stand under the nearest approved one.
fn tree_sql(window: &Window<CommentKey>, posted: &str, limit: usize) -> String {
    let (after, direction) = order(window);
    threads_sql(&format!(
        "SELECT c.id FROM comments c WHERE c.article_id = $1 AND {IS_TOP} AND (c.created_at, c.id) {after} ($2, $3){posted}
        ORDER BY c.created_at {direction}, c.id {direction} LIMIT ${limit}"
    ))
}

/// The first threads of each of these articles.
fn first_trees_sql(of: &[ArticleId], window: &Window<CommentKey>) -> String {
    // The databases bind lists differently; ids are hyphenated UUIDs, so they can stand in the text.
    let of: Vec<String> = of.iter().map(|article| format!("'{article}'")).collect();
    let (of, fetch) = (of.join(", "), window.fetch());
    threads_sql(&format!(
        "SELECT numbered.id FROM (
            SELECT c.id, row_number() OVER (PARTITION BY c.article_id ORDER BY c.created_at, c.id) AS nth
            FROM comments c WHERE c.article_id IN ({of}) AND {IS_TOP}
        ) AS numbered WHERE nth <= {fetch}"
    ))
}

/// The threads that begin at the `tops`, which a statement finds.
fn threads_sql(tops: &str) -> String {
    let most = 2 + thread::MOST_REPLIES;
    format!(
        "WITH RECURSIVE tops AS (
            {tops}
        ), walk AS (
            SELECT tops.id AS id, tops.id AS thread, CAST(NULL AS uuid) AS parent, tops.id AS nearest FROM tops
            UNION ALL
            SELECT c.id, walk.thread, walk.nearest, CASE WHEN c.status = 'approved' THEN c.id ELSE walk.nearest END
            FROM walk JOIN comments c ON c.parent_id = walk.id
        ), shown AS (
            SELECT {COLUMNS}, c.article_id, walk.thread, walk.parent, row_number() OVER (
                PARTITION BY walk.thread ORDER BY CASE WHEN c.id = walk.thread THEN 0 ELSE 1 END, c.created_at, c.id
            ) AS place
            FROM walk JOIN comments c ON c.id = walk.id WHERE c.status = 'approved'
        )
        SELECT * FROM shown WHERE place <= {most} ORDER BY created_at, id"
    )
}

/// Approved comments from a place on that meet `posted`.
fn flat_sql(window: &Window<CommentKey>, posted: &str, limit: usize) -> String {
    let (after, direction) = order(window);
    let order = format!("ORDER BY c.created_at {direction}, c.id {direction}");
    listed_sql(&format!("(c.created_at, c.id) {after} ($2, $3){posted} {order} LIMIT ${limit}"), &order)
}

/// The article's approved comments of these ids that meet `posted`, in no order.
fn batch_sql(ids: &[CommentId], posted: &str) -> String {
    // As in [`first_trees_sql`].
    let ids: Vec<String> = ids.iter().map(|id| format!("'{id}'")).collect();
    listed_sql(&format!("c.id IN ({}){posted}", ids.join(", ")), "")
}

/// The article's approved comments that meet this, each with the nearest approved one above it.
fn listed_sql(condition: &str, order: &str) -> String {
    format!(
        "WITH RECURSIVE listed AS (
            SELECT c.id, c.parent_id FROM comments c
            WHERE c.article_id = $1 AND c.status = 'approved' AND {condition}
        ), walk AS (
            SELECT listed.id AS id, listed.parent_id AS above FROM listed
            UNION ALL
            SELECT walk.id, p.parent_id FROM walk JOIN comments p ON p.id = walk.above WHERE p.status <> 'approved'
        )
        SELECT {COLUMNS}, c.id AS thread, p.id AS parent, CAST(1 AS bigint) AS place
        FROM walk JOIN comments c ON c.id = walk.id LEFT JOIN comments p ON p.id = walk.above
        WHERE walk.above IS NULL OR p.status = 'approved'
        {order}"
    )
}

fn order(window: &Window<CommentKey>) -> (&'static str, &'static str) {
    if window.ascending() { (">", "ASC") } else { ("<", "DESC") }
}

/// A page of an article's approved comments posted then, as `view` arranges them: of threads, those whose tops were. One
/// statement.
pub fn page(
    conn: &mut Conn,
    article: ArticleId,
    view: View,
    posted: Posted,
    window: &Window<CommentKey>,
) -> Result<Page<Comment>, Problem> {
    // Without a cursor: from before the first or after the last that can be.
    let (at, id) = match window.place(Instant::parse, CommentId::parse)? {
        Some(place) => place,
        None if window.ascending() => (Instant::new(datetime!(0001-01-01 0:00 UTC)), CommentId(Uuid::nil())),
        None => (Instant::new(datetime!(9999-12-31 23:59 UTC)), CommentId(Uuid::max())),
    };
    // SQLite numbers the places as it meets them in the text.
    let (posted, moments) = posted.conditions(4);
    let limit = 4 + moments.len();
    let text = match view {
        View::Tree => tree_sql(window, &posted, limit),
        View::Flat => flat_sql(window, &posted, limit),
    };
    let rows: Vec<Row> = on!(conn, c => {
        let query = diesel::sql_query(text).into_boxed();
        let query = query.bind::<sql::Id, _>(article).bind::<sql::Instant, _>(at).bind::<sql::Id, _>(id);
        let query = moments.into_iter().fold(query, |query, at| query.bind::<sql::Instant, _>(at));
        query.bind::<BigInt, _>(window.fetch()).load(c)
    })?;
    Ok(match view {
        View::Tree => thread::tree(rows, window),
        View::Flat => thread::flat(rows, window),
    })
}

/// The article's approved comments of these ids that were posted then, in their order and without replies, and the ids of
/// which there is none. One statement.
pub fn batch(
    conn: &mut Conn,
    article: ArticleId,
    posted: Posted,
    ids: &[CommentId],
) -> QueryResult<(Vec<Comment>, Vec<CommentId>)> {
    let (posted, moments) = posted.conditions(2);
    let rows: Vec<Row> = on!(conn, c => {
        let query = diesel::sql_query(batch_sql(ids, &posted)).into_boxed().bind::<sql::Id, _>(article);
        moments.into_iter().fold(query, |query, at| query.bind::<sql::Instant, _>(at)).load(c)
    })?;
    let mut found: HashMap<CommentId, Comment> = rows.into_iter().map(|row| (row.id, thread::alone(row))).collect();
    let missing = ids.iter().filter(|id| !found.contains_key(id)).copied().collect();
    Ok((ids.iter().filter_map(|id| found.remove(id)).collect(), missing))
}

/// A comment in a thread of one of several articles.
#[derive(QueryableByName)]
struct RowOf {
    #[diesel(sql_type = sql::Id)]
    article_id: ArticleId,
    #[diesel(embed)]
    row: Row,
}

/// The first page of threads of each of these articles, the oldest first. One statement.
pub fn first_pages(
    conn: &mut Conn,
    of: &[ArticleId],
    window: &Window<CommentKey>,
) -> Result<HashMap<ArticleId, Page<Comment>>, Problem> {
    if of.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<RowOf> = on!(conn, c => diesel::sql_query(first_trees_sql(of, window)).load(c))?;
    let mut by_article: HashMap<ArticleId, Vec<Row>> = HashMap::new();
    for RowOf { article_id, row } in rows {
        by_article.entry(article_id).or_default().push(row);
    }
    Ok(by_article.into_iter().map(|(article, rows)| (article, thread::tree(rows, window))).collect())
}

#[derive(QueryableByName)]
struct Total {
    #[diesel(sql_type = BigInt)]
    total: i64,
}

/// How many posted then there are to page through: threads of a tree, by their tops, or comments of a flat list.
pub fn total(conn: &mut Conn, article: ArticleId, view: View, posted: Posted) -> QueryResult<i64> {
    let shown = match view {
        View::Flat => "c.status = 'approved'",
        View::Tree => IS_TOP,
    };
    let (posted, moments) = posted.conditions(2);
    let text = format!("SELECT count(*) AS total FROM comments c WHERE c.article_id = $1 AND {shown}{posted}");
    let total: Total = on!(conn, c => {
        let query = diesel::sql_query(text).into_boxed().bind::<sql::Id, _>(article);
        moments.into_iter().fold(query, |query, at| query.bind::<sql::Instant, _>(at)).get_result(c)
    })?;
    Ok(total.total)
}

/// The depth of an approved comment of this article; `None` when there is none of that id.
pub fn depth_of(conn: &mut Conn, article: ArticleId, comment: CommentId) -> QueryResult<Option<i32>> {
    on!(conn, c => comments::table
        .find(comment)
        .filter(comments::article_id.eq(article))
        .filter(comments::status.eq(Status::Approved))
        .select(comments::depth)
        .first(c)
        .optional())
}

/// Where a comment comes from.
#[derive(Debug, Clone)]
pub struct Sender {
    pub ip: Option<IpAddr>,
    pub user_agent: Option<String>,
}

/// A comment about to be kept.
pub struct Entry<'a> {
    pub id: CommentId,
    pub article: ArticleId,
    pub depth: i32,
    pub new: &'a NewComment,
    pub rendered: &'a Rendered,
    pub status: Status,
    pub sender: &'a Sender,
    pub now: Instant,
}

/// Keeps a new comment.
///
/// # Errors
/// `not_found` when the article went away meanwhile.
pub fn insert(conn: &mut Conn, entry: &Entry<'_>) -> Result<(), Problem> {
    let Entry { id, article, depth, new, rendered, status, sender, now } = *entry;
    let inserted = on!(conn, c => diesel::insert_into(comments::table)
        .values((
            comments::id.eq(id),
            comments::article_id.eq(article),
            comments::parent_id.eq(new.parent_id),
            comments::depth.eq(depth),
            comments::name.eq(new.name.as_str()),
            comments::email.eq(new.email.as_str()),
            comments::url.eq(new.url.as_ref().map(|url| url.as_str())),
            comments::body.eq(new.body.as_str()),
            comments::html.eq(&rendered.html),
            comments::status.eq(status),
            comments::ip.eq(sender.ip.map(|ip| ip.to_string())),
            comments::user_agent.eq(sender.user_agent.as_deref()),
            comments::created_at.eq(now),
        ))
        .execute(c));
    match inserted {
        Ok(_) => Ok(()),
        Err(error) if violation(&error) == Some(Violation::ForeignKey) => Err(Problem::not_found("article")),
        Err(error) => Err(error.into()),
    }
}

/// A comment's row.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = comments)]
struct Kept {
    id: CommentId,
    parent_id: Option<CommentId>,
    depth: i32,
    name: String,
    email: String,
    url: Option<String>,
    body: String,
    html: String,
    status: Status,
    ip: Option<String>,
    user_agent: Option<String>,
    created_at: Instant,
    decided_at: Option<Instant>,
    decided_by: Option<EditorId>,
}

fn moderated((kept, article): (Kept, CommentedArticle)) -> ModeratedComment {
    let Kept { id, parent_id, depth, name, email, url, body, html, status, .. } = kept;
    let Kept { ip, user_agent, created_at, decided_at, decided_by, .. } = kept;
    #[rustfmt::skip]
    let comment = ModeratedComment {
        id, article, parent_id, depth, status, name, email, url, ip, user_agent, body, html, created_at, decided_at,
        decided_by,
    };
    comment
}

/// Which comments a moderator asks for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Any of these; all when empty.
    pub statuses: Vec<Status>,
    pub article: Option<ArticleRef>,
}

/// Comments with the articles they are about, those that are wanted.
macro_rules! wanted {
    ($wanted:expr, $select:expr) => {{
        let mut query = comments::table
            .inner_join(articles::table.on(articles::id.eq(comments::article_id)))
            .select($select)
            .into_boxed();
        if !$wanted.statuses.is_empty() {
            query = query.filter(comments::status.eq_any(&$wanted.statuses));
        }
        match &$wanted.article {
            Some(ArticleRef::Id(id)) => query.filter(articles::id.eq(*id)),
            Some(ArticleRef::Slug(slug)) => query.filter(articles::slug.eq(slug)),
            None => query,
        }
    }};
}

impl Ordered for CommentKey {
    const ID: Column = Column::id("comments.id");

    fn column(_: By<Self>) -> Column {
        Column::instant("comments.created_at")
    }
}

/// A page of the comments that are wanted.
pub fn moderated_page(
    conn: &mut Conn,
    wanted: &Wanted,
    window: &Window<CommentKey>,
) -> Result<Page<ModeratedComment>, Problem> {
    let beyond = window.beyond()?;
    let rows: Vec<(Kept, CommentedArticle)> = on!(conn, c => {
        let query = wanted!(wanted, (Kept::as_select(), CommentedArticle::as_select()));
        query.filter(beyond).order(window.order_by()).limit(window.fetch()).load(c)
    })?;
    let page = window.page(rows, |(kept, _), _| kept.created_at.to_rfc3339(), |(kept, _)| kept.id.to_string());
    Ok(page.map(moderated))
}

/// How many comments are wanted.
pub fn moderated_total(conn: &mut Conn, wanted: &Wanted) -> QueryResult<i64> {
    on!(conn, c => wanted!(wanted, diesel::dsl::count_star()).first(c))
}

/// One comment.
///
/// # Errors
/// `not_found`.
pub fn get(conn: &mut Conn, id: CommentId) -> Result<ModeratedComment, Problem> {
    let row = on!(conn, c => comments::table
        .inner_join(articles::table.on(articles::id.eq(comments::article_id)))
        .filter(comments::id.eq(id))
        .select((Kept::as_select(), CommentedArticle::as_select()))
        .first(c)
        .optional())?;
    row.map(moderated).ok_or_else(|| Problem::not_found("comment"))
}

/// Keeps others from deciding about the comment until this transaction ends. SQLite has one writer at a time anyway.
pub fn lock(conn: &mut Conn, id: CommentId) -> QueryResult<()> {
    if let Conn::Postgres(c) = conn {
        comments::table.find(id).select(comments::id).for_update().execute(&mut **c)?;
    }
    Ok(())
}

/// Writes a decision down.
pub fn decide(conn: &mut Conn, id: CommentId, status: Status, by: EditorId, now: Instant) -> QueryResult<usize> {
    on!(conn, c => diesel::update(comments::table.find(id))
        .set((
            comments::status.eq(status),
            comments::decided_at.eq(Some(now)),
            comments::decided_by.eq(Some(by)),
        ))
        .execute(c))
}
