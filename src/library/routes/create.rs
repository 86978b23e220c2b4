//! `POST /v1/manage/studies`

use actix_web::{HttpRequest, HttpResponse, post};

use super::{answer, view};
use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::db::Conn;
use crate::error::Problem;
use crate::http::body::Body;
use crate::http::query::{NoParameters, Query};
use crate::library::examples;
use crate::library::model::NewStudy;
use crate::library::store;
use crate::library::view::StudyView;

/// Add a study
///
/// A record in CSL-JSON, and what CSL has no variables for. DOI, PMID and PMCID are read in any usual form; two studies
/// cannot have the same. The record's `id` is the study's key: on the way in unless `key` says another, on the way out
/// always.
#[utoipa::path(
    operation_id = "manage_studies_create",
    tag = "library",
    request_body(content = NewStudy, description = "The study.", example = json!({
        "csl": {
            "type": "article-journal",
            "title": "Microneedling therapy in atrophic facial scars: an objective assessment",
            "author": [{"family": "Majid", "given": "Imran"}],
            "container-title": "Journal of Cutaneous and Aesthetic Surgery",
            "issued": {"date-parts": [[2009, 1]]}, "volume": "2", "issue": "1", "page": "26-30",
            "DOI": "10.4103/0974-2077.53096", "PMID": "20300368"
        },
        "design": "case_series",
        "sample_size": 37
    })),
    responses((
        status = 201,
        description = "The study.",
        body = StudyView, example = json!(examples::study()),
    )),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["study_exists", "key_taken"]))),
)]
#[post("/v1/manage/studies")]
pub(super) async fn create(
    _: Permitted<op::StudiesCreate>,
    request: HttpRequest,
    state: State,
    _: Query<NoParameters>,
    body: Body<NewStudy>,
) -> Result<HttpResponse, Problem> {
    let (new, now) = (body.0, state.clock.now());
    let write = move |conn: &mut Conn| {
        let study = store::create(conn, new, now)?;
        view(conn, study)
    };
    let study = state.db.write(write).await?;
    let location = format!("/v1/manage/studies/{}", study.id);
    Ok(answer(&study)?.created(location).to(&request))
}
