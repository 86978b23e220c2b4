//! What every door shares: reading requests, answering, problems, pages, selection, limits. Knows no resource.

pub mod answer;
pub mod body;
pub mod deadline;
pub mod email;
pub mod etag;
pub mod fault;
pub mod filter;
pub mod finish;
pub mod keyset;
pub mod languages;
pub mod limits;
pub mod list;
pub mod negotiate;
pub mod operations;
pub mod outbound;
pub mod page;
pub mod problem;
pub mod query;
pub mod schema;
pub mod seal;
pub mod select;
pub mod sort;
pub mod streams;
pub mod tag;
pub mod text;
pub mod web_address;
