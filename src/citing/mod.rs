//! Citing: keys, markers, numbers, records and their formatting.
//!
//! Everything here is a pure function of its arguments: no database, no HTTP, no clock. The number of a
//! study in an article is decided here ([`numbering`]); the words of its reference are a CSL engine's
//! ([`bibliography`]); studies come and go in the formats that [`exchange`] knows. Markdown is not known here: `text`
//! finds the brackets, [`marker`] reads what is in them.

pub mod author;
pub mod bibliography;
pub mod check;
pub mod exchange;
pub mod identifiers;
pub mod in_text;
mod key;
pub mod marker;
pub mod notices;
pub mod numbering;
pub mod record;
pub mod retraction;
pub mod sources;

pub use key::{KeyError, StudyKey, fold_key};
