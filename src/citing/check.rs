//! The evidence check of an article: what a careful editor would mark before it is published.
//!
//! [`check()`] takes an article as a [`Document`] (plain text with places, made by `text`), what is known of the studies it
//! lists, and the site's [`Rules`], and answers with [`Finding`]s in a fixed order. Nothing is changed and nothing is
//! looked up. Which sentences claim evidence is decided in [`claims`], for English only; an article in another language
//! gets every other rule.

mod claims;
mod conclusion;
mod document;
mod finding;
mod markers;
mod rule;
mod sentence;
mod structure;
mod studies;

#[cfg(test)]
mod labelled;
#[cfg(test)]
mod tests;

pub use document::{Block, BlockKind, Document, Link, Mark, MarkItem, MarkerWarning, Run, SectionText};
pub use finding::Finding;
pub use rule::{Rule, Rules, Severity};
pub use studies::{CitedStudy, Integrity};

use claims::Reading;

/// All findings about an article: in the order of its text, what concerns no place in it last.
///
/// `studies` are the article's entries, marked or not. Time and memory grow with the length of the text.
pub fn check(document: &Document, studies: &[CitedStudy], rules: &Rules) -> Vec<Finding> {
    let mut found = finding::Collector::new(document, rules);
    let reading = Reading::of(document);
    markers::check(document, &mut found);
    studies::check(&reading, studies, &mut found);
    structure::check(document, studies.len(), &mut found);
    claims::check(&reading, &mut found);
    conclusion::check(&reading, &mut found);
    found.finish()
}
