//! Every query about notices, but those that weigh them.

use std::collections::HashMap;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;

use super::model::{ListedStudy, Notice, NoticeKind, SourceView};
use crate::citing::identifiers::Doi;
use crate::db::Conn;
use crate::db::schema::{notice_imports, notices, staged_notices, studies};
use crate::db::types::Instant;
use crate::error::{Code, Problem};
use crate::http::keyset::{Column, Ordered};
use crate::http::page::{Page, Window};
use crate::http::sort::By;
use crate::ids::{NoticeId, StudyId};
use crate::library::NoticeSource;
use crate::on;

pub use super::status::of_study;

crate::sort_keys! {
    /// By when they came to be known here; a hyphen before it turns it round.
    NoticeKey {
        CreatedAt = "created_at",
    }
}

impl Ordered for NoticeKey {
    const ID: Column = Column::id("notices.id");

    fn column(_: By<Self>) -> Column {
        Column::instant("notices.created_at")
    }
}

/// Which notices a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub sources: Option<Vec<NoticeSource>>,
    pub kinds: Option<Vec<NoticeKind>>,
    /// Of what it is about.
    pub doi: Option<Doi>,
    /// Whether it is about a study of the library.
    pub matched: Option<bool>,
}

macro_rules! filtered {
    ($filter:expr) => {{
        let mut query = notices::table.into_boxed();
        if let Some(sources) = &$filter.sources {
            query = query.filter(notices::source.eq_any(sources));
        }
        if let Some(kinds) = &$filter.kinds {
            query = query.filter(notices::kind.eq_any(kinds));
        }
        if let Some(doi) = &$filter.doi {
            query = query.filter(notices::doi.eq(doi.as_str()));
        }
        // One with the DOI, or with the PMID where none has the DOI: one or the other.
        let matched = diesel::dsl::exists(studies::table.filter(studies::doi.eq(notices::doi)))
            .or(diesel::dsl::exists(studies::table.filter(studies::pmid.eq(notices::pmid))))
            .or(notices::study_id.is_not_null());
        match $filter.matched {
            Some(true) => query.filter(matched),
            Some(false) => query.filter(diesel::dsl::not(matched)),
            None => query,
        }
    }};
}

/// One page of notices.
pub fn list(conn: &mut Conn, filter: &Filter, window: &Window<NoticeKey>) -> Result<Page<Notice>, Problem> {
    let beyond = window.beyond()?;
    let rows: Vec<Notice> = on!(conn, c => filtered!(filter)
        .select(Notice::as_select())
        .filter(beyond)
        .order(window.order_by())
        .limit(window.fetch())
        .load(c))?;
    Ok(window.page(rows, |notice, _| notice.created_at.to_rfc3339(), |notice| notice.id.to_string()))
}

/// How many notices there are.
pub fn count(conn: &mut Conn, filter: &Filter) -> Result<i64, Problem> {
    Ok(on!(conn, c => filtered!(filter).count().get_result(c))?)
}

/// One notice.
///
/// # Errors
/// `not_found`
pub fn notice(conn: &mut Conn, id: NoticeId) -> Result<Notice, Problem> {
    let row = on!(conn, c => notices::table.find(id).select(Notice::as_select()).first(c).optional())?;
    row.ok_or_else(|| Problem::not_found("notice"))
}

/// The studies that each of the notices is about.
pub fn studies_of(conn: &mut Conn, of: &[Notice]) -> Result<HashMap<NoticeId, Vec<ListedStudy>>, Problem> {
    let dois: Vec<&str> = of.iter().filter_map(|notice| notice.doi.as_deref()).collect();
    let pmids: Vec<&str> = of.iter().filter_map(|notice| notice.pmid.as_deref()).collect();
    let ids: Vec<StudyId> = of.iter().filter_map(|notice| notice.study_id).collect();
    type Row = (StudyId, String, Option<String>, Option<String>);
    let rows: Vec<Row> = on!(conn, c => studies::table
        .filter(studies::id.eq_any(&ids)
            .or(studies::doi.eq_any(&dois).assume_not_null())
            .or(studies::pmid.eq_any(&pmids).assume_not_null()))
        .order(studies::id)
        .select((studies::id, studies::key, studies::doi, studies::pmid))
        .load(c))?;
    let about = |notice: &Notice| {
        let by = |is: &dyn Fn(&Row) -> bool| -> Vec<ListedStudy> {
            let found = rows.iter().filter(|row| is(row));
            found.map(|(id, key, ..)| ListedStudy { id: *id, key: key.clone() }).collect()
        };
        let named = by(&|(id, ..)| notice.study_id == Some(*id));
        let with_doi = by(&|(_, _, doi, _)| notice.doi.is_some() && *doi == notice.doi);
        match named.is_empty() && with_doi.is_empty() {
            true => by(&|(_, _, _, pmid)| notice.pmid.is_some() && *pmid == notice.pmid),
            false => named.into_iter().chain(with_doi).collect(),
        }
    };
    Ok(of.iter().map(|notice| (notice.id, about(notice))).collect())
}

/// Keeps a notice.
pub fn add(conn: &mut Conn, notice: &Notice) -> Result<(), Problem> {
    on!(conn, c => diesel::insert_into(notices::table).values(notice).execute(c))?;
    Ok(())
}

/// Forgets an editor's notice.
///
/// # Errors
/// `not_found`; `notice_imported` for one of another source.
pub fn remove(conn: &mut Conn, id: NoticeId) -> Result<Notice, Problem> {
    let notice = notice(conn, id)?;
    if notice.source != NoticeSource::Editor {
        let detail = format!("The notice comes from {}.", notice.source.as_str());
        return Err(Problem::new(Code::NoticeImported, detail));
    }
    on!(conn, c => diesel::delete(notices::table.find(id)).execute(c))?;
    Ok(notice)
}

/// Puts what Crossref says of the study with this DOI in the place of what it said before, and notes when it was asked.
pub fn replace_crossref(
    conn: &mut Conn,
    study: StudyId,
    doi: &Doi,
    told: Vec<Notice>,
    asked_at: Instant,
) -> Result<(), Problem> {
    let before: Vec<Notice> = on!(conn, c => notices::table
        .filter(notices::source.eq(NoticeSource::Crossref))
        .filter(notices::doi.eq(doi.as_str()))
        .select(Notice::as_select())
        .load(c))?;
    on!(conn, c => diesel::delete(notices::table)
        .filter(notices::source.eq(NoticeSource::Crossref))
        .filter(notices::doi.eq(doi.as_str()))
        .execute(c))?;
    // One that is told again is the same.
    let same = |notice: &Notice| before.iter().find(|old| old.source_id == notice.source_id);
    let told = told.into_iter().map(|notice| match same(&notice) {
        Some(old) => Notice { id: old.id, created_at: old.created_at, ..notice },
        None => notice,
    });
    for notice in told {
        on!(conn, c => diesel::insert_into(notices::table)
            .values(&notice)
            .on_conflict((notices::source, notices::source_id))
            .do_nothing()
            .execute(c))?;
    }
    on!(conn, c => diesel::update(studies::table.find(study))
        .set(studies::crossref_checked_at.eq(asked_at))
        .execute(c))?;
    Ok(())
}

/// The notices that an editor gave one study are another's from now on: the first has become one with it.
pub fn move_to(conn: &mut Conn, from: StudyId, to: StudyId) -> Result<(), Problem> {
    on!(conn, c => diesel::update(notices::table)
        .filter(notices::study_id.eq(from))
        .set(notices::study_id.eq(to))
        .execute(c))?;
    Ok(())
}

/// The last import of each source.
pub fn imports(conn: &mut Conn) -> Result<Vec<SourceView>, Problem> {
    Ok(on!(conn, c => notice_imports::table.order(notice_imports::source).select(SourceView::as_select()).load(c))?)
}

/// Notes that a file was imported.
pub fn imported(conn: &mut Conn, import: &SourceView) -> Result<(), Problem> {
    on!(conn, c => diesel::insert_into(notice_imports::table)
        .values(import)
        .on_conflict(notice_imports::source)
        .do_update()
        .set((
            notice_imports::sha256.eq(&import.sha256),
            notice_imports::entries.eq(import.entries),
            notice_imports::refused.eq(import.refused),
            notice_imports::imported_at.eq(import.imported_at),
        ))
        .execute(c))?;
    Ok(())
}

/// What the notices of a file have replaced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swapped {
    pub added: i64,
    pub changed: i64,
    pub removed: i64,
}

/// Which notices of the source a file takes the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All: the file is the whole data set.
    All,
    /// Those of the works in it.
    Works,
}

/// Makes the table that the notices of a file are gathered in, for this transaction.
pub fn stage(conn: &mut Conn) -> Result<(), Problem> {
    let sql = "CREATE TEMPORARY TABLE staged_notices AS SELECT * FROM notices WHERE false";
    Ok(on!(conn, c => c.batch_execute(sql))?)
}

/// Gathers some of them.
pub fn add_to_stage(conn: &mut Conn, notices: &[Notice]) -> Result<(), Problem> {
    let rows: Vec<Staged<'_>> = notices.iter().map(Staged::of).collect();
    on!(conn, c => diesel::insert_into(staged_notices::table).values(&rows).execute(c))?;
    Ok(())
}

/// A notice on its way into the table of the same columns.
#[derive(diesel::Insertable)]
#[diesel(table_name = staged_notices, treat_none_as_default_value = false)]
struct Staged<'n> {
    id: NoticeId,
    source: NoticeSource,
    source_id: &'n str,
    kind: NoticeKind,
    study_id: Option<StudyId>,
    doi: Option<&'n str>,
    pmid: Option<&'n str>,
    noticed_on: Option<&'n str>,
    reasons: &'n crate::db::types::Json,
    notice_doi: Option<&'n str>,
    notice_pmid: Option<&'n str>,
    note: Option<&'n str>,
    created_at: Instant,
}

impl<'n> Staged<'n> {
    fn of(notice: &'n Notice) -> Self {
        Self {
            id: notice.id,
            source: notice.source,
            source_id: &notice.source_id,
            kind: notice.kind,
            study_id: notice.study_id,
            doi: notice.doi.as_deref(),
            pmid: notice.pmid.as_deref(),
            noticed_on: notice.noticed_on.as_deref(),
            reasons: &notice.reasons,
            notice_doi: notice.notice_doi.as_deref(),
            notice_pmid: notice.notice_pmid.as_deref(),
            note: notice.note.as_deref(),
            created_at: notice.created_at,
        }
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Columns that a notice that is told again may have other values in.
const TOLD: [&str; 8] = ["kind", "doi", "pmid", "noticed_on", "reasons", "notice_doi", "notice_pmid", "note"];

/// Puts what was gathered in the place of what the source said before: what is told again keeps its id, and what is
/// not told any more goes. One statement each, whatever their number.
pub fn swap(conn: &mut Conn, source: NoticeSource, scope: Scope) -> Result<Swapped, Problem> {
    let source = source.as_str();
    let here = match scope {
        Scope::All => "",
        Scope::Works => "AND notice_doi IN (SELECT notice_doi FROM staged_notices)",
    };
    let removed = format!(
        "DELETE FROM notices WHERE source = '{source}' {here} \
         AND source_id NOT IN (SELECT source_id FROM staged_notices)"
    );
    let new = format!(
        "SELECT count(*) AS n FROM staged_notices WHERE source_id NOT IN \
         (SELECT source_id FROM notices WHERE source = '{source}')"
    );
    let set = TOLD.map(|column| format!("{column} = excluded.{column}")).join(", ");
    let differs = TOLD.map(|column| format!("notices.{column} IS DISTINCT FROM excluded.{column}")).join(" OR ");
    let kept = format!(
        "INSERT INTO notices SELECT * FROM staged_notices WHERE true \
         ON CONFLICT (source, source_id) DO UPDATE SET {set} WHERE {differs}"
    );
    let run = |conn: &mut Conn, sql: String| -> QueryResult<i64> {
        let rows = on!(conn, c => sql_query(sql).execute(c))?;
        Ok(i64::try_from(rows).unwrap_or(i64::MAX))
    };
    let removed = run(conn, removed)?;
    let added = on!(conn, c => sql_query(new).get_result::<Number>(c))?.n;
    let written = run(conn, kept)?;
    on!(conn, c => c.batch_execute("DROP TABLE staged_notices"))?;
    Ok(Swapped { added, changed: written - added, removed })
}
