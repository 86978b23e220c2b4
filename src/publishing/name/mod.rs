//! Where a name leads: to a published article, or, being an old slug, to the present one. Both doors that the public
//! uses ask here; it knows the publications and nothing that editors work on.

mod way;

use diesel::prelude::*;

pub use self::way::{GONE, MOST_IN_A_ROW, Target, Way, name_of, way};

use crate::db::Conn;
use crate::db::schema::{publications, slug_redirects};
use crate::error::Problem;
use crate::http::tag::Tag;
use crate::ids::{ArticleId, ArticleRef};
use crate::on;

/// What there is under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<T> {
    Here(T),
    /// The name is an old slug.
    Moved(OldSlug),
}

/// Where an old slug leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldSlug {
    /// The slug that the article has now.
    pub present: String,
    article: ArticleId,
    old: String,
}

impl OldSlug {
    /// What a redirect shows: it is outdated when the article is changed, and when another takes the old slug.
    pub fn tags(&self) -> [Tag; 2] {
        [Tag::one("article", self.article), Tag::one("slug", &self.old)]
    }
}

impl<T> Found<T> {
    /// What was read under the name; where nothing was, the name may be an old slug.
    ///
    /// # Errors
    /// `not_found` when it is none either.
    pub fn or_moved(conn: &mut Conn, name: &ArticleRef, here: Option<T>) -> Result<Self, Problem> {
        if let Some(here) = here {
            return Ok(Self::Here(here));
        }
        let present = match name {
            ArticleRef::Id(_) => None,
            ArticleRef::Slug(slug) => present(conn, slug)?,
        };
        present.map(Self::Moved).ok_or_else(|| Problem::not_found("article"))
    }
}

/// The published article that once had this slug.
fn present(conn: &mut Conn, old: &str) -> QueryResult<Option<OldSlug>> {
    let found: Option<(ArticleId, String)> = on!(conn, c => slug_redirects::table
        .inner_join(publications::table.on(publications::article_id.eq(slug_redirects::article_id)))
        .filter(slug_redirects::slug.eq(old))
        .select((publications::article_id, publications::slug))
        .first(c)
        .optional())?;
    Ok(found.map(|(article, present)| OldSlug { present, article, old: old.to_owned() }))
}
