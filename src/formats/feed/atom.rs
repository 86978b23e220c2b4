//! Atom (RFC 4287), with threads (RFC 4685).

use super::{Feed, Format};
use crate::formats::xml::Xml;

pub(super) fn write(feed: &Feed) -> String {
    let mut xml = Xml::new();
    xml.open(
        "feed",
        &[
            ("xmlns", "http://www.w3.org/2005/Atom"),
            ("xmlns:thr", "http://purl.org/syndication/thread/1.0"),
            ("xml:lang", &feed.language),
        ],
    );
    xml.line();
    xml.leaf("id", &[], &feed.address);
    xml.leaf("title", &[], &feed.title);
    if !feed.description.is_empty() {
        xml.leaf("subtitle", &[], &feed.description);
    }
    xml.leaf("updated", &[], &feed.updated().to_rfc3339());
    let own = feed.address_in(Format::Atom);
    xml.leaf("link", &[("rel", "self"), ("type", "application/atom+xml"), ("href", &own)], "");
    xml.leaf("link", &[("rel", "alternate"), ("href", &feed.home)], "");
    xml.open("author", &[]);
    xml.inline("name", &[], &feed.site);
    xml.close_line();
    xml.leaf("generator", &[], "ibid");
    feed.entries.iter().for_each(|entry| self::entry(&mut xml, entry));
    xml.finish()
}

fn entry(xml: &mut Xml, entry: &super::Entry) {
    match &entry.language {
        Some(language) => xml.open("entry", &[("xml:lang", language)]),
        None => xml.open("entry", &[]),
    }
    xml.line();
    xml.leaf("id", &[], &format!("urn:uuid:{}", entry.id));
    xml.leaf("title", &[], &entry.title);
    xml.leaf("link", &[("rel", "alternate"), ("href", &entry.address)], "");
    xml.leaf("published", &[], &entry.published.to_rfc3339());
    xml.leaf("updated", &[], &entry.updated.to_rfc3339());
    for author in &entry.authors {
        xml.open("author", &[]);
        xml.inline("name", &[], &author.name);
        if let Some(address) = &author.address {
            xml.inline("uri", &[], address);
        }
        xml.close_line();
    }
    for (slug, name) in &entry.tags {
        xml.leaf("category", &[("term", slug), ("label", name)], "");
    }
    if let Some((id, address)) = &entry.reply_to {
        xml.leaf("thr:in-reply-to", &[("ref", &format!("urn:uuid:{id}")), ("href", address)], "");
    }
    if let Some(summary) = &entry.summary {
        xml.leaf("summary", &[], summary);
    }
    xml.leaf("content", &[("type", "html")], &entry.html);
    xml.close_line();
}
