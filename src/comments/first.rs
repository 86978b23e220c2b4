//! The first comments of several articles at once, for answers that hold articles.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};

use super::model::{Comment, Status};
use super::thread::{self, Row};
use crate::db::Conn;
use crate::db::schema::comments;
use crate::db::types::{Instant, sql};
use crate::ids::{ArticleId, CommentId};
use crate::on;

/// The most comments that come with one article.
pub const MOST: i64 = 100;

#[derive(QueryableByName)]
struct Approved {
    #[diesel(sql_type = sql::Id)]
    id: CommentId,
    #[diesel(sql_type = sql::Id)]
    article_id: ArticleId,
    #[diesel(sql_type = Nullable<sql::Id>)]
    parent_id: Option<CommentId>,
    #[diesel(sql_type = Integer)]
    depth: i32,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    url: Option<String>,
    #[diesel(sql_type = Text)]
    html: String,
    #[diesel(sql_type = sql::Instant)]
    created_at: Instant,
    #[diesel(sql_type = BigInt)]
    place: i64,
}

/// The oldest approved comments of each article, as threads. Two statements, however many articles there are.
pub fn threads(conn: &mut Conn, articles: &[ArticleId]) -> QueryResult<HashMap<ArticleId, Vec<Comment>>> {
    let rows = approved(conn, articles)?;
    let hidden = hidden(conn, articles)?;
    let mut by_article: HashMap<ArticleId, Vec<Approved>> = HashMap::new();
    for row in rows {
        by_article.entry(row.article_id).or_default().push(row);
    }
    let arranged = by_article.into_iter().map(|(article, rows)| (article, thread::forest(arrange(rows, &hidden))));
    Ok(arranged.collect())
}

fn approved(conn: &mut Conn, articles: &[ArticleId]) -> QueryResult<Vec<Approved>> {
    // Neither database takes a list of ids as one bound value; hyphenated UUIDs can stand in the text.
    let ids: Vec<String> = articles.iter().map(|id| format!("'{id}'")).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = format!(
        "SELECT id, article_id, parent_id, depth, name, url, html, created_at, place FROM (
            SELECT c.*, row_number() OVER (PARTITION BY c.article_id ORDER BY c.created_at, c.id) AS place
            FROM comments c WHERE c.status = 'approved' AND c.article_id IN ({})
         ) AS numbered WHERE place <= {MOST} ORDER BY created_at, id",
        ids.join(", ")
    );
    on!(conn, c => diesel::sql_query(query).load(c))
}

/// What a comment that is not approved replies to, for those that have replies themselves.
fn hidden(conn: &mut Conn, articles: &[ArticleId]) -> QueryResult<HashMap<CommentId, Option<CommentId>>> {
    let replies = diesel::alias!(comments as replies);
    let replied = diesel::dsl::exists(replies.filter(replies.field(comments::parent_id).eq(comments::id.nullable())));
    let rows: Vec<(CommentId, Option<CommentId>)> = on!(conn, c => comments::table
        .filter(comments::article_id.eq_any(articles))
        .filter(comments::status.ne(Status::Approved))
        .filter(replied)
        .select((comments::id, comments::parent_id))
        .load(c))?;
    Ok(rows.into_iter().collect())
}

/// Finds for each comment the nearest one above it that is shown, and the top of its thread.
fn arrange(rows: Vec<Approved>, hidden: &HashMap<CommentId, Option<CommentId>>) -> Vec<Row> {
    let parents: HashMap<CommentId, Option<CommentId>> = rows.iter().map(|row| (row.id, row.parent_id)).collect();
    let above = |id: CommentId| {
        let mut at = parents.get(&id).copied().flatten();
        while let Some(parent) = at.filter(|parent| !parents.contains_key(parent)) {
            at = hidden.get(&parent).copied().flatten();
        }
        at
    };
    let top = |id: CommentId| std::iter::successors(Some(id), |id| above(*id)).last().unwrap_or(id);
    let place = |row: Approved| Row {
        thread: top(row.id),
        parent: above(row.id),
        id: row.id,
        place: row.place,
        depth: row.depth,
        name: row.name,
        url: row.url,
        html: row.html,
        created_at: row.created_at,
    };
    rows.into_iter().map(place).collect()
}
