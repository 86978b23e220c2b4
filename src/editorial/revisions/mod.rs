//! Revisions: what a working copy was after each write. A write leaves its revision in its own transaction, so that there is
//! none without the other; what is in it can be read, compared and brought back, whatever has become of the library since.

pub mod diff;
pub mod document;
pub mod model;
mod restore;
pub mod store;
pub mod view;

pub use restore::bring_back;
