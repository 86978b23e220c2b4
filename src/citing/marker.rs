//! Pandoc's citation syntax: `[see @a, p. 3; @b]`, and in running text `@a` and `@a [p. 3; @b]`.
//!
//! Finding brackets and running text in Markdown is `text`'s work; what they cite is read here.

use std::ops::Range;

mod locator;
mod narrative;

pub use locator::{LABELS, Locator};
pub use narrative::NarrativeKey;

/// One bracketed group of citations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Bytes of the group in the section's body, brackets included; in running text from the `@` (or `-@`).
    pub range: Range<usize>,
    /// What is cited, in the order written; never empty.
    pub items: Vec<CiteItem>,
    /// Its first item is written in running text, `@a` or `@a [p. 3; @b]`: the sentence names the author.
    pub narrative: bool,
    /// Mistakes that did not hide anything but that the editor should mend.
    pub faults: Vec<MarkerFault>,
}

impl Cluster {
    /// The item in running text. Its key may be no citation at all: people also write `@name` of social networks.
    pub fn narrative_item(&self) -> Option<&CiteItem> {
        self.items.first().filter(|_| self.narrative)
    }

    /// The items in brackets: each is meant as a citation, and a key that names no study is a mistake.
    pub fn bracketed_items(&self) -> &[CiteItem] {
        self.items.get(usize::from(self.narrative)..).unwrap_or_default()
    }
}

/// One cited key with what is written around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CiteItem {
    /// The key as written, without `@` and braces.
    pub key: String,
    /// Text before the key, e.g. `see`.
    pub prefix: String,
    /// Where in the study.
    pub locator: Option<Locator>,
    /// Text after key and locator.
    pub suffix: String,
    /// Written `-@key`: the author is named in the sentence already.
    pub suppress_author: bool,
    /// Bytes of the `@key` in the section's body, from the `@` (or `-@`) to the end of the key.
    pub range: Range<usize>,
}

/// A mistake inside a marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MarkerFault {
    /// Two keys are separated by something else than a semicolon: `[@a, @b]`. Both are cited all the same.
    MissingSemicolon {
        /// The key that should stand after a semicolon.
        key: String,
        /// Bytes of that key in the section's body.
        range: Range<usize>,
    },
    /// A part between semicolons has no key: `[@a; p. 3]`. It is shown with the key beside it.
    PartWithoutKey {
        /// The part, white space collapsed.
        text: String,
        /// Bytes of the part in the section's body.
        range: Range<usize>,
    },
}

impl MarkerFault {
    /// A stable name for API answers.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MissingSemicolon { .. } => "marker_missing_semicolon",
            Self::PartWithoutKey { .. } => "marker_part_without_key",
        }
    }

    /// The bytes concerned in the section's body.
    pub fn range(&self) -> Range<usize> {
        match self {
            Self::MissingSemicolon { range, .. } | Self::PartWithoutKey { range, .. } => range.clone(),
        }
    }

    /// What is wrong and what to write instead.
    pub fn detail(&self) -> String {
        match self {
            Self::MissingSemicolon { key, .. } => {
                format!("separate keys in a marker by semicolons: write `; @{key}`")
            }
            Self::PartWithoutKey { text, .. } => {
                format!("a semicolon begins the next key, but {text:?} has none; put a comma there")
            }
        }
    }
}

/// Reads the text between two brackets; `None` if it cites nothing.
///
/// `inner` is what stands between the brackets and `at` the offset of the opening bracket in the body, so
/// that all ranges in the answer are offsets in the body. Code spans and backslash escapes in `inner` hide a `@`.
pub fn parse_cluster(inner: &str, at: usize) -> Option<Cluster> {
    let base = at + 1;
    let range = at..base + inner.len() + 1;
    let mut cluster = Cluster { range, items: Vec::new(), narrative: false, faults: Vec::new() };
    read_segments(inner, base, &mut cluster);
    let cited = !cluster.items.is_empty();
    cited.then_some(cluster)
}

/// The parts between the semicolons of what stands in brackets.
pub(crate) fn segments(inner: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let ends = separators(inner, &live_bytes(inner)).chain([inner.len()]).collect::<Vec<_>>();
    let ranges = ends.into_iter().map(|end| std::mem::replace(&mut start, end + 1)..end);
    ranges.collect()
}

/// Reads what stands in brackets and adds what it cites to the cluster.
fn read_segments(inner: &str, base: usize, cluster: &mut Cluster) {
    let live = live_bytes(inner);
    let mut waiting = String::new();
    for segment in segments(inner) {
        let before = cluster.items.len();
        read_segment(inner, &live, segment.clone(), base, cluster);
        let Some(first) = cluster.items.get_mut(before) else {
            keyless(inner, segment, base, cluster, &mut waiting);
            continue;
        };
        if !waiting.is_empty() {
            first.prefix = [std::mem::take(&mut waiting), std::mem::take(&mut first.prefix)].concat().trim().to_owned();
        }
    }
}

/// A part without a key goes with the key before it or, at the beginning, with the first one.
fn keyless(inner: &str, segment: Range<usize>, base: usize, cluster: &mut Cluster, waiting: &mut String) {
    let source = inner.get(segment.clone()).unwrap_or_default();
    let text = words(source);
    if text.is_empty() {
        return;
    }
    let range = segment.start + base..segment.end + base;
    match cluster.items.last_mut() {
        None => waiting.push_str(&format!("{text}; ")),
        Some(last) if last.locator.is_none() && last.suffix.is_empty() => {
            let (locator, suffix) = locator::split(source);
            (last.locator, last.suffix) = (locator, words(suffix));
        }
        Some(last) if last.suffix.is_empty() => last.suffix.clone_from(&text),
        Some(last) => last.suffix.push_str(&format!("; {text}")),
    }
    // Behind a key of running text the brackets begin with what belongs to it.
    if !(cluster.narrative && cluster.items.len() == 1 && segment.start == 0) {
        cluster.faults.push(MarkerFault::PartWithoutKey { text, range });
    }
}

/// A key found in the text: its sign, its name, and where they stand.
struct Found<'a> {
    key: &'a str,
    suppress_author: bool,
    range: Range<usize>,
}

fn read_segment(inner: &str, live: &[bool], segment: Range<usize>, base: usize, cluster: &mut Cluster) {
    let found = find_keys(inner, live, segment.clone());
    let mut before = segment.start;
    for (i, this) in found.iter().enumerate() {
        let after = found.get(i + 1).map_or(segment.end, |next| next_start(inner, this, next));
        let (locator, suffix) = locator::split(inner.get(this.range.end..after).unwrap_or_default());
        let range = this.range.start + base..this.range.end + base;
        if i > 0 {
            cluster.faults.push(MarkerFault::MissingSemicolon { key: this.key.to_owned(), range: range.clone() });
        }
        cluster.items.push(CiteItem {
            key: this.key.to_owned(),
            prefix: words(inner.get(before..this.range.start).unwrap_or_default()),
            locator,
            suffix: words(suffix),
            suppress_author: this.suppress_author,
            range,
        });
        before = after;
    }
}

/// Where the text belonging to `next` begins when no semicolon says so: after the last comma before it.
fn next_start(inner: &str, this: &Found<'_>, next: &Found<'_>) -> usize {
    let between = inner.get(this.range.end..next.range.start).unwrap_or_default();
    between.rfind(',').map_or(next.range.start, |comma| this.range.end + comma + 1)
}

/// Collapses white space, resolves backslash escapes and cuts commas left at the ends.
fn words(text: &str) -> String {
    let joined = unescaped(text).split_whitespace().collect::<Vec<_>>().join(" ");
    joined.trim_matches([',', ' ']).to_owned()
}

fn unescaped(text: &str) -> String {
    let mut chars = text.chars().peekable();
    let mut plain = String::with_capacity(text.len());
    while let Some(c) = chars.next() {
        let escape = c == '\\' && chars.peek().is_some_and(char::is_ascii_punctuation);
        plain.extend(if escape { chars.next() } else { Some(c) });
    }
    plain
}

/// For each byte whether it can be syntax: not inside a code span, not escaped.
fn live_bytes(inner: &str) -> Vec<bool> {
    let bytes = inner.as_bytes();
    let mut live = vec![true; bytes.len()];
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            b'\\' => {
                live[i..(i + 2).min(bytes.len())].fill(false);
                i += 2;
            }
            b'`' => {
                let ticks = bytes[i..].iter().take_while(|b| **b == b'`').count();
                let end = code_end(bytes, i + ticks, ticks).unwrap_or(i + ticks);
                live[i..end].fill(false);
                i = end;
            }
            _ => i += 1,
        }
    }
    live
}

fn code_end(bytes: &[u8], mut i: usize, ticks: usize) -> Option<usize> {
    while i < bytes.len() {
        let run = bytes[i..].iter().take_while(|b| **b == b'`').count();
        if run == ticks {
            return Some(i + run);
        }
        i += run.max(1);
    }
    None
}

/// Offsets of the semicolons that separate citations: live and outside the braces of `@{…}`.
fn separators<'a>(inner: &'a str, live: &'a [bool]) -> impl Iterator<Item = usize> + 'a {
    let mut inside_until = 0;
    inner.char_indices().filter_map(move |(i, c)| {
        if i >= inside_until
            && c == '@'
            && live[i]
            && let Some((_, end)) = key_at(inner, i + 1)
        {
            inside_until = end;
        }
        (c == ';' && live[i] && i >= inside_until).then_some(i)
    })
}

fn find_keys<'a>(inner: &'a str, live: &[bool], segment: Range<usize>) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    let mut from = segment.start;
    while let Some(offset) = inner.get(from..segment.end).and_then(|rest| rest.find('@')) {
        let sign = from + offset;
        from = sign + 1;
        let before = inner.get(segment.start..sign).unwrap_or_default();
        let suppress_author = before.ends_with('-') && stands_free(before.trim_end_matches('-'));
        let behind_braces = before.trim_end_matches('-').ends_with('}');
        if !live[sign] || behind_braces || !(suppress_author || stands_free(before)) {
            continue;
        }
        if let Some((key, end)) = key_at(inner, sign + 1).filter(|(_, end)| *end <= segment.end) {
            let start = sign - usize::from(suppress_author);
            found.push(Found { key, suppress_author, range: start..end });
            from = end;
        }
    }
    found
}

/// Whether a `@` after this text can begin a citation: `me@x.com` is none.
fn stands_free(before: &str) -> bool {
    before.chars().next_back().is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '.' | '_' | '-' | '/' | '@' | '+'))
}

/// The key that begins at `start`, with its braces if it has them, and the offset behind it.
pub(crate) fn key_at(inner: &str, start: usize) -> Option<(&str, usize)> {
    let rest = inner.get(start..)?;
    if let Some(braced) = rest.strip_prefix('{') {
        let end = braced.find(['}', '{', '\n', '@']).filter(|end| braced[*end..].starts_with('}'))?;
        let key = braced.get(..end)?.trim();
        return (!key.is_empty()).then_some((key, start + end + 2));
    }
    let length = match is_doi(rest) {
        true => doi_length(rest),
        false => plain_length(rest),
    };
    let key = rest.get(..length).filter(|key| !key.is_empty())?;
    Some((key, start + length))
}

fn is_doi(rest: &str) -> bool {
    rest.get(..7).is_some_and(|head| head.eq_ignore_ascii_case("doi:10."))
}

/// Pandoc's rule: begins with a letter, a digit or `_`; punctuation only single and only inside, save `//` as in
/// `https://`.
fn plain_length(rest: &str) -> usize {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || is_mark(c);
    let mut length = 0;
    let mut pending = 0;
    let mut last = ' ';
    for c in rest.chars() {
        let of_address = c == '/' && matches!(last, ':' | '/');
        if is_word(c) && !(length == 0 && is_mark(c)) {
            length += pending + c.len_utf8();
            pending = 0;
        } else if length > 0 && (pending == 0 || of_address) && ":.#$%&-+?<>~/".contains(c) {
            pending += c.len_utf8();
        } else {
            break;
        }
        last = c;
    }
    length
}

/// A combining mark continues the letter before it, so that a decomposed key is read whole.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// A DOI runs to white space, a comma, a semicolon or an unbalanced bracket, less closing punctuation.
fn doi_length(rest: &str) -> usize {
    let mut open: Vec<usize> = Vec::new();
    let mut length = rest.len();
    for (i, c) in rest.char_indices() {
        let ends = match c {
            '(' | '<' | '[' => {
                open.push(i);
                false
            }
            ')' | '>' | ']' => open.pop().is_none(),
            ',' | '{' | '}' | '`' | '\\' | '@' => true,
            ';' => open.is_empty() && !rest.get(i + 1..).is_some_and(|after| after.starts_with("2-")),
            _ => c.is_whitespace(),
        };
        if ends {
            length = i;
            break;
        }
    }
    let balanced = open.first().map_or(length, |open| length.min(*open));
    rest.get(..balanced).map_or(0, |doi| doi.trim_end_matches(['.', ':', ';', '?', '!']).len())
}

#[cfg(test)]
mod tests;
