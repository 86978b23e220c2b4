//! The studies that articles cite.

mod csl;
mod evidence;
mod examples;
mod model;
pub mod routes;
mod schema;
pub mod store;
pub mod styles;
mod view;

pub use evidence::{Certainty, EvidenceLevel};
pub use model::{
    Completeness, Csl, Design, Funding, NewStudy, NoticeSource, Retraction, RetractionStatus, Review, Study,
    sorted_title,
};
