//! Sitemaps (<https://www.sitemaps.org/protocol.html>): the addresses of all articles, and where their translations are; in files of at most
//! 50 MB, whatever the number of languages.

use super::xml::Xml;
use crate::db::types::Instant;

/// The most addresses in one file.
pub const MOST: usize = 4_000;

const NAMESPACE: (&str, &str) = ("xmlns", "http://www.sitemaps.org/schemas/sitemap/0.9");
const XHTML: (&str, &str) = ("xmlns:xhtml", "http://www.w3.org/1999/xhtml");

/// An address and when what is there last changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub address: String,
    pub changed: Instant,
    /// The languages that there are of it and their addresses, its own too; none when it is there in one alone.
    pub alternates: Vec<(String, String)>,
}

/// A file of addresses.
pub fn addresses(entries: impl IntoIterator<Item = Entry>) -> String {
    file("urlset", "url", &[NAMESPACE, XHTML], entries)
}

/// The file that names the others.
pub fn index(files: impl IntoIterator<Item = Entry>) -> String {
    file("sitemapindex", "sitemap", &[NAMESPACE], files)
}

fn file(
    root: &'static str,
    item: &'static str,
    namespaces: &[(&str, &str)],
    entries: impl IntoIterator<Item = Entry>,
) -> String {
    let mut xml = Xml::new();
    xml.open(root, namespaces);
    xml.line();
    for Entry { address, changed, alternates } in entries {
        xml.open(item, &[]);
        xml.inline("loc", &[], &address);
        xml.inline("lastmod", &[], &changed.to_rfc3339());
        for (language, address) in &alternates {
            xml.inline("xhtml:link", &[("rel", "alternate"), ("hreflang", language), ("href", address)], "");
        }
        xml.close_line();
    }
    xml.finish()
}
