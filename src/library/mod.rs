//! The studies that articles cite.

mod model;

pub use model::{Csl, Design};
