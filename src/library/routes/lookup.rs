//! `POST /v1/manage/studies/lookup`

use actix_web::{HttpRequest, HttpResponse, post};
use deserr::Deserr;
use utoipa::IntoParams;

use super::view;
use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::citing::identifiers::Doi;
use crate::citing::sources::Service;
use crate::db::Conn;
use crate::db::types::Instant;
use crate::error::Problem;
use crate::http::answer::{Answer, Caching};
use crate::http::body::Body;
use crate::http::fault::Faults;
use crate::http::query::{Flag, Query};
use crate::ids::StudyId;
use crate::library::lookup::store::Identifiers;
use crate::library::lookup::{self, Found, LookUp, LookUpReport, LookUpSource, LookedUp, new_study};
use crate::library::model::{Key, StudyRef};
use crate::library::notices::{self, Notice};
use crate::library::{NoticeSource, Study, examples, store};

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// Whether only to tell what study it would be.
    #[param(value_type = Option<bool>, default = false)]
    #[deserr(default)]
    dry_run: Option<Flag>,
}

/// Look a study up
///
/// By its DOI at Crossref and then at DataCite, or by its PMID at PubMed, unless the library has it already: then nobody
/// is asked, and the answer is 200 with the study. Else it comes into the library as the service describes it, `sources`
/// says so of each field, and `lookup` tells what there was no place for. What Crossref knows to have become of the study
/// is kept with it. Answers of the services are kept for some days and used again. When a service does not answer
/// nothing is changed.
#[utoipa::path(
    operation_id = "manage_studies_lookup",
    tag = "library",
    params(Parameters),
    request_body(content = LookUp, description = "Which study: exactly one of `doi` and `pmid`.", example = json!({
        "doi": "10.4103/0974-2077.53096"
    })),
    responses(
        (status = 200, description = "The study, which the library has already, or with `dry_run` would have.",
         body = LookedUp, example = json!(examples::looked_up(true))),
        (status = 201, description = "The study, which is in the library now.", body = LookedUp,
         example = json!(examples::looked_up(false))),
    ),
    security(("bearer" = [])),
    extensions(("x-problems" = json!([
        "study_not_found_at_sources", "key_taken", "study_exists", "lookup_off", "lookup_failed", "lookup_limited",
        "lookup_timeout"
    ]))),
)]
#[post("/v1/manage/studies/lookup")]
pub(super) async fn look_up(
    _: Permitted<op::StudiesLookup>,
    request: HttpRequest,
    state: State,
    query: Query<Parameters>,
    body: Body<LookUp>,
) -> Result<HttpResponse, Problem> {
    let (LookUp { wanted, key }, now) = (body.0, state.clock.now());
    let dry_run = query.0.dry_run.unwrap_or_default().0;
    let known_by = Identifiers::wanted(&wanted);
    let present = state.db.read(move |conn| present(conn, &known_by)).await?;
    if let Some(present) = present {
        return answer(&request, &present, Outcome::Present);
    }
    let found = lookup::find(&state.db, &state.services, &wanted, now).await?;
    let (looked_up, outcome) = state.db.write(move |conn| take_in(conn, &found, key, now, dry_run)).await?;
    answer(&request, &looked_up, outcome)
}

/// Whether the library had the study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Present,
    Created,
}

fn answer(request: &HttpRequest, looked_up: &LookedUp, outcome: Outcome) -> Result<HttpResponse, Problem> {
    let answer = Answer::json(Caching::Private, looked_up)?.version(looked_up.study.version);
    let location = format!("/v1/manage/studies/{}", looked_up.study.id);
    Ok(match outcome {
        Outcome::Created => answer.created(location).to(request),
        Outcome::Present => answer.to(request),
    })
}

/// The study with one of these identifiers, if the library has it.
fn present(conn: &mut Conn, known_by: &Identifiers) -> Result<Option<LookedUp>, Problem> {
    let Some(study) = lookup::store::present(conn, known_by)? else { return Ok(None) };
    Ok(Some(LookedUp { study: view(conn, study)?, lookup: LookUpReport::default() }))
}

/// Makes the study that was found, unless it is there under another of its identifiers.
fn take_in(
    conn: &mut Conn,
    found: &Found,
    key: Option<Key>,
    now: Instant,
    dry_run: bool,
) -> Result<(LookedUp, Outcome), Problem> {
    let record = &found.described.entry.record;
    let doi = record.doi();
    let (new, dropped) = new_study(found.described.entry.clone(), key);
    let report = LookUpReport::of(found, dropped, dry_run);
    if let Some(present) = present(conn, &Identifiers::of(record))? {
        return Ok((LookedUp { lookup: report, ..present }, Outcome::Present));
    }
    let source = LookUpSource::of(found.service).of_fields();
    let mut study = store::create_from(conn, new, source, now)?;
    if let Some(doi) = doi.filter(|_| found.service == Service::Crossref) {
        study = with_notices(conn, study.id, &doi, found, now)?;
    }
    Ok((LookedUp { study: view(conn, study)?, lookup: report }, Outcome::Created))
}

/// The study with what Crossref knows to have become of it.
fn with_notices(conn: &mut Conn, study: StudyId, doi: &Doi, found: &Found, now: Instant) -> Result<Study, Problem> {
    let told = lookup::about(doi, found.described.notices.clone());
    let told = told.into_iter().map(|notice| Notice::foreign(notice, NoticeSource::Crossref, now)).collect();
    notices::store::replace_crossref(conn, study, doi, told, found.asked_at)?;
    notices::recheck(conn, &[study])?;
    store::study(conn, &StudyRef::Id(study))
}
