//! What the notices come to for the studies of the library: read with joins, whatever their numbers.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use diesel::prelude::*;

use super::model::{Notice, retraction_json};
use crate::citing::retraction::{self, Kind};
use crate::db::Conn;
use crate::db::schema::{notices, studies, study_keys};
use crate::db::types::Json;
use crate::error::Problem;
use crate::ids::StudyId;
use crate::library::{Retraction, RetractionStatus};
use crate::on;

/// How many ids one statement takes.
const MOST_IDS: usize = 1_000;

/// A study whose retraction is another one now.
#[derive(Debug, Clone, PartialEq)]
pub struct StatusChange {
    pub study: StudyId,
    pub key: String,
    pub before: Option<RetractionStatus>,
    pub after: Option<RetractionStatus>,
}

/// Weighs the notices of these studies anew and writes what they come to; answers the studies for which it is
/// another thing than before. Whoever changes a study's DOI or PMID, or makes one of two, calls this.
///
/// # Errors
/// Those of the database.
pub fn recheck(conn: &mut Conn, of: &[StudyId]) -> Result<Vec<StatusChange>, Problem> {
    let mut changed = Vec::new();
    for ids in of.chunks(MOST_IDS) {
        let matched = matched(conn, Some(ids))?;
        changed.extend(write(conn, ids, &matched)?);
    }
    Ok(changed)
}

/// The same for all studies that a notice is about or was about.
///
/// # Errors
/// Those of the database.
pub fn recheck_all(conn: &mut Conn) -> Result<Vec<StatusChange>, Problem> {
    let matched = matched(conn, None)?;
    let had: Vec<StudyId> =
        on!(conn, c => studies::table.filter(studies::retraction.is_not_null()).select(studies::id).load(c))?;
    let all: BTreeSet<StudyId> = matched.keys().copied().chain(had).collect();
    let all: Vec<StudyId> = all.into_iter().collect();
    let mut changed = Vec::new();
    for ids in all.chunks(MOST_IDS) {
        changed.extend(write(conn, ids, &matched)?);
    }
    Ok(changed)
}

/// The notices of a study, in the order of their ids.
type Matched = BTreeMap<StudyId, Vec<Notice>>;

macro_rules! joined {
    ($conn:expr, $of:expr, $on:expr) => {
        on!($conn, c => {
            let mut query = studies::table
                .inner_join(notices::table.on($on))
                .select((studies::id, studies::doi, Notice::as_select()))
                .into_boxed();
            if let Some(ids) = $of {
                query = query.filter(studies::id.eq_any(ids));
            }
            query.load(c)
        })
    };
}

/// The notices of each study: by its DOI; by its PMID where no study has the notice's DOI; by identifiers of studies that
/// became one with it; those that an editor gave it.
/// Three joins on equal columns rather than one with OR: each is a hash join or a walk of an index.
fn matched(conn: &mut Conn, of: Option<&[StudyId]>) -> Result<Matched, Problem> {
    type Row = (StudyId, Option<String>, Notice);
    let by_doi: Vec<Row> = joined!(conn, of, notices::doi.eq(studies::doi))?;
    let by_pmid: Vec<Row> = joined!(conn, of, notices::pmid.eq(studies::pmid))?;
    let by_editor: Vec<Row> = joined!(conn, of, notices::study_id.eq(studies::id.nullable()))?;
    let others = by_pmid.iter().filter(|(_, doi, notice)| notice.doi.is_some() && notice.doi != *doi);
    let others: BTreeSet<&str> = others.filter_map(|(_, _, notice)| notice.doi.as_deref()).collect();
    let others = present(conn, &others.into_iter().collect::<Vec<_>>())?;
    let by_pmid =
        by_pmid.into_iter().filter(|(_, _, notice)| !notice.doi.as_ref().is_some_and(|doi| others.contains(doi)));
    let mut matched: BTreeMap<StudyId, HashMap<crate::ids::NoticeId, Notice>> = BTreeMap::new();
    let rows = by_doi.into_iter().chain(by_pmid).chain(by_editor).map(|(study, _, notice)| (study, notice));
    for (study, notice) in rows.chain(by_former_identifiers(conn, of)?) {
        matched.entry(study).or_default().insert(notice.id, notice);
    }
    let sorted = |notices: HashMap<_, Notice>| {
        let mut notices: Vec<Notice> = notices.into_values().collect();
        notices.sort_by_key(|notice| notice.id);
        notices
    };
    Ok(matched.into_iter().map(|(study, notices)| (study, sorted(notices))).collect())
}

/// The notices of identifiers that a study has from another one which became one with it.
fn by_former_identifiers(conn: &mut Conn, of: Option<&[StudyId]>) -> Result<Vec<(StudyId, Notice)>, Problem> {
    let names: Vec<(String, StudyId)> = on!(conn, c => {
        let mut query = study_keys::table
            .filter(study_keys::key.like("doi:%").or(study_keys::key.like("pmid:%")))
            .select((study_keys::key, study_keys::study_id))
            .into_boxed();
        if let Some(ids) = of {
            query = query.filter(study_keys::study_id.eq_any(ids));
        }
        query.load(c)
    })?;
    let mut found = Vec::new();
    for names in names.chunks(MOST_IDS) {
        let by = |scheme: &str| -> HashMap<&str, StudyId> {
            names.iter().filter_map(|(name, study)| Some((name.strip_prefix(scheme)?, *study))).collect()
        };
        let (dois, pmids) = (by("doi:"), by("pmid:"));
        let rows: Vec<Notice> = on!(conn, c => notices::table
            .filter(notices::doi.eq_any(dois.keys().copied()).assume_not_null()
                .or(notices::pmid.eq_any(pmids.keys().copied()).assume_not_null()))
            .select(Notice::as_select())
            .load(c))?;
        found.extend(rows.into_iter().filter_map(|notice| {
            let by_doi = notice.doi.as_deref().and_then(|doi| dois.get(doi));
            let study = by_doi.or_else(|| pmids.get(notice.pmid.as_deref()?))?;
            Some((*study, notice))
        }));
    }
    Ok(found)
}

/// Those of the DOIs that a study has.
fn present(conn: &mut Conn, dois: &[&str]) -> Result<HashSet<String>, Problem> {
    let mut present = HashSet::new();
    for dois in dois.chunks(MOST_IDS) {
        let found: Vec<Option<String>> =
            on!(conn, c => studies::table.filter(studies::doi.eq_any(dois)).select(studies::doi).load(c))?;
        present.extend(found.into_iter().flatten());
    }
    Ok(present)
}

/// Writes what has changed of these studies. Their version stays: no editor has changed them.
fn write(conn: &mut Conn, ids: &[StudyId], matched: &Matched) -> Result<Vec<StatusChange>, Problem> {
    type Row = (StudyId, String, Option<RetractionStatus>, Option<Json>);
    let rows: Vec<Row> = on!(conn, c => studies::table
        .filter(studies::id.eq_any(ids))
        .order(studies::id)
        .select((studies::id, studies::key, studies::retraction, studies::retraction_notice))
        .load(c))?;
    let mut changed = Vec::new();
    for (study, key, before, notice_before) in rows {
        let retraction = matched.get(&study).and_then(|notices| verdict(notices));
        let notice = retraction.as_ref().map(retraction_json).transpose()?;
        let after = retraction.map(|retraction| retraction.status);
        if (before, &notice_before) == (after, &notice) {
            continue;
        }
        on!(conn, c => diesel::update(studies::table.find(study))
            .set((studies::retraction.eq(after), studies::retraction_notice.eq(notice)))
            .execute(c))?;
        changed.push(StatusChange { study, key, before, after });
    }
    Ok(changed)
}

/// What these notices of one study come to.
fn verdict(notices: &[Notice]) -> Option<Retraction> {
    let weighed: Vec<_> = notices
        .iter()
        .map(|notice| retraction::Notice { source: notice.source, kind: notice.kind.kind(), day: notice.day() })
        .collect();
    let verdict = retraction::verdict(&weighed)?;
    let notice = notices.get(verdict.notice)?;
    Some(Retraction {
        status: match verdict.kind {
            Kind::Retraction => RetractionStatus::Retracted,
            Kind::ExpressionOfConcern => RetractionStatus::ExpressionOfConcern,
            Kind::Correction => RetractionStatus::Corrected,
            Kind::Reinstatement => RetractionStatus::Reinstated,
        },
        date: notice.noticed_on.clone(),
        reasons: notice.reasons(),
        notice_doi: notice.notice_doi.clone(),
        notice_pmid: notice.notice_pmid.clone(),
        source: notice.source,
        disputed: verdict.disputed,
    })
}

/// The notices that a study's retraction is weighed from, the latest first.
///
/// # Errors
/// Those of the database.
pub fn of_study(conn: &mut Conn, study: StudyId) -> Result<Vec<Notice>, Problem> {
    let mut notices = matched(conn, Some(&[study]))?.remove(&study).unwrap_or_default();
    notices.sort_by(|a, b| b.noticed_on.cmp(&a.noticed_on).then(b.id.cmp(&a.id)));
    Ok(notices)
}
