//! A section's body as a tree: blocks and what is in them, for those who draw a page themselves.
//!
//! Made from the same events as the HTML, under the same rules: what the HTML has not, the tree has not either, and its
//! depth has the same bound.

use pulldown_cmark::Alignment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::plain::Plain;

mod builder;

pub(super) use builder::Builder;

/// A block of text; `type` says which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block {
    /// A heading within the section.
    Heading {
        /// 3 for the highest in a section whose own heading has the level 2.
        #[schema(value_type = i32, minimum = 2, maximum = 6, example = 3)]
        level: u8,
        #[schema(max_items = 100000)]
        content: Vec<Inline>,
    },
    /// A paragraph.
    Paragraph {
        #[schema(max_items = 100000)]
        content: Vec<Inline>,
    },
    /// A list.
    List {
        /// Whether its items are numbered.
        ordered: bool,
        /// The number of the first item; null when they have none.
        #[schema(minimum = 0, maximum = 9007199254740991i64, example = 1)]
        start: Option<u64>,
        /// Whether its items stand close: no room between their paragraphs.
        tight: bool,
        #[schema(max_items = 100000)]
        items: Vec<ListItem>,
    },
    /// A quotation.
    Quote {
        #[schema(max_items = 100000, no_recursion)]
        content: Vec<Block>,
    },
    /// A table.
    Table {
        /// How the cells of each column are aligned.
        #[schema(max_items = 100000)]
        columns: Vec<Align>,
        /// One cell for each column.
        #[schema(max_items = 100000)]
        header: Vec<TableCell>,
        #[schema(max_items = 100000)]
        rows: Vec<TableRow>,
    },
    /// Code.
    Code {
        /// As its author called it; null when nobody said.
        #[schema(max_length = 1000, example = "python")]
        language: Option<String>,
        #[schema(max_length = 4000000)]
        text: String,
    },
    /// A break between two themes.
    Rule,
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListItem {
    #[schema(max_items = 100000, no_recursion)]
    pub content: Vec<Block>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TableRow {
    /// One for each column.
    #[schema(max_items = 100000)]
    pub cells: Vec<TableCell>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TableCell {
    #[schema(max_items = 100000)]
    pub content: Vec<Inline>,
}

/// How the cells of a column are aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// Nobody said.
    None,
    Left,
    Center,
    Right,
}

impl From<Alignment> for Align {
    fn from(alignment: Alignment) -> Self {
        match alignment {
            Alignment::None => Self::None,
            Alignment::Left => Self::Left,
            Alignment::Center => Self::Center,
            Alignment::Right => Self::Right,
        }
    }
}

/// A piece of running text; `type` says which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Inline {
    /// Words; a line of the source ends with a line feed.
    Text {
        #[schema(max_length = 4000000)]
        text: String,
    },
    /// Emphasised.
    Emphasis {
        #[schema(max_items = 100000, no_recursion)]
        content: Vec<Inline>,
    },
    /// Strongly emphasised.
    Strong {
        #[schema(max_items = 100000, no_recursion)]
        content: Vec<Inline>,
    },
    /// Struck through.
    Deleted {
        #[schema(max_items = 100000, no_recursion)]
        content: Vec<Inline>,
    },
    /// Code within a line.
    CodeSpan {
        #[schema(max_length = 4000000)]
        text: String,
    },
    /// A link: http, https, mailto or relative.
    Link {
        #[schema(max_length = 1000000, format = "uri-reference")]
        href: String,
        #[schema(max_length = 1000000)]
        title: Option<String>,
        #[schema(max_items = 100000, no_recursion)]
        content: Vec<Inline>,
    },
    /// An image: http, https or relative.
    Image {
        #[schema(max_length = 1000000, format = "uri-reference")]
        src: String,
        /// What stands for it where it is not seen.
        #[schema(max_length = 4000000)]
        alt: String,
        #[schema(max_length = 1000000)]
        title: Option<String>,
    },
    /// A line break that its author wanted.
    LineBreak,
    /// A citation marker.
    Citation {
        /// As the article's style prints it. What stands here for a key that names no study is not among the items.
        #[schema(max_length = 100000, example = "[1,3–5]")]
        text: String,
        /// Whether it is a part of the sentence, which names the author: `Majid [1]`.
        narrative: bool,
        /// What is cited, in the order written.
        #[schema(max_items = 5000)]
        items: Vec<CitationItem>,
    },
}

/// A study that a marker cites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CitationItem {
    /// Its number in the article.
    #[schema(value_type = i32, minimum = 1, maximum = 5000, example = 1)]
    pub number: u32,
    /// Its key.
    #[schema(max_length = 64, pattern = "^[a-z0-9][a-z0-9_:.-]{1,63}$", example = "majid2009")]
    pub key: String,
    /// What is written before it.
    #[schema(max_length = 100000, example = "see")]
    pub prefix: Option<String>,
    /// Where in the study.
    pub locator: Option<CitationLocator>,
    /// What is written after it.
    #[schema(max_length = 100000)]
    pub suffix: Option<String>,
    /// Whether the sentence names the author already.
    pub suppress_author: bool,
    /// The id of the element that cites it in the HTML of the section, to which its reference leads back; null where the
    /// HTML has none.
    #[schema(max_length = 120, pattern = "^[a-z0-9-]+$", example = "cite-lead-1")]
    pub id: Option<String>,
}

/// A place in a study.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CitationLocator {
    /// What is counted: a locator label of CSL.
    #[schema(max_length = 20, pattern = "^[a-z-]+$", example = "page")]
    pub label: String,
    /// As written.
    #[schema(max_length = 100000, example = "3-5")]
    pub value: String,
}

/// The same as plain text, as the text of a section is written.
pub fn text(blocks: &[Block]) -> String {
    let mut plain = Plain::default();
    all(blocks, false, &mut plain);
    plain.finish().0
}

/// `tight`: paragraphs are not followed by an empty line.
fn all(blocks: &[Block], tight: bool, plain: &mut Plain) {
    for block in blocks {
        plain.begin();
        match block {
            Block::Paragraph { content } => {
                inlines(content, plain);
                if !tight {
                    plain.end_block();
                }
            }
            Block::Heading { content, .. } => {
                inlines(content, plain);
                plain.end_block();
            }
            Block::List { tight, items, .. } => {
                for item in items {
                    plain.begin();
                    all(&item.content, *tight, plain);
                    plain.begin();
                }
                plain.end_block();
            }
            Block::Quote { content } => {
                all(content, false, plain);
                plain.end_block();
            }
            Block::Table { header, rows, .. } => {
                for cells in [header].into_iter().chain(rows.iter().map(|row| &row.cells)) {
                    for cell in cells {
                        inlines(&cell.content, plain);
                        plain.cell();
                    }
                    plain.begin();
                }
                plain.end_block();
            }
            Block::Code { text, .. } => {
                plain.words(text);
                plain.end_block();
            }
            Block::Rule => {}
        }
    }
}

fn inlines(content: &[Inline], plain: &mut Plain) {
    for inline in content {
        match inline {
            Inline::Text { text } | Inline::CodeSpan { text } | Inline::Citation { text, .. } => plain.words(text),
            Inline::Image { alt, .. } => plain.words(alt),
            Inline::LineBreak => plain.words("\n"),
            Inline::Emphasis { content }
            | Inline::Strong { content }
            | Inline::Deleted { content }
            | Inline::Link { content, .. } => inlines(content, plain),
        }
    }
}

#[cfg(test)]
mod tests;
