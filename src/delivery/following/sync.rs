//! A copy of everything that is published, kept up to date: at first all articles, from then on those that changed.
//!
//! A cursor holds a place in the change log. The pages of all articles hold the place that the log's end was at when the
//! first of them was read: whatever changes while they are read comes again afterwards. Each page is read on one state of
//! the database together with the end of the log, so that nothing falls between the two.

use std::collections::HashMap;

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde::Serialize;
use utoipa::ToSchema;

use super::store;
use crate::db::Conn;
use crate::db::types::Instant;
use crate::delivery::article::Article;
use crate::delivery::store::Publication;
use crate::error::Problem;
use crate::http::fault::{Fault, Faults, Reason, text};
use crate::http::page::Limit;
use crate::http::query::invalid;
use crate::http::seal;
use crate::ids::ArticleId;
use crate::publishing::log::{self, Change, Kind, Position};

/// How many entries of the log are read at a time.
const BATCH: i64 = 1_000;
/// After how many entries a page ends, even when they are about few articles.
const MOST_ENTRIES: usize = 10_000;

/// Where a client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncCursor {
    /// What it has of the log.
    since: Position,
    /// While all articles are read: the last one that it has.
    after: Option<ArticleId>,
}

const SEAL: &str = "ibid sync 1";

impl SyncCursor {
    /// The opaque form.
    pub fn encode(&self) -> String {
        let content = serde_json::json!([self.since.seq, self.since.at, self.after]);
        seal::seal(SEAL, &content.to_string())
    }

    fn decode(text: &str) -> Option<Self> {
        let (seq, at, after) = serde_json::from_str(&seal::open(SEAL, text)?).ok()?;
        Some(Self { since: Position { seq, at }, after })
    }
}

impl Deserr<Faults> for SyncCursor {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, |text| {
            let detail = "This is not a cursor; take it from `next` or `next_sync`.";
            Self::decode(text).ok_or_else(|| Reason::new("invalid_cursor", detail))
        })
    }
}

crate::words! {
    /// What became of an article.
    SyncType {
        /// It is published: this is what it is now.
        Article = "article",
        /// It is not published any more.
        Deleted = "deleted_article",
    }
}

/// One article of a copy.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncItem {
    #[serde(rename = "type")]
    kind: SyncType,
    /// Of the article.
    id: ArticleId,
    /// When it changed last, among the changes that the page is about; null while all articles are read.
    #[schema(value_type = Option<String>, format = DateTime, max_length = 35, example = "2024-06-25T09:30:00Z")]
    changed_at: Option<Instant>,
    /// What `GET /v1/articles/{article}?include=sections,citations` answers; null when it is not published any more. Only
    /// `translations` is null: each comes as an article of its own, with the same `translation_group`.
    article: Option<Article>,
}

/// What was read for a page.
#[derive(Debug)]
pub struct Read {
    pub publications: Vec<Publication>,
    /// The articles that changed, in the order of their first changes, and when they changed last; `None` while all are
    /// read.
    changed: Option<Vec<(ArticleId, Instant)>>,
    /// Where the page goes on.
    pub next: Option<SyncCursor>,
    /// From where to ask for what changes from now on, when it does not.
    pub then: Option<SyncCursor>,
}

impl Read {
    /// The items of the page; `articles` are its publications, put together.
    pub fn items(&self, articles: Vec<Article>) -> Vec<SyncItem> {
        let present = |changed_at, article: Article| SyncItem {
            kind: SyncType::Article,
            id: article.id,
            changed_at,
            article: Some(article),
        };
        let Some(changed) = &self.changed else {
            return articles.into_iter().map(|article| present(None, article)).collect();
        };
        let mut articles: HashMap<ArticleId, Article> =
            articles.into_iter().map(|article| (article.id, article)).collect();
        let item = |(id, at): &(ArticleId, Instant)| match articles.remove(id) {
            Some(article) => present(Some(*at), article),
            None => SyncItem { kind: SyncType::Deleted, id: *id, changed_at: Some(*at), article: None },
        };
        changed.iter().map(item).collect()
    }
}

/// Reads a page, all on the present state of the database.
///
/// # Errors
/// `invalid_parameter` when the cursor is of another database, or of a state that this one was brought back from.
pub fn read(conn: &mut Conn, cursor: Option<SyncCursor>, limit: Limit) -> Result<Read, Problem> {
    match cursor {
        None => all(conn, None, limit),
        Some(cursor) if !log::holds(conn, cursor.since)? => {
            let detail =
                "The cursor is of another database, or of one that was restored since; start again without it.";
            Err(invalid(vec![Fault::of("cursor", "invalid_cursor", detail)]))
        }
        Some(SyncCursor { since, after: Some(after) }) => all(conn, Some((since, after)), limit),
        Some(SyncCursor { since, after: None }) => changes(conn, since, limit),
    }
}

/// A page of all articles.
fn all(conn: &mut Conn, beside: Option<(Position, ArticleId)>, limit: Limit) -> Result<Read, Problem> {
    let (since, after) = match beside {
        Some((since, after)) => (since, Some(after)),
        None => (log::end(conn)?, None),
    };
    let mut publications = store::after(conn, after, i64::from(limit.0) + 1)?;
    let more = publications.len() > limit.0 as usize;
    publications.truncate(limit.0 as usize);
    let last = publications.last().map(|publication| publication.id);
    let (next, then) = match last.filter(|_| more) {
        Some(last) => (Some(SyncCursor { since, after: Some(last) }), None),
        None => (None, Some(SyncCursor { since, after: None })),
    };
    Ok(Read { publications, changed: None, next, then })
}

/// A page of the articles that changed.
fn changes(conn: &mut Conn, since: Position, limit: Limit) -> Result<Read, Problem> {
    let Changed { articles, until, more } = changed(conn, since, limit.0 as usize)?;
    let ids: Vec<ArticleId> = articles.iter().map(|(id, _)| *id).collect();
    let publications = store::of(conn, &ids)?;
    let place = Some(SyncCursor { since: until, after: None });
    let (next, then) = if more { (place, None) } else { (None, place) };
    Ok(Read { publications, changed: Some(articles), next, then })
}

/// What the log says from a place on.
struct Changed {
    /// Each article once.
    articles: Vec<(ArticleId, Instant)>,
    /// The last entry that was looked at.
    until: Position,
    /// Whether there are entries after it that were not.
    more: bool,
}

/// The articles that changed, at most so many.
fn changed(conn: &mut Conn, since: Position, most: usize) -> Result<Changed, Problem> {
    let mut changed = Changed { articles: Vec::new(), until: since, more: false };
    let (mut places, mut entries): (HashMap<ArticleId, usize>, usize) = (HashMap::new(), 0);
    loop {
        let batch = log::after(conn, changed.until.seq, BATCH)?;
        for change in &batch {
            if let Some(article) = article(change) {
                match places.get(&article) {
                    Some(place) => changed.articles[*place].1 = change.at,
                    None if changed.articles.len() == most => return Ok(Changed { more: true, ..changed }),
                    None => {
                        places.insert(article, changed.articles.len());
                        changed.articles.push((article, change.at));
                    }
                }
            }
            changed.until = change.into();
        }
        entries += batch.len();
        if (batch.len() as i64) < BATCH {
            return Ok(changed);
        }
        if entries >= MOST_ENTRIES {
            return Ok(Changed { more: true, ..changed });
        }
    }
}

/// The article whose document is another one after the change. What a newer ibid wrote may be about one: then the client is
/// told of it once too often, or of an id that it does not know.
fn article(change: &Change) -> Option<ArticleId> {
    match Kind::parse(&change.kind) {
        Some(Kind::Publish | Kind::Unpublish | Kind::Refresh | Kind::Comment) | None => {
            Some(ArticleId(change.subject.0))
        }
        // The publications follow with entries of their own.
        Some(Kind::Retraction | Kind::Style | Kind::Redirect) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_nothing_else_does() {
        let at = Instant::parse("2024-06-25T09:30:00.123456Z");
        for cursor in [
            SyncCursor { since: Position::START, after: None },
            SyncCursor { since: Position { seq: 42, at }, after: Some(ArticleId::new()) },
        ] {
            assert_eq!(SyncCursor::decode(&cursor.encode()), Some(cursor));
        }
        assert_eq!(SyncCursor::decode("Zm9v"), None);
        assert_eq!(SyncCursor::decode(&seal::seal(SEAL, "[1]")), None);
    }
}
