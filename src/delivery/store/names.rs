//! Every query about the authors and the tags of published articles: two tables of the same form.

use diesel::dsl::not;
use diesel::prelude::*;

use super::{in_order, narrow};
use crate::db::Conn;
use crate::db::schema::{published_authors, published_tags};
use crate::delivery::model::{NameKey, OrcidName, SlugName};
use crate::error::Problem;
use crate::http::filter::Filter;
use crate::http::keyset::{Column, Ordered};
use crate::http::page::{Page, Window};
use crate::http::sort::By;
use crate::on;

/// An author of published articles, named as the newest of them does.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = published_authors)]
pub struct AuthorRow {
    pub slug: String,
    pub name: String,
    pub credentials: Option<String>,
    pub orcid: Option<String>,
    pub articles: i32,
}

/// A tag of published articles, named as the newest of them does.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = published_tags)]
pub struct TagRow {
    pub slug: String,
    pub name: String,
    pub articles: i32,
}

/// Which authors or tags.
#[derive(Debug, Default)]
pub struct NameFilters {
    pub slugs: Filter<SlugName>,
    /// Of authors only.
    pub orcids: Filter<OrcidName>,
}

impl Ordered for NameKey {
    // The same in both tables, each of which is read alone.
    const ID: Column = Column::text("slug");

    fn column(by: By<Self>) -> Column {
        match by.key {
            Self::Name => Column::text("name"),
            Self::Slug => Column::text("slug"),
            Self::Articles => Column::number("articles"),
        }
    }
}

/// The authors that the filters leave, as a boxed query.
macro_rules! authors {
    ($filters:expr) => {{
        let filters: &NameFilters = $filters;
        let mut query = published_authors::table.into_boxed();
        narrow!(query, filters.slugs, slugs => published_authors::slug.eq_any(slugs.iter().map(SlugName::as_str)));
        narrow!(query, filters.orcids, orcids => {
            let orcids = orcids.iter().map(OrcidName::as_str);
            published_authors::orcid.is_not_null().and(published_authors::orcid.assume_not_null().eq_any(orcids))
        });
        query
    }};
}

/// The tags that the filters leave, as a boxed query.
macro_rules! tags {
    ($filters:expr) => {{
        let filters: &NameFilters = $filters;
        let mut query = published_tags::table.into_boxed();
        narrow!(query, filters.slugs, slugs => published_tags::slug.eq_any(slugs.iter().map(SlugName::as_str)));
        query
    }};
}

/// The queries of one of the tables.
macro_rules! queries {
    ($(#[$doc:meta])* $of:ident, $table:ident, $filtered:ident, $Row:ident) => {
        $(#[$doc])*
        pub mod $of {
            use super::*;

            /// A page of those that the filters leave.
            pub fn list(conn: &mut Conn, filters: &NameFilters, window: &Window<NameKey>) -> Result<Page<$Row>, Problem> {
                let beyond = window.beyond()?;
                let rows: Vec<$Row> = on!(conn, c => $filtered!(filters)
                    .filter(beyond)
                    .order(window.order_by())
                    .limit(window.fetch())
                    .select($Row::as_select())
                    .load(c))?;
                let value = |row: &$Row, by: By<NameKey>| match by.key {
                    NameKey::Name => row.name.clone(),
                    NameKey::Slug => row.slug.clone(),
                    NameKey::Articles => row.articles.to_string(),
                };
                Ok(window.page(rows, value, |row| row.slug.clone()))
            }

            /// How many the filters leave.
            pub fn count(conn: &mut Conn, filters: &NameFilters) -> QueryResult<i64> {
                on!(conn, c => $filtered!(filters).count().get_result(c))
            }

            /// Those of these names that the filters leave, in the order of the names; and the names of no other.
            pub fn batch(
                conn: &mut Conn,
                filters: &NameFilters,
                names: &[SlugName],
            ) -> QueryResult<(Vec<$Row>, Vec<String>)> {
                let slugs: Vec<&str> = names.iter().map(SlugName::as_str).collect();
                let rows: Vec<$Row> = on!(conn, c => $filtered!(filters)
                    .filter($table::slug.eq_any(&slugs))
                    .select($Row::as_select())
                    .load(c))?;
                let rows = rows.into_iter().map(|row| (row.slug.clone(), row)).collect();
                Ok(in_order(&slugs, |slug| Some((*slug).to_owned()), rows))
            }

            /// The one of that name.
            pub fn find(conn: &mut Conn, slug: &str) -> QueryResult<Option<$Row>> {
                on!(conn, c => $table::table.find(slug).select($Row::as_select()).first(c).optional())
            }
        }
    };
}

queries! {
    /// Authors.
    authors, published_authors, authors, AuthorRow
}

queries! {
    /// Tags.
    tags, published_tags, tags, TagRow
}
