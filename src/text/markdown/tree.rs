//! A section's body as a tree: blocks and what is in them, for those who draw a page themselves.
//!
//! Made from the same events as the HTML, under the same rules: what the HTML has not, the tree has not either, and its
//! depth has the same bound.

use pulldown_cmark::{Alignment, CodeBlockKind, LinkType, Tag, TagEnd};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::plain::Plain;

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

/// A tree in the making.
pub(super) struct Builder {
    /// What is open, the outermost first; the first holds the whole.
    open: Vec<Frame>,
}

/// Something that is open, with what is in it so far.
enum Frame {
    Blocks(Container, Vec<Block>),
    Inlines(Span, Vec<Inline>),
    List { ordered: bool, start: Option<u64>, tight: bool, items: Vec<ListItem> },
    Table { columns: Vec<Align>, header: Vec<TableCell>, rows: Vec<TableRow> },
    Row { header: bool, cells: Vec<TableCell> },
    Code { language: Option<String>, text: String },
    Image { src: String, title: Option<String>, alt: String },
}

enum Container {
    Whole,
    Item,
    Quote,
}

enum Span {
    /// `given`: the body has it; else it holds text that stands in a container by itself.
    Paragraph {
        given: bool,
    },
    Heading(u8),
    Cell,
    Emphasis,
    Strong,
    Deleted,
    Link {
        href: String,
        title: Option<String>,
    },
}

impl Builder {
    pub fn new() -> Self {
        Self { open: vec![Frame::Blocks(Container::Whole, Vec::new())] }
    }

    /// A tag that the HTML has.
    pub fn start(&mut self, tag: &Tag<'_>) {
        let frame = match tag {
            Tag::Paragraph => Frame::Inlines(Span::Paragraph { given: true }, Vec::new()),
            Tag::Heading { level, .. } => Frame::Inlines(Span::Heading(*level as u8), Vec::new()),
            Tag::BlockQuote(_) => Frame::Blocks(Container::Quote, Vec::new()),
            Tag::CodeBlock(kind) => Frame::Code { language: language(kind), text: String::new() },
            Tag::List(start) => Frame::List { ordered: start.is_some(), start: *start, tight: true, items: Vec::new() },
            Tag::Item => Frame::Blocks(Container::Item, Vec::new()),
            Tag::Table(alignments) => Frame::Table {
                columns: alignments.iter().copied().map(Align::from).collect(),
                header: Vec::new(),
                rows: Vec::new(),
            },
            Tag::TableHead => Frame::Row { header: true, cells: Vec::new() },
            Tag::TableRow => Frame::Row { header: false, cells: Vec::new() },
            Tag::TableCell => Frame::Inlines(Span::Cell, Vec::new()),
            Tag::Emphasis => Frame::Inlines(Span::Emphasis, Vec::new()),
            Tag::Strong => Frame::Inlines(Span::Strong, Vec::new()),
            Tag::Strikethrough => Frame::Inlines(Span::Deleted, Vec::new()),
            Tag::Link { link_type, dest_url, title, .. } => {
                let scheme = if *link_type == LinkType::Email { "mailto:" } else { "" };
                let href = format!("{scheme}{dest_url}");
                Frame::Inlines(Span::Link { href, title: given(title) }, Vec::new())
            }
            Tag::Image { dest_url, title, .. } => {
                Frame::Image { src: dest_url.to_string(), title: given(title), alt: String::new() }
            }
            // Nothing else is written.
            _ => return,
        };
        match &frame {
            Frame::Inlines(Span::Emphasis | Span::Strong | Span::Deleted | Span::Link { .. }, _)
            | Frame::Image { .. } => {
                self.in_text();
            }
            Frame::Inlines(Span::Paragraph { .. }, _) => {
                self.boundary();
                self.loosen();
            }
            _ => self.boundary(),
        }
        // An image holds nothing but its description.
        if matches!(self.open.last(), Some(Frame::Image { .. })) && !matches!(frame, Frame::Image { .. }) {
            return;
        }
        self.open.push(frame);
    }

    /// A list with a paragraph of its own in an item is not tight.
    fn loosen(&mut self) {
        if let [.., Frame::List { tight, .. }, Frame::Blocks(Container::Item, _)] = self.open.as_mut_slice() {
            *tight = false;
        }
    }

    /// The end of a tag that the HTML has.
    pub fn end(&mut self, tag: &TagEnd) {
        let inline = super::render::is_inline(tag);
        // What an image describes itself with has no tags.
        if matches!(self.open.last(), Some(Frame::Image { .. })) && *tag != TagEnd::Image {
            return;
        }
        if !inline {
            self.boundary();
        }
        self.close();
    }

    /// A block begins or ends here, whether or not it is written: text that stands by itself goes no further.
    pub fn boundary(&mut self) {
        if matches!(self.open.last(), Some(Frame::Inlines(Span::Paragraph { given: false }, _))) {
            self.close();
        }
    }

    pub fn text(&mut self, text: &str) {
        match self.open.last_mut() {
            Some(Frame::Code { text: code, .. }) => return code.push_str(text),
            Some(Frame::Image { alt, .. }) => return alt.push_str(text),
            _ => self.in_text(),
        }
        match self.open.last_mut() {
            Some(Frame::Inlines(_, content)) => match content.last_mut() {
                Some(Inline::Text { text: before }) => before.push_str(text),
                _ => content.push(Inline::Text { text: text.to_owned() }),
            },
            _ => self.inline(Inline::Text { text: text.to_owned() }),
        }
    }

    pub fn code_span(&mut self, text: &str) {
        match self.open.last_mut() {
            Some(Frame::Image { alt, .. }) => alt.push_str(text),
            _ => self.inline(Inline::CodeSpan { text: text.to_owned() }),
        }
    }

    pub fn line_break(&mut self) {
        match self.open.last_mut() {
            Some(Frame::Image { alt, .. }) => alt.push('\n'),
            _ => self.inline(Inline::LineBreak),
        }
    }

    pub fn rule(&mut self) {
        self.boundary();
        self.block(Block::Rule);
    }

    pub fn citation(&mut self, text: &str, narrative: bool, items: Vec<CitationItem>) {
        self.inline(Inline::Citation { text: text.to_owned(), narrative, items });
    }

    pub fn finish(mut self) -> Vec<Block> {
        while self.open.len() > 1 {
            self.close();
        }
        match self.open.pop() {
            Some(Frame::Blocks(_, blocks)) => blocks,
            _ => Vec::new(),
        }
    }

    /// Running text begins: in a container it stands in a paragraph.
    fn in_text(&mut self) {
        if matches!(self.open.last(), Some(Frame::Blocks(..))) {
            self.open.push(Frame::Inlines(Span::Paragraph { given: false }, Vec::new()));
        }
    }

    fn inline(&mut self, inline: Inline) {
        self.in_text();
        if let Some(Frame::Inlines(_, content)) = self.open.last_mut() {
            content.push(inline);
        }
    }

    fn block(&mut self, block: Block) {
        if let Some(Frame::Blocks(_, blocks)) = self.open.last_mut() {
            blocks.push(block);
        }
    }

    /// Puts what was opened last into what it is in.
    fn close(&mut self) {
        if self.open.len() < 2 {
            return;
        }
        let Some(frame) = self.open.pop() else { return };
        match frame {
            Frame::Blocks(Container::Whole, _) => {}
            Frame::Blocks(Container::Quote, content) => self.block(Block::Quote { content }),
            Frame::Blocks(Container::Item, content) => {
                if let Some(Frame::List { items, .. }) = self.open.last_mut() {
                    items.push(ListItem { content });
                }
            }
            Frame::List { ordered, start, tight, items } => self.block(Block::List { ordered, start, tight, items }),
            Frame::Table { columns, header, rows } => self.block(Block::Table { columns, header, rows }),
            Frame::Row { header: is_header, cells } => {
                if let Some(Frame::Table { header, rows, .. }) = self.open.last_mut() {
                    match is_header {
                        true => *header = cells,
                        false => rows.push(TableRow { cells }),
                    }
                }
            }
            Frame::Code { language, text } => self.block(Block::Code { language, text }),
            Frame::Image { src, title, alt } => match self.open.last_mut() {
                // Of an image in what describes another the description stays.
                Some(Frame::Image { alt: outer, .. }) => outer.push_str(&alt),
                _ => self.inline(Inline::Image { src, alt, title }),
            },
            Frame::Inlines(span, content) => self.span(span, content),
        }
    }

    fn span(&mut self, span: Span, content: Vec<Inline>) {
        match span {
            Span::Paragraph { .. } => self.block(Block::Paragraph { content }),
            Span::Heading(level) => self.block(Block::Heading { level, content }),
            Span::Cell => {
                if let Some(Frame::Row { cells, .. }) = self.open.last_mut() {
                    cells.push(TableCell { content });
                }
            }
            Span::Emphasis => self.inline(Inline::Emphasis { content }),
            Span::Strong => self.inline(Inline::Strong { content }),
            Span::Deleted => self.inline(Inline::Deleted { content }),
            Span::Link { href, title } => self.inline(Inline::Link { href, title, content }),
        }
    }
}

fn given(title: &str) -> Option<String> {
    (!title.is_empty()).then(|| title.to_owned())
}

/// The first word of what stands behind the fence.
fn language(kind: &CodeBlockKind<'_>) -> Option<String> {
    match kind {
        CodeBlockKind::Fenced(info) => info.split_whitespace().next().map(str::to_owned),
        CodeBlockKind::Indented => None,
    }
}

#[cfg(test)]
mod tests;
