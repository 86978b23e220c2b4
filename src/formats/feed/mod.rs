//! Feeds: the newest articles or comments as Atom, RSS and JSON Feed.

mod atom;
mod json;
mod rss;

#[cfg(test)]
mod tests;

use super::fragment;
use super::site::Site;
use crate::comments::Comment;
use crate::db::types::Instant;
use crate::publishing::document::{Head, PublishedSection};

/// The most entries of a feed, the newest.
pub const MOST: i32 = 50;

/// A kind of feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 4287.
    Atom,
    /// RSS 2.0.
    Rss,
    /// JSON Feed 1.1.
    Json,
}

impl Format {
    /// The format that the end of an address names.
    pub fn of_suffix(suffix: &str) -> Option<Self> {
        [Self::Atom, Self::Rss, Self::Json].into_iter().find(|format| format.suffix() == suffix)
    }

    pub fn suffix(self) -> &'static str {
        match self {
            Self::Atom => "atom",
            Self::Rss => "rss",
            Self::Json => "json",
        }
    }

    /// What `Content-Type` says.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Json => "application/feed+json",
        }
    }
}

/// A feed.
#[derive(Debug, Clone)]
pub struct Feed {
    pub title: String,
    /// Empty when there is nothing to say.
    pub description: String,
    pub language: String,
    /// The page that it is the feed of.
    pub home: String,
    /// The address of the feed without the end that names the format.
    pub address: String,
    /// Whose site it is.
    pub site: String,
    /// The newest first.
    pub entries: Vec<Entry>,
}

/// One article or comment.
#[derive(Debug, Clone)]
pub struct Entry {
    /// A UUID.
    pub id: String,
    pub title: String,
    pub address: String,
    pub language: Option<String>,
    pub published: Instant,
    pub updated: Instant,
    pub authors: Vec<Author>,
    /// Slugs and names.
    pub tags: Vec<(String, String)>,
    /// Plain text.
    pub summary: Option<String>,
    /// With absolute addresses.
    pub html: String,
    /// The id and the address of the comment that this one replies to.
    pub reply_to: Option<(String, String)>,
}

/// Who wrote an entry.
#[derive(Debug, Clone)]
pub struct Author {
    pub name: String,
    pub address: Option<String>,
}

impl Feed {
    /// Writes it.
    ///
    /// # Errors
    /// When it cannot be made into JSON.
    pub fn write(&self, format: Format) -> serde_json::Result<Vec<u8>> {
        match format {
            Format::Atom => Ok(atom::write(self).into_bytes()),
            Format::Rss => Ok(rss::write(self).into_bytes()),
            Format::Json => json::write(self),
        }
    }

    /// Its own address in a format.
    fn address_in(&self, format: Format) -> String {
        format!("{}.{}", self.address, format.suffix())
    }

    /// When something in it last changed; the beginning of time when it is empty.
    fn updated(&self) -> Instant {
        let newest = self.entries.iter().map(|entry| entry.updated).max();
        newest.unwrap_or_else(|| Instant::new(time::OffsetDateTime::UNIX_EPOCH))
    }
}

impl Entry {
    /// An article with all of its text; its citations lead to the references on its page.
    pub fn of_article(head: &Head, sections: &[PublishedSection], site: &Site<'_>) -> Self {
        let address = site.article(head);
        let mut html = String::new();
        for section in sections {
            if let Some(heading) = &section.heading {
                let level = section.level.clamp(2, 6);
                html.push_str(&format!("<h{level}>{}</h{level}>\n", fragment::escape(heading)));
            }
            html.push_str(section.html().trim_end());
            html.push('\n');
        }
        let author = |byline: &crate::publishing::document::Byline| Author {
            name: byline.name.clone(),
            address: byline.orcid.as_ref().map(|orcid| format!("https://orcid.org/{orcid}")),
        };
        Self {
            id: head.id.to_string(),
            title: head.title.clone(),
            language: Some(head.language.clone()),
            published: head.published_at,
            updated: head.updated_at,
            authors: head.authors.iter().map(author).collect(),
            tags: head.tags.iter().map(|tag| (tag.slug.clone(), tag.name.clone())).collect(),
            summary: head.summary.clone(),
            html: absolute(&html, &address),
            reply_to: None,
            address,
        }
    }

    /// A comment on an article.
    pub fn of_comment(comment: &Comment, article: &Head, site: &Site<'_>) -> Self {
        let page = site.article(article);
        let address = |id: &str| format!("{page}#comment-{id}");
        let id = comment.id.to_string();
        Self {
            title: format!("{}: {}", comment.name, article.title),
            address: address(&id),
            language: None,
            published: comment.created_at,
            updated: comment.created_at,
            authors: vec![Author { name: comment.name.clone(), address: comment.url.clone() }],
            tags: Vec::new(),
            summary: None,
            html: absolute(&comment.html, &page),
            reply_to: comment.parent_id.map(|parent| (parent.to_string(), address(&parent.to_string()))),
            id,
        }
    }
}

/// The HTML as it can be shown elsewhere, beside that of others: readers of feeds know no other base, and ids of two entries
/// may be the same.
fn absolute(html: &str, base: &str) -> String {
    let Ok(base) = url::Url::parse(base) else { return html.to_owned() };
    let mut nodes = fragment::read(html);
    fragment::with_base(&mut nodes, &base, fragment::Keep::Nothing);
    fragment::without(&mut nodes, "id");
    fragment::write(&nodes)
}
