//! Two studies become one: what the library itself holds of them.

use diesel::prelude::*;
use serde_json::{Value as Json, json};

use super::{Study, keep, names};
use crate::db::schema::{studies, study_keys, study_merges};
use crate::db::types::{self, Instant};
use crate::db::{Conn, Violation, violation};
use crate::error::Problem;
use crate::ids::{EditorId, MergeId, StudyId};
use crate::library::fill::{Filled, fill};
use crate::library::notices;
use crate::on;

/// Lets one transaction at a time have these studies; a study that is named twice or is gone is left out.
pub fn hold_to_change(conn: &mut Conn, ids: &[StudyId]) -> Result<(), Problem> {
    if let Conn::Postgres(c) = conn {
        let _: Vec<StudyId> = studies::table
            .filter(studies::id.eq_any(ids))
            .order(studies::id)
            .select(studies::id)
            .for_update()
            .load(&mut **c)?;
    }
    Ok(())
}

/// Gives `kept` every name that `gone` had, the notices about it, and what `kept` lacks of its description.
///
/// What still names `gone` afterwards is its row, and publications that have not followed yet.
///
/// # Errors
/// `version_conflict`
pub fn unite(conn: &mut Conn, kept: &Study, gone: &Study, now: Instant) -> Result<Filled, Problem> {
    on!(conn, c => diesel::update(study_keys::table.filter(study_keys::study_id.eq(gone.id)))
        .set(study_keys::study_id.eq(kept.id))
        .execute(c))?;
    notices::store::move_to(conn, gone.id, kept.id)?;
    on!(conn, c => diesel::update(study_merges::table.filter(study_merges::kept_id.eq(gone.id)))
        .set(study_merges::kept_id.eq(kept.id))
        .execute(c))?;
    // An identifier is of one study only, at every moment.
    on!(conn, c => diesel::update(studies::table.find(gone.id))
        .set((
            studies::doi.eq(None::<String>),
            studies::pmid.eq(None::<String>),
            studies::pmcid.eq(None::<String>),
        ))
        .execute(c))?;
    let mut filled = fill(kept, gone);
    filled.study = keep(conn, kept, filled.study, now)?;
    let own = names::identifiers(&filled.study);
    let others = names::identifiers(gone).into_iter().filter(|name| !own.contains(name));
    for name in others.chain([gone.id.to_string()]) {
        names::record(conn, &name, kept.id, now)?;
    }
    Ok(filled)
}

/// Takes the row of a study that became one with another out, and keeps what it was.
///
/// # Errors
/// `study_cited` when something still leans on it.
pub fn forget(
    conn: &mut Conn,
    kept: StudyId,
    gone: &Study,
    names: &[String],
    editor: EditorId,
    now: Instant,
) -> Result<MergeId, Problem> {
    let id = MergeId::new();
    on!(conn, c => diesel::insert_into(study_merges::table)
        .values((
            study_merges::id.eq(id),
            study_merges::kept_id.eq(kept),
            study_merges::gone.eq(types::Json(described(gone, names))),
            study_merges::editor_id.eq(editor),
            study_merges::merged_at.eq(now),
        ))
        .execute(c))?;
    let delete = |conn: &mut Conn| on!(conn, c => diesel::delete(studies::table.find(gone.id)).execute(c));
    match conn.transaction(delete) {
        Ok(_) => Ok(id),
        Err(error) if violation(&error) == Some(Violation::ForeignKey) => Err(super::cited(conn, gone.id)?),
        Err(error) => Err(error.into()),
    }
}

/// All that was known of a study and how it was called.
fn described(gone: &Study, names: &[String]) -> Json {
    json!({
        "id": gone.id,
        "key": gone.key,
        "names": names,
        "version": gone.version,
        "created_at": gone.created_at,
        "updated_at": gone.updated_at,
        "facts": gone.facts(),
        "sources": gone.sources.0,
        "retraction": gone.retraction_notice.as_ref().map(|notice| notice.0.clone()),
    })
}
