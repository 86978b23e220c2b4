//! Publishing, unpublishing, and following the library.

use serde_json::json;

use super::document::PublishedCitation;
use super::render::{self, Cited, Publication};
use super::{log, store};
use crate::accounts::Editor;
use crate::db::Conn;
use crate::db::types::Instant;
use crate::editorial::draft::Article;
use crate::editorial::store::{self as editorial, Scope, Settled};
use crate::editorial::view::dangling;
use crate::error::{Code, Problem};
use crate::http::etag::IfMatch;
use crate::http::fault::Fault;
use crate::ids::{ArticleRef, StudyId};
use crate::library::store as library;

/// What the public reads from now on.
#[derive(Debug, Clone)]
pub struct Published {
    pub article: Article,
    pub row: store::Row,
    pub citations: Vec<PublishedCitation>,
}

/// Publishes the working copy at the version that `If-Match` names. Publishing what is published changes nothing.
///
/// # Errors
/// `dangling_marker` and `nothing_to_publish` with all places; `version_conflict`; `slug_taken` when another
/// publication has the slug.
pub fn publish(
    conn: &mut Conn,
    reference: &ArticleRef,
    by: &Editor,
    if_match: &IfMatch,
    now: Instant,
) -> Result<Published, Problem> {
    by.may_overwrite(if_match)?;
    store::lock(conn)?;
    let draft = editorial::draft_to_change(conn, reference, Scope::of(by))?;
    if !if_match.allows(draft.article.version) {
        return Err(editorial::version_conflict(draft.article.version));
    }
    let standing = store::row(conn, draft.article.id)?;
    if let Some(row) = standing.as_ref().filter(|_| draft.article.published_version == Some(draft.article.version)) {
        let citations = row.citations()?;
        return Ok(Published { article: draft.article, row: row.clone(), citations });
    }
    let settled = editorial::settle_for_publishing(conn, draft)?;
    check(&settled)?;
    freeze(conn, settled, standing, now)
}

fn check(settled: &Settled) -> Result<(), Problem> {
    if settled.draft.sections.iter().all(|section| section.body.trim().is_empty()) {
        return Err(Problem::new(Code::NothingToPublish, "No section of the article has text."));
    }
    let places = |section| settled.draft.sections.iter().position(|other| other.id == section).unwrap_or_default();
    let faults: Vec<Fault> = dangling(settled)
        .into_iter()
        .map(|marker| {
            let index = places(marker.section);
            let anchor = &settled.draft.sections[index].anchor;
            let detail = format!(
                "The section {anchor} cites {:?} in line {}, column {}; the library has no such study.",
                marker.key, marker.line, marker.column
            );
            Fault::at(format!("/sections/{index}/body"), "dangling_marker", detail)
        })
        .collect();
    match faults.as_slice() {
        [] => Ok(()),
        [only] => Err(Problem::new(Code::DanglingMarker, only.detail.clone()).with_errors(faults)),
        many => {
            let detail = format!("{} markers cite studies that the library has not.", many.len());
            Err(Problem::new(Code::DanglingMarker, detail).with_errors(faults))
        }
    }
}

fn freeze(conn: &mut Conn, settled: Settled, standing: Option<store::Row>, now: Instant) -> Result<Published, Problem> {
    let mut article = settled.draft.article.clone();
    article.publication_count += 1;
    article.published_version = Some(article.version);
    article.first_published_at.get_or_insert(now);
    let (sections, words) = render::sections(&settled);
    let publication = Publication {
        number: article.publication_count,
        published_at: article.published_at.or(article.first_published_at).unwrap_or(now),
        updated_at: now,
        words,
    };
    let cited = render::cited(&settled);
    let ids: Vec<StudyId> = cited.iter().map(|entry| entry.study).collect();
    let studies = library::by_ids(conn, &ids)?;
    let citations = render::citations(&article.language, &cited, &studies)?;
    let head = render::head(&settled, &publication);
    let row = store::Row::new(&head, article.comment_policy, &sections, &citations)?;
    store::keep(conn, &row, &head, &citations)?;
    editorial::mark_published(conn, &article)?;
    if let Some(old) = standing.filter(|old| old.slug != row.slug) {
        store::redirect(conn, &old.slug, article.id, now)?;
    }
    store::no_redirect(conn, &row.slug)?;
    log::append(conn, "publish", article.id, json!({"slug": row.slug, "version": row.number}), now)?;
    Ok(Published { article, row, citations })
}

/// Takes the publication down; the working copy stays.
///
/// # Errors
/// `not_published`, `version_conflict`.
pub fn unpublish(
    conn: &mut Conn,
    reference: &ArticleRef,
    by: &Editor,
    if_match: &IfMatch,
    now: Instant,
) -> Result<Article, Problem> {
    by.may_overwrite(if_match)?;
    store::lock(conn)?;
    let mut article = editorial::article_to_change(conn, reference, Scope::of(by))?;
    if !if_match.allows(article.version) {
        return Err(editorial::version_conflict(article.version));
    }
    let Some(row) = store::row(conn, article.id)? else {
        return Err(Problem::new(Code::NotPublished, "The public does not read this article."));
    };
    article.published_version = None;
    store::remove(conn, article.id)?;
    editorial::mark_published(conn, &article)?;
    log::append(conn, "unpublish", article.id, json!({"slug": row.slug, "version": row.number}), now)?;
    Ok(article)
}

/// Renders the citations of every publication that cites the study anew: the current publication follows the library.
/// The transaction has to have taken [`store::lock`] before it touched the study.
pub fn study_changed(conn: &mut Conn, study: StudyId, now: Instant) -> Result<(), Problem> {
    let mut changed = Vec::new();
    for mut row in store::citing(conn, study)? {
        let cited: Vec<Cited> = row
            .citations()?
            .into_iter()
            .map(|citation| Cited { number: citation.number, study: citation.study.id, cited_in: citation.cited_in })
            .collect();
        let ids: Vec<StudyId> = cited.iter().map(|entry| entry.study).collect();
        let studies = library::by_ids(conn, &ids)?;
        let citations = render::citations(&row.language, &cited, &studies)?;
        let mut head = row.head()?;
        head.updated_at = now;
        row.refresh(&head, &citations)?;
        store::refresh(conn, &row, &citations)?;
        changed.push((row.article_id, row.slug.clone(), row.number));
    }
    for (article, slug, number) in changed {
        log::append(conn, "refresh", article, json!({"slug": slug, "version": number, "study": study}), now)?;
    }
    Ok(())
}
