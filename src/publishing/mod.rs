//! From working copy to publication: check, number, render, freeze, and tell the change log — one transaction.

mod acknowledgement;
mod check;
pub mod document;
mod examples;
mod index;
mod keeper;
pub mod log;
pub mod name;
mod names;
mod publish;
pub mod redirects;
mod refresh;
mod render;
pub mod retractions;
pub mod routes;
mod searchable;
mod shelf;
mod source;
pub mod store;
mod versions;

pub use keeper::keep_time;
pub use publish::{Policy, preview, publish, unpublish};
pub use refresh::{bring_up_to_date, studies_changed, studies_merged, study_changed, style_changed};
