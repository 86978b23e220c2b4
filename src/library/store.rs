//! Every query about studies.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::model::{Design, NewStudy, Study, StudyPatch, StudyRef};
use crate::accounts::Editor;
use crate::citing::fold_key;
use crate::citing::identifiers::{Doi, Pmid};
use crate::citing::record::propose_key;
use crate::db::schema::{citations, publication_citations, studies};
use crate::db::types::Instant;
use crate::db::{Conn, Violation, violation};
use crate::error::{Code, Problem};
use crate::http::etag::IfMatch;
use crate::http::page::{Page, Window};
use crate::ids::{ArticleId, StudyId};
use crate::{keyset, on};

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

/// Reads one study.
///
/// # Errors
/// `not_found`
pub fn study(conn: &mut Conn, reference: &StudyRef) -> Result<Study, Problem> {
    let row = match reference {
        StudyRef::Id(id) => on!(conn, c => studies::table.find(id).select(Study::as_select()).first(c).optional())?,
        StudyRef::Key(key) => {
            on!(conn, c => studies::table.filter(studies::key.eq(key)).select(Study::as_select()).first(c).optional())?
        }
    };
    row.ok_or_else(|| Problem::not_found("study"))
}

/// How often the key that was proposed for a study may be taken by another one in the meantime.
const MOST_PROPOSALS: usize = 20;

/// Keeps a new study.
///
/// # Errors
/// `study_exists` when another one has its DOI, PMID or PMCID; `key_taken` when another one has the key that was asked
/// for. A key that is proposed steps aside instead.
pub fn create(conn: &mut Conn, new: NewStudy, now: Instant) -> Result<Study, Problem> {
    let asked = new.key.as_ref().or(new.csl.id.as_ref()).map(|key| key.as_str().to_owned());
    if let Some(key) = asked {
        return insert(conn, &Study::new(key, new, now));
    }
    let stem = propose_key(&new.csl.record);
    let mut refused = Problem::internal("no proposal was made");
    for _ in 0..MOST_PROPOSALS {
        let key = free_key(conn, &stem)?;
        match insert(conn, &Study::new(key, new.clone(), now)) {
            Err(problem) if problem.code() == Code::KeyTaken => refused = problem,
            done => return done,
        }
    }
    Err(refused)
}

fn insert(conn: &mut Conn, study: &Study) -> Result<Study, Problem> {
    let insert = |conn: &mut Conn| on!(conn, c => diesel::insert_into(studies::table).values(study).returning(Study::as_returning()).get_result(c));
    // In a savepoint: PostgreSQL answers nothing more in a transaction in which a statement failed.
    conn.transaction(insert).map_err(|error| taken(conn, study, error))
}

/// The key itself, or the first of `keya`, `keyb` … `keyaa` … that no study has.
fn free_key(conn: &mut Conn, stem: &str) -> Result<String, Problem> {
    let taken: Vec<String> = on!(conn, c => studies::table
        .filter(studies::key.like(format!("{stem}%")))
        .select(studies::key)
        .load(c))?;
    let taken: BTreeSet<String> = taken.into_iter().collect();
    let mut keys = (0..).map(|n| format!("{stem}{}", suffix(n)));
    keys.find(|key| !taken.contains(key)).ok_or_else(|| Problem::internal(format!("no key is left for {stem}")))
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

/// What it means that a study could not be kept.
fn taken(conn: &mut Conn, study: &Study, error: diesel::result::Error) -> Problem {
    match violation(&error) {
        Some(Violation::Unique(columns)) if columns.starts_with("studies.") => {
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
        .filter(studies::key.eq(&study.key)
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
        let (id, key, ..) = others.iter().find(|(_, key, ..)| *key == study.key)?;
        Some(told(Code::KeyTaken, format!("Another study has the key {key}."), id))
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
/// `not_found`, `version_conflict`, `validation_failed`, `study_exists`
pub fn change(
    conn: &mut Conn,
    reference: &StudyRef,
    by: &Editor,
    if_match: &IfMatch,
    patch: StudyPatch,
    now: Instant,
) -> Result<(Study, Change), Problem> {
    let before = base(conn, reference, by, if_match)?;
    let mut after = before.patched(patch)?;
    if after == before {
        return Ok((before, Change::None));
    }
    after.version += 1;
    after.updated_at = now;
    let update = |conn: &mut Conn| {
        // The version is part of the condition: of two writers on PostgreSQL that read the same one, only one goes on.
        on!(conn, c => diesel::update(studies::table.find(after.id))
            .filter(studies::version.eq(before.version))
            .set(&after)
            .returning(Study::as_returning())
            .get_result(c)
            .optional())
    };
    let kept = conn.transaction(update).map_err(|error| taken(conn, &after, error))?;
    match kept {
        Some(study) => Ok((study, Change::Made)),
        None => Err(overtaken(conn, after.id)?),
    }
}

/// The study that a change is made from.
fn base(conn: &mut Conn, reference: &StudyRef, by: &Editor, if_match: &IfMatch) -> Result<Study, Problem> {
    by.may_overwrite(if_match)?;
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
pub fn delete(conn: &mut Conn, reference: &StudyRef, by: &Editor, if_match: &IfMatch) -> Result<(), Problem> {
    let study = base(conn, reference, by, if_match)?;
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

/// Which studies a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub designs: Option<Vec<Design>>,
    pub years: Option<Vec<i32>>,
    /// Whether a working copy cites it.
    pub cited: Option<bool>,
    pub doi: Option<Doi>,
    pub pmid: Option<Pmid>,
}

macro_rules! filtered {
    ($filter:expr) => {{
        let mut query = studies::table.into_boxed();
        if let Some(designs) = &$filter.designs {
            query = query.filter(studies::design.eq_any(designs));
        }
        if let Some(years) = &$filter.years {
            query = query.filter(studies::year.eq_any(years));
        }
        if let Some(doi) = &$filter.doi {
            query = query.filter(studies::doi.eq(doi.as_str()));
        }
        if let Some(pmid) = &$filter.pmid {
            query = query.filter(studies::pmid.eq(pmid.as_str()));
        }
        let citing = citations::table.filter(citations::study_id.eq(studies::id));
        match $filter.cited {
            Some(true) => query.filter(diesel::dsl::exists(citing)),
            Some(false) => query.filter(diesel::dsl::not(diesel::dsl::exists(citing))),
            None => query,
        }
    }};
}

/// One page of studies.
pub fn list(conn: &mut Conn, filter: &Filter, window: &Window) -> Result<Page<Study>, Problem> {
    let place = place_of(window)?;
    let by_title = window.sort.ends_with("title");
    let rows: Vec<Study> = on!(conn, c => {
        let query = filtered!(filter).select(Study::as_select());
        if by_title {
            keyset!(query, window, studies::title, studies::id, place).load(c)
        } else {
            let place = place.and_then(|(value, id)| Some((Instant::parse(&value)?, id)));
            keyset!(query, window, studies::updated_at, studies::id, place).load(c)
        }
    })?;
    Ok(window.page(rows, |study| {
        let value = if by_title { study.title.clone() } else { study.updated_at.to_rfc3339() };
        (value, study.id.to_string())
    }))
}

/// How many studies there are.
pub fn count(conn: &mut Conn, filter: &Filter) -> Result<i64, Problem> {
    Ok(on!(conn, c => filtered!(filter).count().get_result(c))?)
}

fn place_of(window: &Window) -> Result<Option<(String, StudyId)>, Problem> {
    let Some(cursor) = &window.cursor else { return Ok(None) };
    let id = StudyId::parse(&cursor.id).ok_or_else(|| Problem::internal("a cursor of ours without an id"))?;
    Ok(Some((cursor.value.clone(), id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_count_in_letters() {
        let some = [0, 1, 2, 26, 27, 28, 52, 53, 702, 703].map(suffix);
        assert_eq!(some, ["", "a", "b", "z", "aa", "ab", "az", "ba", "zz", "aaa"]);
    }
}
