//! Sitemaps (<https://www.sitemaps.org/protocol.html>): the addresses of all articles, in files of at most 50,000.

use super::xml::Xml;
use crate::db::types::Instant;

/// The most addresses in one file.
pub const MOST: usize = 50_000;

const NAMESPACE: (&str, &str) = ("xmlns", "http://www.sitemaps.org/schemas/sitemap/0.9");

/// An address and when what is there last changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub address: String,
    pub changed: Instant,
}

/// A file of addresses.
pub fn addresses(entries: impl IntoIterator<Item = Entry>) -> String {
    file("urlset", "url", entries)
}

/// The file that names the others.
pub fn index(files: impl IntoIterator<Item = Entry>) -> String {
    file("sitemapindex", "sitemap", files)
}

fn file(root: &'static str, item: &'static str, entries: impl IntoIterator<Item = Entry>) -> String {
    let mut xml = Xml::new();
    xml.open(root, &[NAMESPACE]);
    xml.line();
    for Entry { address, changed } in entries {
        xml.open(item, &[]);
        xml.inline("loc", &[], &address);
        xml.inline("lastmod", &[], &changed.to_rfc3339());
        xml.close_line();
    }
    xml.finish()
}
