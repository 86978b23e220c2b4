//! The queries of those who follow.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

use crate::db::Conn;
use crate::db::schema::{publication_versions, publications, slug_redirects};
use crate::db::types::Instant;
use crate::delivery::model::Moments;
use crate::delivery::store::Publication;
use crate::http::sort::Direction;
use crate::ids::ArticleId;
use crate::on;

/// The columns of a [`Publication`] with its sections, in HTML alone, and its citations.
macro_rules! whole {
    ($table:ident) => {
        (
            $table::article_id,
            $table::title,
            $table::language,
            $table::style,
            $table::published_at,
            $table::updated_at,
            $table::comment_policy,
            $table::head,
            $table::sections.nullable(),
            $table::citations.nullable(),
            None::<String>.into_sql::<Nullable<Text>>(),
            $table::translation_group,
            $table::review_due,
        )
    };
}

/// The publications of the articles after this one, in the order of their ids.
pub fn after(conn: &mut Conn, article: Option<ArticleId>, most: i64) -> QueryResult<Vec<Publication>> {
    let article = article.unwrap_or(ArticleId(uuid::Uuid::nil()));
    on!(conn, c => publications::table
        .filter(publications::article_id.gt(article))
        .order(publications::article_id)
        .limit(most)
        .select(whole!(publications))
        .load(c))
}

/// The publications of these articles.
pub fn of(conn: &mut Conn, articles: &[ArticleId]) -> QueryResult<Vec<Publication>> {
    on!(conn, c => publications::table
        .filter(publications::article_id.eq_any(articles))
        .select(whole!(publications))
        .load(c))
}

/// Where an old slug leads.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Redirect {
    pub old: String,
    pub article: ArticleId,
    /// The present slug.
    pub slug: String,
}

/// Those of these slugs that lead to a published article.
fn redirects(conn: &mut Conn, slugs: &[&str]) -> QueryResult<Vec<Redirect>> {
    on!(conn, c => slug_redirects::table
        .inner_join(publications::table.on(publications::article_id.eq(slug_redirects::article_id)))
        .filter(slug_redirects::slug.eq_any(slugs))
        .select((slug_redirects::slug, publications::article_id, publications::slug))
        .load(c))
}

/// The last of these slugs that leads to a published article, with its place among them.
///
/// # Errors
/// Those of the database.
pub fn redirect(conn: &mut Conn, slugs: &[&str]) -> QueryResult<Option<(usize, Redirect)>> {
    let known = redirects(conn, slugs)?;
    let found = slugs.iter().enumerate().rev().find_map(|(place, slug)| {
        let redirect = known.iter().find(|redirect| redirect.old == *slug)?;
        Some((place, redirect.clone()))
    });
    Ok(found)
}

/// What a list says of a version.
#[derive(Debug, Clone, Queryable)]
pub struct VersionRow {
    pub number: i32,
    pub slug: String,
    pub language: String,
    pub title: String,
    pub published_at: Instant,
    pub updated_at: Instant,
}

/// The columns of a [`VersionRow`].
macro_rules! summary {
    ($table:ident) => {
        ($table::number, $table::slug, $table::language, $table::title, $table::published_at, $table::updated_at)
    };
}

/// The version that stands.
pub fn standing(conn: &mut Conn, article: ArticleId) -> QueryResult<Option<VersionRow>> {
    on!(conn, c => publications::table.find(article).select(summary!(publications)).first(c).optional())
}

/// The versions of an article that another one has taken the place of, of these moments, as a boxed query.
macro_rules! kept {
    ($article:expr, $moments:expr) => {{
        use publication_versions::{article_id, published_at, updated_at};
        let moments: &Moments = $moments;
        let mut query = publication_versions::table.filter(article_id.eq($article)).into_boxed();
        if let Some(bound) = moments.published_after {
            query = query.filter(published_at.ge(bound.after()));
        }
        if let Some(bound) = moments.published_before {
            query = query.filter(published_at.lt(bound.before()));
        }
        if let Some(bound) = moments.updated_after {
            query = query.filter(updated_at.ge(bound.after()));
        }
        if let Some(bound) = moments.updated_before {
            query = query.filter(updated_at.lt(bound.before()));
        }
        query
    }};
}

/// Versions of these moments that another one has taken the place of: those beyond this number in this direction, the
/// nearest first.
pub fn kept_beyond(
    conn: &mut Conn,
    article: ArticleId,
    moments: &Moments,
    (number, direction): (i32, Direction),
    most: i64,
) -> QueryResult<Vec<VersionRow>> {
    use publication_versions::number as place;
    on!(conn, c => {
        let query = match direction {
            Direction::Up => kept!(article, moments).filter(place.gt(number)).order(place.asc()),
            Direction::Down => kept!(article, moments).filter(place.lt(number)).order(place.desc()),
        };
        query.limit(most).select(summary!(publication_versions)).load(c)
    })
}

/// Those with one of these numbers, in no order.
pub fn kept_numbered(
    conn: &mut Conn,
    article: ArticleId,
    moments: &Moments,
    numbers: &[i32],
) -> QueryResult<Vec<VersionRow>> {
    on!(conn, c => kept!(article, moments)
        .filter(publication_versions::number.eq_any(numbers))
        .select(summary!(publication_versions))
        .load(c))
}

/// How many versions of these moments are kept.
pub fn count_kept(conn: &mut Conn, article: ArticleId, moments: &Moments) -> QueryResult<i64> {
    on!(conn, c => kept!(article, moments).count().get_result(c))
}

/// The version kept last before this number.
pub fn kept_before(conn: &mut Conn, article: ArticleId, number: i32) -> QueryResult<Option<i32>> {
    use publication_versions::{article_id, number as place};
    on!(conn, c => publication_versions::table
        .filter(article_id.eq(article))
        .filter(place.lt(number))
        .select(diesel::dsl::max(place))
        .first(c))
}

/// The kept version of that number, whole.
pub fn kept(conn: &mut Conn, article: ArticleId, number: i32) -> QueryResult<Option<Publication>> {
    on!(conn, c => publication_versions::table
        .find((article, number))
        .select(whole!(publication_versions))
        .first(c)
        .optional())
}
