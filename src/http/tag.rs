//! Tags of answers: what an answer shows. A change names the tags of what it touched, and every answer that carries
//! one of them is let go, here and in the caches in front (`Cache-Tag`, `Surrogate-Key`).

use std::fmt::Display;
use std::sync::Arc;

/// The name of a collection (`articles`) or of one thing (`article:0193…`). Never with a blank or a comma.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(Arc<str>);

/// In the headers of every answer that has tags: who purges it from a cache in front purges all that ibid made. Here it is not
/// needed.
pub const EVERYTHING: &str = "everything";

impl Tag {
    /// What lists, counts or searches these shows, whichever they are.
    pub fn all(things: &'static str) -> Self {
        Self(things.into())
    }

    /// One thing of its kind.
    pub fn one(thing: &'static str, name: impl Display) -> Self {
        Self(format!("{thing}:{name}").into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}
