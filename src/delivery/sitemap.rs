//! The sitemap: from the publications to its files.

use super::store::discovery::{self, Listed};
use crate::db::Conn;
use crate::error::Problem;
use crate::formats::site::Site;
use crate::formats::sitemap::{Entry, addresses, index};
use crate::ids::ArticleId;

/// The sitemap, when a file has at most so many addresses: the only file, or the index of several.
///
/// # Errors
/// Those of the database.
pub fn whole(conn: &mut Conn, site: &Site<'_>, most: usize) -> Result<String, Problem> {
    let parts = discovery::parts(conn, most)?;
    match parts.as_slice() {
        [] => Ok(addresses([])),
        [only] => Ok(part(conn, site, only.first, most)?.unwrap_or_else(|| addresses([]))),
        several => {
            Ok(index(several.iter().map(|part| Entry {
                address: site.at(&format!("/sitemaps/{}.xml", part.first)),
                changed: part.changed,
            })))
        }
    }
}

/// The file that begins with this article; `None` when there is neither it nor one after it.
///
/// # Errors
/// Those of the database.
pub fn part(conn: &mut Conn, site: &Site<'_>, first: ArticleId, most: usize) -> Result<Option<String>, Problem> {
    let listed = discovery::listed(conn, first, most)?;
    let entry = |Listed { id, slug, language, updated_at }: Listed| Entry {
        address: site.article_named(&slug, &id.to_string(), &language),
        changed: updated_at,
    };
    Ok((!listed.is_empty()).then(|| addresses(listed.into_iter().map(entry))))
}
