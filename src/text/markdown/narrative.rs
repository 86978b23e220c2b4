//! Finds citations in running text, `@a` and `@a [p. 3]`, among what Markdown has read.
//!
//! Text that Markdown took from the body as it stands is searched in the body's own bytes; an escaped character or an
//! entity is no syntax. Code, links, images and HTML are no running text.

use std::collections::VecDeque;
use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};

use super::source::{Piece, without_line_starts};
use crate::citing::marker::NarrativeKey;

/// The pieces with the citations in running text among them. A key that `is_study` does not know stays text.
pub(super) fn find(
    body: &str,
    pieces: Vec<(Piece, Range<usize>)>,
    is_study: &dyn Fn(&str) -> bool,
) -> Vec<(Piece, Range<usize>)> {
    if !body.contains('@') {
        return pieces;
    }
    let found = Vec::with_capacity(pieces.len());
    let address = Address { read: 0, inside: false };
    let mut finder = Finder { body, is_study, waiting: chunks(body, pieces), found, address };
    while let Some(chunk) = finder.waiting.pop_front() {
        match chunk {
            Chunk::Text(text) => finder.text(text),
            Chunk::Other(piece, range) => finder.found.push((piece, range)),
        }
    }
    finder.found
}

/// Running text in one stretch, or anything else.
enum Chunk {
    Text(Stretch),
    Other(Piece, Range<usize>),
}

/// Bytes of the body that are text as they stand.
#[derive(Clone)]
struct Stretch {
    range: Range<usize>,
    /// A backslash before it makes its first character plain text.
    escaped: bool,
}

impl Stretch {
    /// Where syntax may begin.
    fn live_from(&self, body: &str) -> usize {
        let first = body.get(self.range.clone()).and_then(|text| text.chars().next());
        self.range.start + first.filter(|_| self.escaped).map_or(0, char::len_utf8)
    }
}

fn chunks(body: &str, pieces: Vec<(Piece, Range<usize>)>) -> VecDeque<Chunk> {
    let mut chunks = VecDeque::with_capacity(pieces.len());
    let mut inert = 0_usize;
    for (piece, range) in pieces {
        if let Piece::Event(event) = &piece {
            match event {
                Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_)) => inert += 1,
                Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock) => inert = inert.saturating_sub(1),
                Event::Text(text) if inert == 0 && body.get(range.clone()) == Some(text) => {
                    add_text(body, &mut chunks, range);
                    continue;
                }
                _ => {}
            }
        }
        chunks.push_back(Chunk::Other(piece, range));
    }
    chunks
}

fn add_text(body: &str, chunks: &mut VecDeque<Chunk>, range: Range<usize>) {
    match chunks.back_mut() {
        Some(Chunk::Text(last)) if last.range.end == range.start => last.range.end = range.end,
        _ => {
            let escaped = body.get(..range.start).is_some_and(|before| before.ends_with('\\'));
            chunks.push_back(Chunk::Text(Stretch { range, escaped }));
        }
    }
}

struct Finder<'b> {
    body: &'b str,
    is_study: &'b dyn Fn(&str) -> bool,
    waiting: VecDeque<Chunk>,
    found: Vec<(Piece, Range<usize>)>,
    address: Address,
}

impl<'b> Finder<'b> {
    fn text(&mut self, stretch: Stretch) {
        let body: &'b str = self.body;
        let live_from = stretch.live_from(body);
        let until = body.get(..stretch.range.end).unwrap_or_default();
        let mut written = stretch.range.start;
        let mut at = live_from;
        while let Some(offset) = until.get(at..).and_then(|rest| rest.find('@')) {
            let sign = at + offset;
            at = sign + 1;
            if self.address.holds(body, sign) {
                continue;
            }
            // Before a stretch that begins with an escape nothing counts; before others the body's own characters do.
            let from = if stretch.escaped { live_from } else { 0 };
            let Some(key) = NarrativeKey::at(until, from, sign) else { continue };
            at = key.range.end;
            if !(self.is_study)(key.key) {
                continue;
            }
            self.write(written..key.range.start.max(written));
            let brackets = self.brackets_after(at..stretch.range.end);
            written = brackets.as_ref().map_or(at, |brackets| brackets.end);
            let inner =
                brackets.map(|it| (without_line_starts(body.get(it.start + 1..it.end - 1).unwrap_or_default()), it));
            let cluster = key.with_brackets(inner.as_ref().map(|(inner, it)| (inner.as_str(), it.start)));
            let range = cluster.range.clone();
            self.found.push((Piece::Cluster(cluster), range));
            if written > stretch.range.end {
                return self.pass_over(written);
            }
            at = written;
        }
        self.write(written..stretch.range.end);
    }

    fn write(&mut self, range: Range<usize>) {
        if let Some(text) = self.body.get(range.clone()).filter(|text| !text.is_empty()) {
            self.found.push((Piece::Event(Event::Text(text.to_owned().into())), range));
        }
    }

    /// Drops what waits before this offset: it is in a marker.
    fn pass_over(&mut self, end: usize) {
        while let Some(chunk) = self.waiting.pop_front() {
            match chunk {
                Chunk::Text(text) if text.range.end > end => {
                    let range = end.max(text.range.start)..text.range.end;
                    let escaped = text.escaped && text.range.start >= end;
                    return self.waiting.push_front(Chunk::Text(Stretch { range, escaped }));
                }
                Chunk::Other(piece, range) if range.end > end => {
                    return self.waiting.push_front(Chunk::Other(piece, range));
                }
                _ => {}
            }
        }
    }

    /// The brackets that follow a key, given the rest of its stretch: after blanks and at most one line end, without a
    /// key in them unless they are a marker, and not those of a link.
    fn brackets_after(&self, rest: Range<usize>) -> Option<Range<usize>> {
        let mut search = Search { body: self.body, open: None, depth: 0, spans: 0, lines: 0 };
        let mut step = search.text(&Stretch { range: rest, escaped: false });
        for chunk in self.waiting.iter().take(Search::MOST_CHUNKS) {
            match step {
                Step::Found(range) => return search.checked(range),
                Step::Nothing => return None,
                Step::On => step = search.chunk(chunk),
            }
        }
        match step {
            Step::Found(range) => search.checked(range),
            _ => None,
        }
    }
}

enum Step {
    Found(Range<usize>),
    Nothing,
    On,
}

/// A search for the brackets behind a key.
struct Search<'b> {
    body: &'b str,
    open: Option<usize>,
    depth: usize,
    /// Emphasis begun in the brackets and not ended.
    spans: usize,
    lines: usize,
}

impl Search<'_> {
    /// The longest label of a link, so that markers in brackets and what follows a key have one limit.
    const LONGEST: usize = 1000;
    const MOST_CHUNKS: usize = 200;

    fn chunk(&mut self, chunk: &Chunk) -> Step {
        match (chunk, self.open) {
            (Chunk::Text(text), _) => self.text(text),
            (Chunk::Other(Piece::Cluster(cluster), _), None) => Step::Found(cluster.range.clone()),
            (Chunk::Other(Piece::Event(Event::SoftBreak | Event::HardBreak), at), None) if self.lines == 0 => {
                self.lines = 1;
                let marked = self.body.get(at.clone()).is_some_and(|end| end.starts_with('\\'));
                if marked { Step::Nothing } else { Step::On }
            }
            (Chunk::Other(Piece::Event(event), _), Some(_)) => self.inside(event),
            _ => Step::Nothing,
        }
    }

    fn inside(&mut self, event: &Event<'_>) -> Step {
        match event {
            Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough) => self.spans += 1,
            Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough) if self.spans > 0 => self.spans -= 1,
            Event::Text(_) | Event::Code(_) | Event::SoftBreak => {}
            _ => return Step::Nothing,
        }
        Step::On
    }

    fn text(&mut self, stretch: &Stretch) -> Step {
        let live_from = stretch.live_from(self.body);
        let text = self.body.get(stretch.range.clone()).unwrap_or_default();
        for (offset, c) in text.char_indices() {
            let at = stretch.range.start + offset;
            let live = at >= live_from;
            match self.open {
                None if live && c == '[' => (self.open, self.depth) = (Some(at), 1),
                None if live && matches!(c, ' ' | '\t') => {}
                None => return Step::Nothing,
                Some(open) if at - open > Self::LONGEST => return Step::Nothing,
                Some(_) if !live => {}
                Some(_) if c == '@' => return Step::Nothing,
                Some(_) if c == '[' => self.depth += 1,
                Some(open) if c == ']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return if self.spans == 0 { Step::Found(open..at + 1) } else { Step::Nothing };
                    }
                }
                Some(_) => {}
            }
        }
        Step::On
    }

    /// Pandoc's rule: brackets followed by more brackets or a parenthesis are not the key's.
    fn checked(&self, range: Range<usize>) -> Option<Range<usize>> {
        let after = self.body.get(range.end..)?;
        (!after.starts_with('[') && (self.open.is_none() || !after.starts_with('('))).then_some(range)
    }
}

/// Whether a place is inside an address written as text: `https://x.example/@name`.
struct Address {
    read: usize,
    inside: bool,
}

impl Address {
    /// Asked in the order of the body.
    fn holds(&mut self, body: &str, at: usize) -> bool {
        let new = body.get(self.read..at).unwrap_or_default();
        let is_end = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"');
        let word = new.rfind(is_end).map_or(new, |end| new.get(end..).unwrap_or_default());
        let begins = word.contains("://") || word.contains("www.");
        self.inside = begins || (self.inside && word.len() == new.len() && !new.starts_with(is_end));
        self.read = at.max(self.read);
        self.inside
    }
}
