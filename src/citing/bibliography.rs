//! References in the words of a CSL style.
//!
//! A CSL engine formats; the number of each entry is given to it, never taken from it. Around the engine stand: the style,
//! mended before use (`style`); the record, reduced to what the engine reads correctly (`item`); our own writer, because
//! the engine escapes nothing (`writer`); a clean-up of what punctuation meets (`clean`); and a plain form
//! (`plain`) for an entry that the engine cannot do.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::record::Record;

mod case;
mod clean;
mod dates;
mod engine;
mod item;
mod list;
mod locale;
mod plain;
mod style;
mod words;
mod writer;

#[cfg(test)]
mod tests;

pub use locale::{choose as choose_locale, find as find_locale, locales};
pub use style::{
    InTextKind, Licence, MOST_BYTES, Style, StyleClass, StyleFault, StyleInfo, UnknownStyle, bundled, bundled_names,
};
pub use words::in_text;

use list::List;
use style::Prepared;
use writer::Run;

/// One formatted reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The study's number in the article, as given.
    pub number: u32,
    /// The number as the style prints it, e.g. `1.` or `[1]`; empty in styles without numbers.
    pub label: String,
    /// The whole entry as plain text, the label first.
    pub text: String,
    /// The whole entry as HTML, the label in `<span class="csl-label">`; links only to http, https and mailto.
    pub html: String,
    /// The engine could not format this record, or the style has no bibliography: the entry is a plain one in no
    /// particular style.
    pub degraded: bool,
}

/// Formats the references of an article in a style.
///
/// `locale` is a language tag; [`choose_locale`] tells which locale it leads to (without one, the style's own). Each record
/// comes with its number, counted from 1, and each comes back exactly once. The answer has the order in which the style
/// prints them: that of the numbers in numeric styles (whatever they would sort by: the numbers are ours), that of the
/// style's bibliography in others; [`by_number`] gives the other one.
///
/// In styles without numbers, entries that would be cited alike are told apart (2019a, 2019b), sixty at most of one kind, and
/// lists of more than 300 are sorted by first author, year and title instead of the style's rules. So the time this takes
/// grows with the number of entries only. Never fails: see [`Entry::degraded`].
pub fn format(style: &Style, locale: Option<&str>, entries: &[(u32, &Record)]) -> Vec<Entry> {
    let locale = locale::choose(locale, style.info().default_locale.as_deref());
    match style.prepared().filter(|prepared| prepared.csl.bibliography.is_some()) {
        Some(prepared) if prepared.one_by_one => {
            by_number(entries.iter().map(|(number, record)| entry(prepared, locale, *number, record)).collect())
        }
        Some(prepared) => whole(prepared, locale, entries),
        None => by_number(entries.iter().map(|(number, record)| plainly(*number, "", record)).collect()),
    }
}

/// The entry under another number, as the style would print it: in styles with numbers nothing but the label depends on
/// the number. `None` where the label is not just the number.
pub fn renumbered(style: &Style, entry: &Entry, number: u32) -> Option<Entry> {
    let prepared = style.prepared().filter(|prepared| prepared.one_by_one)?;
    let (before, after) = (prepared.plain_label(entry.number), prepared.plain_label(number));
    if before.is_empty() || before != entry.label {
        return None;
    }
    let text = entry.text.strip_prefix(&before)?;
    let html = entry.html.strip_prefix(&labelled(&before))?;
    let (text, html) = (format!("{after}{text}"), format!("{}{html}", labelled(&after)));
    Some(Entry { number, label: after, text, html, degraded: entry.degraded })
}

fn labelled(label: &str) -> String {
    format!("<span class=\"csl-label\">{}</span>", writer::escape(label))
}

/// The entries in the order of their numbers.
pub fn by_number(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by_key(|entry| entry.number);
    entries
}

fn whole(style: &Prepared, locale: &'static str, entries: &[(u32, &Record)]) -> Vec<Entry> {
    let entries = in_order(entries);
    let list = List::new(style, locale, entries.iter().map(|(_, record)| *record).collect());
    let order = list.order();
    let mut bodies = list.bodies(&order);
    let entry = |at: usize| {
        let (number, record) = entries.get(at)?;
        Some(match bodies.get_mut(at).and_then(Option::take) {
            Some(body) => written(*number, "", &body, false),
            None => plainly(*number, "", record),
        })
    };
    order.into_iter().filter_map(entry).collect()
}

/// Records in the order of their numbers, on which nothing else that is decided here depends.
fn in_order<'r>(entries: &[(u32, &'r Record)]) -> Vec<(u32, &'r Record)> {
    let mut entries = entries.to_vec();
    entries.sort_by_key(|(number, _)| *number);
    entries
}

fn entry(style: &Prepared, locale: &str, number: u32, record: &Record) -> Entry {
    let item = item::convert(record, style, locale::spoken(locale).habit);
    let until = item::until(record, &item);
    let words = dates::words(record);
    let dated = engine::Dated { item: &item, until: until.as_ref(), words: words.as_deref() };
    let formatted = catch_unwind(AssertUnwindSafe(|| engine::alone(style, locale, number, dated)));
    match formatted.ok().flatten() {
        Some((label, body)) => written(number, &label, &body, false),
        None => plainly(number, &style.plain_label(number), record),
    }
}

fn plainly(number: u32, label: &str, record: &Record) -> Entry {
    written(number, label, &plain::runs(record), true)
}

fn written(number: u32, label: &str, body: &[Run], degraded: bool) -> Entry {
    let (text, html) = (writer::text(body), writer::html(body));
    let (text, html) = match label {
        "" => (text, html),
        label => (format!("{label} {text}"), format!("{} {html}", labelled(label))),
    };
    Entry { number, label: label.to_owned(), text, html, degraded }
}
