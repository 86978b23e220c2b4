//! RSS 2.0 (<https://www.rssboard.org/rss-specification>), with the whole text as readers expect it.

use super::{Feed, Format};
use crate::formats::xml::Xml;

pub(super) fn write(feed: &Feed) -> String {
    let mut xml = Xml::new();
    xml.open(
        "rss",
        &[
            ("version", "2.0"),
            ("xmlns:atom", "http://www.w3.org/2005/Atom"),
            ("xmlns:content", "http://purl.org/rss/1.0/modules/content/"),
            ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
        ],
    );
    xml.line();
    xml.open("channel", &[]);
    xml.line();
    xml.leaf("title", &[], &feed.title);
    xml.leaf("link", &[], &feed.home);
    // It has to be there and to say something.
    let description = if feed.description.is_empty() { &feed.title } else { &feed.description };
    xml.leaf("description", &[], description);
    xml.leaf("language", &[], &feed.language);
    xml.leaf("lastBuildDate", &[], &feed.updated().to_http_date());
    xml.leaf("generator", &[], "ibid");
    xml.leaf("docs", &[], "https://www.rssboard.org/rss-specification");
    let own = feed.address_in(Format::Rss);
    xml.leaf("atom:link", &[("rel", "self"), ("type", "application/rss+xml"), ("href", &own)], "");
    feed.entries.iter().for_each(|entry| item(&mut xml, entry));
    xml.close_line();
    xml.finish()
}

fn item(xml: &mut Xml, entry: &super::Entry) {
    xml.open("item", &[]);
    xml.line();
    xml.leaf("title", &[], &entry.title);
    xml.leaf("link", &[], &entry.address);
    xml.leaf("guid", &[("isPermaLink", "false")], &format!("urn:uuid:{}", entry.id));
    xml.leaf("pubDate", &[], &entry.published.to_http_date());
    entry.authors.iter().for_each(|author| xml.leaf("dc:creator", &[], &author.name));
    entry.tags.iter().for_each(|(_, name)| xml.leaf("category", &[], name));
    if let Some(summary) = &entry.summary {
        xml.leaf("description", &[], summary);
    }
    xml.leaf("content:encoded", &[], &entry.html);
    xml.close_line();
}
