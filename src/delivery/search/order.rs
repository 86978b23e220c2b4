//! The order of what a search finds, and the pages of it: what is ranked is in memory, so it is ordered there.

use std::cmp::Ordering;

use super::rank::Ranked;
use crate::db::types::Instant;
use crate::error::Problem;
use crate::http::page::{Cursor, Page, Window, foreign_cursor};
use crate::http::sort::{By, Direction, Sort};
use crate::ids::ArticleId;

crate::sort_keys! {
    /// `relevance`: by how well articles match, the best last unless turned round; `published_at`: by the date of the article.
    /// A hyphen before a key turns it round. Ties are in the order of the ids, in the direction of the last key.
    RankKey {
        Relevance = "relevance",
        Published = "published_at",
    }
}

/// Whether the order needs to know when articles were published.
pub fn needs_dates(sort: &Sort<RankKey>) -> bool {
    sort.keys().iter().any(|by| by.key == RankKey::Published)
}

/// Those of the ranked ones that the page has.
///
/// # Errors
/// `invalid_parameter` for a cursor of another list.
pub fn on_page(ranked: Vec<Ranked>, window: &Window<RankKey>) -> Result<Page<Ranked>, Problem> {
    let place = window.cursor.as_ref().map(|cursor| place(cursor, &window.sort)).transpose()?;
    let order = |a: &Ranked, b: &Ranked| {
        let order = compare(&window.sort, a, b);
        if window.backwards() { order.reverse() } else { order }
    };
    let beyond = |it: &Ranked| place.as_ref().is_none_or(|place| order(it, place).is_gt());
    let mut rows: Vec<Ranked> = ranked.into_iter().filter(beyond).collect();
    rows.sort_by(order);
    rows.truncate(usize::try_from(window.fetch()).unwrap_or(rows.len()));
    let value = |it: &Ranked, by: By<RankKey>| match by.key {
        RankKey::Relevance => it.score.to_string(),
        RankKey::Published => it.published_at.map(Instant::to_rfc3339).unwrap_or_default(),
    };
    Ok(window.page(rows, value, |it| it.article.to_string()))
}

/// How two that are found stand to each other.
fn compare(sort: &Sort<RankKey>, a: &Ranked, b: &Ranked) -> Ordering {
    let directed = |order: Ordering, direction| if direction == Direction::Down { order.reverse() } else { order };
    let by = |by: &By<RankKey>| match by.key {
        RankKey::Relevance => directed(a.score.cmp(&b.score), by.direction),
        RankKey::Published => directed(a.published_at.cmp(&b.published_at), by.direction),
    };
    let alike = directed(a.article.cmp(&b.article), sort.last_direction());
    sort.keys().iter().map(by).fold(Ordering::Equal, Ordering::then).then(alike)
}

/// The place that a cursor names, as if something that is found stood there.
fn place(cursor: &Cursor, sort: &Sort<RankKey>) -> Result<Ranked, Problem> {
    let article = ArticleId::parse(&cursor.id).ok_or_else(foreign_cursor)?;
    let mut place = Ranked { article, score: 0, published_at: None };
    for (by, value) in sort.keys().iter().zip(&cursor.values) {
        match by.key {
            RankKey::Relevance => place.score = value.parse().map_err(|_| foreign_cursor())?,
            RankKey::Published => place.published_at = Some(Instant::parse(value).ok_or_else(foreign_cursor)?),
        }
    }
    Ok(place)
}
