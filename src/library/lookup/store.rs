//! Answers of the services, kept.

use diesel::prelude::*;

use crate::citing::record::Record;
use crate::citing::sources::Service;
use crate::db::Conn;
use crate::db::schema::{lookups, studies};
use crate::db::types::Instant;
use crate::error::Problem;
use crate::ids::StudyId;
use crate::library::Study;
use crate::library::lookup::Wanted;
use crate::library::model::StudyRef;
use crate::library::store::{self, names};
use crate::on;

/// How long it is kept that a service knows no such study, in seconds: it may come to know it soon.
const NONE_SECONDS: i64 = 3_600;
/// The status of an answer that describes a study, as HTTP has it.
const FOUND: i32 = 200;
/// The same of one that there is none.
const NONE: i32 = 404;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// `None`: there is no such study.
    pub body: Option<String>,
    pub asked_at: Instant,
}

/// The answer that was kept, unless it is from before `since`, or of a study that may have become known by now.
pub fn kept(
    conn: &mut Conn,
    service: Service,
    identifier: &str,
    since: Instant,
    now: Instant,
) -> Result<Option<Kept>, Problem> {
    let none_since = now.plus_seconds(-NONE_SECONDS);
    let row: Option<(i32, String, Instant)> = on!(conn, c => lookups::table
        .find((service.name(), identifier))
        .filter(lookups::fetched_at.gt(since))
        .select((lookups::status, lookups::body, lookups::fetched_at))
        .first(c)
        .optional())?;
    let row = row.filter(|(status, _, asked_at)| *status == FOUND || *asked_at > none_since);
    Ok(row.map(|(status, body, asked_at)| Kept { body: (status == FOUND).then_some(body), asked_at }))
}

/// Keeps an answer, and lets go of those that nobody will look at any more.
pub fn keep(conn: &mut Conn, service: Service, identifier: &str, answer: &Kept, since: Instant) -> Result<(), Problem> {
    let none_since = answer.asked_at.plus_seconds(-NONE_SECONDS);
    on!(conn, c => diesel::delete(lookups::table)
        .filter(lookups::fetched_at.le(since).or(lookups::status.eq(NONE).and(lookups::fetched_at.le(none_since))))
        .execute(c))?;
    let (status, body) = answer.body.as_deref().map_or((NONE, ""), |body| (FOUND, body));
    let values = (
        lookups::source.eq(service.name()),
        lookups::identifier.eq(identifier),
        lookups::status.eq(status),
        lookups::body.eq(body),
        lookups::fetched_at.eq(answer.asked_at),
    );
    on!(conn, c => diesel::insert_into(lookups::table)
        .values(values)
        .on_conflict((lookups::source, lookups::identifier))
        .do_update()
        .set((lookups::status.eq(status), lookups::body.eq(body), lookups::fetched_at.eq(answer.asked_at)))
        .execute(c))?;
    Ok(())
}

/// What a study can be known by.
#[derive(Debug, Clone, Default)]
pub struct Identifiers {
    doi: Option<String>,
    pmid: Option<String>,
    pmcid: Option<String>,
}

impl Identifiers {
    /// What is looked up.
    pub fn wanted(wanted: &Wanted) -> Self {
        let identifier = Some(wanted.identifier().to_owned());
        match wanted {
            Wanted::Doi(_) => Self { doi: identifier, ..Self::default() },
            Wanted::Pmid(_) => Self { pmid: identifier, ..Self::default() },
        }
    }

    /// Those of a record.
    pub fn of(record: &Record) -> Self {
        Self {
            doi: record.doi().map(|doi| doi.as_str().to_owned()),
            pmid: record.pmid().map(|pmid| pmid.as_str().to_owned()),
            pmcid: record.pmcid().map(|pmcid| pmcid.as_str().to_owned()),
        }
    }

    fn names(&self) -> Vec<String> {
        let named = [("doi", &self.doi), ("pmid", &self.pmid), ("pmcid", &self.pmcid)];
        named
            .into_iter()
            .filter_map(|(scheme, id)| Some(format!("{scheme}:{}", id.as_deref()?.to_lowercase())))
            .collect()
    }
}

/// The study of the library that has one of these, or has it from another study that became one with it.
pub fn present(conn: &mut Conn, known_by: &Identifiers) -> Result<Option<Study>, Problem> {
    let id: Option<StudyId> = on!(conn, c => studies::table
        .filter(studies::doi.eq(&known_by.doi)
            .or(studies::pmid.eq(&known_by.pmid))
            .or(studies::pmcid.eq(&known_by.pmcid))
            .assume_not_null())
        .order(studies::id)
        .select(studies::id)
        .first(c)
        .optional())?;
    let id = match id {
        Some(id) => Some(id),
        None => names::owner(conn, &known_by.names())?,
    };
    id.map(|id| store::study(conn, &StudyRef::Id(id))).transpose()
}
