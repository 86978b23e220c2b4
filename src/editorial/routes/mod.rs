//! The management door's operations on working copies.

mod articles;
mod citations;
mod revisions;
mod schedule;
mod sections;
mod trash;

use super::draft::Draft;
use super::revisions::model::{Made, Writing};
use super::schedule::planned;
use super::store::{self, Scope, Settled};
use super::view::WorkingCopy;
use crate::accounts::Editor;
use crate::app::State;
use crate::db::Conn;
use crate::error::Problem;
use crate::http::etag::IfMatch;
use crate::http::operations::Operations;
use crate::ids::{ArticleRef, StudyId};

pub fn routes(config: &mut Operations<'_>) {
    config
        .service(articles::list)
        .service(articles::create)
        .service(articles::get)
        .service(articles::patch)
        .service(articles::replace)
        .service(articles::delete)
        // Before `{section}`: what is registered first is matched first.
        .service(sections::order)
        .service(sections::list)
        .service(sections::create)
        .service(sections::get)
        .service(sections::patch)
        .service(sections::delete)
        .service(citations::order)
        .service(citations::list)
        .service(citations::create)
        .service(citations::get)
        .service(citations::patch)
        .service(citations::delete)
        .service(schedule::get)
        .service(schedule::set)
        .service(revisions::list)
        .service(revisions::get)
        .service(revisions::patch)
        .service(revisions::diff)
        .service(revisions::restore)
        .service(trash::list)
        .service(trash::restore)
        .service(trash::delete);
}

/// Reads a working copy that the editor may see.
async fn read(state: &State, article: ArticleRef, editor: Editor) -> Result<WorkingCopy, Problem> {
    let scope = Scope::of(&editor);
    let read = move |conn: &mut Conn| {
        let draft = store::draft(conn, &article, scope)?;
        let settled = store::settled(conn, draft)?;
        working_copy(conn, settled, scope)
    };
    state.db.read(read).await
}

/// Changes a working copy under the version that `If-Match` names.
async fn change<T: Send + 'static>(
    state: &State,
    article: ArticleRef,
    editor: Editor,
    if_match: IfMatch,
    edit: impl FnOnce(&mut Conn, &mut Draft) -> Result<T, Problem> + Send + 'static,
) -> Result<(WorkingCopy, T), Problem> {
    changed_by(state, article, editor, if_match, Made::Changed, edit).await
}

/// The same, of any kind of write.
async fn changed_by<T: Send + 'static>(
    state: &State,
    article: ArticleRef,
    editor: Editor,
    if_match: IfMatch,
    made: Made,
    edit: impl FnOnce(&mut Conn, &mut Draft) -> Result<T, Problem> + Send + 'static,
) -> Result<(WorkingCopy, T), Problem> {
    let writing = Writing { now: state.clock.now(), made, keeping: state.settings.revisions };
    let scope = Scope::of(&editor);
    let write = move |conn: &mut Conn| {
        let (settled, answer) = store::change(conn, &article, &editor, &if_match, &writing, edit)?;
        Ok((working_copy(conn, settled, scope)?, answer))
    };
    state.db.write(write).await
}

/// The whole working copy, as editors get it.
fn working_copy(conn: &mut Conn, settled: Settled, scope: Scope) -> Result<WorkingCopy, Problem> {
    let ids: Vec<StudyId> = settled.draft.citations.iter().map(|citation| citation.study).collect();
    let studies = store::cited_studies(conn, &ids)?;
    let translations = store::translations(conn, &settled.draft.article, scope)?;
    let id = settled.draft.article.id;
    let planned = planned(conn, &[id])?.remove(&id).unwrap_or_default();
    Ok(WorkingCopy::new(settled, &studies, translations, planned))
}
