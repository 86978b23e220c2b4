//! `/v1/manage/studies`: the studies that articles cite, one file for each operation.

mod create;
mod delete;
mod duplicates;
mod get;
mod import;
mod list;
mod lookup;
mod merge;
mod notices;
mod patch;
mod styles;

use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::model::{Study, StudyRef};
use super::store;
use super::view::StudyView;
use crate::db::Conn;
use crate::db::types::Instant;
use crate::error::Problem;
use crate::http::answer::{Answer, Caching};
use crate::http::operations::Operations;
use crate::ids::{StudyId, path_parameter};
use crate::publishing;

pub(crate) use import::{ImportFormat, keep as keep_lot};
pub use notices::take_in as take_in_notices;

pub fn routes(config: &mut Operations<'_>) {
    config.service(lookup::look_up).configure(notices::routes).configure(styles::routes);
    config
        .service(list::list)
        // Before `{study}`: what is registered first is matched first.
        .service(duplicates::duplicates)
        .service(import::take_in)
        .service(create::create)
        .service(merge::merge)
        .service(get::get)
        .service(patch::patch)
        .service(delete::delete);
}

/// Weighs what the notices say of these studies, and renders the publications that cite one of them anew.
fn publications_follow(conn: &mut Conn, studies: &[StudyId], now: Instant) -> Result<(), Problem> {
    let changes = crate::library::notices::recheck(conn, studies)?;
    for study in studies {
        publishing::study_changed(conn, *study, now)?;
    }
    publishing::retractions::tell(conn, &changes, now)
}

/// How an address names a study.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct StudyPath {
    study: String,
}

impl IntoParams for StudyPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![path_parameter("study", "The study: its key, or its id.", "^[A-Za-z0-9_:.-]+$", 64, "majid2009")]
    }
}

impl StudyPath {
    fn read(&self) -> Result<StudyRef, Problem> {
        StudyRef::read(&self.study).ok_or_else(|| Problem::not_found("study"))
    }
}

fn view(conn: &mut Conn, study: Study) -> Result<StudyView, Problem> {
    let cited = store::citing(conn, &[study.id])?.remove(&study.id).unwrap_or_default();
    let aliases = store::names::aliases(conn, &[study.id])?.remove(&study.id).unwrap_or_default();
    let imports = crate::library::notices::store::imports(conn)?;
    StudyView::new(study, aliases, cited, &imports)
}

fn answer(study: &StudyView) -> Result<Answer, Problem> {
    Ok(Answer::json(Caching::Private, study)?.version(study.version))
}
