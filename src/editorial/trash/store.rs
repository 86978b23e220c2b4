//! Every query about the trash.

use diesel::prelude::*;

use crate::accounts::Editor;
use crate::db::Conn;
use crate::db::schema::articles;
use crate::db::types::Instant;
use crate::editorial::draft::{Article, Draft};
use crate::editorial::schedule::{self, Action};
use crate::editorial::store::{self as editorial, Scope, taken, version_conflict};
use crate::error::{Code, Problem};
use crate::http::etag::IfMatch;
use crate::http::keyset::{Column, Ordered};
use crate::http::page::{Page, Window};
use crate::http::sort::By;
use crate::ids::{ArticleId, ArticleRef};
use crate::on;

/// How many articles are deleted for good in one transaction.
const EMPTIED_AT_ONCE: i64 = 50;

crate::sort_keys! {
    /// By when they were put there, or by title in the order of its letters' codes; a hyphen before it turns it round.
    TrashKey {
        Trashed = "trashed_at",
        Title = "title",
    }
}

impl Ordered for TrashKey {
    const ID: Column = Column::id("articles.id");

    fn column(by: By<Self>) -> Column {
        match by.key {
            Self::Trashed => Column::instant("articles.trashed_at"),
            Self::Title => Column::text("articles.title"),
        }
    }
}

/// Puts an article that is not published into the trash, at the version that `If-Match` names. What was to come of it by
/// itself does not come any more.
///
/// # Errors
/// `not_found`, `version_conflict`, `article_published`.
pub fn put(
    conn: &mut Conn,
    reference: &ArticleRef,
    by: &Editor,
    if_match: &IfMatch,
    now: Instant,
) -> Result<(), Problem> {
    by.may_overwrite(if_match)?;
    let article = editorial::article_to_change(conn, reference, Scope::of(by))?;
    editorial::at_version(conn, &article, if_match)?;
    if article.published_version.is_some() {
        return Err(Problem::new(Code::ArticlePublished, "Unpublish the article first."));
    }
    let put = on!(conn, c => diesel::update(articles::table.find(article.id))
        .filter(articles::version.eq(article.version))
        .filter(articles::published_version.is_null())
        .filter(articles::trashed_at.is_null())
        .set((articles::trashed_at.eq(Some(now)), articles::trashed_by.eq(Some(by.id))))
        .execute(c))?;
    if put == 0 {
        return Err(version_conflict(article.version));
    }
    for action in [Action::Publish, Action::Unpublish] {
        schedule::done(conn, article.id, action, now)?;
    }
    Ok(())
}

macro_rules! trashed {
    ($scope:expr) => {{
        let query = articles::table.filter(articles::trashed_at.is_not_null()).into_boxed();
        match $scope {
            Scope::All => query,
            Scope::Own(editor) => query.filter(articles::owner_id.eq(editor)),
        }
    }};
}

/// A page of the articles in the trash, each with when it was put there.
pub fn list(conn: &mut Conn, scope: Scope, window: &Window<TrashKey>) -> Result<Page<(Article, Instant)>, Problem> {
    let rows: Vec<(Article, Instant)> = on!(conn, c => trashed!(scope)
        .filter(window.beyond()?)
        .order(window.order_by())
        .limit(window.fetch())
        .select((Article::as_select(), articles::trashed_at.assume_not_null()))
        .load(c)?);
    let value = |(article, trashed_at): &(Article, Instant), by: By<TrashKey>| match by.key {
        TrashKey::Trashed => trashed_at.to_rfc3339(),
        TrashKey::Title => article.title.clone(),
    };
    Ok(window.page(rows, value, |(article, _)| article.id.to_string()))
}

/// How many articles are in the trash.
pub fn count(conn: &mut Conn, scope: Scope) -> Result<i64, Problem> {
    Ok(on!(conn, c => trashed!(scope).count().get_result(c))?)
}

/// Takes an article out of the trash: the working copy as it was. Of two that try, one does.
///
/// # Errors
/// `not_found`; `slug_taken` and `language_taken` when another article has its slug or its place among translations by now.
pub fn restore(conn: &mut Conn, id: ArticleId, scope: Scope) -> Result<Draft, Problem> {
    here(conn, id, scope)?;
    let restored = on!(conn, c => diesel::update(articles::table.find(id))
        .filter(articles::trashed_at.is_not_null())
        .set((articles::trashed_at.eq(None::<Instant>), articles::trashed_by.eq(None::<crate::ids::EditorId>)))
        .execute(c))
    .map_err(taken)?;
    if restored == 0 {
        return Err(nothing());
    }
    editorial::draft(conn, &ArticleRef::Id(id), scope)
}

/// Deletes an article for good, with its sections, citations, revisions and comments.
///
/// # Errors
/// `not_found`.
pub fn remove(conn: &mut Conn, id: ArticleId, scope: Scope) -> Result<(), Problem> {
    here(conn, id, scope)?;
    let gone = on!(conn, c => diesel::delete(articles::table.find(id))
        .filter(articles::trashed_at.is_not_null())
        .execute(c))?;
    if gone == 0 { Err(nothing()) } else { Ok(()) }
}

fn here(conn: &mut Conn, id: ArticleId, scope: Scope) -> Result<(), Problem> {
    let found: i64 = on!(conn, c => trashed!(scope).filter(articles::id.eq(id)).count().get_result(c))?;
    if found == 0 { Err(nothing()) } else { Ok(()) }
}

fn nothing() -> Problem {
    Problem::not_found("article in the trash")
}

/// Deletes some of what has been in the trash since then or longer. Answers how many.
pub fn empty(conn: &mut Conn, before: Instant) -> Result<usize, Problem> {
    let over: Vec<ArticleId> = on!(conn, c => articles::table
        .filter(articles::trashed_at.le(before))
        .order(articles::trashed_at)
        .limit(EMPTIED_AT_ONCE)
        .select(articles::id)
        .load(c))?;
    if over.is_empty() {
        return Ok(0);
    }
    // One that was restored meanwhile stays.
    Ok(on!(conn, c => diesel::delete(articles::table.filter(articles::id.eq_any(&over)))
        .filter(articles::trashed_at.le(before))
        .execute(c))?)
}
