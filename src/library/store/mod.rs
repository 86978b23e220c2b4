//! Every query about studies.

mod list;
mod merge;
pub mod names;

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::model::{NewStudy, Study, StudyPatch, StudyRef};
use super::notices;
use super::sources::Source;
use crate::citing::record::propose_key;
use crate::db::schema::{citations, publication_citations, studies, study_keys};
use crate::db::types::Instant;
use crate::db::{Conn, Violation, violation};
use crate::error::{Code, Problem};
use crate::http::etag::IfMatch;
use crate::ids::{ArticleId, StudyId};
use crate::on;

pub use list::{Filter, StudyKey, count, list};
pub use merge::{forget, hold_to_change, unite};
pub use names::{Known, Names, resolve};

/// Keeps these studies from being deleted until this transaction ends; false when one is gone already. SQLite has one
/// writer at a time anyway.
pub fn hold(conn: &mut Conn, ids: &[StudyId]) -> Result<bool, Problem> {
    let Conn::Postgres(c) = conn else { return Ok(true) };
    let held: Vec<StudyId> =
        studies::table.filter(studies::id.eq_any(ids)).select(studies::id).for_key_share().load(&mut **c)?;
    Ok(held.len() == ids.len())
}

/// The studies with these ids.
pub fn by_ids(conn: &mut Conn, ids: &[StudyId]) -> Result<HashMap<StudyId, Study>, Problem> {
    let rows: Vec<Study> = on!(conn, c => studies::table
        .filter(studies::id.eq_any(ids))
        .select(Study::as_select())
        .load(c))?;
    Ok(rows.into_iter().map(|study| (study.id, study)).collect())
}

/// Goes through all studies in the order in which they came, some at a time.
pub fn each(conn: &mut Conn, mut visit: impl FnMut(Study) -> Result<(), Problem>) -> Result<(), Problem> {
    const AT_ONCE: usize = 500;
    let mut after: Option<StudyId> = None;
    loop {
        let rows: Vec<Study> = on!(conn, c => {
            let query = studies::table.select(Study::as_select()).order(studies::id).limit(AT_ONCE as i64).into_boxed();
            match after {
                Some(id) => query.filter(studies::id.gt(id)).load(c),
                None => query.load(c),
            }
        })?;
        let last = rows.len() < AT_ONCE;
        after = rows.last().map(|study| study.id);
        rows.into_iter().try_for_each(&mut visit)?;
        if last {
            return Ok(());
        }
    }
}

/// Key and title of the studies with these ids.
pub fn titles(conn: &mut Conn, ids: &[StudyId]) -> Result<HashMap<StudyId, Known>, Problem> {
    let rows: Vec<(StudyId, String, String)> = on!(conn, c => studies::table
        .filter(studies::id.eq_any(ids))
        .select((studies::id, studies::key, studies::title))
        .load(c))?;
    Ok(rows.into_iter().map(|(id, key, title)| (id, Known { id, key, title })).collect())
}

/// Reads one study, by any of its names.
///
/// # Errors
/// `not_found`
pub fn study(conn: &mut Conn, reference: &StudyRef) -> Result<Study, Problem> {
    if let StudyRef::Id(id) = reference {
        let row = on!(conn, c => studies::table.find(id).select(Study::as_select()).first(c).optional())?;
        if let Some(study) = row {
            return Ok(study);
        }
    }
    let name = match reference {
        StudyRef::Id(id) => id.to_string(),
        StudyRef::Key(key) => key.clone(),
    };
    let row = on!(conn, c => study_keys::table
        .inner_join(studies::table)
        .filter(study_keys::key.eq(&name))
        .select(Study::as_select())
        .first(c)
        .optional())?;
    row.ok_or_else(|| Problem::not_found("study"))
}

/// How often the key that was proposed for a study may be taken by another one in the meantime.
const MOST_PROPOSALS: usize = 20;

/// Keeps a new study that an editor wrote.
///
/// # Errors
/// As [`create_from`].
pub fn create(conn: &mut Conn, new: NewStudy, now: Instant) -> Result<Study, Problem> {
    create_from(conn, new, Source::Editor, now)
}

/// Keeps a new study, all of which came from there.
///
/// # Errors
/// `study_exists` when another one has or had its DOI, PMID or PMCID; `key_taken` when the key that was asked for names
/// another one. A key that is proposed steps aside instead.
pub fn create_from(conn: &mut Conn, new: NewStudy, source: Source, now: Instant) -> Result<Study, Problem> {
    let asked = new.key.as_ref().or(new.csl.id.as_ref()).map(|key| key.as_str().to_owned());
    if let Some(key) = asked {
        return insert(conn, &Study::new(key, new, source, now));
    }
    let stem = propose_key(&new.csl.record);
    let mut study = Study::new(stem.clone(), new, source, now);
    let mut refused = Problem::internal("no proposal was made");
    for _ in 0..MOST_PROPOSALS {
        study.set_key(names::free_key(conn, &stem)?);
        match insert(conn, &study) {
            Err(problem) if problem.code() == Code::KeyTaken => refused = problem,
            done => return done,
        }
    }
    Err(refused)
}

fn insert(conn: &mut Conn, study: &Study) -> Result<Study, Problem> {
    let insert = |conn: &mut Conn| -> QueryResult<Study> {
        let kept = on!(conn, c => diesel::insert_into(studies::table)
            .values(study)
            .returning(Study::as_returning())
            .get_result(c))?;
        names::record(conn, &study.key, study.id, study.created_at)?;
        Ok(kept)
    };
    free_of_merged(conn, study)?;
    // In a savepoint: PostgreSQL answers nothing more in a transaction in which a statement failed.
    let kept = conn.transaction(insert).map_err(|error| taken(conn, study, error))?;
    weighed(conn, kept)
}

/// The new study with what the notices say of it.
fn weighed(conn: &mut Conn, new: Study) -> Result<Study, Problem> {
    match notices::recheck(conn, &[new.id])?.is_empty() {
        true => Ok(new),
        false => study(conn, &StudyRef::Id(new.id)),
    }
}

/// Refuses identifiers of studies that became one with another: it is there under a name of its own.
fn free_of_merged(conn: &mut Conn, study: &Study) -> Result<(), Problem> {
    let identifiers = names::identifiers(study);
    if identifiers.is_empty() {
        return Ok(());
    }
    match names::owner(conn, &identifiers)?.filter(|owner| *owner != study.id) {
        Some(owner) => {
            let detail = "A study that became one with another had the same DOI, PMID or PMCID.";
            Err(Problem::new(Code::StudyExists, detail).with_member("existing", owner.to_string()))
        }
        None => Ok(()),
    }
}

/// What it means that a study could not be kept.
fn taken(conn: &mut Conn, study: &Study, error: diesel::result::Error) -> Problem {
    match violation(&error) {
        // A primary key has PostgreSQL's own name.
        Some(Violation::Unique(columns)) if columns.starts_with("studies.") || columns.starts_with("study_keys") => {
            clash(conn, study).unwrap_or_else(Some).unwrap_or_else(|| error.into())
        }
        _ => error.into(),
    }
}

/// What another study has that this one claims. An identifier goes before the key: it tells that the study is there,
/// while a key may be anyone's.
fn clash(conn: &mut Conn, study: &Study) -> Result<Option<Problem>, Problem> {
    type Row = (StudyId, String, Option<String>, Option<String>, Option<String>);
    let others: Vec<Row> = on!(conn, c => studies::table
        .filter(studies::id.ne(study.id))
        .filter(studies::id.eq_any(study_keys::table.filter(study_keys::key.eq(&study.key)).select(study_keys::study_id))
            .or(studies::doi.eq(&study.doi).assume_not_null())
            .or(studies::pmid.eq(&study.pmid).assume_not_null())
            .or(studies::pmcid.eq(&study.pmcid).assume_not_null()))
        .select((studies::id, studies::key, studies::doi, studies::pmid, studies::pmcid))
        .load(c))?;
    let same = |ours: &Option<String>, theirs: &Option<String>| ours.is_some() && ours == theirs;
    let told = |code, detail: String, id: &StudyId| Problem::new(code, detail).with_member("existing", id.to_string());
    let by_identifier = others.iter().find_map(|(id, key, doi, pmid, pmcid)| {
        let pairs = [("DOI", &study.doi, doi), ("PMID", &study.pmid, pmid), ("PMCID", &study.pmcid, pmcid)];
        let (name, ..) = pairs.into_iter().find(|(_, ours, theirs)| same(ours, theirs))?;
        Some(told(Code::StudyExists, format!("The study {key} has the same {name}."), id))
    });
    let by_key = || {
        let (id, key, ..) = others.first()?;
        let detail = match *key == study.key {
            true => format!("Another study has the key {key}."),
            false => format!("{} is a former key of the study {key}.", study.key),
        };
        Some(told(Code::KeyTaken, detail, id))
    };
    Ok(by_identifier.or_else(by_key))
}

/// Whether a request changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Made,
    None,
}

/// Changes a study: reads it, checks the version, merges the change, keeps it as the next version. A change that
/// changes nothing makes no version.
///
/// # Errors
/// `not_found`, `version_conflict`, `validation_failed`, `study_exists`, `key_taken`
pub fn change(
    conn: &mut Conn,
    reference: &StudyRef,
    if_match: &IfMatch,
    patch: StudyPatch,
    now: Instant,
) -> Result<(Study, Change), Problem> {
    let before = base(conn, reference, if_match)?;
    let after = before.patched(patch, now)?;
    if after == before {
        return Ok((before, Change::None));
    }
    Ok((keep(conn, &before, after, now)?, Change::Made))
}

/// Keeps a changed study as the next version.
///
/// # Errors
/// `version_conflict`, `study_exists`, `key_taken`
pub fn keep(conn: &mut Conn, before: &Study, mut after: Study, now: Instant) -> Result<Study, Problem> {
    after.version = before.version + 1;
    after.updated_at = now;
    free_of_merged(conn, &after)?;
    let update = |conn: &mut Conn| -> QueryResult<Option<Study>> {
        // The version is part of the condition: of two writers on PostgreSQL that read the same one, only one goes on.
        let kept: Option<Study> = on!(conn, c => diesel::update(studies::table.find(after.id))
            .filter(studies::version.eq(before.version))
            .set(&after)
            .returning(Study::as_returning())
            .get_result(c)
            .optional())?;
        if kept.is_some() && after.key != before.key {
            names::record(conn, &after.key, after.id, now)?;
        }
        Ok(kept)
    };
    match conn.transaction(update).map_err(|error| taken(conn, &after, error))? {
        Some(study) => Ok(study),
        None => Err(overtaken(conn, after.id)?),
    }
}

/// The study that a change is made from.
///
/// # Errors
/// `not_found`, `version_conflict`
pub fn base(conn: &mut Conn, reference: &StudyRef, if_match: &IfMatch) -> Result<Study, Problem> {
    let study = study(conn, reference)?;
    match if_match.allows(study.version) {
        true => Ok(study),
        false => Err(Problem::version_conflict("study", study.version)),
    }
}

/// Another request changed or deleted the study first.
fn overtaken(conn: &mut Conn, id: StudyId) -> Result<Problem, Problem> {
    Ok(Problem::version_conflict("study", study(conn, &StudyRef::Id(id))?.version))
}

/// The most articles that a refusal to delete a study tells.
const MOST_ARTICLES: i64 = 100;

/// Deletes a study that no article cites.
///
/// # Errors
/// `not_found`, `version_conflict`, `study_cited`
pub fn delete(conn: &mut Conn, reference: &StudyRef, if_match: &IfMatch) -> Result<(), Problem> {
    let study = base(conn, reference, if_match)?;
    let delete = |conn: &mut Conn| {
        on!(conn, c => diesel::delete(studies::table.find(study.id))
            .filter(studies::version.eq(study.version))
            .execute(c))
    };
    match conn.transaction(delete) {
        Ok(0) => Err(overtaken(conn, study.id)?),
        Ok(_) => Ok(()),
        Err(error) if violation(&error) == Some(Violation::ForeignKey) => Err(cited(conn, study.id)?),
        Err(error) => Err(error.into()),
    }
}

/// The problem of deleting what working copies or publications cite.
fn cited(conn: &mut Conn, id: StudyId) -> Result<Problem, Problem> {
    let copies: Vec<ArticleId> = on!(conn, c => citations::table
        .filter(citations::study_id.eq(id))
        .order(citations::article_id)
        .select(citations::article_id)
        .limit(MOST_ARTICLES)
        .load(c))?;
    let publications: Vec<ArticleId> = on!(conn, c => publication_citations::table
        .filter(publication_citations::study_id.eq(id))
        .order(publication_citations::article_id)
        .select(publication_citations::article_id)
        .limit(MOST_ARTICLES)
        .load(c))?;
    let articles: BTreeSet<ArticleId> = copies.into_iter().chain(publications).collect();
    let articles: Vec<String> = articles.iter().take(MOST_ARTICLES as usize).map(ArticleId::to_string).collect();
    Ok(Problem::new(Code::StudyCited, "Articles cite the study, or the public reads ones that do.")
        .with_member("articles", articles))
}

/// How many articles cite a study.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cited {
    pub working_copies: i64,
    pub publications: i64,
}

/// How many articles cite each of these studies; one that none cites may be left out.
pub fn citing(conn: &mut Conn, ids: &[StudyId]) -> Result<HashMap<StudyId, Cited>, Problem> {
    let mut counts: HashMap<StudyId, Cited> = HashMap::new();
    let copies: Vec<(StudyId, i64)> = on!(conn, c => citations::table
        .filter(citations::study_id.eq_any(ids))
        .group_by(citations::study_id)
        .select((citations::study_id, diesel::dsl::count_star()))
        .load(c))?;
    for (id, count) in copies {
        counts.entry(id).or_default().working_copies = count;
    }
    let publications: Vec<(StudyId, i64)> = on!(conn, c => publication_citations::table
        .filter(publication_citations::study_id.eq_any(ids))
        .group_by(publication_citations::study_id)
        .select((publication_citations::study_id, diesel::dsl::count_star()))
        .load(c))?;
    for (id, count) in publications {
        counts.entry(id).or_default().publications = count;
    }
    Ok(counts)
}
