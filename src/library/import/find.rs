//! The study that an entry is about, if the library has it.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::Import;
use crate::db::Conn;
use crate::db::schema::{studies, study_keys};
use crate::error::Problem;
use crate::ids::StudyId;
use crate::library::fill::fill;
use crate::library::model::Study;
use crate::library::store::names;
use crate::on;

/// What the library has of an entry.
pub enum Found {
    Nothing,
    One(Box<Study>),
    /// Its identifiers are of studies with these keys.
    Several(Vec<String>),
}

/// How many studies of one title and year are looked at.
const MOST_TWINS: i64 = 50;

impl Import {
    /// Exact DOI, PMID or PMCID is the same study; of an entry without them, one that is described the same, and of a
    /// book, one with its ISBN.
    pub(super) fn find(&self, conn: &mut Conn, candidate: &Study) -> Result<Found, Problem> {
        let identifiers = names::identifiers(candidate);
        let found: BTreeMap<StudyId, Study> = if identifiers.is_empty() {
            let mut twins = twins(conn, candidate)?;
            twins.extend(self.imagined.iter().flat_map(|imagined| imagined.values().cloned()));
            twins.retain(|study| is_twin(study, candidate));
            twins.into_iter().take(1).map(|study| (study.id, study)).collect()
        } else {
            let mut same = identified(conn, candidate, &identifiers)?;
            let shares = |study: &&Study| names::identifiers(study).iter().any(|name| identifiers.contains(name));
            same.extend(self.imagined.iter().flat_map(|imagined| imagined.values().filter(shares).cloned()));
            same.into_iter().map(|study| (study.id, study)).collect()
        };
        let keys: BTreeSet<String> = found.values().map(|study| study.key.clone()).collect();
        let mut found = found.into_values();
        match (found.next(), found.next()) {
            (None, _) => Ok(Found::Nothing),
            (Some(study), None) => Ok(Found::One(Box::new(study))),
            (Some(_), Some(_)) => Ok(Found::Several(keys.into_iter().collect())),
        }
    }
}

/// The studies that have one of the identifiers, or had before they became one with another.
fn identified(conn: &mut Conn, candidate: &Study, identifiers: &[String]) -> Result<Vec<Study>, Problem> {
    let merged = || study_keys::table.filter(study_keys::key.eq_any(identifiers)).select(study_keys::study_id);
    Ok(on!(conn, c => studies::table
        .filter(studies::doi.eq(&candidate.doi).assume_not_null()
            .or(studies::pmid.eq(&candidate.pmid).assume_not_null())
            .or(studies::pmcid.eq(&candidate.pmcid).assume_not_null())
            .or(studies::id.eq_any(merged())))
        .select(Study::as_select())
        .load(c))?)
}

/// The studies of the same title and year, and those with the same ISBN.
fn twins(conn: &mut Conn, candidate: &Study) -> Result<Vec<Study>, Problem> {
    let isbn = candidate.isbn.clone().unwrap_or_default();
    Ok(on!(conn, c => studies::table
        .filter(studies::title.eq(&candidate.title).or(studies::isbn.eq(&isbn).assume_not_null()))
        .order(studies::id)
        .limit(MOST_TWINS)
        .select(Study::as_select())
        .load(c))?)
}

/// Whether two descriptions, one of which has no identifier, are of one study.
fn is_twin(study: &Study, candidate: &Study) -> bool {
    let (ours, theirs) = (study.facts(), candidate.facts());
    let same = |variable: &str| ours.get(variable) == theirs.get(variable);
    let compatible = |variable: &str| same(variable) || !ours.contains_key(variable) || !theirs.contains_key(variable);
    if same("type")
        && theirs.get("type").is_some_and(|kind| kind == "book")
        && candidate.isbn.is_some()
        && study.isbn == candidate.isbn
    {
        return compatible("edition") && compatible("volume");
    }
    if candidate.title.is_empty() {
        let filled = fill(study, candidate);
        return study.title.is_empty() && filled.fields.is_empty() && filled.differing.is_empty();
    }
    study.title == candidate.title
        && study.year == candidate.year
        && ["type", "author", "container-title", "volume", "page"].into_iter().all(same)
}
