//! `PATCH /v1/manage/studies/{study}`

use actix_web::{HttpRequest, HttpResponse, patch, web};

use super::{StudyPath, answer, view};
use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::db::Conn;
use crate::error::Problem;
use crate::http::body::MergePatch;
use crate::http::etag::IfMatch;
use crate::http::query::{NoParameters, Query};
use crate::library::examples;
use crate::library::model::StudyPatch;
use crate::library::store::{self, Change};
use crate::library::view::StudyView;
use crate::publishing;

/// Change a study
///
/// A JSON Merge Patch (RFC 7396), down into the record: members that are not named stay as they are, lists are replaced
/// whole. Publications that cite the study are rendered anew. The key stays; the record's `id` may be sent back as it was read.
#[utoipa::path(
    operation_id = "manage_studies_patch",
    tag = "library",
    params(StudyPath, IfMatch),
    request_body(content(
        (StudyPatch = "application/merge-patch+json", example = json!({"csl": {"page": "26-30", "note": null}})),
        (StudyPatch = "application/json", example = json!({"design": "case_series", "sample_size": null})),
    ), description = "What changes."),
    responses((status = 200, description = "The study.", body = StudyView, example = json!(examples::study()))),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["study_exists"]))),
)]
#[patch("/v1/manage/studies/{study}")]
pub(super) async fn patch(
    who: Permitted<op::StudiesPatch>,
    request: HttpRequest,
    state: State,
    path: web::Path<StudyPath>,
    if_match: IfMatch,
    _: Query<NoParameters>,
    body: MergePatch<StudyPatch>,
) -> Result<HttpResponse, Problem> {
    who.editor.may_overwrite(&if_match)?;
    let (reference, patch, now) = (path.read()?, body.0, state.clock.now());
    let write = move |conn: &mut Conn| {
        publishing::store::lock(conn)?;
        let (study, change) = store::change(conn, &reference, &if_match, patch, now)?;
        if change == Change::Made {
            publishing::study_changed(conn, study.id, now)?;
        }
        view(conn, study)
    };
    let study = state.db.write(write).await?;
    Ok(answer(&study)?.to(&request))
}
