//! The Digital Object Identifier, in whatever form it was pasted.

use std::fmt;

use serde::{Serialize, Serializer};
use unicode_normalization::UnicodeNormalization;

use super::{IdentifierError, is_invisible};

/// A DOI. Two are equal when they differ in case only (ISO 26324: names are case-insensitive in ASCII).
#[derive(Debug, Clone)]
pub struct Doi {
    normal: String,
    display: String,
}

/// Most characters of a DOI that we keep.
const MOST: usize = 500;

/// Endings that publishers' addresses put behind a DOI.
const PAGE_ENDINGS: [&str; 10] =
    ["/full/html", "/fulltext", "/full", "/abstract", "/epdf", "/pdf", ".pdf", "/html", "/meta", "/references"];

impl Doi {
    /// Reads a DOI: bare, with `doi:`, as a resolver's or publisher's address, percent- or HTML-encoded, with
    /// invisible characters, blanks, surrounding brackets or closing punctuation. SICI names keep theirs.
    ///
    /// # Errors
    /// [`IdentifierError::Shape`] if no `10.registrant/name` is found.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let plain = visible(&percent_decoded(&entities_resolved(text)));
        let start = find_start(&plain).ok_or(IdentifierError::Shape("a DOI"))?;
        let (before, name) = plain.split_at_checked(start).unwrap_or(("", &plain));
        let name = join_blanks(name);
        let name = cut_end(cut_address(before, &name));
        let (_, suffix) = name.split_once('/').ok_or(IdentifierError::Shape("a DOI"))?;
        if suffix.is_empty() || name.chars().count() > MOST {
            return Err(IdentifierError::Shape("a DOI"));
        }
        Ok(Self { normal: name.to_ascii_lowercase(), display: name.to_owned() })
    }

    /// The form in which DOIs are compared: lower case, without prefix.
    pub fn as_str(&self) -> &str {
        &self.normal
    }

    /// The form for people: the letters' case as it was written.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// The address that it leads to.
    pub fn url(&self) -> String {
        doi_address(&self.display)
    }
}

/// The address that a DOI leads to: the resolver's, percent-encoded where a path needs it (RFC 3986), or where Markdown and
/// XML would not take it as it is.
pub fn doi_address(doi: &str) -> String {
    let mut address = "https://doi.org/".to_owned();
    for byte in doi.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => address.push(byte.into()),
            b'/' | b'.' | b'-' | b'_' | b'(' | b')' | b':' | b';' | b'~' => address.push(byte.into()),
            b'!' | b'$' | b'*' | b'+' | b',' | b'=' | b'@' => address.push(byte.into()),
            _ => address.push_str(&format!("%{byte:02X}")),
        }
    }
    address
}

impl PartialEq for Doi {
    fn eq(&self, other: &Self) -> bool {
        self.normal == other.normal
    }
}

impl Eq for Doi {}

impl std::hash::Hash for Doi {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.normal.hash(state);
    }
}

impl fmt::Display for Doi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.display)
    }
}

impl Serialize for Doi {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.display)
    }
}

/// HTML entities resolved, doubly escaped ones too.
fn entities_resolved(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..2 {
        if !text.contains('&') {
            break;
        }
        for (entity, plain) in [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&#39;", "'"),
            ("&apos;", "'"),
            ("&nbsp;", " "),
            ("&#60;", "<"),
            ("&#62;", ">"),
            ("&#x3c;", "<"),
            ("&#x3e;", ">"),
            ("&#x2f;", "/"),
            ("&#47;", "/"),
            ("&amp;", "&"),
        ] {
            text = text.replace(entity, plain);
        }
    }
    text
}

/// NFC, invisible and control characters dropped, dashes of word processors made hyphens.
fn visible(text: &str) -> String {
    let visible = text.trim().nfc().filter(|c| !is_invisible(*c) && (!c.is_control() || c.is_whitespace()));
    visible.map(|c| if matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}') { '-' } else { c }).collect()
}

fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex = (bytes[i] == b'%').then(|| text.get(i + 1..i + 3)).flatten();
        match hex.filter(|h| h.bytes().all(|b| b.is_ascii_hexdigit())).and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                i += 3;
            }
            None => {
                decoded.push(bytes[i]);
                i += 1;
            }
        }
    }
    match String::from_utf8(decoded) {
        Ok(decoded) if !decoded.contains('\u{FFFD}') => decoded,
        _ => text.to_owned(),
    }
}

/// Offset of the first `10.` + registrant + `/` that no letter or digit runs into.
fn find_start(text: &str) -> Option<usize> {
    text.match_indices("10.").map(|(at, _)| at).find(|&at| {
        let free =
            text.get(..at).unwrap_or_default().chars().next_back().is_none_or(|c| !c.is_ascii_digit() && c != '.');
        free && registrant_follows(text.get(at + 3..).unwrap_or_default())
    })
}

fn registrant_follows(rest: &str) -> bool {
    let Some((registrant, _)) = rest.split_once('/') else { return false };
    let registrant = registrant.trim();
    let first = registrant.split('.').next().unwrap_or_default();
    (4..=9).contains(&first.len())
        && registrant.split('.').all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
}

/// Drops blanks that broke a DOI and cuts at those that end it.
fn join_blanks(name: &str) -> String {
    let mut joined = String::with_capacity(name.len());
    let mut words = name.split_whitespace();
    joined.push_str(words.next().unwrap_or_default());
    for word in words {
        let (last, next) = (joined.chars().next_back(), word.chars().next());
        let last_joins = last.is_some_and(|c| "/-_(<:;".contains(c));
        let next_joins = next.is_some_and(|c| "/-_).>".contains(c));
        let dotted = last == Some('.') && next.is_some_and(|c| c.is_ascii_digit() || c.is_lowercase());
        let digits = last.is_some_and(|c| c.is_ascii_digit()) && word.bytes().all(|b| b.is_ascii_digit());
        if !(last_joins || next_joins || dotted || digits) {
            break;
        }
        joined.push_str(word);
    }
    joined
}

/// In a publisher's address the name ends before its query and page kind; a resolver's address has only the name.
fn cut_address<'a>(before: &str, name: &'a str) -> &'a str {
    let before = before.to_ascii_lowercase();
    let address = before.contains("://") || before.starts_with("www.");
    if !address {
        return name;
    }
    let name = name.split(['?', '#']).next().unwrap_or(name);
    if before.ends_with("doi.org/") {
        return name;
    }
    let name = name.split('&').next().unwrap_or(name);
    PAGE_ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name)
}

/// Cuts closing punctuation and brackets that nothing in the name opens.
fn cut_end(name: &str) -> &str {
    let mut name = name;
    loop {
        let Some(last) = name.chars().next_back() else { return name };
        let unbalanced = match last {
            ')' => surplus(name, '(', ')'),
            ']' => surplus(name, '[', ']'),
            '}' => surplus(name, '{', '}'),
            '>' => surplus(name, '<', '>'),
            '.' | ',' | ';' | ':' | '!' | '?' | '"' | '\'' | '*' | '/' | '|' => true,
            '\u{2018}' | '\u{2019}' | '\u{201C}' | '\u{201D}' | '»' | '«' | '(' | '[' | '{' | '<' | '。' | '、' => {
                true
            }
            _ => false,
        };
        if !unbalanced {
            return name;
        }
        name = name.get(..name.len() - last.len_utf8()).unwrap_or_default();
    }
}

fn surplus(name: &str, open: char, close: char) -> bool {
    name.matches(close).count() > name.matches(open).count()
}
