//! A body as blocks of plain text with places: what the evidence check reads.

use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};

use super::source::{self, Piece};
use crate::citing::check::{Block, BlockKind, Link, Mark, MarkItem, MarkerWarning, Run};
use crate::citing::marker::Cluster;

/// Stands in the text for a marker that is part of the sentence.
const NARRATIVE: &str = "\u{FFFC}";

/// What a body holds for the evidence check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blocks {
    /// The blocks that have text or a marker, in document order.
    pub blocks: Vec<Block>,
    /// What is doubtful about the markers.
    pub warnings: Vec<MarkerWarning>,
}

/// Takes a body apart; `study` is the key of the study that a marker's key names, if there is one.
pub fn blocks(body: &str, study: &dyn Fn(&str) -> Option<String>) -> Blocks {
    let source = source::read(body, &|key| study(key).is_some());
    let mut reader = Reader { body, study, kinds: Vec::new(), block: None, images: 0, blocks: Vec::new() };
    for (piece, range) in source.pieces {
        match piece {
            Piece::Cluster(cluster) => reader.cluster(&cluster),
            Piece::Event(event) => reader.event(event, range),
        }
    }
    reader.close();
    let warnings = source.warnings.into_iter();
    let warnings = warnings.map(|w| MarkerWarning { code: w.code.to_owned(), detail: w.detail, body: w.at }).collect();
    Blocks { blocks: reader.blocks, warnings }
}

struct Reader<'a> {
    body: &'a str,
    study: &'a dyn Fn(&str) -> Option<String>,
    /// For each open container what a paragraph in it is.
    kinds: Vec<BlockKind>,
    block: Option<Block>,
    /// Open images: their descriptions are not read.
    images: usize,
    blocks: Vec<Block>,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'static>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(&tag, range),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text, range),
            Event::Code(text) => self.text(&text, self.inside_ticks(&text, range)),
            Event::SoftBreak => self.text(" ", range),
            Event::HardBreak => self.text("\n", range),
            Event::Rule => self.close(),
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Item => self.open(BlockKind::ListItem),
            Tag::BlockQuote(_) => self.open(BlockKind::Quote),
            Tag::TableCell => self.open(BlockKind::TableCell),
            Tag::CodeBlock(_) => self.open(BlockKind::Code),
            Tag::Heading { level, .. } => self.open(BlockKind::Heading(*level as u8)),
            Tag::Paragraph | Tag::List(_) | Tag::Table(_) | Tag::HtmlBlock => self.close(),
            Tag::Image { .. } => self.images += 1,
            Tag::Link { dest_url, .. } if self.images == 0 => {
                self.current().links.push(Link { target: dest_url.to_string(), body: range });
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Item | TagEnd::BlockQuote(_) | TagEnd::TableCell | TagEnd::CodeBlock | TagEnd::Heading(_) => {
                self.close();
                self.kinds.pop();
            }
            TagEnd::Paragraph | TagEnd::List(_) | TagEnd::Table => self.close(),
            TagEnd::Image => self.images = self.images.saturating_sub(1),
            _ => {}
        }
    }

    fn open(&mut self, kind: BlockKind) {
        self.close();
        self.kinds.push(kind);
    }

    fn close(&mut self) {
        let block = self.block.take();
        let told = |block: &Block| !block.text.trim().is_empty() || !block.marks.is_empty() || !block.links.is_empty();
        self.blocks.extend(block.filter(told));
    }

    fn current(&mut self) -> &mut Block {
        let kind = self.kinds.last().copied().unwrap_or(BlockKind::Paragraph);
        self.block.get_or_insert_with(|| Block {
            kind,
            text: String::new(),
            runs: Vec::new(),
            marks: Vec::new(),
            links: Vec::new(),
        })
    }

    fn text(&mut self, text: &str, range: Range<usize>) {
        if self.images > 0 || text.is_empty() {
            return;
        }
        // Entities and line ends differ from what they stand for.
        let exact = self.body.get(range.clone()) == Some(text);
        let body = range;
        let block = self.current();
        let start = block.text.len();
        block.text.push_str(text);
        let text = start..block.text.len();
        match block.runs.last_mut() {
            Some(run) if run.exact && exact && run.body.end == body.start => {
                run.text.end = text.end;
                run.body.end = body.end;
            }
            _ => block.runs.push(Run { text, body, exact }),
        }
    }

    /// The bytes of a code span without its ticks, if its text stands there as it is.
    fn inside_ticks(&self, text: &str, range: Range<usize>) -> Range<usize> {
        let shift = self.body.get(range.clone()).and_then(|written| written.find(text));
        shift.map_or(range.clone(), |shift| range.start + shift..range.start + shift + text.len())
    }

    fn cluster(&mut self, cluster: &Cluster) {
        if self.images > 0 {
            return;
        }
        let study = self.study;
        let item = |item: &crate::citing::marker::CiteItem| MarkItem {
            key: item.key.clone(),
            body: item.range.clone(),
            locator: item.locator.as_ref().map(|locator| locator.display()),
            study: study(&item.key),
        };
        let items = cluster.items.iter().map(item).collect();
        let body = cluster.range.clone();
        let at = self.current().text.len();
        self.current().marks.push(Mark { at, body: body.clone(), narrative: cluster.narrative, items });
        if cluster.narrative {
            self.narrative(body);
        }
    }

    fn narrative(&mut self, body: Range<usize>) {
        let block = self.current();
        let start = block.text.len();
        block.text.push_str(NARRATIVE);
        block.runs.push(Run { text: start..block.text.len(), body, exact: false });
    }
}

#[cfg(test)]
mod tests;
