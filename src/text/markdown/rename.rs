//! Writes another key into the markers of a body.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::markers;
use super::source::without_line_starts;
use crate::citing::fold_key;
use crate::citing::marker::{self, CiteItem, Cluster};

/// The body with `new` in every marker whose key `matches` accepts; all else stays byte for byte.
///
/// As [`rename_keys`]. `None` is the answer too if `new` can be written in no marker; a [`crate::citing::StudyKey`] always
/// can.
pub fn rename_key(body: &str, matches: &dyn Fn(&str) -> bool, new: &str) -> Option<String> {
    let braced = format!("{{{new}}}");
    if marker::key_at(&braced, 0) != Some((new, braced.len())) {
        return None;
    }
    rename_keys(body, &|name| matches(name).then_some(new))
}

/// The body with the key that `new` gives in the place of each name in a marker; names of which it gives none, and all else,
/// stay byte for byte.
///
/// Braces stay, and are added where the text behind the key would be read as part of it. What names of one study make
/// twice in one marker is cited once there, unless both have a prefix, a locator or a suffix and these differ, or Markdown
/// would then read the body otherwise. `None` when nothing changed, which is also so if Markdown would read the body with
/// the new keys otherwise.
pub fn rename_keys<'k>(body: &str, new: &dyn Fn(&str) -> Option<&'k str>) -> Option<String> {
    let rename = Rename { body, new };
    let clusters = markers(body);
    let studies = rename.studies(&clusters);
    let reads_well = |changed: &String| rename.studies(&markers(changed)) == studies;
    let cut = applied(body, clusters.iter().flat_map(|cluster| rename.edits(cluster)))?;
    let whole = || applied(body, clusters.iter().flat_map(|cluster| rename.keys(cluster)));
    Some(cut).filter(reads_well).or_else(|| whole().filter(reads_well))
}

struct Edit {
    at: Range<usize>,
    text: String,
}

/// The body with the edits, which are in order and none inside another; `None` without edits.
fn applied(body: &str, edits: impl Iterator<Item = Edit>) -> Option<String> {
    let mut edits = edits.peekable();
    edits.peek()?;
    let mut changed = String::with_capacity(body.len());
    let mut done = 0;
    for edit in edits {
        changed.push_str(body.get(done..edit.at.start).unwrap_or_default());
        changed.push_str(&edit.text);
        done = edit.at.end;
    }
    changed.push_str(body.get(done..).unwrap_or_default());
    Some(changed)
}

struct Rename<'b, 'k> {
    body: &'b str,
    /// The key that a name becomes.
    new: &'b dyn Fn(&str) -> Option<&'k str>,
}

impl<'k> Rename<'_, 'k> {
    /// What each cluster cites, each study once, by its new key; and whether in running text.
    fn studies(&self, clusters: &[Cluster]) -> Vec<(bool, Vec<String>)> {
        let name = |item: &CiteItem| self.key_of(item).to_owned();
        let cited = |cluster: &Cluster| {
            let mut met = HashSet::new();
            (cluster.narrative, cluster.items.iter().map(name).filter(|name| met.insert(fold_key(name))).collect())
        };
        clusters.iter().map(cited).collect()
    }

    /// The key that the item has in the end.
    fn key_of<'i>(&self, item: &'i CiteItem) -> &'i str
    where
        'k: 'i,
    {
        (self.new)(&item.key).unwrap_or(&item.key)
    }

    /// The key that the item gets instead of the one that it has.
    fn renamed(&self, item: &CiteItem) -> Option<&'k str> {
        (self.new)(&item.key).filter(|new| *new != item.key)
    }

    /// The new keys of one cluster, in order.
    fn keys(&self, cluster: &Cluster) -> Vec<Edit> {
        cluster.items.iter().filter_map(|item| Some(self.key(cluster, item, self.renamed(item)?))).collect()
    }

    /// The new keys of one cluster, without what they make twice.
    fn edits(&self, cluster: &Cluster) -> Vec<Edit> {
        let keys = self.keys(cluster);
        if keys.is_empty() {
            return keys;
        }
        let cuts = self.repeats(cluster);
        let inside = |edit: &Edit| {
            let next = cuts.partition_point(|cut| cut.end < edit.at.end);
            cuts.get(next).is_some_and(|cut| cut.start <= edit.at.start)
        };
        let mut edits: Vec<Edit> = keys.into_iter().filter(|edit| !inside(edit)).collect();
        edits.extend(cuts.iter().map(|cut| Edit { at: cut.clone(), text: String::new() }));
        edits.sort_by_key(|edit| edit.at.start);
        edits
    }

    fn key(&self, cluster: &Cluster, item: &CiteItem, new: &str) -> Edit {
        let source = self.body.get(item.range.clone()).unwrap_or_default();
        let sign = source.find('@').map_or(0, |at| at + 1);
        let start = item.range.start + sign;
        let had_braces = source.get(sign..).is_some_and(|key| key.starts_with('{'));
        let text = if had_braces || self.runs_on(cluster, item, new) { format!("{{{new}}}") } else { new.to_owned() };
        Edit { at: start..item.range.end, text }
    }

    /// Whether the key without braces would be read together with what follows it, or not as a whole.
    fn runs_on(&self, cluster: &Cluster, item: &CiteItem, new: &str) -> bool {
        let in_cluster = self.body.get(item.range.end..cluster.range.end).unwrap_or_default();
        let follows = if in_cluster.is_empty() { self.body.get(item.range.end..) } else { Some(in_cluster) };
        !is_read_alone(new, follows.unwrap_or_default())
    }

    /// The parts of a marker that say nothing more once their key is another one's.
    fn repeats(&self, cluster: &Cluster) -> Vec<Range<usize>> {
        let Some(inner) = self.inner(cluster) else { return Vec::new() };
        let segments = segments(self.body, &inner);
        let own = own_segments(&segments, &cluster.items);
        let renamed: HashSet<String> =
            cluster.items.iter().filter_map(|item| self.renamed(item)).map(fold_key).collect();
        let mut cut = vec![false; segments.len()];
        let mut said_of: HashMap<String, Said<'_>> = HashMap::new();
        let mut previous: Option<(String, &CiteItem, Option<usize>)> = None;
        for (item, own) in cluster.items.iter().zip(own) {
            let study = fold_key(self.key_of(item));
            let before = previous.take().filter(|(before, ..)| *before == study);
            if !renamed.contains(&study) {
                continue;
            }
            let said = said_of.entry(study.clone()).or_default();
            let repeated = said.covers(item);
            if let Some(at) = own.filter(|_| repeated) {
                cut[at] = true;
                previous = before;
                continue;
            }
            if let Some((_, before, Some(at))) = before
                && is_bare(before)
                && before.suppress_author == item.suppress_author
            {
                cut[at] = true;
            }
            said.add(item);
            previous = Some((study, item, own));
        }
        if cut.iter().all(|cut| *cut) && !self.can_lose_brackets(cluster) {
            cut.iter_mut().take(1).for_each(|first| *first = false);
        }
        self.cut_ranges(&inner, &segments, &cut)
    }

    /// Whether a key in running text without its brackets would be read the same with what follows them.
    fn can_lose_brackets(&self, cluster: &Cluster) -> bool {
        let Some(key) = cluster.narrative_item().map(|item| self.key_of(item)) else { return false };
        let after = self.body.get(cluster.range.end..).unwrap_or_default();
        let next = after.trim_start_matches(|c: char| c.is_whitespace() || c == '>');
        !after.trim_start_matches('-').starts_with('@') && !next.starts_with('[') && is_read_alone(key, after)
    }

    /// Bytes between the brackets of a marker.
    fn inner(&self, cluster: &Cluster) -> Option<Range<usize>> {
        let open = match cluster.narrative_item() {
            Some(item) => item.range.end + self.body.get(item.range.end..cluster.range.end)?.find('[')?,
            None => cluster.range.start,
        };
        Some(open + 1..cluster.range.end - 1)
    }

    /// What goes with the parts: their semicolons, and brackets that would be left empty.
    fn cut_ranges(&self, inner: &Range<usize>, segments: &[Range<usize>], cut: &[bool]) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        if !cut.is_empty() && cut.iter().all(|cut| *cut) {
            let before = self.body.get(..inner.start - 1).unwrap_or_default();
            let key_end = before.trim_end_matches(|c: char| c.is_whitespace() || c == '>').len();
            ranges.push(key_end..inner.end + 1);
            return ranges;
        }
        let mut any_left = false;
        for (segment, cut) in segments.iter().zip(cut) {
            match (cut, any_left) {
                (false, _) => any_left = true,
                (true, true) => ranges.push(segment.start - 1..segment.end),
                (true, false) => {
                    let rest = self.body.get(segment.end + 1..inner.end).unwrap_or_default();
                    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
                    ranges.push(segment.start..segment.end + 1 + blanks);
                }
            }
        }
        ranges
    }
}

/// Whether a key, written without braces, is read as itself before this text.
fn is_read_alone(key: &str, follows: &str) -> bool {
    const MOST_READ: usize = 500;
    let near: String = follows.chars().take(MOST_READ).collect();
    marker::key_at(&format!("{key}{near}"), 0) == Some((key, key.len()))
}

fn segments(body: &str, inner: &Range<usize>) -> Vec<Range<usize>> {
    let source = without_line_starts(body.get(inner.clone()).unwrap_or_default());
    marker::segments(&source).into_iter().map(|part| part.start + inner.start..part.end + inner.start).collect()
}

/// For each item the part of the brackets that holds it and no other. Both are in the order of the body.
fn own_segments(segments: &[Range<usize>], items: &[CiteItem]) -> Vec<Option<usize>> {
    let mut at = 0;
    let mut holders = Vec::with_capacity(items.len());
    let mut held = vec![0_usize; segments.len()];
    for item in items {
        while segments.get(at).is_some_and(|segment| segment.end < item.range.end) {
            at += 1;
        }
        let holder = segments.get(at).filter(|segment| segment.start <= item.range.start).map(|_| at);
        if let Some(count) = holder.and_then(|at| held.get_mut(at)) {
            *count += 1;
        }
        holders.push(holder);
    }
    let alone = |at: &usize| held.get(*at) == Some(&1);
    holders.into_iter().map(|holder| holder.filter(alone)).collect()
}

fn is_bare(item: &CiteItem) -> bool {
    item.prefix.is_empty() && item.locator.is_none() && item.suffix.is_empty()
}

/// Whether the author is suppressed, prefix, label and value of the locator, suffix.
type Around<'c> = (bool, &'c str, Option<(&'c str, &'c str)>, &'c str);

/// What the citations of one study in a marker say so far.
#[derive(Default)]
struct Said<'c> {
    /// With and without a suppressed author: what is written around the key.
    around: HashSet<Around<'c>>,
    kinds: HashSet<bool>,
}

impl<'c> Said<'c> {
    fn around(item: &'c CiteItem) -> Around<'c> {
        let locator = item.locator.as_ref().map(|locator| (locator.label.as_str(), locator.value.as_str()));
        (item.suppress_author, &item.prefix, locator, &item.suffix)
    }

    /// Whether another citation would add nothing.
    fn covers(&self, item: &'c CiteItem) -> bool {
        let said_all = is_bare(item) && self.kinds.contains(&item.suppress_author);
        said_all || self.around.contains(&Self::around(item))
    }

    fn add(&mut self, item: &'c CiteItem) {
        self.around.insert(Self::around(item));
        self.kinds.insert(item.suppress_author);
    }
}
