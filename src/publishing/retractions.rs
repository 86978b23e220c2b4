//! What the notices come to is part of what the public reads: publications and the change log follow it.

use std::collections::HashSet;

use diesel::prelude::*;
use serde_json::json;

use super::{log, study_changed};
use crate::db::Conn;
use crate::db::schema::publication_citations;
use crate::db::types::Instant;
use crate::error::Problem;
use crate::ids::StudyId;
use crate::library::RetractionStatus;
use crate::library::notices::{self, StatusChange};
use crate::on;

/// How many ids one statement takes.
const MOST_IDS: usize = 1_000;

/// Weighs the notices of these studies anew; publications and the log follow. The transaction has to have taken
/// [`super::store::lock`] before.
///
/// # Errors
/// Those of the database.
pub fn recheck(conn: &mut Conn, studies: &[StudyId], now: Instant) -> Result<(), Problem> {
    let changes = notices::recheck(conn, studies)?;
    follow(conn, &changes, now)
}

/// Renders the publications that cite the studies anew, and tells of each study that the public reads of and whose
/// status has changed. The transaction has to have taken [`super::store::lock`] before.
///
/// # Errors
/// Those of the database.
pub fn follow(conn: &mut Conn, changes: &[StatusChange], now: Instant) -> Result<(), Problem> {
    let cited = cited(conn, changes)?;
    for change in changes.iter().filter(|change| cited.contains(&change.study)) {
        study_changed(conn, change.study, now)?;
    }
    tell(conn, changes, now)
}

/// Tells the log alone, of studies whose publications are rendered anew anyway.
///
/// # Errors
/// Those of the database.
pub fn tell(conn: &mut Conn, changes: &[StatusChange], now: Instant) -> Result<(), Problem> {
    let cited = cited(conn, changes)?;
    let changes = changes.iter().filter(|change| cited.contains(&change.study));
    for change in changes.filter(|change| change.before != change.after) {
        let word = |status: Option<RetractionStatus>| status.map(RetractionStatus::as_str);
        let detail = json!({"study": change.study, "key": change.key, "before": word(change.before), "after": word(change.after)});
        log::append_of_study(conn, log::Kind::Retraction, change.study, detail, now)?;
    }
    Ok(())
}

/// Those that publications cite.
fn cited(conn: &mut Conn, changes: &[StatusChange]) -> Result<HashSet<StudyId>, Problem> {
    let ids: Vec<StudyId> = changes.iter().map(|change| change.study).collect();
    let mut cited = HashSet::new();
    for ids in ids.chunks(MOST_IDS) {
        let found: Vec<StudyId> = on!(conn, c => publication_citations::table
            .filter(publication_citations::study_id.eq_any(ids))
            .select(publication_citations::study_id)
            .distinct()
            .load(c))?;
        cited.extend(found);
    }
    Ok(cited)
}
