//! Searching: what readers write, what it means in the tokens of the index, which texts match and in which order, and
//! where in them.

mod facets;
mod matching;
mod order;
mod query;
mod rank;
mod snippet;
pub mod store;
mod terms;

pub use facets::{FacetName, Facets, facets};
pub use matching::{Matching, Searched};
pub use order::{RankKey, needs_dates, on_page};
pub use query::SearchQuery;
pub use rank::rank;
pub use snippet::{Finder, Snippet};
pub use terms::Terms;

use diesel::QueryResult;

use crate::db::Conn;

/// The condition that a query is as a filter of a list.
pub fn matching(conn: &mut Conn, query: &SearchQuery, searched: Searched) -> QueryResult<Matching> {
    let stemmings = store::stemmings(conn)?;
    Ok(Matching::new(searched, &Terms::of(&query.0, &stemmings)))
}
