//! The studies that articles cite.

mod csl;
mod examples;
mod model;
pub mod routes;
mod schema;
pub mod store;
mod view;

pub use model::{
    Completeness, Csl, Design, Funding, NewStudy, NoticeSource, Retraction, RetractionStatus, Review, Study,
    sorted_title,
};
