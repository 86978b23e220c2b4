//! Every query about revisions. Whoever writes here holds the article, so that numbers have no gaps but those that retention
//! makes, and two writes never go into one revision at the same time.

use diesel::prelude::*;

use super::super::draft::Draft;
use super::super::store::{Settled, cited_studies, settled};
use super::document::Document;
use super::model::{RevisionKey, RevisionKind, Row, Writing};
use crate::db::Conn;
use crate::db::schema::{editors, revisions};
use crate::db::types::Instant;
use crate::error::Problem;
use crate::http::keyset::{Column, Ordered};
use crate::http::page::{Page, Window};
use crate::http::sort::By;
use crate::ids::{ArticleId, EditorId, StudyId};
use crate::on;

/// The most revisions that one write takes away: a setting that was lowered takes effect bit by bit.
const MOST_GONE: i64 = 100;

/// Which revisions a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub kinds: Option<Vec<RevisionKind>>,
    pub editors: Option<Vec<EditorId>>,
    pub named: Option<bool>,
    pub published: Option<bool>,
}

macro_rules! filtered {
    ($article:expr, $filter:expr) => {{
        let mut query = revisions::table.filter(revisions::article_id.eq($article)).into_boxed();
        if let Some(kinds) = &$filter.kinds {
            query = query.filter(revisions::kind.eq_any(kinds));
        }
        if let Some(editors) = &$filter.editors {
            query = query.filter(revisions::editor_id.eq_any(editors).assume_not_null());
        }
        match $filter.named {
            Some(true) => query = query.filter(revisions::name.is_not_null()),
            Some(false) => query = query.filter(revisions::name.is_null()),
            None => {}
        }
        match $filter.published {
            Some(true) => query = query.filter(revisions::published.is_not_null()),
            Some(false) => query = query.filter(revisions::published.is_null()),
            None => {}
        }
        query
    }};
}

impl Ordered for RevisionKey {
    const ID: Column = Column::number("revisions.number");

    fn column(by: By<Self>) -> Column {
        match by.key {
            Self::Number => Self::ID,
        }
    }
}

/// One page of an article's revisions.
pub fn list(
    conn: &mut Conn,
    article: ArticleId,
    filter: &Filter,
    window: &Window<RevisionKey>,
) -> Result<Page<Row>, Problem> {
    let beyond = window.beyond()?;
    let rows: Vec<Row> = on!(conn, c => filtered!(article, filter)
        .select(Row::as_select())
        .filter(beyond)
        .order(window.order_by())
        .limit(window.fetch())
        .load(c))?;
    Ok(window.page(rows, |row, _| row.number.to_string(), |row| row.number.to_string()))
}

/// How many revisions there are.
pub fn count(conn: &mut Conn, article: ArticleId, filter: &Filter) -> Result<i64, Problem> {
    Ok(on!(conn, c => filtered!(article, filter).count().get_result(c))?)
}

/// A revision without the state that it holds.
///
/// # Errors
/// `not_found`
pub fn row(conn: &mut Conn, article: ArticleId, number: i32) -> Result<Row, Problem> {
    let row: Option<Row> = on!(conn, c => revisions::table
        .find((article, number))
        .select(Row::as_select())
        .first(c)
        .optional())?;
    row.ok_or_else(|| Problem::not_found("revision"))
}

/// What a revision holds.
///
/// # Errors
/// `not_found`
pub fn document(conn: &mut Conn, article: ArticleId, number: i32) -> Result<Document, Problem> {
    let text: Option<String> = on!(conn, c => revisions::table
        .find((article, number))
        .select(revisions::document)
        .first(c)
        .optional())?;
    let text = text.ok_or_else(|| Problem::not_found("revision"))?;
    let damaged = |error| Problem::internal(format!("revision {number} of article {article} is damaged: {error}"));
    serde_json::from_str(&text).map_err(damaged)
}

/// What a working copy is now, as a revision would hold it.
pub fn present(conn: &mut Conn, settled: &Settled) -> Result<Document, Problem> {
    let ids: Vec<StudyId> = settled.draft.citations.iter().map(|citation| citation.study).collect();
    Ok(Document::of(settled, &cited_studies(conn, &ids)?))
}

/// Gives a revision another name, or none. Answers how it stands then.
///
/// # Errors
/// `version_conflict` when it was changed in the meantime.
pub fn name(conn: &mut Conn, article: ArticleId, row: Row, name: Option<String>) -> Result<Row, Problem> {
    if row.name == name {
        return Ok(row);
    }
    let named = Row { name, changes: row.changes + 1, ..row };
    let kept = on!(conn, c => diesel::update(revisions::table.find((article, named.number)))
        .filter(revisions::changes.eq(named.changes - 1))
        .set((revisions::name.eq(&named.name), revisions::changes.eq(named.changes)))
        .execute(c))?;
    if kept == 0 { Err(Problem::version_conflict("revision", named.changes)) } else { Ok(named) }
}

/// Leaves the first revision of a new article.
pub fn begin(conn: &mut Conn, made: &Settled) -> Result<(), Problem> {
    let article = &made.draft.article;
    let new = New { kind: RevisionKind::Created, by: article.owner_id, ..New::of_nobody(1, article.created_at) };
    insert(conn, made, &new)
}

/// Leaves the revision of a write.
pub fn leave(conn: &mut Conn, before: &Draft, after: &Settled, by: EditorId, writing: &Writing) -> Result<(), Problem> {
    let newest = up_to_date(conn, before)?;
    if writing.folds_into(&newest, by) {
        return fold(conn, &newest, after, writing.now);
    }
    let new = New {
        kind: writing.made.kind(),
        restored: writing.made.restored(),
        by: Some(by),
        ..New::of_nobody(newest.number + 1, writing.now)
    };
    insert(conn, after, &new)?;
    retain(conn, after.draft.article.id, writing.keeping.keep)
}

/// The newest revision of the article that holds this version or an earlier one: writes that became one revision are told
/// together.
pub fn holding(conn: &mut Conn, article: ArticleId, version: i32) -> Result<Option<i32>, Problem> {
    Ok(on!(conn, c => revisions::table
        .filter(revisions::article_id.eq(article))
        .filter(revisions::version.le(version))
        .order(revisions::number.desc())
        .select(revisions::number)
        .first(c)
        .optional())?)
}

/// Says of the revision that holds what was published just now that it was; makes one where there is none that can say so:
/// publishing may cite what the library has got since, and one revision names one publication.
pub fn published(
    conn: &mut Conn,
    before: &Draft,
    settled: &Settled,
    number: i32,
    by: Option<EditorId>,
    now: Instant,
) -> Result<(), Problem> {
    let article = settled.draft.article.id;
    let newest = up_to_date(conn, before)?;
    let holds = document(conn, article, newest.number)?.is_same_as(&present(conn, settled)?);
    if holds && newest.published.is_none() {
        on!(conn, c => diesel::update(revisions::table.find((article, newest.number)))
            .set((revisions::published.eq(number), revisions::changes.eq(newest.changes + 1)))
            .execute(c))?;
        return Ok(());
    }
    let new =
        New { kind: RevisionKind::Published, published: Some(number), by, ..New::of_nobody(newest.number + 1, now) };
    insert(conn, settled, &new)
}

/// The newest revision of the article, which holds the version before the write: where there is none that does, it is made.
/// That is so with the first write to an article that is older than revisions, and after the library changed it.
fn up_to_date(conn: &mut Conn, before: &Draft) -> Result<Row, Problem> {
    let newest = newest(conn, before.article.id)?;
    if let Some(newest) = newest.as_ref().filter(|newest| newest.version == before.article.version) {
        return Ok(newest.clone());
    }
    let article = &before.article;
    // With revisions, publications were told of when they were made.
    let public = newest.is_none() && article.published_version == Some(article.version);
    let new = New {
        kind: RevisionKind::Followed,
        published: public.then_some(article.publication_count),
        ..New::of_nobody(newest.map_or(1, |newest| newest.number + 1), article.updated_at)
    };
    let stood = settled(conn, before.clone())?;
    insert(conn, &stood, &new)?;
    row(conn, article.id, new.number)
}

fn newest(conn: &mut Conn, article: ArticleId) -> Result<Option<Row>, Problem> {
    Ok(on!(conn, c => revisions::table
        .filter(revisions::article_id.eq(article))
        .order(revisions::number.desc())
        .select(Row::as_select())
        .first(c)
        .optional())?)
}

/// A revision to be made.
struct New {
    number: i32,
    kind: RevisionKind,
    restored: Option<i32>,
    published: Option<i32>,
    by: Option<EditorId>,
    at: Instant,
}

impl New {
    /// That nobody made.
    fn of_nobody(number: i32, at: Instant) -> Self {
        Self { number, kind: RevisionKind::Followed, restored: None, published: None, by: None, at }
    }
}

fn insert(conn: &mut Conn, settled: &Settled, new: &New) -> Result<(), Problem> {
    let document = text(conn, settled)?;
    let editor_name: Option<String> = match new.by {
        Some(by) => on!(conn, c => editors::table.find(by).select(editors::name).first(c).optional())?,
        None => None,
    };
    on!(conn, c => diesel::insert_into(revisions::table)
        .values((
            revisions::article_id.eq(settled.draft.article.id),
            revisions::number.eq(new.number),
            revisions::version.eq(settled.draft.article.version),
            revisions::changes.eq(1),
            revisions::kind.eq(new.kind),
            revisions::restored.eq(new.restored),
            revisions::published.eq(new.published),
            revisions::editor_id.eq(new.by),
            revisions::editor_name.eq(&editor_name),
            revisions::created_at.eq(new.at),
            revisions::updated_at.eq(new.at),
            revisions::document.eq(&document),
        ))
        .execute(c))?;
    Ok(())
}

fn fold(conn: &mut Conn, newest: &Row, after: &Settled, now: Instant) -> Result<(), Problem> {
    let document = text(conn, after)?;
    let article = &after.draft.article;
    on!(conn, c => diesel::update(revisions::table.find((article.id, newest.number)))
        .set((
            revisions::version.eq(article.version),
            revisions::changes.eq(newest.changes + 1),
            revisions::updated_at.eq(now),
            revisions::document.eq(&document),
        ))
        .execute(c))?;
    Ok(())
}

fn text(conn: &mut Conn, settled: &Settled) -> Result<String, Problem> {
    serde_json::to_string(&present(conn, settled)?).map_err(Problem::internal)
}

/// Takes away what lies beyond the newest `keep`, has no name and was never published; the oldest first.
fn retain(conn: &mut Conn, article: ArticleId, keep: u32) -> Result<(), Problem> {
    if keep == 0 {
        return Ok(());
    }
    let oldest: Option<i32> = on!(conn, c => revisions::table
        .filter(revisions::article_id.eq(article))
        .order(revisions::number.desc())
        .offset(i64::from(keep) - 1)
        .select(revisions::number)
        .first(c)
        .optional())?;
    let Some(oldest) = oldest else { return Ok(()) };
    let gone: Vec<i32> = on!(conn, c => revisions::table
        .filter(revisions::article_id.eq(article))
        .filter(revisions::number.lt(oldest))
        .filter(revisions::name.is_null())
        .filter(revisions::published.is_null())
        .order(revisions::number)
        .limit(MOST_GONE)
        .select(revisions::number)
        .load(c))?;
    if gone.is_empty() {
        return Ok(());
    }
    on!(conn, c => diesel::delete(revisions::table
        .filter(revisions::article_id.eq(article))
        .filter(revisions::number.eq_any(&gone)))
        .execute(c))?;
    Ok(())
}
