//! `/v1/manage/articles/{article}/schedule`: when an article is published and taken down by itself.

use actix_web::{HttpRequest, HttpResponse, get, put, web};
use deserr::Deserr;
use serde::Serialize;
use utoipa::ToSchema;

use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::db::types::Instant;
use crate::editorial::examples;
use crate::editorial::model::Timestamp;
use crate::editorial::schedule::{self, Schedule, ScheduleFailure};
use crate::editorial::store::Scope;
use crate::error::Problem;
use crate::http::answer::{Answer, Caching};
use crate::http::body::Body;
use crate::http::etag::IfMatch;
use crate::http::fault::Faults;
use crate::http::query::{NoParameters, Query};
use crate::ids::{ArticleId, ArticleRef, EditorId};

/// When an article is published and taken down by itself.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Schedule)]
pub struct ScheduleView {
    pub article: ArticleId,
    /// Counts the changes of the schedule, those that ibid makes by doing what was due among them; the ETag names it.
    #[schema(minimum = 1, maximum = 2147483647, example = 2)]
    pub version: i32,
    /// When the working copy, as it is then, becomes what the public reads; null when it does not by itself.
    #[schema(value_type = Option<String>, format = DateTime, max_length = 35, example = "2030-06-24T06:00:00Z")]
    pub publish_at: Option<Instant>,
    /// When the public reads it no longer; null when that does not come by itself.
    #[schema(value_type = Option<String>, format = DateTime, max_length = 35, example = "2030-07-24T06:00:00Z")]
    pub unpublish_at: Option<Instant>,
    /// Who set it last; null when nobody did, or the account is gone.
    pub by: Option<EditorId>,
    /// What could not be done when it was due, until the schedule is set anew; null when all went well.
    pub failure: Option<ScheduleFailure>,
}

impl From<Schedule> for ScheduleView {
    fn from(schedule: Schedule) -> Self {
        let failure = schedule.failure();
        let Schedule { article_id, version, publish_at, unpublish_at, editor_id, .. } = schedule;
        Self { article: article_id, version, publish_at, unpublish_at, by: editor_id, failure }
    }
}

/// When an article is to be published and taken down. What is not named is not to come by itself.
#[derive(Debug, Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewSchedule {
    /// Still to come.
    #[deserr(default)]
    #[schema(example = "2030-06-24T06:00:00Z")]
    pub publish_at: Option<Timestamp>,
    /// Still to come, and after `publish_at` where that is given.
    #[deserr(default)]
    #[schema(example = "2030-07-24T06:00:00Z")]
    pub unpublish_at: Option<Timestamp>,
}

fn answer(request: &HttpRequest, schedule: Schedule) -> Result<HttpResponse, Problem> {
    let version = schedule.version;
    Ok(Answer::json(Caching::Private, &ScheduleView::from(schedule))?.version(version).to(request))
}

/// Read the schedule of an article
///
/// When it is published and taken down by itself, and what could not be done when it was due. Its ETag serves `If-Match` when it
/// is set.
#[utoipa::path(
    operation_id = "manage_schedule_get",
    tag = "working copies",
    params(ArticleRef),
    responses((status = 200, description = "The schedule.", body = ScheduleView, example = json!(examples::schedule()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/articles/{article}/schedule")]
pub async fn get(
    who: Permitted<op::ScheduleGet>,
    request: HttpRequest,
    state: State,
    article: web::Path<ArticleRef>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (article, scope, now) = (article.into_inner(), Scope::of(&who.editor), state.clock.now());
    let schedule = state.db.read(move |conn| schedule::read(conn, &article, scope, now)).await?;
    answer(&request, schedule)
}

/// Set the schedule of an article
///
/// Both times at once; with neither, nothing comes by itself. When it is time, the working copy as it is then goes through the
/// same checks as when an editor publishes it, in one transaction, once, whatever stops or starts meanwhile; what was due while
/// the server stood still is done when it starts. What cannot be done is told in `failure` and by lists (`schedule=failed`), and
/// is not tried again by itself. Publishing or taking down by hand settles what was to come of the same kind.
///
/// The schedule has a version of its own, which `If-Match` names; the working copy may be changed while it waits.
#[utoipa::path(
    operation_id = "manage_schedule_set",
    tag = "working copies",
    params(ArticleRef, IfMatch),
    request_body(content = NewSchedule, description = "When.", example = json!({
        "publish_at": "2030-06-24T06:00:00Z",
        "unpublish_at": "2030-07-24T06:00:00Z"
    })),
    responses((status = 200, description = "The schedule.", body = ScheduleView, example = json!(examples::schedule()))),
    security(("bearer" = [])),
)]
#[put("/v1/manage/articles/{article}/schedule")]
pub async fn set(
    who: Permitted<op::ScheduleSet>,
    request: HttpRequest,
    state: State,
    article: web::Path<ArticleRef>,
    if_match: IfMatch,
    _: Query<NoParameters>,
    body: Body<NewSchedule>,
) -> Result<HttpResponse, Problem> {
    let (article, now, NewSchedule { publish_at, unpublish_at }) = (article.into_inner(), state.clock.now(), body.0);
    let times = (publish_at.map(|at| at.0), unpublish_at.map(|at| at.0));
    let write = move |conn: &mut _| schedule::set(conn, &article, &who.editor, &if_match, times, now);
    let schedule = state.db.write(write).await?;
    state.timer.notify_one();
    answer(&request, schedule)
}
