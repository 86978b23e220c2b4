//! Makes the tree of a body from its events: those that the HTML is made from.

use pulldown_cmark::{CodeBlockKind, LinkType, Tag, TagEnd};

use super::{Align, Block, CitationItem, Inline, ListItem, TableCell, TableRow};
use crate::text::markdown::render;

/// A tree in the making.
pub struct Builder {
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
        let inline = render::is_inline(tag);
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
