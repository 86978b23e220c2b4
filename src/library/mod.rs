//! The studies that articles cite.

mod csl;
mod duplicates;
mod evidence;
mod examples;
mod fields;
mod fill;
pub(crate) mod import;
pub mod lookup;
mod model;
pub mod notices;
pub mod routes;
pub mod schema;
mod sources;
pub mod store;
pub mod styles;
mod view;

pub use evidence::{Certainty, EvidenceLevel};
pub use fields::{Award, ConflictsOfInterest, FollowUp, Funder, NewFunding, Notes, OpenAccessUrl, Words};
pub use fill::{Difference, Filled, fill};
pub use model::{
    Completeness, Csl, Design, Funding, NewStudy, NoticeSource, Retraction, RetractionStatus, Review, Study, Year,
    sorted_title,
};
pub use sources::{FieldSource, Source, Sources};
