//! `GET /v1/manage/studies/{study}`

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::{StudyPath, answer, view};
use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::db::Conn;
use crate::error::Problem;
use crate::http::query::{NoParameters, Query};
use crate::library::examples;
use crate::library::store;
use crate::library::view::StudyView;

/// Read a study
///
/// With what its record lacks and how many articles cite it.
#[utoipa::path(
    operation_id = "manage_studies_get",
    tag = "library",
    params(StudyPath),
    responses((status = 200, description = "The study.", body = StudyView, example = json!(examples::study()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/studies/{study}")]
pub(super) async fn get(
    _: Permitted<op::StudiesGet>,
    request: HttpRequest,
    state: State,
    path: web::Path<StudyPath>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let reference = path.read()?;
    let read = move |conn: &mut Conn| {
        let study = store::study(conn, &reference)?;
        view(conn, study)
    };
    let study = state.db.read(read).await?;
    Ok(answer(&study)?.to(&request))
}
