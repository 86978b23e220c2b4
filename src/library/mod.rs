//! The studies that articles cite.

mod model;
pub mod store;

pub use model::{Csl, Design, Study};
