//! Working copies follow the library: when a study gets another key, and when it becomes one with another.

use diesel::prelude::*;

use super::model::Origin;
use crate::db::Conn;
use crate::db::schema::{articles, citations, claim_studies, claims, sections};
use crate::db::types::Instant;
use crate::error::Problem;
use crate::ids::{ArticleId, CitationId, ClaimId, SectionId, StudyId};
use crate::on;
use crate::text::markdown;

/// The articles whose working copies lean on one of these studies, in the order of their ids. On PostgreSQL no other
/// writer has them until this transaction ends; taken before the studies, since writers of articles take them so.
pub fn hold_citing(conn: &mut Conn, studies: &[StudyId]) -> Result<Vec<ArticleId>, Problem> {
    let cites = || citations::table.filter(citations::study_id.eq_any(studies)).select(citations::article_id);
    let claims = || {
        let named = claims::table.inner_join(claim_studies::table).filter(claim_studies::study_id.eq_any(studies));
        named.select(claims::article_id)
    };
    if let Conn::Postgres(c) = conn {
        return Ok(articles::table
            .filter(articles::id.eq_any(cites()).or(articles::id.eq_any(claims())))
            .order(articles::id)
            .select(articles::id)
            .for_no_key_update()
            .load(&mut **c)?);
    }
    Ok(on!(conn, c => articles::table
        .filter(articles::id.eq_any(cites()).or(articles::id.eq_any(claims())))
        .order(articles::id)
        .select(articles::id)
        .load(c))?)
}

/// Which markers get which key.
pub struct Renaming<'a> {
    /// Whether a marker's key names the study by a name that is to go.
    pub names: &'a dyn Fn(&str) -> bool,
    /// The key that takes its place.
    pub key: &'a str,
}

/// Writes the new key into the markers of these articles. Answers how many changed.
pub fn rename(conn: &mut Conn, of: &[ArticleId], renaming: &Renaming<'_>, now: Instant) -> Result<usize, Problem> {
    let mut changed = 0;
    for article in of {
        if rename_markers(conn, *article, renaming)? {
            next_version(conn, *article, now)?;
            changed += 1;
        }
    }
    Ok(changed)
}

/// Makes these articles cite `kept` where they cited `gone`. Where an article cites both, one citation stays: in the
/// place of the first, an entry of its own if one of them was. Answers how many changed.
pub fn replace(
    conn: &mut Conn,
    of: &[ArticleId],
    kept: StudyId,
    gone: StudyId,
    renaming: &Renaming<'_>,
    now: Instant,
) -> Result<usize, Problem> {
    let mut changed = 0;
    for article in of {
        let cited = replace_citation(conn, *article, kept, gone)?;
        let claimed = replace_in_claims(conn, *article, kept, gone)?;
        let marked = rename_markers(conn, *article, renaming)?;
        if cited || claimed || marked {
            next_version(conn, *article, now)?;
            changed += 1;
        }
    }
    Ok(changed)
}

fn rename_markers(conn: &mut Conn, article: ArticleId, renaming: &Renaming<'_>) -> Result<bool, Problem> {
    let bodies: Vec<(SectionId, String)> = on!(conn, c => sections::table
        .filter(sections::article_id.eq(article))
        .select((sections::id, sections::body))
        .load(c))?;
    let mut changed = false;
    for (section, body) in bodies {
        if let Some(body) = markdown::rename_key(&body, renaming.names, renaming.key) {
            on!(conn, c => diesel::update(sections::table.find(section)).set(sections::body.eq(&body)).execute(c))?;
            changed = true;
        }
    }
    Ok(changed)
}

type CitationRow = (CitationId, StudyId, Origin, Option<String>);

fn replace_citation(conn: &mut Conn, article: ArticleId, kept: StudyId, gone: StudyId) -> Result<bool, Problem> {
    let rows: Vec<CitationRow> = on!(conn, c => citations::table
        .filter(citations::article_id.eq(article))
        .filter(citations::study_id.eq_any([kept, gone]))
        .order(citations::position)
        .select((citations::id, citations::study_id, citations::origin, citations::evidence_level))
        .load(c))?;
    if rows.iter().all(|(_, study, ..)| *study != gone) {
        return Ok(false);
    }
    let Some((stays, ..)) = rows.first() else { return Ok(false) };
    let entry = rows.iter().any(|(_, _, origin, _)| *origin == Origin::Entry);
    let level_of = |wanted: StudyId| rows.iter().find(|(_, study, ..)| *study == wanted).and_then(|row| row.3.clone());
    let level = level_of(kept).or_else(|| level_of(gone));
    let others: Vec<CitationId> = rows.iter().map(|(id, ..)| *id).filter(|id| id != stays).collect();
    on!(conn, c => diesel::delete(citations::table.filter(citations::id.eq_any(&others))).execute(c))?;
    on!(conn, c => diesel::update(citations::table.find(stays))
        .set((
            citations::study_id.eq(kept),
            citations::origin.eq(if entry { Origin::Entry } else { Origin::Marker }),
            citations::evidence_level.eq(&level),
        ))
        .execute(c))?;
    Ok(true)
}

/// A claim that names both studies keeps what it says of the one that stays.
fn replace_in_claims(conn: &mut Conn, article: ArticleId, kept: StudyId, gone: StudyId) -> Result<bool, Problem> {
    let rows: Vec<(ClaimId, StudyId)> = on!(conn, c => claim_studies::table
        .inner_join(claims::table)
        .filter(claims::article_id.eq(article))
        .filter(claim_studies::study_id.eq_any([kept, gone]))
        .select((claim_studies::claim_id, claim_studies::study_id))
        .load(c))?;
    let mut changed = false;
    for (claim, _) in rows.iter().filter(|(_, study)| *study == gone) {
        if rows.contains(&(*claim, kept)) {
            on!(conn, c => diesel::delete(claim_studies::table.find((*claim, gone))).execute(c))?;
        } else {
            on!(conn, c => diesel::update(claim_studies::table.find((*claim, gone)))
                .set(claim_studies::study_id.eq(kept))
                .execute(c))?;
        }
        changed = true;
    }
    Ok(changed)
}

/// Counts the change. An article that was exactly what the public reads stays so: its publication follows the library.
fn next_version(conn: &mut Conn, article: ArticleId, now: Instant) -> Result<(), Problem> {
    let (version, published): (i32, Option<i32>) = on!(conn, c => articles::table
        .find(article)
        .select((articles::version, articles::published_version))
        .first(c))?;
    let published = if published == Some(version) { Some(version + 1) } else { published };
    on!(conn, c => diesel::update(articles::table.find(article))
        .set((
            articles::version.eq(version + 1),
            articles::published_version.eq(published),
            articles::updated_at.eq(now),
        ))
        .execute(c))?;
    Ok(())
}
