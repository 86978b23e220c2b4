//! The characters of an input, decoded on the way, with their line numbers.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, WINDOWS_1252};

use super::{MAX_ENTRY, Place};

/// Bytes read at once.
const CHUNK: usize = 64 * 1024;

/// Text of an input, held a chunk at a time. Line ends of all kinds are `\n` here.
pub(super) struct Source<R> {
    input: R,
    encoding: Option<Decoding>,
    raw: Vec<u8>,
    text: String,
    at: usize,
    line: u64,
    /// Where in `text` bytes were read as Windows-1252.
    legacy: VecDeque<usize>,
    /// Whether such bytes were met since it was last asked.
    met_legacy: bool,
    after_return: bool,
    ended: bool,
    failure: Option<String>,
    entries: u64,
}

impl<R> std::fmt::Debug for Source<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("line", &self.line).field("entries", &self.entries).finish_non_exhaustive()
    }
}

enum Decoding {
    Utf8,
    Other(Box<Decoder>),
}

/// The text of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub place: Place,
    pub text: String,
    /// How it ended.
    pub end: End,
    /// Whether some of its bytes were read as Windows-1252.
    pub legacy: bool,
}

/// How the text of an entry ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// As the format has it.
    Whole,
    /// The next entry began, or the input ended, in the midst of it.
    CutOff,
    /// It is longer than [`MAX_ENTRY`]; the text is its beginning.
    TooLong,
}

impl<R: Read> Source<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            encoding: None,
            raw: Vec::new(),
            text: String::new(),
            at: 0,
            line: 1,
            legacy: VecDeque::new(),
            met_legacy: false,
            after_return: false,
            ended: false,
            failure: None,
            entries: 0,
        }
    }

    /// Why the input ended early, once.
    pub(super) fn failure(&mut self) -> Option<String> {
        self.failure.take()
    }

    /// Counts an entry that begins on this line.
    pub(super) fn place(&mut self, line: u64) -> Place {
        self.entries += 1;
        Place { entry: self.entries, line }
    }

    /// Counts an entry that begins here.
    pub(super) fn place_here(&mut self) -> Place {
        self.place(self.line)
    }

    /// The line of the next character.
    pub(super) fn line_number(&self) -> u64 {
        self.line
    }

    /// Whether bytes were read as Windows-1252 since the last call.
    pub(super) fn take_legacy(&mut self) -> bool {
        std::mem::take(&mut self.met_legacy)
    }

    /// The next character, which stays.
    pub(super) fn peek(&mut self) -> Option<char> {
        while self.at >= self.text.len() {
            if self.ended {
                return None;
            }
            self.fill();
        }
        self.text.get(self.at..)?.chars().next()
    }

    /// The next character.
    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        while self.legacy.front().is_some_and(|place| *place <= self.at) {
            self.legacy.pop_front();
            self.met_legacy = true;
        }
        self.at += c.len_utf8();
        self.line += u64::from(c == '\n');
        Some(c)
    }

    /// Appends the next line without its end, as far as the text stays within [`MAX_ENTRY`]. `None` at the end of
    /// the input; `Some(false)` if the line did not fit.
    pub(super) fn next_line(&mut self, into: &mut String) -> Option<bool> {
        self.peek()?;
        let mut fits = true;
        while let Some(c) = self.next() {
            if c == '\n' {
                break;
            }
            fits = fits && into.len() + c.len_utf8() <= MAX_ENTRY;
            if fits {
                into.push(c);
            }
        }
        Some(fits)
    }

    fn fill(&mut self) {
        self.text.clear();
        self.at = 0;
        self.legacy.clear();
        self.read_chunk();
        if self.encoding.is_none() && (self.raw.len() >= 3 || self.ended) {
            self.begin();
        }
        match self.encoding.take() {
            None => {}
            Some(Decoding::Utf8) => {
                self.decode_utf8();
                self.encoding = Some(Decoding::Utf8);
            }
            Some(Decoding::Other(mut decoder)) => {
                let raw = std::mem::take(&mut self.raw);
                let decoded = decode_all(&mut decoder, &raw, self.ended);
                self.push(&decoded);
                self.encoding = Some(Decoding::Other(decoder));
            }
        }
    }

    fn read_chunk(&mut self) {
        let held = self.raw.len();
        self.raw.resize(held + CHUNK, 0);
        let read = match self.input.read(self.raw.get_mut(held..).unwrap_or_default()) {
            Ok(read) => read.min(CHUNK),
            Err(error) if error.kind() == ErrorKind::Interrupted => {
                self.raw.truncate(held);
                return;
            }
            Err(error) => {
                self.failure = Some(error.to_string());
                0
            }
        };
        self.ended = read == 0;
        self.raw.truncate(held + read);
    }

    /// Decides on the encoding by the byte order mark, and removes it.
    fn begin(&mut self) {
        let (encoding, length) = Encoding::for_bom(&self.raw).unwrap_or((UTF_8, 0));
        self.raw.drain(..length);
        self.encoding = Some(if encoding == UTF_8 {
            Decoding::Utf8
        } else {
            Decoding::Other(Box::new(encoding.new_decoder_without_bom_handling()))
        });
    }

    fn decode_utf8(&mut self) {
        let raw = std::mem::take(&mut self.raw);
        let mut rest = raw.as_slice();
        loop {
            let error = match std::str::from_utf8(rest) {
                Ok(text) => return self.push(text),
                Err(error) => error,
            };
            let (valid, after) = rest.split_at(error.valid_up_to());
            self.push(std::str::from_utf8(valid).unwrap_or_default());
            if error.error_len().is_none() && !self.ended {
                self.raw = after.to_vec();
                return;
            }
            let (wrong, after) = after.split_at(error.error_len().unwrap_or(after.len()));
            self.legacy.push_back(self.text.len());
            let (decoded, _) = WINDOWS_1252.decode_without_bom_handling(wrong);
            self.push(&decoded);
            rest = after;
        }
    }

    /// Appends text with its line ends made `\n`.
    fn push(&mut self, text: &str) {
        for (i, part) in text.split('\r').enumerate() {
            let follows_return = if i == 0 { std::mem::take(&mut self.after_return) } else { true };
            if i > 0 {
                self.text.push('\n');
            }
            let last = part.is_empty();
            let part = if follows_return { part.strip_prefix('\n').unwrap_or(part) } else { part };
            self.text.push_str(part);
            // Nothing came yet behind this return: a line feed may, in the next chunk.
            self.after_return = last && follows_return;
        }
    }
}

fn decode_all(decoder: &mut Decoder, bytes: &[u8], last: bool) -> String {
    let mut decoded = String::new();
    let mut rest = bytes;
    loop {
        decoded.reserve(decoder.max_utf8_buffer_length(rest.len()).unwrap_or(CHUNK));
        let (result, read, _) = decoder.decode_to_string(rest, &mut decoded, last);
        rest = rest.get(read..).unwrap_or_default();
        if result == CoderResult::InputEmpty {
            return decoded;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, so that every sequence is cut somewhere.
    struct Drops<'b>(&'b [u8]);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0.read(buffer.get_mut(..1).unwrap_or_default())
        }
    }

    fn all(bytes: &[u8]) -> (String, bool, u64) {
        let read = |mut source: Source<Box<dyn Read + '_>>| {
            let text: String = std::iter::from_fn(|| source.next()).collect();
            (text, source.take_legacy(), source.line_number())
        };
        let whole = read(Source::new(Box::new(bytes)));
        assert_eq!(whole, read(Source::new(Box::new(Drops(bytes)))), "however it is cut");
        whole
    }

    #[test]
    fn encodings_are_told_by_their_mark_or_their_bytes() {
        assert_eq!(all("\u{FEFF}é\r\nb\rc\n".as_bytes()), ("é\nb\nc\n".to_owned(), false, 4));
        assert_eq!(all(b"caf\xE9 \x93x\x94 \xC3\xA9"), ("café “x” é".to_owned(), true, 1));
        let utf16: Vec<u8> = "\u{FEFF}aé𝛼\r\n\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(all(&utf16), ("aé𝛼\n\n".to_owned(), false, 3));
        let utf16: Vec<u8> = "\u{FEFF}aé\r".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(all(&utf16), ("aé\n".to_owned(), false, 2));
        assert_eq!(all(b""), (String::new(), false, 1));
        assert_eq!(all(b"\xE2\x82"), ("â‚".to_owned(), true, 1));
    }

    #[test]
    fn a_line_that_does_not_fit_is_cut() {
        let text = format!("{}\nshort\n", "x".repeat(MAX_ENTRY + 5));
        let mut source = Source::new(text.as_bytes());
        let mut line = String::new();
        assert_eq!(source.next_line(&mut line), Some(false));
        assert_eq!(line.len(), MAX_ENTRY);
        line.clear();
        assert_eq!(source.next_line(&mut line), Some(true));
        assert_eq!((line.as_str(), source.next_line(&mut String::new())), ("short", None));
    }
}
