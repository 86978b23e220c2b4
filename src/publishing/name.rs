//! Where a name leads: to a published article, or, being an old slug, to the present one. Both doors that the public
//! uses ask here; it knows the publications and nothing that editors work on.

use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::{publications, slug_redirects};
use crate::error::Problem;
use crate::ids::ArticleRef;
use crate::on;

/// What there is under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<T> {
    Here(T),
    /// The name is an old slug; this is the present one.
    Moved(String),
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
            ArticleRef::Slug(slug) => present_slug(conn, slug)?,
        };
        present.map(Self::Moved).ok_or_else(|| Problem::not_found("article"))
    }
}

/// The present slug of the published article that once had this one.
fn present_slug(conn: &mut Conn, old: &str) -> QueryResult<Option<String>> {
    on!(conn, c => slug_redirects::table
        .inner_join(publications::table.on(publications::article_id.eq(slug_redirects::article_id)))
        .filter(slug_redirects::slug.eq(old))
        .select(publications::slug)
        .first(c)
        .optional())
}
