//! The change log: what the public can see and that changed, in commit order. Everything that reacts follows it.

use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::changes;
use crate::db::types::{Instant, Json};
use crate::error::Problem;
use crate::ids::{ArticleId, StudyId};
use crate::on;

/// Any number that ibid alone takes: writers of the log wait for each other on it.
const LOG_LOCK: i64 = 0x1b1d_0002;

/// Appends a change; the last thing that a transaction does before its commit.
///
/// On PostgreSQL the log's lock is held from here to the commit: sequence numbers become visible in their order, so
/// that a reader who has seen one has seen all before it. SQLite has one writer.
pub fn append(
    conn: &mut Conn,
    kind: &str,
    subject: ArticleId,
    detail: serde_json::Value,
    now: Instant,
) -> Result<(), Problem> {
    append_all(conn, kind, vec![(subject, detail)], now)
}

/// How many changes one statement takes.
const MOST_ROWS: usize = 1_000;

/// Appends a change of one kind to each of these articles, as [`append`] does one.
pub fn append_all(
    conn: &mut Conn,
    kind: &str,
    changed: Vec<(ArticleId, serde_json::Value)>,
    now: Instant,
) -> Result<(), Problem> {
    if changed.is_empty() {
        return Ok(());
    }
    if let Conn::Postgres(c) = conn {
        diesel::sql_query(format!("SELECT pg_advisory_xact_lock({LOG_LOCK})")).execute(&mut **c)?;
    }
    let rows: Vec<_> = changed
        .into_iter()
        .map(|(subject, detail)| {
            (
                changes::at.eq(now),
                changes::kind.eq(kind),
                changes::subject_id.eq(subject),
                changes::detail.eq(Json(detail)),
            )
        })
        .collect();
    for rows in rows.chunks(MOST_ROWS) {
        on!(conn, c => diesel::insert_into(changes::table).values(rows.to_vec()).execute(c))?;
    }
    Ok(())
}

/// Appends a change of a study that the public reads of, as [`append`] does one of an article.
///
/// # Errors
/// Those of the database.
pub fn append_of_study(
    conn: &mut Conn,
    kind: &str,
    study: StudyId,
    detail: serde_json::Value,
    now: Instant,
) -> Result<(), Problem> {
    append(conn, kind, ArticleId(study.0), detail, now)
}
