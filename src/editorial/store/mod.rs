//! Every query about working copies: reading them, changing them under their version, and their slugs. Their parts are read and
//! kept in [`parts`], lists of them in [`list`], their translations in [`translations`](self::translations()).

mod list;
mod parts;
mod translations;

use std::collections::HashMap;

use diesel::prelude::*;

pub use self::list::{Filter, count, list};
pub use self::parts::Named;
use self::parts::{around, citations_of, claims_of, keep_parts, keep_tags, sections_of};
pub use self::translations::{translate, translations};
use super::draft::{Article, Draft, Marked, all_keys, check_markers};
use super::revisions::model::Writing;
use super::revisions::store as revisions;
use super::view::CitedStudy;
use crate::accounts::{Editor, Role};
use crate::citing::numbering::Numbering;
use crate::db::schema::{articles, publications, slug_redirects, studies};
use crate::db::{Conn, Violation, first_free, violation};
use crate::error::{Code, Problem};
use crate::http::etag::IfMatch;
use crate::ids::{ArticleId, ArticleRef, EditorId, StudyId};
use crate::library::Design;
use crate::library::store::{self as library, Names};
use crate::on;
use crate::text::anchor;

/// Which articles an editor may see: authors see their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    All,
    Own(EditorId),
}

impl Scope {
    pub fn of(editor: &Editor) -> Self {
        if editor.role == Role::Author { Self::Own(editor.id) } else { Self::All }
    }

    fn covers(self, article: &Article) -> bool {
        match self {
            Self::All => true,
            Self::Own(editor) => article.owner_id == Some(editor),
        }
    }
}

/// A working copy with what follows from its text and the library.
#[derive(Debug, Clone)]
pub struct Settled {
    pub draft: Draft,
    pub marked: Vec<Marked>,
    /// The studies that the markers name.
    pub names: Names,
    pub numbering: Numbering<StudyId>,
}

/// Reads one article's row.
///
/// # Errors
/// `not_found`, also for an article outside the scope, or in the trash.
pub fn article(conn: &mut Conn, reference: &ArticleRef, scope: Scope) -> Result<Article, Problem> {
    let row: Option<Article> = match reference {
        ArticleRef::Id(id) => {
            let found = articles::table.find(id).filter(articles::trashed_at.is_null());
            on!(conn, c => found.select(Article::as_select()).first(c).optional())?
        }
        ArticleRef::Slug(slug) => {
            let found = articles::table.filter(articles::slug.eq(slug)).filter(articles::trashed_at.is_null());
            on!(conn, c => found.select(Article::as_select()).first(c).optional())?
        }
    };
    row.filter(|article| scope.covers(article)).ok_or_else(|| Problem::not_found("article"))
}

/// Reads a whole working copy that is to be changed: on PostgreSQL no other writer has it until this one is done. Without
/// that, the version could be read before another writer's commit and the text after it.
pub fn draft_to_change(conn: &mut Conn, reference: &ArticleRef, scope: Scope) -> Result<Draft, Problem> {
    hold(conn, reference)?;
    draft(conn, reference, scope)
}

/// Reads the row of an article that is to be changed, as [`draft_to_change`] does.
pub fn article_to_change(conn: &mut Conn, reference: &ArticleRef, scope: Scope) -> Result<Article, Problem> {
    hold(conn, reference)?;
    article(conn, reference, scope)
}

/// Lets one transaction at a time have the article. SQLite has one writer.
fn hold(conn: &mut Conn, reference: &ArticleRef) -> Result<(), Problem> {
    if let Conn::Postgres(c) = conn {
        let row = articles::table.filter(articles::trashed_at.is_null()).select(articles::id).for_no_key_update();
        let _: Option<ArticleId> = match reference {
            ArticleRef::Id(id) => row.filter(articles::id.eq(id)).first(&mut **c).optional()?,
            ArticleRef::Slug(slug) => row.filter(articles::slug.eq(slug)).first(&mut **c).optional()?,
        };
    }
    Ok(())
}

/// Reads a whole working copy.
pub fn draft(conn: &mut Conn, reference: &ArticleRef, scope: Scope) -> Result<Draft, Problem> {
    let article = article(conn, reference, scope)?;
    let id = article.id;
    let Named { authors, reviewers, tags, .. } = around(conn, &[id])?.remove(&id).unwrap_or_default();
    let (sections, citations) = (sections_of(conn, id)?, citations_of(conn, id)?);
    let claims = claims_of(conn, id)?;
    Ok(Draft { article, authors, reviewers, tags, sections, citations, claims })
}

/// What follows from a working copy's text and the library, for reading.
pub fn settled(conn: &mut Conn, draft: Draft) -> Result<Settled, Problem> {
    let marked = draft.marked();
    let names = library::resolve(conn, &all_keys(&marked).map(str::to_owned).collect())?;
    let numbering = draft.numbering(&marked, &names);
    Ok(Settled { draft, marked, names, numbering })
}

/// How often a study that was just found may be gone when it is to be cited.
const MOST_TRIES: usize = 3;

/// Makes the citations agree with the markers, for writing. The cited studies stay until this transaction ends.
///
/// On PostgreSQL they are locked here, before any citation is: a deletion of a study locks the study and then asks for
/// its citations, so a writer that took them the other way round would wait for it, and it for the writer.
fn settle(conn: &mut Conn, draft: Draft) -> Result<Settled, Problem> {
    let marked = draft.marked();
    check_markers(&marked)?;
    let keys = all_keys(&marked).map(str::to_owned).collect();
    for _ in 0..MOST_TRIES {
        let mut draft = draft.clone();
        let names = library::resolve(conn, &keys)?;
        let numbering = draft.settle(&marked, &names)?;
        let cited: Vec<StudyId> = draft.citations.iter().map(|citation| citation.study).collect();
        if library::hold(conn, &cited)? {
            return Ok(Settled { draft, marked, names, numbering });
        }
    }
    Err(Problem::busy())
}

/// Keeps a new article, with its first revision.
///
/// # Errors
/// `slug_taken` when a given slug is; one that was made from the title steps aside instead. `language_taken`.
pub fn create(conn: &mut Conn, draft: Draft) -> Result<Settled, Problem> {
    let mut settled = settle(conn, draft)?;
    // Tags before the slug, as `change` takes them: taken in two orders, writers would wait for each other.
    keep_tags(conn, &mut settled.draft)?;
    if settled.draft.article.slug.is_empty() {
        insert_under_free_slug(conn, &mut settled.draft.article)?;
    } else {
        insert(conn, &settled.draft.article)?;
    }
    keep_parts(conn, None, &settled.draft)?;
    revisions::begin(conn, &settled)?;
    Ok(settled)
}

fn insert(conn: &mut Conn, article: &Article) -> Result<(), Problem> {
    on!(conn, c => diesel::insert_into(articles::table).values(article).execute(c)).map_err(taken)?;
    Ok(())
}

/// How often the slug that was found free may be taken by another one in the meantime.
const MOST_SLUGS: usize = 20;

fn insert_under_free_slug(conn: &mut Conn, article: &mut Article) -> Result<(), Problem> {
    let mut refused = Problem::internal("no slug was tried");
    for _ in 0..MOST_SLUGS {
        article.slug = free_slug(conn, &article.title, &article.language)?;
        // In a savepoint: PostgreSQL answers nothing more in a transaction in which a statement failed.
        match conn.transaction(|conn| insert(conn, article)) {
            Err(problem) if problem.code() == Code::SlugTaken => refused = problem,
            done => return done,
        }
    }
    Err(refused)
}

/// A slug from the title that no article has or had.
fn free_slug(conn: &mut Conn, title: &str, language: &str) -> Result<String, Problem> {
    let base = anchor::slug_in(title, language);
    let free = first_free(anchor::candidates(&base), |some| {
        let (of_articles, of_publications, old): (Vec<String>, Vec<String>, Vec<String>) = on!(conn, c => (
            articles::table
                .filter(articles::slug.eq_any(some))
                .filter(articles::trashed_at.is_null())
                .select(articles::slug)
                .load(c)?,
            publications::table.filter(publications::slug.eq_any(some)).select(publications::slug).load(c)?,
            slug_redirects::table.filter(slug_redirects::slug.eq_any(some)).select(slug_redirects::slug).load(c)?,
        ));
        let ids = some.iter().filter(|slug| ArticleId::parse(slug).is_some()).cloned();
        Ok([of_articles, of_publications, old].into_iter().flatten().chain(ids).collect())
    })?;
    free.ok_or_else(|| Problem::internal("no slug is left"))
}

/// What is taken already.
pub(super) fn taken(error: diesel::result::Error) -> Problem {
    match violation(&error) {
        Some(Violation::Unique(columns)) if columns == "articles.slug" => {
            Problem::new(Code::SlugTaken, "Another article has this slug.")
        }
        Some(Violation::Unique(columns)) if columns == translations::UNIQUE => {
            Problem::new(Code::LanguageTaken, "Another translation of the article is in this language.")
        }
        _ => error.into(),
    }
}

/// The problem of a change that was made from another version.
pub fn version_conflict(current: i32) -> Problem {
    Problem::version_conflict("article", current)
}

/// Refuses a change that was not made from the present version; the problem tells where to read what has changed since.
///
/// # Errors
/// `version_conflict`.
pub fn at_version(conn: &mut Conn, article: &Article, if_match: &IfMatch) -> Result<(), Problem> {
    if if_match.allows(article.version) {
        return Ok(());
    }
    let problem = version_conflict(article.version);
    let Some(given) = if_match.newest().filter(|given| *given < article.version) else { return Err(problem) };
    Err(match revisions::holding(conn, article.id, given)? {
        Some(number) => {
            let changes = format!("/v1/manage/articles/{}/revisions/{number}/diff?to=current", article.id);
            problem.with_member("changes", changes)
        }
        None => problem,
    })
}

/// Changes a working copy: reads it, checks the version, lets `edit` change it, keeps it as the next version,
/// which leaves a revision. A change that changes nothing makes neither.
///
/// # Errors
/// `not_found`, `version_conflict`, `slug_taken`, `language_taken`, and whatever `edit` refuses.
pub fn change<T>(
    conn: &mut Conn,
    reference: &ArticleRef,
    by: &Editor,
    if_match: &IfMatch,
    writing: &Writing,
    edit: impl FnOnce(&mut Conn, &mut Draft) -> Result<T, Problem>,
) -> Result<(Settled, T), Problem> {
    by.may_overwrite(if_match)?;
    let before = draft_to_change(conn, reference, Scope::of(by))?;
    at_version(conn, &before.article, if_match)?;
    let mut after = before.clone();
    let answer = edit(conn, &mut after)?;
    let mut settled = settle(conn, after)?;
    keep_tags(conn, &mut settled.draft)?;
    if settled.draft != before {
        settled.draft.article.version = before.article.version + 1;
        settled.draft.article.updated_at = writing.now;
        keep(conn, &before, &settled.draft)?;
        revisions::leave(conn, &before, &settled, by.id, writing)?;
    }
    Ok((settled, answer))
}

fn keep(conn: &mut Conn, before: &Draft, after: &Draft) -> Result<(), Problem> {
    // The version is part of the condition: of two writers on PostgreSQL that read the same one, only one goes on.
    let kept = on!(conn, c => diesel::update(articles::table.find(before.article.id))
        .filter(articles::version.eq(before.article.version))
        .set(&after.article)
        .execute(c))
    .map_err(taken)?;
    if kept == 0 {
        let current = on!(conn, c => articles::table
            .find(before.article.id)
            .select(articles::version)
            .first::<i32>(c)
            .optional())?;
        return Err(current.map_or_else(|| Problem::not_found("article"), version_conflict));
    }
    keep_parts(conn, Some(before), after)
}

/// The studies with these ids, as far as the view of a working copy tells them.
pub fn cited_studies(conn: &mut Conn, ids: &[StudyId]) -> Result<HashMap<StudyId, CitedStudy>, Problem> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    type Row = (StudyId, String, String, Option<Design>);
    let rows: Vec<Row> = on!(conn, c => studies::table
        .filter(studies::id.eq_any(ids))
        .select((studies::id, studies::key, studies::title, studies::design))
        .load(c))?;
    let cited = |(id, key, title, design): Row| {
        (id, CitedStudy { id, key, title: Some(title).filter(|title| !title.is_empty()), design })
    };
    Ok(rows.into_iter().map(cited).collect())
}

/// Writes what publishing and unpublishing change of an article's row; the version stays.
pub fn mark_published(conn: &mut Conn, article: &Article) -> Result<(), Problem> {
    let kept = on!(conn, c => diesel::update(articles::table.find(article.id))
        .filter(articles::version.eq(article.version))
        .set((
            articles::published_version.eq(article.published_version),
            articles::publication_count.eq(article.publication_count),
            articles::first_published_at.eq(article.first_published_at),
        ))
        .execute(c))?;
    if kept == 0 { Err(version_conflict(article.version)) } else { Ok(()) }
}

/// Keeps the citations that publishing found to follow from the text and a library that has grown since.
pub fn settle_for_publishing(conn: &mut Conn, draft: Draft) -> Result<Settled, Problem> {
    let before = draft.clone();
    let settled = settle(conn, draft)?;
    keep_parts(conn, Some(&before), &settled.draft)?;
    Ok(settled)
}
