//! Readers' comments: posting them, reading the approved ones as threads, deciding about them.
//!
//! What the public gets is made from the publications and the comments alone, never from working copies.

pub mod model;
mod routes;
mod store;
mod thread;

use std::collections::HashMap;

use crate::db::Conn;
use crate::db::types::Instant;
use crate::error::Problem;
use crate::http::page::{Limit, Page, Window};
use crate::http::sort::Sort;
use crate::ids::{ArticleId, CommentId};

pub use model::{Comment, CommentPolicy, NewComment, Status};
pub use routes::routes;

/// How many approved comments each of these articles has, replies included; an article without any is not in the map.
/// One statement.
pub fn summaries(conn: &mut Conn, articles: &[ArticleId]) -> Result<HashMap<ArticleId, i64>, Problem> {
    Ok(store::counts(conn, articles)?.into_iter().collect())
}

/// The first threads of each of these articles: what the first page of `GET /v1/articles/{article}/comments` has; an
/// article without any is not in the map. `next` of a page is a cursor of that list. One statement.
pub fn first_threads(
    conn: &mut Conn,
    articles: &[ArticleId],
    limit: Limit,
) -> Result<HashMap<ArticleId, Page<Comment>>, Problem> {
    let window = Window::new(Some(limit), Sort::up(model::CommentKey::CreatedAt), None)?;
    store::first_pages(conn, articles, &window)
}

/// The newest comments of an article, one after the other. One statement.
pub fn newest(conn: &mut Conn, article: ArticleId, limit: Limit) -> Result<Vec<Comment>, Problem> {
    let window = Window::new(Some(limit), Sort::down(model::CommentKey::CreatedAt), None)?;
    Ok(store::page(conn, article, model::View::Flat, store::Posted::default(), &window)?.items)
}

/// Keeps a comment that was decided about elsewhere.
///
/// # Errors
/// `not_found` when there is no such article or no approved comment that it replies to.
pub fn bring_in(
    conn: &mut Conn,
    article: ArticleId,
    new: &NewComment,
    status: Status,
    now: Instant,
) -> Result<CommentId, Problem> {
    let depth = match new.parent_id {
        Some(parent) => 1 + store::depth_of(conn, article, parent)?.ok_or_else(|| Problem::not_found("comment"))?,
        None => 0,
    };
    let (id, rendered) = (CommentId::new(), model::render(&new.body));
    let sender = store::Sender { ip: None, user_agent: None };
    let entry = store::Entry { id, article, depth, new, rendered: &rendered, status, sender: &sender, now };
    store::insert(conn, &entry)?;
    Ok(id)
}
