//! Markdown with citation markers: CommonMark, tables and strikethrough; no raw HTML, footnotes or math.
//!
//! [`markers`] says what a body cites, [`render()`] turns it into HTML and text, [`rename_key`] rewrites its markers,
//! [`render_comment`] renders readers' comments. What is not shown is reported in [`Rendered::removed`], never dropped silently.

use std::ops::Range;

use super::references::Words;
use crate::citing::in_text::InText;
use crate::citing::marker::{CiteItem, Cluster};

mod blocks;
mod citation;
mod comment;
mod narrative;
mod plain;
mod rename;
mod render;
mod sanitize;
mod source;
mod tree;

#[cfg(test)]
mod tests;

pub use blocks::{Blocks, blocks};
pub(super) use citation::escape;
pub use comment::render_comment;
pub use rename::{rename_key, rename_keys};
pub use render::render;
pub(super) use sanitize::reference as sanitize_reference;
pub use tree::{Align, Block, CitationItem, CitationLocator, Inline, ListItem, TableCell, TableRow, text};

/// What a section's body cites, in document order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scan {
    /// The markers.
    pub clusters: Vec<Cluster>,
    /// What an editor should look at: commas between keys, markers that Markdown reads as links.
    pub warnings: Vec<Warning>,
}

/// Something about a marker that an editor should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// A stable name: `marker_missing_semicolon`, `marker_part_without_key`, `marker_is_link`, `marker_like_definition`,
    /// `unknown_narrative_key`.
    pub code: &'static str,
    /// What is wrong and what to write instead.
    pub detail: String,
    /// Bytes concerned in the body.
    pub at: Range<usize>,
}

/// What rendering needs to know beside the body.
#[derive(Clone, Copy)]
pub struct RenderContext<'a> {
    /// The number of a marker's key in this article; `None` for a key that names no study.
    pub resolve: &'a dyn Fn(&str) -> Option<u32>,
    /// Level of the heading above the body, 1 to 6: headings in the body begin one below it (6 stays 6).
    pub heading_base: u8,
    /// Makes the ids of the links to references, `{prefix}-1`, `{prefix}-2` …, unique in the article; `None`: no ids.
    pub id_prefix: Option<&'a str>,
    /// The short form of a key's author, for citations in running text where only numbers are printed: `Majid [1]`.
    /// `None`: the number alone. See [`crate::citing::author::short_author`].
    pub author: &'a dyn Fn(&str) -> Option<String>,
    /// The markers as a style prints them, one for each cluster of [`cited_clusters`] in that order, asked with the keys
    /// that `resolve` knows. `None`, or one too few: numbers in brackets. The keys of a cluster that name no study have
    /// no part in it; they are shown behind it. Each number of a part becomes a link; a part's HTML has no links.
    pub printed: Option<&'a [InText]>,
    /// The words of the links' names.
    pub words: Words<'a>,
    /// The key that the study of a marker's key has now, for the tree. `None`: as it is written.
    pub study_key: &'a dyn Fn(&str) -> Option<String>,
}

impl<'a> RenderContext<'a> {
    /// Numbers in brackets, English words, no ids, no authors: what the other fields change.
    pub fn new(resolve: &'a dyn Fn(&str) -> Option<u32>, heading_base: u8) -> Self {
        Self {
            resolve,
            heading_base,
            id_prefix: None,
            author: &|_| None,
            printed: None,
            words: Words::ENGLISH,
            study_key: &|_| None,
        }
    }
}

/// A rendered body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rendered {
    /// Sanitised HTML.
    pub html: String,
    /// The same as plain text, blocks separated by blank lines, markers as printed numbers.
    pub text: String,
    /// The same as a tree.
    pub blocks: Vec<Block>,
    /// Words, markers not counted.
    pub words: usize,
    /// What the body had and the HTML has not.
    pub removed: Vec<Removed>,
    /// Numbers cited, in order of first appearance.
    pub citations: Vec<u32>,
    /// Keys that name no study, with their bytes in the body.
    pub unknown: Vec<(String, Range<usize>)>,
    /// Where each number is cited: ids of elements in the HTML, for links back.
    pub places: Vec<Place>,
}

/// Something that was not allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// A stable name: `raw_html`, `unsafe_link`, `unsafe_image`, `image`, `too_deep`.
    pub code: &'static str,
    /// The thing, shortened.
    pub what: String,
    /// Its bytes in the body.
    pub at: Range<usize>,
}

/// One place in the HTML where a number is cited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The number.
    pub number: u32,
    /// The id of the element that cites it (of a range's beginning, if it is inside a range).
    pub id: String,
}

/// The markers of a body in document order, with exact byte ranges.
///
/// Every `@name` in running text is among them, as the [narrative item](Cluster::narrative_item) of its cluster; it is a
/// citation only if it names a study.
pub fn markers(body: &str) -> Vec<Cluster> {
    scan(body).clusters
}

/// The markers of a body, as [`markers`] finds them, and what is doubtful about them.
pub fn scan(body: &str) -> Scan {
    let source = source::read(body, &|_| true);
    let warnings = source.warnings;
    Scan { clusters: clusters(source.pieces).collect(), warnings }
}

/// The clusters that cite at least one study, as [`render()`] prints them: what [`RenderContext::printed`] is about.
///
/// A `@name` in running text that `is_study` does not know is text, and brackets behind it stand for themselves; in a
/// bracket unknown keys stay among the items.
pub fn cited_clusters(body: &str, is_study: &dyn Fn(&str) -> bool) -> Vec<Cluster> {
    let found = clusters(source::read(body, is_study).pieces);
    found.filter(|cluster| cluster.items.iter().any(|item| is_study(&item.key))).collect()
}

/// A warning `unknown_narrative_key` for each `@name` in running text that names no study: it is shown as it is written.
pub fn unknown_narrative_keys(clusters: &[Cluster], is_study: &dyn Fn(&str) -> bool) -> Vec<Warning> {
    let unknown = clusters.iter().filter_map(Cluster::narrative_item).filter(|item| !is_study(&item.key));
    let warning = |item: &CiteItem| Warning {
        code: "unknown_narrative_key",
        detail: format!(
            "`@{0}` names no study and is shown as it is written; if it is no citation, write `\\@{0}`",
            item.key
        ),
        at: item.range.clone(),
    };
    unknown.map(warning).collect()
}

fn clusters(pieces: Vec<(source::Piece, Range<usize>)>) -> impl Iterator<Item = Cluster> {
    pieces.into_iter().filter_map(|(piece, _)| match piece {
        source::Piece::Cluster(cluster) => Some(cluster),
        source::Piece::Event(_) => None,
    })
}

/// Tells where in a body a byte is. Asked for many places of one body, it does not read the body anew for each.
pub struct Places<'b> {
    body: &'b str,
    /// At about every [`Places::STEP`] bytes.
    marks: Vec<Milestone>,
}

/// What is known of a byte offset.
#[derive(Clone, Copy)]
struct Milestone {
    at: usize,
    line: usize,
    column: usize,
    characters: usize,
}

impl Milestone {
    const START: Self = Self { at: 0, line: 1, column: 1, characters: 0 };
}

impl<'b> Places<'b> {
    const STEP: usize = 256;

    /// Of this body.
    pub fn of(body: &'b str) -> Self {
        let mut marks = vec![Milestone::START];
        let (mut line, mut column, mut next) = (1, 1, Self::STEP);
        for (characters, (at, c)) in body.char_indices().enumerate() {
            if at >= next {
                marks.push(Milestone { at, line, column, characters });
                next = at + Self::STEP;
            }
            (line, column) = after(c, (line, column));
        }
        Self { body, marks }
    }

    /// Line and column of a byte offset, both from 1; the column counts characters.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let (from, between) = self.up_to(offset);
        between.fold((from.line, from.column), |place, c| after(c, place))
    }

    /// How many characters (Unicode code points) stand before a byte offset.
    pub fn characters_before(&self, offset: usize) -> usize {
        let (from, between) = self.up_to(offset);
        from.characters + between.count()
    }

    /// The nearest place before an offset that is known, and what stands between.
    fn up_to(&self, offset: usize) -> (Milestone, impl Iterator<Item = char>) {
        let nearest = self.marks.partition_point(|mark| mark.at <= offset).saturating_sub(1);
        let from = self.marks.get(nearest).copied().unwrap_or(Milestone::START);
        let rest = self.body.get(from.at..).unwrap_or_default();
        (from, rest.char_indices().take_while(move |(at, _)| from.at + at < offset).map(|(_, c)| c))
    }
}

fn after(c: char, (line, column): (usize, usize)) -> (usize, usize) {
    if c == '\n' { (line + 1, 1) } else { (line, column + 1) }
}

/// The beginning of a removed thing, on one line. Little of the thing is read: nested things are removed one by one, each
/// with all that is inside.
fn snippet(source: &str) -> String {
    const MOST: usize = 80;
    const MOST_READ: usize = 1000;
    let read = source.char_indices().nth(MOST_READ).map_or(source.len(), |(end, _)| end);
    let begun = source.get(..read).unwrap_or_default();
    let line = begun.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
