//! Every query that writes redirects, and those of their editors.

use std::collections::HashMap;

use diesel::prelude::*;

use super::model::{NewRedirect, RedirectArticle, RedirectKey, RedirectPatch, RedirectView};
use crate::accounts::Editor;
use crate::db::schema::{articles, redirects};
use crate::db::types::Instant;
use crate::db::{Conn, Violation, violation};
use crate::editorial::model::ArticleName;
use crate::editorial::store::{Scope, article};
use crate::error::{Code, Problem};
use crate::http::etag::IfMatch;
use crate::http::fault::Fault;
use crate::http::keyset::{Column, Ordered};
use crate::http::page::{Page, Window};
use crate::http::sort::By;
use crate::ids::{ArticleId, ArticleRef, EditorId, RedirectId};
use crate::on;
use crate::publishing::log;
use crate::publishing::name::{GONE, MOST_IN_A_ROW, Target, name_of, way};
use crate::publishing::store::lock;

impl Ordered for RedirectKey {
    const ID: Column = Column::id("redirects.id");

    fn column(by: By<Self>) -> Column {
        match by.key {
            Self::Path => Column::text("redirects.path"),
            Self::Updated => Column::instant("redirects.updated_at"),
        }
    }
}

/// A redirect, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = redirects, treat_none_as_null = true)]
pub struct Redirect {
    id: RedirectId,
    pub version: i32,
    path: String,
    name: String,
    status: i32,
    location: Option<String>,
    article_id: Option<ArticleId>,
    note: Option<String>,
    editor_id: Option<EditorId>,
    created_at: Instant,
    updated_at: Instant,
}

/// Which redirects a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// However it is written.
    pub path: Option<String>,
    pub statuses: Option<Vec<i32>>,
    /// One of these; of none, when the name is of no article.
    pub articles: Option<Vec<ArticleId>>,
}

macro_rules! filtered {
    ($filter:expr) => {{
        let mut query = redirects::table.into_boxed();
        if let Some(path) = &$filter.path {
            query = query.filter(redirects::name.eq(name_of(path)));
        }
        if let Some(statuses) = &$filter.statuses {
            query = query.filter(redirects::status.eq_any(statuses));
        }
        if let Some(articles) = &$filter.articles {
            query = query.filter(redirects::article_id.assume_not_null().eq_any(articles));
        }
        query
    }};
}

/// A page of the redirects that the filter leaves.
pub fn list(conn: &mut Conn, filter: &Filter, window: &Window<RedirectKey>) -> Result<Page<Redirect>, Problem> {
    let rows: Vec<Redirect> = on!(conn, c => filtered!(filter)
        .filter(window.beyond()?)
        .order(window.order_by())
        .limit(window.fetch())
        .select(Redirect::as_select())
        .load(c)?);
    let value = |row: &Redirect, by: By<RedirectKey>| match by.key {
        RedirectKey::Path => row.path.clone(),
        RedirectKey::Updated => row.updated_at.to_rfc3339(),
    };
    Ok(window.page(rows, value, |row| row.id.to_string()))
}

/// How many redirects the filter leaves.
pub fn count(conn: &mut Conn, filter: &Filter) -> Result<i64, Problem> {
    Ok(on!(conn, c => filtered!(filter).count().get_result(c))?)
}

/// A redirect.
///
/// # Errors
/// `not_found`.
pub fn one(conn: &mut Conn, id: RedirectId) -> Result<Redirect, Problem> {
    let found = on!(conn, c => redirects::table.find(id).select(Redirect::as_select()).first(c).optional())?;
    found.ok_or_else(|| Problem::not_found("redirect"))
}

/// What editors see of these redirects, in their order. One statement.
pub fn views(conn: &mut Conn, rows: Vec<Redirect>) -> Result<Vec<RedirectView>, Problem> {
    let ids: Vec<ArticleId> = rows.iter().filter_map(|row| row.article_id).collect();
    let named: Vec<(ArticleId, String, Option<i32>)> = on!(conn, c => articles::table
        .filter(articles::id.eq_any(&ids))
        .select((articles::id, articles::slug, articles::published_version))
        .load(c))?;
    let named: HashMap<ArticleId, RedirectArticle> = named
        .into_iter()
        .map(|(id, slug, published)| (id, RedirectArticle { id, slug, published: published.is_some() }))
        .collect();
    let view = |row: Redirect| RedirectView {
        article: row.article_id.and_then(|id| named.get(&id).cloned()),
        id: row.id,
        version: row.version,
        path: row.path,
        status: row.status,
        location: row.location,
        note: row.note,
        by: row.editor_id,
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// The article of that name; `None`: there is none.
pub fn article_of(conn: &mut Conn, name: &ArticleName) -> Result<Option<ArticleId>, Problem> {
    let Some(reference) = ArticleRef::read(name.as_str()) else { return Ok(None) };
    match article(conn, &reference, Scope::All) {
        Err(problem) if problem.code() == Code::NotFound => Ok(None),
        found => Ok(Some(found?.id)),
    }
}

/// The article that a redirect is to lead to.
///
/// # Errors
/// `validation_failed` when there is none of that name.
fn named(conn: &mut Conn, name: Option<ArticleName>) -> Result<Option<ArticleId>, Problem> {
    let Some(name) = name else { return Ok(None) };
    let unknown = || {
        let detail = format!("There is no article {:?}.", name.as_str());
        Problem::validation(vec![Fault::at("/article", "unknown_article", detail)])
    };
    article_of(conn, &name)?.ok_or_else(unknown).map(Some)
}

/// Keeps a new redirect.
///
/// # Errors
/// `validation_failed` for one that leads nowhere, to two places or in a circle; `redirect_taken`.
pub fn create(conn: &mut Conn, new: NewRedirect, by: &Editor, now: Instant) -> Result<Redirect, Problem> {
    lock(conn)?;
    let path = new.path.into_string();
    let row = Redirect {
        id: RedirectId::new(),
        version: 1,
        name: name_of(&path),
        path,
        status: new.status.0,
        location: new.location.map(|location| location.into_string()),
        article_id: named(conn, new.article)?,
        note: new.note.map(|note| note.into_string()),
        editor_id: Some(by.id),
        created_at: now,
        updated_at: now,
    };
    leads_somewhere(&row)?;
    on!(conn, c => diesel::insert_into(redirects::table).values(&row).execute(c)).map_err(taken)?;
    finished(conn, row, None, now)
}

/// Changes a redirect at the version that `If-Match` names.
///
/// # Errors
/// As [`create`], and `not_found`, `version_conflict`.
pub fn change(
    conn: &mut Conn,
    id: RedirectId,
    patch: RedirectPatch,
    by: &Editor,
    if_match: &IfMatch,
    now: Instant,
) -> Result<Redirect, Problem> {
    by.may_overwrite(if_match)?;
    lock(conn)?;
    let before = one(conn, id)?;
    if !if_match.allows(before.version) {
        return Err(Problem::version_conflict("redirect", before.version));
    }
    let mut after = before.clone();
    if let Some(path) = patch.path.into_option() {
        after.path = path.into_string();
        after.name = name_of(&after.path);
    }
    patch.status.into_option().into_iter().for_each(|status| after.status = status.0);
    if let Some(location) = patch.location.into_option() {
        after.location = location.map(|location| location.into_string());
    }
    if let Some(article) = patch.article.into_option() {
        after.article_id = named(conn, article)?;
    }
    if let Some(note) = patch.note.into_option() {
        after.note = note.map(|note| note.into_string());
    }
    if after == before {
        return Ok(before);
    }
    leads_somewhere(&after)?;
    after.version += 1;
    (after.editor_id, after.updated_at) = (Some(by.id), now);
    let changed = on!(conn, c => diesel::update(redirects::table.find(id))
        .filter(redirects::version.eq(before.version))
        .set(&after)
        .execute(c))
    .map_err(taken)?;
    match changed {
        0 => Err(Problem::version_conflict("redirect", before.version)),
        _ => finished(conn, after, Some(&before.path), now),
    }
}

/// Deletes a redirect at the version that `If-Match` names.
///
/// # Errors
/// `not_found`, `version_conflict`.
pub fn remove(conn: &mut Conn, id: RedirectId, by: &Editor, if_match: &IfMatch, now: Instant) -> Result<(), Problem> {
    by.may_overwrite(if_match)?;
    lock(conn)?;
    let row = one(conn, id)?;
    if !if_match.allows(row.version) {
        return Err(Problem::version_conflict("redirect", row.version));
    }
    on!(conn, c => diesel::delete(redirects::table.find(id)).execute(c))?;
    log::append_of_redirects(conn, &[&row.path], now)
}

fn taken(error: diesel::result::Error) -> Problem {
    match violation(&error) {
        Some(Violation::Unique(columns)) if columns == "redirects.name" => {
            Problem::new(Code::RedirectTaken, "Another redirect is of this path.")
        }
        _ => error.into(),
    }
}

/// Refuses one that leads nowhere or to two places.
fn leads_somewhere(row: &Redirect) -> Result<(), Problem> {
    let fault = match (row.status == GONE, &row.location, row.article_id) {
        (true, None, None) | (false, Some(_), None) | (false, None, Some(_)) => return Ok(()),
        (true, Some(_), _) => Fault::at("/location", "not_with_gone", "What is gone (410) leads nowhere."),
        (true, None, Some(_)) => Fault::at("/article", "not_with_gone", "What is gone (410) leads nowhere."),
        (false, None, None) => {
            Fault::at("/location", "missing", "A location or an article is needed, unless the status is 410.")
        }
        (false, Some(_), Some(_)) => {
            Fault::at("/article", "not_with_location", "It leads to a location or to an article, not to both.")
        }
    };
    Err(Problem::validation(vec![fault]))
}

/// Refuses what was just written if readers would be led in a circle or too far, and tells of it otherwise, and of the path
/// that it had before. Nobody else writes redirects meanwhile.
fn finished(conn: &mut Conn, row: Redirect, other: Option<&str>, now: Instant) -> Result<Redirect, Problem> {
    if let Some(way) = way(conn, &row.path)? {
        let refused = |code, detail| Err(Problem::validation(vec![Fault::at("/location", code, detail)]));
        let end = match &way.target {
            Target::Location(location) if location.starts_with('/') => {
                Some(name_of(location.split(['?', '#']).next().unwrap_or_default()))
            }
            _ => None,
        };
        let places = || way.passed.join(" → ");
        if end.as_ref().is_some_and(|end| way.passed.contains(end)) {
            let back = end.unwrap_or_default();
            return refused("redirect_loop", format!("It leads in a circle: {} → {back}.", places()));
        }
        if way.passed.len() > MOST_IN_A_ROW {
            let detail = format!("It leads along more than {MOST_IN_A_ROW} redirects: {}.", places());
            return refused("too_many_redirects", detail);
        }
    }
    let other = other.filter(|other| *other != row.path);
    let paths: Vec<&str> = other.into_iter().chain([row.path.as_str()]).collect();
    log::append_of_redirects(conn, &paths, now)?;
    Ok(row)
}
