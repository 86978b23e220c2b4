//! From rows to threads. The database says where each comment stands; here they are put there.

use std::collections::{HashMap, HashSet};

use diesel::prelude::QueryableByName;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};

use super::model::{Comment, CommentKey};
use crate::db::types::{Instant, sql};
use crate::http::page::{Page, Window};
use crate::ids::CommentId;

/// The most replies of one thread that a tree holds.
pub const MOST_REPLIES: i64 = 500;

/// An approved comment and where it stands among the approved ones.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct Row {
    #[diesel(sql_type = sql::Id)]
    pub id: CommentId,
    /// The comment at the top of its thread.
    #[diesel(sql_type = sql::Id)]
    pub thread: CommentId,
    /// The nearest approved comment above it.
    #[diesel(sql_type = Nullable<sql::Id>)]
    pub parent: Option<CommentId>,
    /// 1 for the top of the thread, then 2… in the order of time.
    #[diesel(sql_type = BigInt)]
    pub place: i64,
    #[diesel(sql_type = Integer)]
    pub depth: i32,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub url: Option<String>,
    #[diesel(sql_type = Text)]
    pub html: String,
    #[diesel(sql_type = sql::Instant)]
    pub created_at: Instant,
}

/// The page of a flat list, from rows in the order they were read.
pub fn flat(rows: Vec<Row>, window: &Window<CommentKey>) -> Page<Comment> {
    page(rows.into_iter().map(alone).collect(), window)
}

/// A comment without its replies.
pub fn alone(row: Row) -> Comment {
    comment(row, Vec::new(), false)
}

/// The page of threads, from the rows of all of them in the order of time.
pub fn tree(rows: Vec<Row>, window: &Window<CommentKey>) -> Page<Comment> {
    let (tops, below): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.id == row.thread);
    let mut replies = Replies::new(below);
    let mut threads: Vec<Comment> = tops.into_iter().map(|top| replies.under(top)).collect();
    if !window.ascending() {
        threads.reverse();
    }
    page(threads, window)
}

fn page(comments: Vec<Comment>, window: &Window<CommentKey>) -> Page<Comment> {
    window.page(comments, |comment, _| comment.created_at.to_rfc3339(), |comment| comment.id.to_string())
}

struct Replies {
    to: HashMap<CommentId, Vec<Row>>,
    /// The threads that have more replies than a tree holds.
    more: HashSet<CommentId>,
}

impl Replies {
    fn new(rows: Vec<Row>) -> Self {
        let (kept, left): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.place <= 1 + MOST_REPLIES);
        let there: HashSet<CommentId> = kept.iter().map(|row| row.id).collect();
        let mut to: HashMap<CommentId, Vec<Row>> = HashMap::new();
        for row in kept {
            // A reply older than what it replies to could be here without it; it is not lost then either.
            let parent = row.parent.filter(|parent| there.contains(parent)).unwrap_or(row.thread);
            to.entry(parent).or_default().push(row);
        }
        Self { to, more: left.iter().map(|row| row.thread).collect() }
    }

    /// Recursive, as deep as `comments.max_depth` lets threads be.
    fn under(&mut self, row: Row) -> Comment {
        let replies = self.to.remove(&row.id).unwrap_or_default();
        let replies = replies.into_iter().map(|reply| self.under(reply)).collect();
        let more = self.more.contains(&row.id);
        comment(row, replies, more)
    }
}

fn comment(row: Row, replies: Vec<Comment>, more_replies: bool) -> Comment {
    let Row { id, parent, depth, name, url, html, created_at, .. } = row;
    Comment { id, parent_id: parent, name, url, html, created_at, depth, replies, more_replies }
}
