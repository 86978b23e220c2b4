//! What studies are called: keys, present and former, and the identifiers and ids of studies that became one with
//! another. `study_keys` has them all, so that no name ever means two studies.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use crate::citing::identifiers::{Doi, Pmid};
use crate::citing::{StudyKey, fold_key};
use crate::db::Conn;
use crate::db::schema::{studies, study_keys};
use crate::db::types::Instant;
use crate::error::Problem;
use crate::ids::StudyId;
use crate::library::model::{RESERVED, Study};
use crate::on;

/// A study, as far as a marker needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub id: StudyId,
    /// The present key.
    pub key: String,
    pub title: String,
}

/// The studies that markers or editors name: by a key, by `doi:…`, by `pmid:…`, or by id.
#[derive(Debug, Clone, Default)]
pub struct Names(HashMap<String, Known>);

impl Names {
    /// The study of that name, as it was asked for.
    pub fn get(&self, name: &str) -> Option<&Known> {
        self.0.get(&fold_key(name))
    }
}

/// Finds the studies of all these names with two statements.
pub fn resolve(conn: &mut Conn, names: &BTreeSet<String>) -> Result<Names, Problem> {
    if names.is_empty() {
        return Ok(Names::default());
    }
    let asked: Vec<Asked> = names.iter().map(|name| Asked::read(name)).collect();
    let present = present(conn, &asked)?;
    let recorded = recorded(conn, asked.iter().map(Asked::name).collect())?;
    let found = |asked: &Asked| match asked {
        Asked::Key(_) => None,
        Asked::Doi(doi) => present.iter().find(|row| row.doi.as_ref() == Some(doi)),
        Asked::Pmid(pmid) => present.iter().find(|row| row.pmid.as_ref() == Some(pmid)),
        Asked::Id(id) => present.iter().find(|row| row.id == *id),
    };
    let names = names.iter().zip(&asked).filter_map(|(name, asked)| {
        let known = found(asked).map(Row::known).or_else(|| recorded.get(&asked.name()).cloned())?;
        Some((fold_key(name), known))
    });
    Ok(Names(names.collect()))
}

#[derive(Queryable)]
struct Row {
    id: StudyId,
    key: String,
    title: String,
    doi: Option<String>,
    pmid: Option<String>,
}

impl Row {
    fn known(&self) -> Known {
        Known { id: self.id, key: self.key.clone(), title: self.title.clone() }
    }
}

/// The studies that have one of the identifiers or ids now.
fn present(conn: &mut Conn, asked: &[Asked]) -> Result<Vec<Row>, Problem> {
    let dois: Vec<&str> = asked.iter().filter_map(Asked::doi).collect();
    let pmids: Vec<&str> = asked.iter().filter_map(Asked::pmid).collect();
    let ids: Vec<StudyId> = asked.iter().filter_map(Asked::id).collect();
    if dois.is_empty() && pmids.is_empty() && ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(on!(conn, c => studies::table
        .filter(studies::doi.eq_any(&dois).assume_not_null()
            .or(studies::pmid.eq_any(&pmids).assume_not_null())
            .or(studies::id.eq_any(&ids)))
        .select((studies::id, studies::key, studies::title, studies::doi, studies::pmid))
        .load(c))?)
}

/// The studies that are recorded under these names.
fn recorded(conn: &mut Conn, names: Vec<String>) -> Result<HashMap<String, Known>, Problem> {
    let rows: Vec<(String, StudyId, String, String)> = on!(conn, c => study_keys::table
        .inner_join(studies::table)
        .filter(study_keys::key.eq_any(&names))
        .select((study_keys::key, studies::id, studies::key, studies::title))
        .load(c))?;
    Ok(rows.into_iter().map(|(name, id, key, title)| (name, Known { id, key, title })).collect())
}

/// What a name asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    Key(String),
    Doi(String),
    Pmid(String),
    Id(StudyId),
}

impl Asked {
    /// Reads a name as a marker or an editor writes it.
    pub fn read(name: &str) -> Self {
        let folded = fold_key(name);
        let doi = folded.strip_prefix("doi:").and_then(|doi| Doi::parse(doi).ok());
        let pmid = folded.strip_prefix("pmid:").and_then(|pmid| Pmid::parse(pmid).ok());
        match (doi, pmid, StudyId::parse(name)) {
            (Some(doi), ..) => Self::Doi(doi.as_str().to_owned()),
            (_, Some(pmid), _) => Self::Pmid(pmid.as_str().to_owned()),
            (.., Some(id)) => Self::Id(id),
            _ => Self::Key(folded),
        }
    }

    /// The name as `study_keys` has it.
    pub fn name(&self) -> String {
        match self {
            Self::Key(key) => key.clone(),
            Self::Doi(doi) => format!("doi:{doi}"),
            Self::Pmid(pmid) => format!("pmid:{pmid}"),
            Self::Id(id) => id.to_string(),
        }
    }

    fn doi(&self) -> Option<&str> {
        if let Self::Doi(doi) = self { Some(doi) } else { None }
    }

    fn pmid(&self) -> Option<&str> {
        if let Self::Pmid(pmid) = self { Some(pmid) } else { None }
    }

    fn id(&self) -> Option<StudyId> {
        if let Self::Id(id) = self { Some(*id) } else { None }
    }
}

/// The names that a study's identifiers are.
pub fn identifiers(study: &Study) -> Vec<String> {
    let named = [("doi", &study.doi), ("pmid", &study.pmid), ("pmcid", &study.pmcid)];
    named.into_iter().filter_map(|(scheme, id)| Some(format!("{scheme}:{}", id.as_deref()?.to_lowercase()))).collect()
}

/// The study that is recorded under one of these names.
pub fn owner(conn: &mut Conn, names: &[String]) -> Result<Option<StudyId>, Problem> {
    Ok(on!(conn, c => study_keys::table
        .filter(study_keys::key.eq_any(names))
        .select(study_keys::study_id)
        .first(c)
        .optional())?)
}

/// Every name that is recorded for a study: its key, former keys, and what studies were called that became one with it.
pub fn all(conn: &mut Conn, study: StudyId) -> Result<Vec<String>, Problem> {
    Ok(on!(conn, c => study_keys::table
        .filter(study_keys::study_id.eq(study))
        .order(study_keys::key)
        .select(study_keys::key)
        .load(c))?)
}

/// The former keys of studies.
pub fn aliases(conn: &mut Conn, of: &[StudyId]) -> Result<HashMap<StudyId, Vec<String>>, Problem> {
    let rows: Vec<(StudyId, String)> = on!(conn, c => study_keys::table
        .inner_join(studies::table)
        .filter(study_keys::study_id.eq_any(of))
        .filter(study_keys::key.ne(studies::key))
        .order(study_keys::key)
        .select((study_keys::study_id, study_keys::key))
        .load(c))?;
    let mut aliases: HashMap<StudyId, Vec<String>> = HashMap::new();
    for (study, name) in rows.into_iter().filter(|(_, name)| matches!(Asked::read(name), Asked::Key(_))) {
        aliases.entry(study).or_default().push(name);
    }
    Ok(aliases)
}

/// Records a name of a study; one that is recorded for it already is left alone.
pub fn record(conn: &mut Conn, name: &str, study: StudyId, now: Instant) -> QueryResult<()> {
    let there: Option<StudyId> = on!(conn, c => study_keys::table
        .find(name)
        .select(study_keys::study_id)
        .first(c)
        .optional())?;
    if there == Some(study) {
        return Ok(());
    }
    on!(conn, c => diesel::insert_into(study_keys::table)
        .values((study_keys::key.eq(name), study_keys::study_id.eq(study), study_keys::created_at.eq(now)))
        .execute(c))?;
    Ok(())
}

/// The key itself, or the first of `keya`, `keyb` … `keyaa` … that names no study and never did.
pub fn free_key(conn: &mut Conn, stem: &str) -> Result<String, Problem> {
    free_key_beside(conn, stem, &|_| false)
}

/// The same, that is not taken otherwise either.
pub fn free_key_beside(conn: &mut Conn, stem: &str, also: &dyn Fn(&str) -> bool) -> Result<String, Problem> {
    let free = crate::db::first_free(candidates(stem).filter(|key| !also(key)), |some| {
        let taken: Vec<String> = on!(conn, c => study_keys::table
            .filter(study_keys::key.eq_any(some))
            .select(study_keys::key)
            .load(c))?;
        Ok(taken.into_iter().collect())
    })?;
    free.ok_or_else(|| Problem::internal(format!("no key is left for {stem}")))
}

/// The key itself, or the first of `keya`, `keyb` … that is not taken.
pub fn first_free(stem: &str, taken: impl Fn(&str) -> bool) -> Option<String> {
    candidates(stem).find(|key| !taken(key))
}

/// The key itself, `keya`, `keyb` …: those that may name a study.
fn candidates(stem: &str) -> impl Iterator<Item = String> {
    let keys = (0..).map(move |n| format!("{stem}{}", suffix(n)));
    keys.take_while(|key| key.len() <= StudyKey::MAX_LEN).filter(|key| !RESERVED.contains(&key.as_str()))
}

/// Nothing, a, b … z, aa, ab …
fn suffix(mut n: u32) -> String {
    let mut letters = Vec::new();
    while n > 0 {
        n -= 1;
        letters.push(char::from(b'a' + (n % 26) as u8));
        n /= 26;
    }
    letters.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_count_in_letters() {
        let some = [0, 1, 2, 26, 27, 28, 52, 53, 702, 703].map(suffix);
        assert_eq!(some, ["", "a", "b", "z", "aa", "ab", "az", "ba", "zz", "aaa"]);
    }

    #[test]
    fn a_proposal_steps_aside_from_what_addresses_mean() {
        assert_eq!(first_free("import", |_| false).as_deref(), Some("importa"));
        assert_eq!(first_free("majid2009", |key| key == "majid2009").as_deref(), Some("majid2009a"));
    }
}
