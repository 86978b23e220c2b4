//! Every query about studies.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::model::Study;
use crate::citing::fold_key;
use crate::citing::identifiers::{Doi, Pmid};
use crate::db::Conn;
use crate::db::schema::studies;
use crate::error::Problem;
use crate::ids::StudyId;
use crate::on;

/// A study, as far as a marker needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub id: StudyId,
    pub key: String,
    pub title: String,
}

/// The studies that markers or editors name: by key, by `doi:…`, by `pmid:…`, or by id.
#[derive(Debug, Clone, Default)]
pub struct Names(HashMap<String, Known>);

impl Names {
    /// The study of that name, as it was asked for.
    pub fn get(&self, name: &str) -> Option<&Known> {
        self.0.get(&fold_key(name))
    }
}

/// Finds the studies of all these names with one statement.
pub fn resolve(conn: &mut Conn, names: &BTreeSet<String>) -> Result<Names, Problem> {
    if names.is_empty() {
        return Ok(Names::default());
    }
    let asked: Vec<Asked> = names.iter().map(|name| Asked::read(name)).collect();
    let keys: Vec<&str> = asked.iter().filter_map(Asked::key).collect();
    let dois: Vec<&str> = asked.iter().filter_map(Asked::doi).collect();
    let pmids: Vec<&str> = asked.iter().filter_map(Asked::pmid).collect();
    let ids: Vec<StudyId> = asked.iter().filter_map(Asked::id).collect();
    type Row = (StudyId, String, String, Option<String>, Option<String>);
    let rows: Vec<Row> = on!(conn, c => studies::table
        .filter(studies::key.eq_any(&keys)
            .or(studies::doi.eq_any(&dois).assume_not_null())
            .or(studies::pmid.eq_any(&pmids).assume_not_null())
            .or(studies::id.eq_any(&ids)))
        .select((studies::id, studies::key, studies::title, studies::doi, studies::pmid))
        .load(c))?;
    let found = |asked: &Asked| {
        rows.iter().find(|(id, key, _, doi, pmid)| match asked {
            Asked::Key(folded) => key == folded,
            Asked::Doi(asked) => doi.as_ref() == Some(asked),
            Asked::Pmid(asked) => pmid.as_ref() == Some(asked),
            Asked::Id(asked) => id == asked,
        })
    };
    let names = names.iter().zip(&asked).filter_map(|(name, asked)| {
        let (id, key, title, ..) = found(asked)?;
        Some((fold_key(name), Known { id: *id, key: key.clone(), title: title.clone() }))
    });
    Ok(Names(names.collect()))
}

/// What a name asks for.
enum Asked {
    Key(String),
    Doi(String),
    Pmid(String),
    Id(StudyId),
}

impl Asked {
    fn read(name: &str) -> Self {
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

    fn key(&self) -> Option<&str> {
        if let Self::Key(key) = self { Some(key) } else { None }
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

/// The studies with these ids.
pub fn by_ids(conn: &mut Conn, ids: &[StudyId]) -> Result<HashMap<StudyId, Study>, Problem> {
    let rows: Vec<Study> = on!(conn, c => studies::table
        .filter(studies::id.eq_any(ids))
        .select(Study::as_select())
        .load(c))?;
    Ok(rows.into_iter().map(|study| (study.id, study)).collect())
}

/// Key and title of the studies with these ids.
pub fn titles(conn: &mut Conn, ids: &[StudyId]) -> Result<HashMap<StudyId, Known>, Problem> {
    let rows: Vec<(StudyId, String, String)> = on!(conn, c => studies::table
        .filter(studies::id.eq_any(ids))
        .select((studies::id, studies::key, studies::title))
        .load(c))?;
    Ok(rows.into_iter().map(|(id, key, title)| (id, Known { id, key, title })).collect())
}
