//! JSON Feed 1.1 (<https://www.jsonfeed.org/version/1.1/>).

use serde::Serialize;

use super::{Author, Entry, Feed, Format};
use crate::db::types::Instant;

#[derive(Serialize)]
struct Document<'f> {
    version: &'static str,
    title: &'f str,
    home_page_url: &'f str,
    feed_url: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'f str,
    language: &'f str,
    authors: Vec<Person<'f>>,
    items: Vec<Item<'f>>,
}

#[derive(Serialize)]
struct Person<'f> {
    name: &'f str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'f str>,
}

#[derive(Serialize)]
struct Item<'f> {
    id: String,
    url: &'f str,
    title: &'f str,
    content_html: &'f str,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'f str>,
    date_published: Instant,
    date_modified: Instant,
    authors: Vec<Person<'f>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'f str>,
}

pub(super) fn write(feed: &Feed) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&Document {
        version: "https://jsonfeed.org/version/1.1",
        title: &feed.title,
        home_page_url: &feed.home,
        feed_url: feed.address_in(Format::Json),
        description: &feed.description,
        language: &feed.language,
        authors: vec![Person { name: &feed.site, url: None }],
        items: feed.entries.iter().map(item).collect(),
    })
}

fn person(author: &Author) -> Person<'_> {
    Person { name: &author.name, url: author.address.as_deref() }
}

fn item(entry: &Entry) -> Item<'_> {
    Item {
        id: format!("urn:uuid:{}", entry.id),
        url: &entry.address,
        title: &entry.title,
        content_html: &entry.html,
        summary: entry.summary.as_deref(),
        date_published: entry.published,
        date_modified: entry.updated,
        authors: entry.authors.iter().map(person).collect(),
        tags: entry.tags.iter().map(|(_, name)| name.as_str()).collect(),
        language: entry.language.as_deref(),
    }
}
