//! An article as the check reads it: plain text in blocks, and where every byte of it stands in the Markdown.

use std::ops::Range;

/// An article.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// Its language as a BCP 47 tag: claims are looked for in English text only.
    pub language: String,
    /// Its sections in order.
    pub sections: Vec<SectionText>,
    /// What an internal link may lead to beside sections and references, without `#`.
    pub anchors: Vec<String>,
}

/// One section.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SectionText {
    /// The section's id.
    pub id: String,
    /// What a link to it has behind `#`.
    pub anchor: String,
    /// Its heading.
    pub heading: Option<String>,
    /// The level of its heading, 2 to 6.
    pub level: u8,
    /// Whether it tells the authors' own results: these claim evidence and cite none, rightly.
    pub own_results: bool,
    /// Its body, in document order.
    pub blocks: Vec<Block>,
    /// What is doubtful about its markers.
    pub warnings: Vec<MarkerWarning>,
}

/// A paragraph, a list item, a cell …: text that is read in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Its text without markup and without markers in brackets; a marker that is part of the sentence (`@a found …`)
    /// stands as U+FFFC; a forced line break is a line feed.
    pub text: String,
    /// Where stretches of the text stand in the body; in order, without gaps in the text.
    pub runs: Vec<Run>,
    /// Its citation markers in order.
    pub marks: Vec<Mark>,
    /// Its links in order.
    pub links: Vec<Link>,
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// A paragraph.
    Paragraph,
    /// A paragraph of a list item.
    ListItem,
    /// A heading inside the body, with its level as written.
    Heading(u8),
    /// A cell of a table.
    TableCell,
    /// A paragraph of a quotation.
    Quote,
    /// A block of code.
    Code,
}

/// A stretch of a block's text and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Bytes of the block's text.
    pub text: Range<usize>,
    /// Bytes of the section's body.
    pub body: Range<usize>,
    /// Whether both have the same bytes; otherwise the whole stretch stands for the whole range (an entity, a line end).
    pub exact: bool,
}

/// A citation marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Where it stands in the block's text.
    pub at: usize,
    /// Its bytes in the section's body.
    pub body: Range<usize>,
    /// Whether it is part of the sentence, `@a found …`.
    pub narrative: bool,
    /// What it cites.
    pub items: Vec<MarkItem>,
}

/// One key of a marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkItem {
    /// The key as written.
    pub key: String,
    /// Its bytes in the section's body.
    pub body: Range<usize>,
    /// The place in the study, as printed.
    pub locator: Option<String>,
    /// The key of the study that it names; `None` if there is no such study.
    pub study: Option<String>,
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it leads.
    pub target: String,
    /// Its bytes in the section's body.
    pub body: Range<usize>,
}

/// Something about a marker that reading it found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkerWarning {
    /// Its stable name.
    pub code: String,
    /// What is wrong and what to write instead.
    pub detail: String,
    /// Its bytes in the section's body.
    pub body: Range<usize>,
}

impl Document {
    /// Whether its claims can be found: the word lists are English.
    pub fn is_english(&self) -> bool {
        self.language.split(['-', '_']).next().is_some_and(|tag| tag.eq_ignore_ascii_case("en"))
    }
}

impl SectionText {
    /// Its markers in order.
    pub fn marks(&self) -> impl Iterator<Item = &Mark> {
        self.blocks.iter().flat_map(|block| &block.marks)
    }
}

impl Block {
    /// The bytes of the body that a stretch of the text comes from; `None` if the stretch is empty or outside the text.
    pub fn in_body(&self, text: Range<usize>) -> Option<Range<usize>> {
        if text.is_empty() {
            return None;
        }
        let first = self.runs.get(self.runs.partition_point(|run| run.text.end <= text.start))?;
        let last = self.runs.get(self.runs.partition_point(|run| run.text.end < text.end))?;
        let start =
            if first.exact { first.body.start + text.start.checked_sub(first.text.start)? } else { first.body.start };
        let end = if last.exact { last.body.start + text.end.checked_sub(last.text.start)? } else { last.body.end };
        (start <= end).then_some(start..end)
    }
}

impl Mark {
    /// Whether it cites a study that there is.
    pub fn cites(&self) -> bool {
        self.items.iter().any(|item| item.study.is_some())
    }
}
