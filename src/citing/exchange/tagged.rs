//! Lines with a tag in front: what RIS and PubMed's format have in common.

use std::io::Read;

use super::input::{End, Piece, Source};
use super::{Entry, Refused};

/// One tag with its value, continuation lines joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub tag: String,
    pub value: String,
}

/// What a line is, by the rules of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line<'l> {
    /// It begins an entry.
    Begin,
    /// It has a tag.
    Tagged(&'l str, &'l str),
    /// It ends an entry.
    End,
    /// It goes on with the value before.
    Continued(&'l str),
    Blank,
}

/// How a format reads lines.
pub(super) trait Dialect {
    fn line(line: &str) -> Line<'_>;
    /// Whether an entry is complete without a line that ends it.
    const ENDS_ITSELF: bool;
    /// What a line outside an entry is not.
    const OUTSIDE: &'static str;
}

#[derive(Debug, Default)]
pub(super) struct Reader {
    /// The line that begins the next entry, its number, and whether it has bytes of another encoding.
    begun: Option<(String, u64, bool)>,
}

impl Reader {
    /// The next entry's lines. `Err` for lines that belong to none.
    pub(super) fn next<D: Dialect, R: Read>(&mut self, source: &mut Source<R>) -> Option<Result<Piece, Refused>> {
        let (mut text, line, legacy) = match self.begun.take() {
            Some(begun) => begun,
            None => match self.first_line::<D, R>(source) {
                Some(refused) => return Some(Err(refused)),
                None => self.begun.take()?,
            },
        };
        let place = source.place(line);
        let mut end = if D::ENDS_ITSELF { End::Whole } else { End::CutOff };
        source.take_legacy();
        loop {
            let number = source.line_number();
            let begin = text.len();
            text.push('\n');
            let Some(fits) = source.next_line(&mut text) else { break };
            if !fits {
                end = End::TooLong;
            }
            let line = text.get(begin + 1..).unwrap_or_default();
            match D::line(line) {
                Line::Begin => {
                    self.begun = Some((line.to_owned(), number, false));
                    text.truncate(begin);
                    break;
                }
                Line::End => {
                    end = if end == End::TooLong { end } else { End::Whole };
                    text.truncate(begin);
                    break;
                }
                // What is refused is not kept.
                _ if end == End::TooLong => text.clear(),
                _ => {}
            }
        }
        Some(Ok(Piece { place, text, end, legacy: legacy | source.take_legacy() }))
    }

    /// Goes to the line that begins an entry. Lines before it that are not blank are refused, all together.
    fn first_line<D: Dialect, R: Read>(&mut self, source: &mut Source<R>) -> Option<Refused> {
        let mut refused = None;
        source.take_legacy();
        loop {
            let number = source.line_number();
            let mut line = String::new();
            if source.next_line(&mut line).is_none() {
                return refused;
            }
            match D::line(&line) {
                Line::Begin => {
                    self.begun = Some((line, number, source.take_legacy()));
                    return refused;
                }
                Line::Blank | Line::End => {}
                _ if is_header(&line) || refused.is_some() => {}
                _ => {
                    let shown: String = line.trim().chars().take(80).collect();
                    let place = source.place(number);
                    refused = Some(Refused::new(place, "malformed", format!("{}: {shown:?}", D::OUTSIDE)));
                }
            }
        }
    }
}

/// What publishers' sites put before the first entry.
fn is_header(line: &str) -> bool {
    ["Provider:", "Database:", "Content:", "Content-Type:", "%", "//"].iter().any(|mark| line.starts_with(mark))
}

/// The tags of a piece in their order.
pub(super) fn fields<D: Dialect>(text: &str) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for line in text.lines() {
        let (tag, value) = match D::line(line) {
            Line::Begin => match line.split_once('-') {
                Some((tag, value)) => (tag.trim(), value),
                None => continue,
            },
            Line::Tagged(tag, value) => (tag, value),
            Line::Continued(value) => {
                if let Some(last) = fields.last_mut() {
                    last.value.push('\n');
                    last.value.push_str(value.trim());
                }
                continue;
            }
            Line::End | Line::Blank => continue,
        };
        fields.push(Field { tag: tag.trim().to_ascii_uppercase(), value: value.trim().to_owned() });
    }
    fields
}

/// What an entry makes of its lines.
pub(super) fn read<D: Dialect, R: Read>(
    reader: &mut Reader,
    source: &mut Source<R>,
    map: impl Fn(&Piece) -> Result<Entry, Refused>,
) -> Option<Result<Entry, Refused>> {
    let piece = match reader.next::<D, R>(source)? {
        Ok(piece) if piece.end == End::TooLong => return Some(Err(Refused::too_long(piece.place))),
        Ok(piece) => piece,
        Err(refused) => return Some(Err(refused)),
    };
    Some(map(&piece))
}
