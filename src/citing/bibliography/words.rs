//! Citations in running text, in words: `(Majid, 2009, p. 3; Alster & Graham, 2018)`.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use citationberg::taxonomy;
use hayagriva::{LocatorPayload, SpecificLocator};

use super::engine::{self, Cited, Piece, Printed};
use super::list::List;
use super::style::{Prepared, Style};
use super::writer::{self, Run};
use super::{clean, in_order, locale};
use crate::citing::in_text::{CitedCluster, CitedItem, InText, Part};
use crate::citing::marker::Locator;
use crate::citing::record::Record;

/// The citations of an article as readers see them, in the words of an author-date, author or label style.
///
/// `entries` are the studies of the article with their numbers, as for [`super::format`], with which it agrees on the letters
/// behind years; `clusters` are all its citations in the order of reading. There is one answer for each cluster, and the texts
/// of an answer's parts together are its whole text. A part that names a study carries its number; brackets and separators
/// carry none. A single study cited in a sentence, `Majid (2009, p. 3)`, is one part.
///
/// Groups are sorted and collapsed as the style says, unless an author is suppressed or named in the sentence, or words stand
/// around a study: then they keep the order written, or are not collapsed. A study that is not among `entries`, or that the
/// engine cannot cite, is shown by its first author and year, or by its number.
///
/// Not meant for numeric and note styles ([`Style::in_text_kind`]): it prints what their engine would, one number at a time.
pub fn in_text(
    style: &Style,
    locale: Option<&str>,
    entries: &[(u32, &Record)],
    clusters: &[CitedCluster],
) -> Vec<InText> {
    let locale = locale::choose(locale, style.info().default_locale.as_deref());
    let entries = in_order(entries);
    let records: HashMap<u32, &Record> = entries.iter().copied().collect();
    let Some(prepared) = style.prepared() else {
        return clusters.iter().map(|cluster| plainly(&records, cluster)).collect();
    };
    let places = entries.iter().enumerate().map(|(at, (number, _))| (*number, at)).collect();
    let list = List::new(prepared, locale, entries.iter().map(|(_, record)| *record).collect());
    let mut text = Text { style: prepared, locale, list: &list, places, seen: Vec::new() };
    clusters.iter().map(|cluster| text.cluster(cluster).unwrap_or_else(|| plainly(&records, cluster))).collect()
}

/// The running text up to a citation.
struct Text<'a> {
    style: &'a Prepared,
    locale: &'static str,
    list: &'a List<'a>,
    places: HashMap<u32, usize>,
    /// What was cited so far, in order: place in the list, locator.
    seen: Vec<(usize, Option<Locator>)>,
}

/// A printed cluster before it is written.
struct Phrase(Vec<(Option<u32>, Vec<Run>)>);

impl Text<'_> {
    fn cluster(&mut self, cluster: &CitedCluster) -> Option<InText> {
        let values: Vec<String> = cluster.items.iter().map(|item| place_value(item.locator.as_ref())).collect();
        let printed = catch_unwind(AssertUnwindSafe(|| self.phrase(cluster, &values))).ok().flatten();
        for item in &cluster.items {
            if let Some(at) = self.places.get(&item.number) {
                self.seen.push((*at, item.locator.clone()));
            }
        }
        printed.map(Phrase::written).filter(|text| names_all(text, cluster))
    }

    fn phrase(&self, cluster: &CitedCluster, values: &[String]) -> Option<Phrase> {
        let items: Vec<(&CitedItem, Cited<'_>)> = cluster
            .items
            .iter()
            .zip(values)
            .map(|(item, value)| Some((item, self.cited(item, value)?)))
            .collect::<Option<_>>()?;
        match items.as_slice() {
            [] => None,
            [(item, cited), rest @ ..] if cluster.narrative => self.narrative(item, cited, rest),
            all if all.iter().any(|(item, _)| item.suppress_author) => self.in_order(all),
            all => self.together(all),
        }
    }

    fn cited<'s>(&'s self, item: &CitedItem, value: &'s str) -> Option<Cited<'s>> {
        let at = *self.places.get(&item.number)?;
        let label = item.locator.as_ref().and_then(|locator| locator.label.parse::<taxonomy::Locator>().ok());
        let locator = label.map(|label| SpecificLocator(label, LocatorPayload::Str(value)));
        Some(Cited { item: self.list.item(at)?, locator })
    }

    /// A group as the style prints groups.
    fn together(&self, items: &[(&CitedItem, Cited<'_>)]) -> Option<Phrase> {
        let apart = items.iter().any(|(item, _)| !item.prefix.is_empty() || !item.suffix.is_empty());
        let cited: Vec<Cited<'_>> = items.iter().map(|(_, cited)| cited.clone()).collect();
        let printed = if apart { Printed::Apart } else { Printed::Together };
        let pieces = engine::group(self.style, self.locale, &self.before(&cited), &cited, printed);
        let mut phrase = Phrase(Vec::new());
        for Piece { of, runs } in pieces {
            match of.and_then(|at| items.get(at)) {
                Some((item, _)) => {
                    phrase.push(Some(item.number), affixed(item, clean::clean(runs, locale::spoken(self.locale).habit)))
                }
                None => phrase.push(None, runs),
            }
        }
        Some(phrase)
    }

    /// A group in the order written, authors suppressed where that is asked for.
    fn in_order(&self, items: &[(&CitedItem, Cited<'_>)]) -> Option<Phrase> {
        let layout = &self.style.csl.citation.layout;
        let mut phrase = Phrase(Vec::new());
        phrase.push(None, plain(layout.prefix.as_deref().unwrap_or_default()));
        self.items_in_order(items, &mut phrase)?;
        phrase.push(None, plain(layout.suffix.as_deref().unwrap_or_default()));
        Some(phrase)
    }

    fn items_in_order(&self, items: &[(&CitedItem, Cited<'_>)], phrase: &mut Phrase) -> Option<()> {
        for (n, (item, cited)) in items.iter().enumerate() {
            if n > 0 {
                phrase.push(None, plain(self.style.csl.citation.layout.delimiter.as_deref().unwrap_or("; ")));
            }
            let mut runs = self.piece(cited, Printed::Apart)?;
            if item.suppress_author {
                let rest = without_author(&runs, &self.piece(cited, Printed::Authors).unwrap_or_default());
                runs = rest.filter(|rest| !rest.is_empty()).unwrap_or(runs);
            }
            phrase.push(Some(item.number), affixed(item, runs));
        }
        Some(())
    }

    /// `Majid (2009, p. 3)`: the author belongs to the sentence, the rest stands in brackets.
    fn narrative(&self, item: &CitedItem, cited: &Cited<'_>, rest: &[(&CitedItem, Cited<'_>)]) -> Option<Phrase> {
        let whole = self.piece(cited, Printed::Apart)?;
        let author = self.piece(cited, Printed::Authors).unwrap_or_default();
        let layout = &self.style.csl.citation.layout;
        let open = layout.prefix.as_deref().filter(|prefix| !prefix.is_empty()).unwrap_or("(");
        let close = layout.suffix.as_deref().filter(|suffix| !suffix.is_empty()).unwrap_or(")");
        let mut phrase = Phrase(Vec::new());
        let within = match without_author(&whole, &author) {
            Some(within) => {
                phrase.push(Some(item.number), author);
                within
            }
            None if author.is_empty() => whole,
            // A label style names no author: the sentence does.
            None => {
                phrase.push(Some(item.number), author);
                whole
            }
        };
        let within = affixed(item, within);
        if !within.is_empty() || !rest.is_empty() {
            let blank = if phrase.0.is_empty() || open.starts_with(char::is_whitespace) { "" } else { " " };
            phrase.push(None, plain(&format!("{blank}{open}")));
            phrase.push((!within.is_empty()).then_some(item.number), within.clone());
            if !rest.is_empty() && !within.is_empty() {
                phrase.push(None, plain(layout.delimiter.as_deref().unwrap_or("; ")));
            }
            self.items_in_order(rest, &mut phrase)?;
            phrase.push(None, plain(close));
        }
        Some(if rest.is_empty() { phrase.into_one(item.number) } else { phrase })
    }

    /// What is printed of one study, without brackets.
    fn piece(&self, cited: &Cited<'_>, printed: Printed) -> Option<Vec<Run>> {
        let cited = std::slice::from_ref(cited);
        let pieces = engine::group(self.style, self.locale, &self.before(cited), cited, printed);
        let runs = pieces.into_iter().find(|piece| piece.of.is_some())?.runs;
        Some(clean::clean(runs, locale::spoken(self.locale).habit))
    }

    /// What the engine must know of to print these: what they are told apart from and, in styles that say `ibid.`, what was
    /// cited before.
    fn before<'s>(&'s self, cited: &[Cited<'_>]) -> Vec<Cited<'s>> {
        let places: Vec<usize> = cited.iter().filter_map(|c| c.item.0.get("id")?.to_str()?.parse().ok()).collect();
        let mut before: Vec<usize> = places.iter().flat_map(|at| self.list.alike(*at)).copied().collect();
        if self.style.has_positions {
            before.extend(places.iter().filter(|at| self.seen.iter().any(|(seen, _)| seen == *at)));
        }
        let mut kept = std::collections::HashSet::new();
        before.retain(|at| kept.insert(*at));
        before.iter().filter_map(|at| Some(Cited { item: self.list.item(*at)?, locator: None })).collect()
    }
}

impl Phrase {
    fn push(&mut self, number: Option<u32>, runs: Vec<Run>) {
        if runs.iter().any(|run| !run.text.is_empty()) {
            self.0.push((number, runs));
        }
    }

    /// All of it as what is said of one study.
    fn into_one(self, number: u32) -> Self {
        Self(vec![(Some(number), self.0.into_iter().flat_map(|(_, runs)| runs).collect())])
    }

    fn written(self) -> InText {
        let part = |(number, runs): (Option<u32>, Vec<Run>)| {
            let runs: Vec<Run> = runs.into_iter().map(|run| Run { link: None, ..run }).collect();
            Part { number, html: writer::html(&runs), text: writer::text(&runs) }
        };
        InText { parts: self.0.into_iter().map(part).collect() }
    }
}

/// Whether each study of a cluster is named in what was printed of it.
fn names_all(text: &InText, cluster: &CitedCluster) -> bool {
    cluster.items.iter().all(|item| text.parts.iter().any(|part| part.number == Some(item.number)))
}

fn plain(text: &str) -> Vec<Run> {
    vec![Run::plain(text)]
}

/// The words around a study, with what is printed of it.
fn affixed(item: &CitedItem, mut runs: Vec<Run>) -> Vec<Run> {
    if !item.prefix.is_empty() {
        runs.insert(0, Run::plain(writer::without_marks(&format!("{} ", item.prefix))));
    }
    if !item.suffix.is_empty() {
        let joint = match item.suffix.chars().next() {
            Some(c) if c.is_alphanumeric() && !runs.is_empty() => ", ",
            Some(',' | ';' | ':' | '.') | None => "",
            Some(_) => " ",
        };
        runs.push(Run::plain(writer::without_marks(&format!("{joint}{}", item.suffix))));
    }
    runs
}

/// What follows the author; `None` if it does not begin with the author.
fn without_author(whole: &[Run], author: &[Run]) -> Option<Vec<Run>> {
    let name = writer::text(author);
    let name = name.trim();
    let rest = writer::text(whole).strip_prefix(name).filter(|_| !name.is_empty())?.to_owned();
    let rest = rest.trim_start_matches([',', '.', ';', ':', ' ', '\u{a0}']);
    let mut cut = writer::text(whole).len() - rest.len();
    let mut runs = Vec::new();
    for run in whole {
        let kept = run.text.get(cut.min(run.text.len())..).unwrap_or_default();
        cut = cut.saturating_sub(run.text.len());
        if !kept.is_empty() {
            runs.push(Run { text: kept.to_owned(), ..run.clone() });
        }
    }
    Some(runs)
}

/// A locator's value as it is printed.
fn place_value(locator: Option<&Locator>) -> String {
    let value = locator.map(|locator| locator.value.as_str()).unwrap_or_default();
    writer::without_marks(value).replace("--", "–").replace('-', "–")
}

/// A cluster in no particular style.
fn plainly(records: &HashMap<u32, &Record>, cluster: &CitedCluster) -> InText {
    let mut phrase = Phrase(Vec::new());
    phrase.push(None, plain("("));
    for (n, item) in cluster.items.iter().enumerate() {
        if n > 0 {
            phrase.push(None, plain("; "));
        }
        let record = records.get(&item.number);
        let year = record.and_then(|record| record.year()).map(|year| year.to_string());
        let author = record.and_then(|record| record.first_author_family()).map(writer::without_marks);
        let place = item.locator.as_ref().map(|locator| writer::without_marks(&locator.display()));
        let name = author.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| item.number.to_string());
        let words = [Some(name), year, place].into_iter().flatten().collect::<Vec<_>>().join(", ");
        phrase.push(Some(item.number), affixed(item, plain(&words)));
    }
    phrase.push(None, plain(")"));
    phrase.written()
}
