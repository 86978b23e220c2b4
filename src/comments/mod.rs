//! Readers' comments: posting them, reading the approved ones as threads, deciding about them.
//!
//! What the public gets is made from the publications and the comments alone, never from working copies.

pub mod model;
mod routes;
mod store;
mod thread;

use std::collections::HashMap;

use crate::db::Conn;
use crate::error::Problem;
use crate::http::page::{Limit, Page, Window};
use crate::ids::ArticleId;

pub use model::Comment;
pub use routes::routes;

/// How many approved comments each of these articles has, replies included; an article without any is not in the map.
/// One statement.
pub fn summaries(conn: &mut Conn, articles: &[ArticleId]) -> Result<HashMap<ArticleId, i64>, Problem> {
    Ok(store::counts(conn, articles)?.into_iter().collect())
}

/// The first threads of an article: what the first page of `GET /v1/articles/{article}/comments` has. One statement.
/// `next` of the page is a cursor of that list.
pub fn first_threads(conn: &mut Conn, article: ArticleId, limit: Limit) -> Result<Page<Comment>, Problem> {
    let window = Window::new(Some(limit), model::Sort::OldestFirst.as_str(), None)?;
    store::page(conn, article, model::View::Tree, &window)
}
