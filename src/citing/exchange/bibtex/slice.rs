//! Cuts BibTeX into `@word{…}` pieces, without reading what is in them.

use std::io::Read;

use crate::citing::exchange::input::{End, Piece, Source};
use crate::citing::exchange::{MAX_ENTRY, Place};

/// A piece that is not yet known to be an entry.
#[derive(Debug)]
pub(super) struct Slice {
    pub text: String,
    pub end: End,
    line: u64,
    legacy: bool,
}

impl Slice {
    pub(super) fn counted<R: Read>(self, source: &mut Source<R>) -> Piece {
        let place = source.place(self.line);
        self.at(place)
    }

    pub(super) fn uncounted(self) -> Piece {
        let place = Place { entry: 0, line: self.line };
        self.at(place)
    }

    fn at(self, place: Place) -> Piece {
        Piece { place, text: self.text, end: self.end, legacy: self.legacy }
    }
}

#[derive(Debug, Default)]
pub(super) struct Slicer {
    /// The beginning of the next piece, which ended the one before, and its line.
    begun: Option<(String, u64)>,
}

impl Slicer {
    pub(super) fn next<R: Read>(&mut self, source: &mut Source<R>) -> Option<Slice> {
        source.take_legacy();
        let (text, line) = match self.begun.take() {
            Some(begun) => begun,
            None => find_beginning(source)?,
        };
        Some(self.body(source, text, line))
    }

    /// Reads on from `@word{` to the bracket that closes it.
    fn body<R: Read>(&mut self, source: &mut Source<R>, text: String, line: u64) -> Slice {
        let parentheses = text.ends_with('(');
        let mut slice = Slice { text, end: End::CutOff, line, legacy: false };
        let (mut depth, mut escaped) = (0_usize, false);
        let mut candidate = Candidate::default();
        while let Some(c) = source.next() {
            if slice.text.len() + c.len_utf8() > MAX_ENTRY {
                slice.end = End::TooLong;
            } else {
                slice.text.push(c);
            }
            if candidate.follow(c, slice.text.len(), source.line_number())
                && let Some((at, line)) = candidate.begin.take()
            {
                if slice.end != End::TooLong {
                    self.begun = Some((slice.text.split_off(at), line));
                    break;
                }
                self.begun = Some((format!("@{}", candidate.word), line));
                break;
            }
            if std::mem::take(&mut escaped) {
                continue;
            }
            match c {
                '\\' => escaped = true,
                '{' => depth += 1,
                '}' if depth == 0 && !parentheses => {
                    slice.end = if slice.end == End::TooLong { End::TooLong } else { End::Whole };
                    break;
                }
                '}' => depth = depth.saturating_sub(1),
                ')' if depth == 0 && parentheses => {
                    slice.end = if slice.end == End::TooLong { End::TooLong } else { End::Whole };
                    break;
                }
                _ => {}
            }
        }
        slice.legacy = source.take_legacy();
        slice
    }
}

/// `@word{` or `@word(` at the beginning of a line, told character by character.
#[derive(Debug)]
struct Candidate {
    state: State,
    word: String,
    /// Where the sign stands in the text, and on which line.
    begin: Option<(usize, u64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    LineStart,
    Sign,
    Word,
    Gap,
    Other,
}

impl Default for Candidate {
    fn default() -> Self {
        Self { state: State::Other, word: String::new(), begin: None }
    }
}

impl Candidate {
    /// Whether `c`, after which the text has `length` bytes, opens an entry.
    fn follow(&mut self, c: char, length: usize, line: u64) -> bool {
        self.state = match (self.state, c) {
            (_, '\n') => State::LineStart,
            (State::LineStart, ' ' | '\t') => State::LineStart,
            (State::LineStart, '@') => {
                self.begin = Some((length.saturating_sub(1), line));
                self.word.clear();
                State::Sign
            }
            (State::Sign | State::Word, c) if c.is_ascii_alphabetic() && self.word.len() < 30 => {
                self.word.push(c);
                State::Word
            }
            (State::Word | State::Gap, ' ' | '\t') => State::Gap,
            (State::Word | State::Gap, '{' | '(') => {
                self.word.push(c);
                self.state = State::Other;
                return true;
            }
            _ => State::Other,
        };
        false
    }
}

/// Skips to the next `@word{`, which may stand anywhere but in a line that begins with `%`.
fn find_beginning<R: Read>(source: &mut Source<R>) -> Option<(String, u64)> {
    let mut line_start = true;
    loop {
        let line = source.line_number();
        match source.next()? {
            '%' if line_start => skip_line(source),
            '@' => {
                if let Some(text) = opening(source) {
                    return Some((text, line));
                }
                line_start = false;
            }
            '\n' => line_start = true,
            c => line_start = line_start && c.is_whitespace(),
        }
    }
}

fn skip_line<R: Read>(source: &mut Source<R>) {
    while source.peek().is_some_and(|c| c != '\n') {
        source.next();
    }
}

/// `word {` behind the sign.
fn opening<R: Read>(source: &mut Source<R>) -> Option<String> {
    let mut text = "@".to_owned();
    while let Some(c) = source.peek().filter(|c| c.is_whitespace()) {
        if text.len() > 1_000 {
            return None;
        }
        text.push(c);
        source.next();
    }
    let sign = text.len();
    while let Some(c) = source.peek().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
        if text.len() > 1_000 {
            return None;
        }
        text.push(c);
        source.next();
    }
    let word = text.len() > sign;
    while let Some(c) = source.peek().filter(|c| c.is_whitespace()) {
        if text.len() > 2_000 {
            return None;
        }
        text.push(c);
        source.next();
    }
    let c = source.peek().filter(|c| word && matches!(c, '{' | '('))?;
    source.next();
    text.push(c);
    Some(text)
}
