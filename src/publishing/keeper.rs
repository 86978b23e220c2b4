//! The keeper of the time: does what is due, on whichever node is first. Each deed is one transaction that looks again whether
//! it is still to be done and says that it is done: it happens once, however many nodes try, and whenever one of them stops.

use std::time::Duration;

use super::publish::{self, Policy};
use super::store as publications;
use crate::app::State;
use crate::db::Conn;
use crate::db::types::Instant;
use crate::editorial::schedule::{self, Action, Due};
use crate::editorial::store::{self as editorial, Scope};
use crate::error::{Code, Problem};
use crate::ids::ArticleRef;

/// Does what is due for as long as it is polled. What another node plans is noticed before `schedule.poll_seconds` are over;
/// that node itself notices at once.
pub async fn keep_time(state: State) {
    let poll = Duration::from_secs(state.settings.schedule.poll_seconds);
    loop {
        let wait = match step(&state).await {
            Ok(wait) => wait.map_or(poll, |wait| wait.min(poll)),
            Err(problem) => {
                let cause = problem.cause().unwrap_or_default();
                tracing::warn!(%problem, cause, "what is scheduled has to wait");
                poll
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = state.timer.notified() => {}
        }
    }
}

/// Does what is due next; answers how long there is nothing to do, `None` when there is nothing at all.
async fn step(state: &State) -> Result<Option<Duration>, Problem> {
    let now = state.clock.now();
    let Some(due) = state.db.read(schedule::next).await? else { return Ok(None) };
    if due.at > now {
        return Ok(Some((due.at.get() - now.get()).try_into().unwrap_or_default()));
    }
    let policy = Policy::of(state);
    let (article, action, at) = (due.article, due.action.as_str(), due.at.to_rfc3339());
    match state.db.write(move |conn| carry_out(conn, &due, &policy, now)).await {
        Ok(true) => tracing::info!(%article, action, due = at, "done as scheduled"),
        Ok(false) => {}
        Err(problem) if passes(&problem) => return Err(problem),
        Err(problem) => {
            let cause = problem.cause().unwrap_or_default();
            tracing::error!(%article, action, due = at, %problem, cause, "not done as scheduled");
            state.db.write(move |conn| schedule::fail(conn, &due, &problem, now)).await?;
        }
    }
    Ok(Some(Duration::ZERO))
}

/// Whether there was still something to do.
fn carry_out(conn: &mut Conn, due: &Due, policy: &Policy, now: Instant) -> Result<bool, Problem> {
    publications::lock(conn)?;
    let reference = ArticleRef::Id(due.article);
    let draft = match editorial::draft_to_change(conn, &reference, Scope::All) {
        // Deleted with its schedule.
        Err(problem) if problem.code() == Code::NotFound => return Ok(false),
        draft => draft?,
    };
    let Some(schedule) = schedule::still(conn, due)? else { return Ok(false) };
    match due.action {
        Action::Publish => drop(publish::publish_draft(conn, draft, schedule.editor_id, policy, now)?),
        Action::Unpublish => match publish::take_down(conn, draft.article, now) {
            // Taken down by hand: so it is as it was to be.
            Err(problem) if problem.code() == Code::NotPublished => {}
            done => drop(done?),
        },
    }
    schedule::done(conn, due.article, due.action, now)?;
    Ok(true)
}

/// Whether the same, tried again a little later, could go well without anybody's doing.
fn passes(problem: &Problem) -> bool {
    matches!(problem.code(), Code::DatabaseBusy | Code::DatabaseUnavailable | Code::Busy)
}
