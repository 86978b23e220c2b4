//! Bounds of the moments of publications, for lists and for searches alike.

use crate::db::types::Instant;
use crate::http::filter::Bound;

/// When publications were published and changed: all bounds hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct Moments {
    pub published_after: Option<Bound>,
    pub published_before: Option<Bound>,
    pub updated_after: Option<Bound>,
    pub updated_before: Option<Bound>,
}

impl Moments {
    /// Whether something of these moments is left.
    pub fn leave(&self, published_at: Instant, updated_at: Instant) -> bool {
        let after = |at, bound: Option<Bound>| bound.is_none_or(|bound| at >= bound.after());
        let before = |at, bound: Option<Bound>| bound.is_none_or(|bound| at < bound.before());
        after(published_at, self.published_after)
            && before(published_at, self.published_before)
            && after(updated_at, self.updated_after)
            && before(updated_at, self.updated_before)
    }

    /// What a row of `publications` has to meet: SQL, to be followed by the moment.
    pub fn conditions(&self) -> Vec<(&'static str, Instant)> {
        let after = |sql, bound: Option<Bound>| bound.map(|bound| (sql, bound.after()));
        let before = |sql, bound: Option<Bound>| bound.map(|bound| (sql, bound.before()));
        let all = [
            after("publications.published_at >= ", self.published_after),
            before("publications.published_at < ", self.published_before),
            after("publications.updated_at >= ", self.updated_after),
            before("publications.updated_at < ", self.updated_before),
        ];
        all.into_iter().flatten().collect()
    }
}
