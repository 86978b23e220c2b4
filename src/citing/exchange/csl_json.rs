//! CSL-JSON: the input is cut into its elements, and each is read by itself.
//!
//! Taken are a list of records, an object with a list named `items` or `references` (Crossref's `message.items` too),
//! a single record, and one record after the other (JSON lines).

use std::io::Read;

use serde_json::Value;

use super::input::{End, Piece, Source};
use super::{Entry, MAX_ENTRY, Refused};

mod crossref;
mod record;

/// Lists in an object that hold records.
const LISTS: [&str; 2] = ["items", "references"];

/// Where in the input the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Within {
    /// Between values.
    #[default]
    Nothing,
    /// In a list of records, so many objects deep.
    List { objects: usize },
    /// Behind such a list, in so many objects that are still open.
    Rest { objects: usize },
}

#[derive(Debug, Default)]
pub(super) struct Reader {
    within: Within,
    /// An element of the list was read and no comma yet.
    after_element: bool,
}

/// What a scan of a value met.
enum Scanned {
    Value(Piece),
    /// A list of records that stands in so many objects; its bracket was taken.
    List {
        objects: usize,
    },
}

impl Reader {
    pub(super) fn next<R: Read>(&mut self, source: &mut Source<R>) -> Option<Result<Entry, Refused>> {
        loop {
            let c = skip_blank(source)?;
            match (self.within, c) {
                (Within::Nothing, '[') => {
                    source.next();
                    self.begin_list(0);
                }
                (Within::Nothing, ',' | '\u{1E}') => {
                    source.next();
                }
                (Within::Nothing, _) => match scan(source, Nesting::Top) {
                    Scanned::Value(piece) => return Some(entry(&piece)),
                    Scanned::List { objects } => self.begin_list(objects),
                },
                (Within::List { objects }, ']') => {
                    source.next();
                    self.within = if objects == 0 { Within::Nothing } else { Within::Rest { objects } };
                }
                (Within::List { .. }, ',') => {
                    let place_line = source.line_number();
                    source.next();
                    if !std::mem::take(&mut self.after_element) {
                        let place = source.place(place_line);
                        return Some(Err(Refused::new(place, "malformed", "an element is missing before this comma")));
                    }
                }
                (Within::List { .. }, _) => {
                    self.after_element = true;
                    if let Scanned::Value(piece) = scan(source, Nesting::InList) {
                        return Some(entry(&piece));
                    }
                }
                (Within::Rest { objects }, _) => self.within = skip_rest(source, objects),
            }
        }
    }

    fn begin_list(&mut self, objects: usize) {
        self.within = Within::List { objects };
        self.after_element = false;
    }
}

fn skip_blank<R: Read>(source: &mut Source<R>) -> Option<char> {
    loop {
        let c = source.peek()?;
        if !c.is_whitespace() && c != '\u{FEFF}' {
            return Some(c);
        }
        source.next();
    }
}

/// Goes to the end of the objects that are open.
fn skip_rest<R: Read>(source: &mut Source<R>, objects: usize) -> Within {
    let (mut depth, mut string) = (objects, Strings::default());
    while let Some(c) = source.next() {
        if string.holds(c) {
            continue;
        }
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    Within::Nothing
}

/// Whether a character is in a string, told one after the other.
#[derive(Debug, Default)]
struct Strings {
    open: bool,
    escaped: bool,
}

impl Strings {
    /// Also true of the quotation marks themselves.
    fn holds(&mut self, c: char) -> bool {
        if self.open {
            match c {
                _ if self.escaped => self.escaped = false,
                '\\' => self.escaped = true,
                '"' => self.open = false,
                _ => {}
            }
            return true;
        }
        self.open = c == '"';
        self.open
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nesting {
    Top,
    InList,
}

/// The names on the way to where the scan is, as far as lists of records are looked for.
#[derive(Debug, Default)]
struct Path {
    outer: String,
    key: String,
    string: String,
}

impl Path {
    /// Whether a list that begins at this depth holds records.
    fn is_list(&self, depth: usize) -> bool {
        let named = LISTS.contains(&self.key.as_str());
        (depth == 1 && named) || (depth == 2 && self.outer == "message" && self.key == "items")
    }

    fn see(&mut self, c: char, in_string: bool, depth: usize) {
        match c {
            _ if depth > 2 => {}
            '"' if in_string && self.string.len() > 1 => self.string.push(c),
            _ if in_string && self.string.len() < 32 => self.string.push(c),
            _ if in_string => {}
            ':' => self.key = std::mem::take(&mut self.string).trim_matches('"').to_owned(),
            '{' if depth == 1 => self.outer = std::mem::take(&mut self.key),
            ',' | '{' | '}' | '[' | ']' => {
                self.key.clear();
                self.string.clear();
            }
            _ => {}
        }
    }
}

/// Takes one value: to the end of its brackets, or of the word.
fn scan<R: Read>(source: &mut Source<R>, nesting: Nesting) -> Scanned {
    let line = source.line_number();
    source.take_legacy();
    let (mut text, mut strings, mut path) = (String::new(), Strings::default(), Path::default());
    let (mut depth, mut end, mut lines) = (0_usize, End::CutOff, 0);
    while let Some(c) = source.peek() {
        let open = strings.open;
        if depth == 0 && !open && !text.is_empty() && (c.is_whitespace() || ",]}".contains(c)) {
            end = End::Whole;
            break;
        }
        if nesting == Nesting::Top && c == '{' && lines == 1 && text.ends_with('\n') {
            // One record a line, and the one before was not closed. No string goes over the end of a line.
            break;
        }
        if nesting == Nesting::Top && !open && c == '[' && path.is_list(depth) {
            source.next();
            return Scanned::List { objects: depth };
        }
        source.next();
        lines += u32::from(c == '\n');
        if text.len() + c.len_utf8() <= MAX_ENTRY {
            text.push(c);
        } else {
            end = End::TooLong;
        }
        let in_string = strings.holds(c);
        path.see(c, in_string, depth);
        if in_string {
            if depth == 0 && !strings.open {
                end = if end == End::TooLong { end } else { End::Whole };
                break;
            }
            continue;
        }
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            end = if end == End::TooLong { end } else { End::Whole };
            break;
        }
    }
    Scanned::Value(Piece { place: source.place(line), text, end, legacy: source.take_legacy() })
}

fn entry(piece: &Piece) -> Result<Entry, Refused> {
    if piece.end == End::TooLong {
        return Err(Refused::too_long(piece.place));
    }
    let value: Value = match serde_json::from_str(&piece.text) {
        Ok(value) => value,
        Err(_) if piece.end == End::CutOff => {
            return Err(Refused::new(piece.place, "cut_off", "the entry is not closed"));
        }
        Err(error) => {
            let line = u64::try_from(error.line()).unwrap_or(1).saturating_sub(1) + piece.place.line;
            let words = error.to_string();
            let what = words.split(" at line ").next().unwrap_or_default();
            return Err(Refused::new(piece.place, "malformed", format!("this is not JSON, on line {line}: {what}")));
        }
    };
    record::read(value, piece)
}
