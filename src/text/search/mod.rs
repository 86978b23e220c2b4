//! Words as search knows them: the same for what is indexed and for what is asked, on both databases.
//!
//! A text is split into [`words`], each of which has an exact form ([`fold`]ed: case, width and the marks of letters do not
//! count) and a stem by its language. Both databases store these tokens and change nothing about them: what matches what is
//! decided here.

mod index;
mod labels;
mod profile;
mod readable;
mod stem;
mod word;

pub use index::{Class, Index, Part, PartKind, fts5_text, tsvectors};
pub use labels::{Label, Labels};
pub use profile::{Frequency, Profile};
pub use readable::readable;
pub use stem::Stemming;
pub use word::{fold, is_single, words};

/// The most words of a phrase, and of a query.
pub const MOST_WORDS: usize = 64;

/// The token of a word in its exact form.
pub fn exact_token(folded: &str) -> String {
    format!("x:{folded}")
}

/// The token of what is known of a text beside its words: a tag, an author, a year.
pub fn mark_token(kind: &str, value: &str) -> String {
    format!("{kind}:{}", value.to_lowercase())
}

/// How large blocks of articles are that are indexed with a mark of their own, as powers of two.
pub const BLOCKS: [u8; 3] = [13, 16, 19];

/// The token of all articles of a block.
pub fn block_mark(bits: u8, block: i64) -> String {
    format!("block{bits}:{block}")
}

/// The tokens of the blocks that an article of this number is in.
pub fn block_marks(seq: i64) -> impl Iterator<Item = String> {
    BLOCKS.into_iter().map(move |bits| block_mark(bits, seq >> bits))
}
