//! The notices about one study.

use actix_web::{HttpRequest, HttpResponse, get, post, web};

use super::super::StudyPath;
use super::views;
use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::citing::identifiers::Doi;
use crate::db::Conn;
use crate::error::{Code, Problem};
use crate::http::answer::{Answer, Caching};
use crate::http::body::Body;
use crate::http::query::{NoParameters, Query};
use crate::ids::StudyId;
use crate::library::model::StudyRef;
use crate::library::notices::{self, NewNotice, Notice, NoticeView, StudyNotices, integrity_checked, store};
use crate::library::{NoticeSource, Study, examples, lookup, store as studies};
use crate::publishing;

/// The most notices of one study that are shown.
const MOST_SHOWN: usize = 1_000;

fn answer(conn: &mut Conn, study: StudyId) -> Result<StudyNotices, Problem> {
    let study = studies::study(conn, &StudyRef::Id(study))?;
    let mut notices = store::of_study(conn, study.id)?;
    notices.truncate(MOST_SHOWN);
    Ok(StudyNotices {
        data: views(conn, notices)?,
        retraction: study.retraction()?,
        integrity_checked: integrity_checked(conn, &study)?,
    })
}

/// Read what has become of a study
///
/// The notices about it, what they come to, and where it was looked for notices: that a study is not listed says nothing
/// about sources that were not asked, or about later days.
#[utoipa::path(
    operation_id = "manage_study_notices_list",
    tag = "notices",
    params(StudyPath),
    responses((status = 200, description = "The notices, the latest first.", body = StudyNotices,
        example = json!(examples::study_notices()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/studies/{study}/notices")]
pub(super) async fn list(
    _: Permitted<op::StudyNotices>,
    request: HttpRequest,
    state: State,
    path: web::Path<StudyPath>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let reference = path.read()?;
    let read = move |conn: &mut Conn| {
        let study = studies::study(conn, &reference)?;
        answer(conn, study.id)
    };
    let notices = state.db.read(read).await?;
    Ok(Answer::json(Caching::Private, &notices)?.to(&request))
}

/// Add a notice about a study
///
/// One that an editor knows of. It is weighed with those of other sources; publications that cite the study are rendered
/// anew if its status is another one then.
#[utoipa::path(
    operation_id = "manage_study_notices_create",
    tag = "notices",
    params(StudyPath),
    request_body(content = NewNotice, description = "The notice.", example = json!({
        "kind": "expression_of_concern", "date": "2024-05", "reasons": ["Concerns about images"],
        "notice_doi": "10.5555/ibid.notice"
    })),
    responses((status = 201, description = "The notice.", body = NoticeView, example = json!(examples::notice()))),
    security(("bearer" = [])),
)]
#[post("/v1/manage/studies/{study}/notices")]
pub(super) async fn create(
    _: Permitted<op::StudyNoticesCreate>,
    request: HttpRequest,
    state: State,
    path: web::Path<StudyPath>,
    _: Query<NoParameters>,
    body: Body<NewNotice>,
) -> Result<HttpResponse, Problem> {
    let (reference, new, now) = (path.read()?, body.0, state.clock.now());
    let write = move |conn: &mut Conn| {
        publishing::store::lock(conn)?;
        let study = studies::study(conn, &reference)?;
        let notice = Notice::of_editor(new, study.id, now);
        store::add(conn, &notice)?;
        publishing::retractions::recheck(conn, &[study.id], now)?;
        views(conn, vec![notice])
    };
    let views = state.db.write(write).await?;
    let view = views.first().ok_or_else(|| Problem::internal("the notice is gone"))?;
    let location = format!("/v1/manage/notices/{}", view.id);
    Ok(Answer::json(Caching::Private, view)?.created(location).to(&request))
}

/// Ask Crossref what has become of a study
///
/// Now, whatever was kept before. What Crossref says takes the place of what it said; publications that cite the study are
/// rendered anew if its status is another one then.
#[utoipa::path(
    operation_id = "manage_study_notices_refresh",
    tag = "notices",
    params(StudyPath),
    responses((status = 200, description = "The notices, the latest first.", body = StudyNotices,
        example = json!(examples::study_notices()))),
    security(("bearer" = [])),
    extensions(("x-problems" = json!([
        "study_without_doi", "study_not_found_at_sources", "lookup_off", "lookup_failed", "lookup_limited", "lookup_timeout"
    ]))),
)]
#[post("/v1/manage/studies/{study}/notices/refresh")]
pub(super) async fn refresh(
    _: Permitted<op::StudyNoticesRefresh>,
    request: HttpRequest,
    state: State,
    path: web::Path<StudyPath>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (reference, now) = (path.read()?, state.clock.now());
    let study = state.db.read(move |conn| studies::study(conn, &reference)).await?;
    let doi = doi(&study)?;
    let told = lookup::notices_of(&state.services, &doi).await?;
    let told = told.into_iter().map(|notice| Notice::foreign(notice, NoticeSource::Crossref, now)).collect();
    let write = move |conn: &mut Conn| {
        publishing::store::lock(conn)?;
        notices::store::replace_crossref(conn, study.id, &doi, told, now)?;
        publishing::retractions::recheck(conn, &[study.id], now)?;
        answer(conn, study.id)
    };
    let notices = state.db.write(write).await?;
    Ok(Answer::json(Caching::Private, &notices)?.to(&request))
}

fn doi(study: &Study) -> Result<Doi, Problem> {
    let doi = study.doi.as_deref().and_then(|doi| Doi::parse(doi).ok());
    doi.ok_or_else(|| Problem::new(Code::StudyWithoutDoi, format!("The study {} has no DOI.", study.key)))
}
