//! Every query about schedules.

use std::collections::HashMap;

use diesel::prelude::*;
use serde::Deserialize as _;
use serde_json::json;

use super::{Action, ScheduleFailure};
use crate::accounts::Editor;
use crate::db::Conn;
use crate::db::schema::schedules;
use crate::db::types::{Instant, Json};
use crate::editorial::store::{Scope, article, article_to_change};
use crate::error::Problem;
use crate::http::etag::IfMatch;
use crate::http::fault::Fault;
use crate::ids::{ArticleId, ArticleRef, EditorId};
use crate::on;

/// When an article is published and taken down by itself, and what went wrong when it was.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = schedules, treat_none_as_null = true)]
pub struct Schedule {
    pub article_id: ArticleId,
    /// Counts the changes, from 1.
    pub version: i32,
    pub publish_at: Option<Instant>,
    pub unpublish_at: Option<Instant>,
    /// Who set it last.
    pub editor_id: Option<EditorId>,
    pub changed_at: Instant,
    failed_action: Option<Action>,
    failed_due: Option<Instant>,
    failed_at: Option<Instant>,
    problem: Option<Json>,
}

impl Schedule {
    /// Of an article for which none was ever set.
    fn empty(article: ArticleId, now: Instant) -> Self {
        Self {
            article_id: article,
            version: 1,
            publish_at: None,
            unpublish_at: None,
            editor_id: None,
            changed_at: now,
            failed_action: None,
            failed_due: None,
            failed_at: None,
            problem: None,
        }
    }

    /// When that is to be done.
    fn at(&self, action: Action) -> Option<Instant> {
        match action {
            Action::Publish => self.publish_at,
            Action::Unpublish => self.unpublish_at,
        }
    }

    /// What could not be done; `None` since it was set anew.
    pub fn failure(&self) -> Option<ScheduleFailure> {
        let problem = &self.problem.as_ref()?.0;
        let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
        Some(ScheduleFailure {
            action: self.failed_action?,
            due_at: self.failed_due?,
            at: self.failed_at?,
            code: text("code"),
            detail: text("detail"),
            errors: Vec::<Fault>::deserialize(&problem["errors"]).unwrap_or_default(),
        })
    }

    fn without(self, action: Action) -> Self {
        match action {
            Action::Publish => Self { publish_at: None, ..self },
            Action::Unpublish => Self { unpublish_at: None, ..self },
        }
    }
}

/// What lists tell of a schedule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Queryable)]
pub struct Planned {
    pub publish_at: Option<Instant>,
    pub unpublish_at: Option<Instant>,
    pub failed: Option<Action>,
}

/// The schedules of these articles; none where an article is missing.
pub fn planned(conn: &mut Conn, articles: &[ArticleId]) -> Result<HashMap<ArticleId, Planned>, Problem> {
    let rows: Vec<(ArticleId, Planned)> = on!(conn, c => schedules::table
        .filter(schedules::article_id.eq_any(articles))
        .select((
            schedules::article_id,
            (schedules::publish_at, schedules::unpublish_at, schedules::failed_action),
        ))
        .load(c))?;
    Ok(rows.into_iter().collect())
}

/// The schedule of an article.
///
/// # Errors
/// `not_found`, also for an article outside the scope.
pub fn read(conn: &mut Conn, reference: &ArticleRef, scope: Scope, now: Instant) -> Result<Schedule, Problem> {
    let article = article(conn, reference, scope)?;
    Ok(row(conn, article.id)?.unwrap_or_else(|| Schedule::empty(article.id, now)))
}

fn row(conn: &mut Conn, article: ArticleId) -> Result<Option<Schedule>, Problem> {
    Ok(on!(conn, c => schedules::table.find(article).select(Schedule::as_select()).first(c).optional())?)
}

/// Sets both times of the schedule at the version that `If-Match` names.
///
/// # Errors
/// `not_found`, `version_conflict`, `validation_failed` for times that are past or in the wrong order, and for taking down what
/// is not published and will not be.
pub fn set(
    conn: &mut Conn,
    reference: &ArticleRef,
    by: &Editor,
    if_match: &IfMatch,
    (publish_at, unpublish_at): (Option<Instant>, Option<Instant>),
    now: Instant,
) -> Result<Schedule, Problem> {
    by.may_overwrite(if_match)?;
    let article = article_to_change(conn, reference, Scope::of(by))?;
    let before = row(conn, article.id)?.unwrap_or_else(|| Schedule::empty(article.id, now));
    if !if_match.allows(before.version) {
        return Err(Problem::version_conflict("schedule", before.version));
    }
    let mut faults = Vec::new();
    for (pointer, at) in [("/publish_at", publish_at), ("/unpublish_at", unpublish_at)] {
        if at.is_some_and(|at| at <= now) {
            faults.push(Fault::at(pointer, "in_the_past", format!("It is {} now.", now.to_rfc3339())));
        }
    }
    match (publish_at, unpublish_at) {
        (Some(publish), Some(unpublish)) if unpublish <= publish => {
            faults.push(Fault::at("/unpublish_at", "too_early", "It has to be after publish_at."));
        }
        (None, Some(_)) if article.published_version.is_none() => {
            let detail = "The article is not published, and publish_at does not say when it will be.";
            faults.push(Fault::at("/unpublish_at", "not_published", detail));
        }
        _ => {}
    }
    if !faults.is_empty() {
        return Err(Problem::validation(faults));
    }
    let after = Schedule {
        publish_at,
        unpublish_at,
        editor_id: Some(by.id),
        version: before.version,
        ..Schedule::empty(article.id, now)
    };
    let same = Schedule { editor_id: before.editor_id, changed_at: before.changed_at, ..after.clone() } == before;
    if same { Ok(before) } else { keep(conn, after) }
}

/// Keeps a schedule as the next version. The article's row is held, so that nobody else does so.
fn keep(conn: &mut Conn, mut row: Schedule) -> Result<Schedule, Problem> {
    let before = row.version;
    row.version += 1;
    let kept = match before {
        1 => on!(conn, c => diesel::insert_into(schedules::table).values(&row).execute(c))?,
        _ => on!(conn, c => diesel::update(schedules::table.find(row.article_id))
            .filter(schedules::version.eq(before))
            .set(&row)
            .execute(c))?,
    };
    if kept == 0 { Err(Problem::version_conflict("schedule", before)) } else { Ok(row) }
}

/// What was to be done by itself is done: by hand, or by the keeper of the time.
pub fn done(conn: &mut Conn, article: ArticleId, action: Action, now: Instant) -> Result<(), Problem> {
    match row(conn, article)?.filter(|row| row.at(action).is_some()) {
        Some(row) => keep(conn, Schedule { changed_at: now, ..row.without(action) }).map(drop),
        None => Ok(()),
    }
}

/// What is to be done, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub article: ArticleId,
    pub action: Action,
    pub at: Instant,
}

/// What is to be done next.
pub fn next(conn: &mut Conn) -> Result<Option<Due>, Problem> {
    let publish: Option<(ArticleId, Option<Instant>)> = on!(conn, c => schedules::table
        .filter(schedules::publish_at.is_not_null())
        .order((schedules::publish_at, schedules::article_id))
        .select((schedules::article_id, schedules::publish_at))
        .first(c)
        .optional())?;
    let unpublish: Option<(ArticleId, Option<Instant>)> = on!(conn, c => schedules::table
        .filter(schedules::unpublish_at.is_not_null())
        .order((schedules::unpublish_at, schedules::article_id))
        .select((schedules::article_id, schedules::unpublish_at))
        .first(c)
        .optional())?;
    let due = |action, row: Option<(ArticleId, Option<Instant>)>| {
        row.and_then(|(article, at)| Some(Due { article, action, at: at? }))
    };
    let both = [due(Action::Publish, publish), due(Action::Unpublish, unpublish)];
    Ok(both.into_iter().flatten().min_by_key(|due| due.at))
}

/// The schedule by which that is still to be done.
pub fn still(conn: &mut Conn, due: &Due) -> Result<Option<Schedule>, Problem> {
    Ok(row(conn, due.article)?.filter(|row| row.at(due.action) == Some(due.at)))
}

/// Keeps that it could not be done. Nothing is kept when it is no longer to be done.
pub fn fail(conn: &mut Conn, due: &Due, problem: &Problem, now: Instant) -> Result<(), Problem> {
    article_to_change(conn, &ArticleRef::Id(due.article), Scope::All)?;
    let Some(row) = still(conn, due)? else { return Ok(()) };
    let document = json!({"code": problem.code().as_str(), "detail": problem.detail(), "errors": problem.errors()});
    let failed = Schedule {
        changed_at: now,
        failed_action: Some(due.action),
        failed_due: Some(due.at),
        failed_at: Some(now),
        problem: Some(Json(document)),
        ..row.without(due.action)
    };
    keep(conn, failed).map(drop)
}
