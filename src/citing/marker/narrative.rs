//! Citations in running text: `@a says`, `@a [p. 3]`, `@a [p. 3; @b]`, `-@a`.

use std::ops::Range;

use super::{CiteItem, Cluster, key_at, read_segments, stands_free};

/// A key in running text, before it is known whether brackets follow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NarrativeKey<'t> {
    /// The key as written, without `@` and braces.
    pub key: &'t str,
    /// Written `-@key`.
    pub suppress_author: bool,
    /// Its bytes, from the `@` (or `-@`) to the end of the key.
    pub range: Range<usize>,
}

impl<'t> NarrativeKey<'t> {
    /// The key whose `@` is at `sign` in `text`; what stands before `from` is not looked at.
    ///
    /// `text` ends where running text does. `me@x.com` and `@name@server` are addresses, not citations; whether a slash
    /// before the sign is part of one is for the caller to know.
    pub fn at(text: &'t str, from: usize, sign: usize) -> Option<Self> {
        let before = text.get(from..sign)?;
        let suppress_author = before.ends_with('-') && stands_free(before.trim_end_matches('-'));
        let behind_braces = before.trim_end_matches('-').ends_with('}');
        if behind_braces || !(suppress_author || before.ends_with('/') || stands_free(before)) {
            return None;
        }
        let (key, end) = key_at(text, sign + 1)?;
        let goes_on = text.get(end..)?.strip_prefix('@').is_some_and(|rest| key_at(rest, 0).is_some());
        (!goes_on).then(|| Self { key, suppress_author, range: sign - usize::from(suppress_author)..end })
    }

    /// The cluster of this key and of the brackets behind it: what stands in them and the offset of `[`.
    ///
    /// Text in the brackets up to a semicolon belongs to this key; everything with a key of its own is cited beside it.
    pub fn with_brackets(self, brackets: Option<(&str, usize)>) -> Cluster {
        let item = CiteItem {
            key: self.key.to_owned(),
            prefix: String::new(),
            locator: None,
            suffix: String::new(),
            suppress_author: self.suppress_author,
            range: self.range.clone(),
        };
        let mut cluster = Cluster { range: self.range, items: vec![item], narrative: true, faults: Vec::new() };
        if let Some((inner, at)) = brackets {
            cluster.range.end = at + inner.len() + 2;
            read_segments(inner, at + 1, &mut cluster);
        }
        cluster
    }
}
