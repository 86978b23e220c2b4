//! The sitemap: from the publications to its files.

use super::store::discovery::{self, Listed, Other};
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
        several => Ok(index(several.iter().map(|part| Entry {
            address: site.at(&format!("/sitemaps/{}.xml", part.first)),
            changed: part.changed,
            alternates: Vec::new(),
        }))),
    }
}

/// The file that begins with this article; `None` when there is neither it nor one after it.
///
/// # Errors
/// Those of the database.
pub fn part(conn: &mut Conn, site: &Site<'_>, first: ArticleId, most: usize) -> Result<Option<String>, Problem> {
    let listed = discovery::listed(conn, first, most)?;
    let Some(last) = listed.last().map(|listed| listed.id) else { return Ok(None) };
    let mut others = discovery::translations(conn, first, last)?;
    let at = |id: ArticleId, slug: &str, language: &str| site.article_named(slug, &id.to_string(), language);
    let entry = |Listed { id, slug, language, updated_at }: Listed| {
        let address = at(id, &slug, &language);
        let others = others.remove(&id).unwrap_or_default();
        let itself = (!others.is_empty()).then(|| (language, address.clone()));
        let others = others.into_iter().map(|Other { language, id, slug }| {
            let address = at(id, &slug, &language);
            (language, address)
        });
        let mut alternates: Vec<_> = others.chain(itself).collect();
        alternates.sort_unstable();
        Entry { address, changed: updated_at, alternates }
    };
    Ok(Some(addresses(listed.into_iter().map(entry))))
}
