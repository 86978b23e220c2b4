//! A line of Markdown: text, marks, links and citations.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::Range;

use crate::formats::fragment::{self, Element, Node};

fn is_citation(element: &Element) -> bool {
    element.name == "a" && element.has_class("citation")
}

/// Marks of text, as bits; also the order in which they are opened where they end together.
const STRONG: u8 = 1;
const EMPHASIS: u8 = 2;
const STRUCK: u8 = 4;

/// A line of text in the making.
#[derive(Default)]
pub(super) struct Inline {
    pieces: Vec<Piece>,
    /// The marks of what comes next.
    marks: u8,
    /// The marks in which the whole stands already.
    around: u8,
    /// Inside a link brackets have to be escaped.
    in_link: bool,
    /// It begins within a line that others began.
    continues: bool,
}

/// What stands in a line, with its marks. Marks have no depth: what is emphasized twice looks as if it were once.
struct Piece {
    marks: u8,
    kind: Kind,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Blank,
    /// Text to be escaped.
    Words,
    /// Text that is code.
    Code,
    /// Markdown as it is.
    Written,
    /// The same, of a link.
    Link,
}

impl Inline {
    pub(super) fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Text(text) => self.words(text),
                Node::Element(element) => self.element(element),
            }
        }
    }

    fn element(&mut self, element: &Element) {
        match element.name.as_str() {
            "em" | "i" => self.marked(EMPHASIS, &element.children),
            "strong" | "b" => self.marked(STRONG, &element.children),
            "del" => self.marked(STRUCK, &element.children),
            "code" => self.code(&fragment::text(&element.children)),
            "br" => self.push(Kind::Blank, "\\\n"),
            "img" => self.image(element),
            "a" if is_citation(element) => self.printed(&fragment::text(&element.children)),
            "a" => self.link(element),
            // Numbers that stand high: without it they would be read as a part of the word before them.
            "sup" if !self.pieces.last().is_some_and(|piece| piece.text.ends_with('[')) => {
                self.printed("[");
                self.nodes(&element.children);
                self.printed("]");
            }
            _ => self.nodes(&element.children),
        }
    }

    fn own_marks(&self) -> u8 {
        self.marks & !self.around
    }

    fn push(&mut self, kind: Kind, text: &str) {
        if !text.is_empty() {
            self.pieces.push(Piece { marks: self.own_marks(), kind, text: text.to_owned() });
        }
    }

    /// Text, the blanks around it apart from it: marks do not work beside blanks that they enclose.
    pub(super) fn words(&mut self, text: &str) {
        let (start, core) = (text.trim_start(), text.trim());
        self.push(Kind::Blank, text.get(..text.len() - start.len()).unwrap_or_default());
        self.push(Kind::Words, core);
        self.push(Kind::Blank, start.get(core.len()..).unwrap_or_default());
    }

    /// Text that is written as it is: what stands in brackets is no link, since nothing here is defined.
    fn printed(&mut self, text: &str) {
        match self.in_link {
            true => self.words(text),
            false => self.push(Kind::Written, text),
        }
    }

    fn marked(&mut self, mark: u8, nodes: &[Node]) {
        let around = self.marks;
        self.marks |= mark;
        self.nodes(nodes);
        self.marks = around;
    }

    /// Code beside code is one: their signs would be read together.
    fn code(&mut self, text: &str) {
        let text = text.replace(['\n', '\r'], " ");
        let marks = self.own_marks();
        match self.pieces.last_mut().filter(|last| last.kind == Kind::Code && last.marks == marks) {
            Some(last) => last.text.push_str(&text),
            None => self.push(Kind::Code, &text),
        }
    }

    fn image(&mut self, element: &Element) {
        let mut alt = Self { in_link: true, continues: true, ..Self::default() };
        alt.words(element.attribute("alt").unwrap_or_default());
        let address = destination(element.attribute("src").unwrap_or_default());
        self.push(Kind::Written, &format!("![{}]({address}{})", alt.written(), title(element)));
    }

    fn link(&mut self, element: &Element) {
        let Some(address) = element.attribute("href") else { return self.nodes(&element.children) };
        let is_bare = fragment::text(&element.children) == address && address.contains("://");
        if is_bare && !address.contains([' ', '<', '>']) {
            return self.push(Kind::Written, &format!("<{address}>"));
        }
        let around = self.marks | self.around;
        let mut inner = Self { in_link: true, continues: true, around, ..Self::default() };
        inner.nodes(&element.children);
        self.push(Kind::Link, &format!("[{}]({}{})", inner.written(), destination(address), title(element)));
    }

    pub(super) fn finish(self) -> String {
        self.written().trim_matches([' ', '\n']).to_owned()
    }

    fn written(mut self) -> String {
        self.settle_blanks();
        let mut line = Line { in_link: self.in_link, continues: self.continues, ..Line::default() };
        for (at, piece) in self.pieces.iter().enumerate() {
            line.close(piece.marks);
            // First what lasts longest. None begins with a blank.
            let missing = if piece.kind == Kind::Blank { 0 } else { piece.marks & !line.marks() };
            let mut opened = [STRONG, EMPHASIS, STRUCK].map(|mark| (mark & missing, 0));
            for (mark, lasts) in &mut opened {
                let rest = self.pieces.get(at..).unwrap_or_default();
                *lasts = rest.iter().take_while(|piece| piece.marks & *mark != 0).count();
            }
            opened.sort_by_key(|(_, lasts)| Reverse(*lasts));
            opened.into_iter().filter(|(mark, _)| *mark != 0).for_each(|(mark, _)| line.open(mark));
            match piece.kind {
                Kind::Blank => line.blanks(&piece.text),
                Kind::Words => line.words(&piece.text),
                Kind::Code => line.code(&piece.text),
                Kind::Written => line.text.push_str(&piece.text),
                Kind::Link => line.link(&piece.text),
            }
        }
        line.close(0);
        line.finish()
    }

    /// Blanks keep the marks that they share with what stands on both sides of them.
    fn settle_blanks(&mut self) {
        let mut around = 0;
        for run in self.pieces.chunk_by_mut(|a, b| (a.kind == Kind::Blank) == (b.kind == Kind::Blank)) {
            if let Some(last) = run.last().filter(|piece| piece.kind != Kind::Blank) {
                around = last.marks;
                continue;
            }
            let shared = run.iter().fold(around, |shared, piece| shared & piece.marks);
            run.iter_mut().for_each(|piece| piece.marks = shared);
        }
        around = 0;
        for piece in self.pieces.iter_mut().rev() {
            match piece.kind {
                Kind::Blank => piece.marks &= around,
                _ => around = piece.marks,
            }
        }
    }
}

/// A line as Markdown.
#[derive(Default)]
struct Line {
    text: String,
    /// The marks that are open, with what opened and will close them.
    open: Vec<(u8, &'static str)>,
    delimiters: Vec<Delimiter>,
    in_link: bool,
    continues: bool,
}

/// What begins or ends a mark: bytes of the line.
struct Delimiter {
    at: Range<usize>,
    opens: bool,
}

impl Line {
    fn marks(&self) -> u8 {
        self.open.iter().fold(0, |marks, (mark, _)| marks | mark)
    }

    fn delimiter(&mut self, delimiter: &'static str, opens: bool) {
        let start = self.text.len();
        self.text.push_str(delimiter);
        self.delimiters.push(Delimiter { at: start..self.text.len(), opens });
    }

    /// Opens a mark. Signs of one kind side by side would be read as one.
    fn open(&mut self, mark: u8) {
        let delimiter = match (mark, self.text.ends_with('*')) {
            (STRUCK, _) => "~~",
            (STRONG, false) => "**",
            (STRONG, true) => "__",
            (_, false) => "*",
            (_, true) => "_",
        };
        self.open.push((mark, delimiter));
        self.delimiter(delimiter, true);
    }

    /// Closes marks until only some of these are open.
    fn close(&mut self, left: u8) {
        let stays = self.open.iter().take_while(|(mark, _)| mark & left != 0).count();
        while self.open.len() > stays {
            if let Some((_, delimiter)) = self.open.pop() {
                self.delimiter(delimiter, false);
            }
        }
    }

    fn code(&mut self, text: &str) {
        let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
        let ticks = "`".repeat(longest + 1);
        let padded = text.starts_with('`') || text.ends_with('`') || (text.starts_with(' ') && text.ends_with(' '));
        let pad = if padded && !text.trim().is_empty() { " " } else { "" };
        self.text.push_str(&format!("{ticks}{pad}{text}{pad}{ticks}"));
    }

    fn link(&mut self, markdown: &str) {
        // It would be an image.
        if self.text.ends_with('!') {
            self.text.insert(self.text.len() - 1, '\\');
        }
        self.text.push_str(markdown);
    }

    fn blanks(&mut self, blanks: &str) {
        match blanks {
            "\\\n" => self.text.push_str(blanks),
            _ => self.words(blanks),
        }
    }

    /// Text, with white space made single and what Markdown would read escaped.
    fn words(&mut self, text: &str) {
        let mut rest = text.chars();
        let mut behind = 0;
        while let Some(c) = rest.next() {
            let before = self.text.chars().next_back();
            if c.is_ascii_whitespace() {
                if before.map_or(self.continues, |before| before != ' ' && before != '\n') {
                    self.text.push(' ');
                }
                behind += 1;
                continue;
            }
            let mut ahead = rest.clone();
            let next = ahead.next();
            // The letters at the ends may be written otherwise in the end: see `finish`.
            let is_inside = behind > 1 && ahead.next().is_some();
            if self.means_something(c, before, next, is_inside) {
                self.text.push('\\');
            }
            self.text.push(c);
            behind += 1;
        }
    }

    fn means_something(&self, c: char, before: Option<char>, next: Option<char>, is_inside: bool) -> bool {
        let begins = self.text.ends_with('\n') || (self.text.is_empty() && !self.continues);
        let within_word = |side: Option<char>| is_inside && side.is_some_and(char::is_alphanumeric);
        match c {
            '\\' | '`' | '*' | '~' => true,
            '_' => !(within_word(before) && within_word(next)),
            '[' | ']' if self.in_link => true,
            '[' | '(' | ':' if before == Some(']') => true,
            '<' => next.is_none_or(|next| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?')),
            '&' => next.is_none_or(|next| next.is_ascii_alphabetic() || next == '#'),
            '#' | '>' | '+' | '-' | '=' | '|' => begins,
            '.' | ')' => self.is_number(),
            _ => false,
        }
    }

    /// Whether all that stands in the line is a number that could be a list's.
    fn is_number(&self) -> bool {
        let bytes = self.text.as_bytes();
        let digits = bytes.iter().rev().take(10).take_while(|b| b.is_ascii_digit()).count();
        let before = bytes.len().checked_sub(digits + 1).and_then(|at| bytes.get(at));
        let begins = before.map_or(!self.continues, |before| *before == b'\n');
        (1..=9).contains(&digits) && begins
    }

    /// The text. A mark works only where it stands between a letter within it and whatever is around it, or beside a blank or
    /// a sign; so a letter around it that keeps it from working is written as an entity, which begins and ends with a sign.
    fn finish(self) -> String {
        let mut coded = BTreeSet::new();
        let (openers, closers): (Vec<_>, Vec<_>) = self.delimiters.iter().partition(|delimiter| delimiter.opens);
        // Those between which there is a single letter depend on each other, from the inside to the outside.
        for delimiter in openers.into_iter().rev().chain(closers) {
            let (before, within, after) = self.parts(delimiter);
            let before = before.char_indices().next_back();
            let after = after.chars().next().map(|c| (delimiter.at.end, c));
            let (outer, inner) = if delimiter.opens { (before, after) } else { (after, before) };
            let side = |side: Option<(usize, char)>| match side {
                Some((at, _)) if coded.contains(&at) => Side::Sign,
                Some((_, c)) => Side::of(c),
                None => Side::Blank,
            };
            let works = match side(outer) {
                Side::Blank | Side::Sign => true,
                Side::Letter | Side::Unknown => side(inner) == Side::Letter && !within.starts_with('_'),
            };
            if !works {
                coded.extend(outer.map(|(at, _)| at));
            }
        }
        if coded.is_empty() {
            return self.text;
        }
        let mut text = String::with_capacity(self.text.len());
        for (at, c) in self.text.char_indices() {
            match coded.contains(&at) {
                true => text.push_str(&format!("&#{};", u32::from(c))),
                false => text.push(c),
            }
        }
        text
    }

    /// What stands before a delimiter, itself, and what stands behind it.
    fn parts(&self, delimiter: &Delimiter) -> (&str, &str, &str) {
        let part = |range: Range<usize>| self.text.get(range).unwrap_or_default();
        let Range { start, end } = delimiter.at;
        (part(0..start), part(start..end), part(end..self.text.len()))
    }
}

/// What Markdown looks at beside a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Blank,
    Sign,
    Letter,
    /// A sign or not, as the tables of Unicode say.
    Unknown,
}

impl Side {
    fn of(c: char) -> Self {
        match c {
            c if c.is_whitespace() => Self::Blank,
            c if c.is_ascii_punctuation() => Self::Sign,
            c if c.is_alphanumeric() => Self::Letter,
            _ => Self::Unknown,
        }
    }
}

fn destination(address: &str) -> String {
    let plain =
        !address.is_empty() && !address.contains(|c: char| c.is_whitespace() || c.is_control() || "<>()\\".contains(c));
    if plain {
        return address.to_owned();
    }
    let mut escaped = String::from("<");
    for c in address.chars() {
        match c {
            '<' | '>' | '\\' => escaped.extend(['\\', c]),
            '\n' | '\r' => escaped.push_str("%0A"),
            other => escaped.push(other),
        }
    }
    escaped + ">"
}

fn title(element: &Element) -> String {
    let Some(title) = element.attribute("title").filter(|title| !title.is_empty()) else { return String::new() };
    let title = title.replace('\\', "\\\\").replace('"', "\\\"").replace(['\n', '\r'], " ");
    format!(" \"{title}\"")
}
