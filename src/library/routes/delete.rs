//! `DELETE /v1/manage/studies/{study}`

use actix_web::{HttpResponse, delete, web};

use super::StudyPath;
use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::error::Problem;
use crate::http::answer::no_content;
use crate::http::etag::IfMatch;
use crate::http::query::{NoParameters, Query};
use crate::library::store;

/// Delete a study
///
/// Only one that no article cites.
#[utoipa::path(
    operation_id = "manage_studies_delete",
    tag = "library",
    params(StudyPath, IfMatch),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["study_cited"]))),
)]
#[delete("/v1/manage/studies/{study}")]
pub(super) async fn delete(
    who: Permitted<op::StudiesDelete>,
    state: State,
    path: web::Path<StudyPath>,
    if_match: IfMatch,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    who.editor.may_overwrite(&if_match)?;
    let reference = path.read()?;
    state.db.write(move |conn| store::delete(conn, &reference, &if_match)).await?;
    Ok(no_content())
}
