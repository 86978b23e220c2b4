//! What editors have answered for: findings of the evidence check, each with a reason. They are no part of the article's
//! version; publishing freezes those whose finding is there.

use diesel::prelude::*;

use super::source::SourceAcknowledgement;
use crate::db::Conn;
use crate::db::schema::acknowledgements;
use crate::db::types::Instant;
use crate::error::Problem;
use crate::ids::{AcknowledgementId, ArticleId, EditorId};
use crate::on;

/// The most acknowledgements of an article.
pub const MOST: usize = 5_000;

/// An acknowledgement of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = acknowledgements)]
pub struct Acknowledgement {
    pub id: AcknowledgementId,
    #[diesel(column_name = article_id)]
    pub article: ArticleId,
    pub rule: String,
    pub fingerprint: String,
    pub reason: String,
    #[diesel(column_name = editor_id)]
    pub by: Option<EditorId>,
    #[diesel(column_name = created_at)]
    pub at: Instant,
}

impl From<&Acknowledgement> for SourceAcknowledgement {
    fn from(it: &Acknowledgement) -> Self {
        Self {
            rule: it.rule.clone(),
            fingerprint: it.fingerprint.clone(),
            reason: it.reason.clone(),
            editor: it.by,
            at: it.at,
        }
    }
}

/// All of an article, the oldest first.
pub fn all(conn: &mut Conn, article: ArticleId) -> Result<Vec<Acknowledgement>, Problem> {
    Ok(on!(conn, c => acknowledgements::table
        .filter(acknowledgements::article_id.eq(article))
        .order(acknowledgements::id)
        .load(c))?)
}

/// Keeps one; a finding that was acknowledged before gets the new reason. Answers what is kept.
pub fn keep(conn: &mut Conn, new: &Acknowledgement) -> Result<Acknowledgement, Problem> {
    Ok(on!(conn, c => diesel::insert_into(acknowledgements::table)
        .values(new)
        .on_conflict((acknowledgements::article_id, acknowledgements::fingerprint))
        .do_update()
        .set((
            acknowledgements::reason.eq(&new.reason),
            acknowledgements::editor_id.eq(new.by),
            acknowledgements::created_at.eq(new.at),
        ))
        .returning(acknowledgements::all_columns)
        .get_result(c))?)
}

/// Takes one back.
///
/// # Errors
/// `not_found` when the article has none of that id.
pub fn remove(conn: &mut Conn, article: ArticleId, id: AcknowledgementId) -> Result<(), Problem> {
    let gone = on!(conn, c => diesel::delete(acknowledgements::table.find(id))
        .filter(acknowledgements::article_id.eq(article))
        .execute(c))?;
    if gone == 0 { Err(Problem::not_found("acknowledgement")) } else { Ok(()) }
}
