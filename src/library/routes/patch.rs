//! `PATCH /v1/manage/studies/{study}`

use actix_web::{HttpRequest, HttpResponse, patch, web};

use super::{StudyPath, answer, publications_follow, view};
use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::citing::fold_key;
use crate::db::Conn;
use crate::db::types::Instant;
use crate::editorial::follow::{self, Renaming};
use crate::error::Problem;
use crate::http::body::{MergePatch, Patch};
use crate::http::etag::IfMatch;
use crate::http::query::{NoParameters, Query};
use crate::ids::ArticleId;
use crate::library::examples;
use crate::library::model::{Study, StudyPatch, StudyRef};
use crate::library::store::{self, Change};
use crate::library::view::StudyView;
use crate::publishing;

/// Change a study
///
/// A JSON Merge Patch (RFC 7396), down into the record: members that are not named stay as they are, lists are replaced
/// whole. Publications that cite the study are rendered anew. Another `key` goes into the markers of all working copies in
/// the same transaction, and the key before goes on naming the study. The record's `id` may be sent back as it was read.
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
    extensions(("x-problems" = json!(["study_exists", "key_taken"]))),
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
        let renames = matches!(patch.key, Patch::Set(_));
        let articles = if renames { citing(conn, &reference)? } else { Vec::new() };
        let (study, change) = store::change(conn, &reference, &if_match, patch, now)?;
        if change == Change::Made {
            if renames {
                rename_markers(conn, &articles, &study, now)?;
            }
            publications_follow(conn, &[study.id], now)?;
        }
        // With what the notices come to for it as it is now.
        let study = store::study(conn, &StudyRef::Id(study.id))?;
        view(conn, study)
    };
    let study = state.db.write(write).await?;
    Ok(answer(&study)?.to(&request))
}

/// The articles that cite the study, held before it is: writers of articles take them so.
fn citing(conn: &mut Conn, reference: &StudyRef) -> Result<Vec<ArticleId>, Problem> {
    let study = store::study(conn, reference)?;
    follow::hold_citing(conn, &[study.id])
}

/// Writes the present key into markers that name the study by a former one.
fn rename_markers(conn: &mut Conn, articles: &[ArticleId], study: &Study, now: Instant) -> Result<(), Problem> {
    let former = store::names::aliases(conn, &[study.id])?.remove(&study.id).unwrap_or_default();
    let names = |name: &str| former.contains(&fold_key(name));
    follow::rename(conn, articles, &Renaming { names: &names, key: &study.key }, now)?;
    Ok(())
}
