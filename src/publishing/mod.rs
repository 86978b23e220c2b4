//! From working copy to publication: check, number, render, freeze, and tell the change log — one transaction.

pub mod document;
mod examples;
pub mod log;
pub mod name;
mod publish;
mod render;
pub mod retractions;
pub mod routes;
pub mod store;

pub use publish::{publish, study_changed, unpublish};
