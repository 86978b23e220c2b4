//! From an editor's or a reader's text to what is shown and found: Markdown, references, anchors, counting, search.
//!
//! Pure functions, no I/O. May use [`crate::citing`]; `citing` never uses this. What a marker *means* is `citing`'s;
//! where it stands in Markdown is found here.

pub mod anchor;
pub mod count;
pub mod markdown;
pub mod references;
pub mod search;
mod transliterate;
