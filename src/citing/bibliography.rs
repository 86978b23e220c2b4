//! References in the words of a CSL style.
//!
//! A CSL engine formats; the number of each entry is given to it, never taken from it. Around the engine stand: the style,
//! mended before use (`style`); the record, reduced to what the engine reads correctly (`item`); our own writer, because
//! the engine escapes nothing (`writer`); a clean-up of what punctuation meets (`clean`); and a plain form
//! (`plain`) for an entry that the engine cannot do.

use std::panic::{AssertUnwindSafe, catch_unwind};

use citationberg::LocaleCode;
use citationberg::json::Item;
use hayagriva::{BibliographyDriver, BibliographyItem, BibliographyRequest, CitationItem, CitationRequest};

use super::record::Record;

mod case;
mod clean;
mod item;
mod plain;
mod style;
mod writer;

#[cfg(test)]
mod tests;

pub use style::{Style, UnknownStyle};

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
    /// The engine could not format this record: the entry is a plain one in no particular style.
    pub degraded: bool,
}

/// Formats records in a style.
///
/// `locale` is a language tag such as `en-US`; the style's own or `en-US` stands in for one that is not known. Entries come
/// back in the order given, each with the number given; numbers count from 1. Never fails: see [`Entry::degraded`].
pub fn format(style: Style, locale: &str, entries: &[(u32, &Record)]) -> Vec<Entry> {
    let prepared = style.prepared();
    entries.iter().map(|(number, record)| entry(prepared, locale, *number, record)).collect()
}

fn entry(style: &Prepared, locale: &str, number: u32, record: &Record) -> Entry {
    let item = item::convert(record, style);
    let formatted = catch_unwind(AssertUnwindSafe(|| formatted(style, locale, number, &item)));
    match formatted.ok().flatten() {
        Some((label, body)) => written(number, &label, &body, false),
        None => written(number, &style.plain_label(number), &plain::runs(record), true),
    }
}

/// Label and body of an entry as the engine formats them; `None` if it has no words for the record.
fn formatted(style: &Prepared, locale: &str, number: u32, item: &Item) -> Option<(String, Vec<Run>)> {
    let rendered = rendered(style, locale, number, item)?;
    let (label, body) = writer::take_label(rendered.first_field, rendered.content);
    let label = writer::text(&writer::runs(&label)).trim().to_owned();
    let body = clean::clean(writer::runs(&body));
    let has_words = writer::text(&body).chars().any(char::is_alphanumeric);
    has_words.then_some((label, body))
}

fn rendered(style: &Prepared, locale: &str, number: u32, item: &Item) -> Option<BibliographyItem> {
    let csl = style.csl.as_ref().filter(|_| item::has_content(item))?;
    let before = usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(1);
    let locale = Some(LocaleCode(locale.to_owned()));
    let mut driver = BibliographyDriver::new().with_citation_number_offset(before);
    let cited = vec![CitationItem::with_entry(item)];
    driver.citation(CitationRequest::new(cited, csl, locale.clone(), style::locales(), None));
    let request = BibliographyRequest { style: csl, locale, locale_files: style::locales() };
    driver.finish(request).bibliography?.items.into_iter().next()
}

fn written(number: u32, label: &str, body: &[Run], degraded: bool) -> Entry {
    let (text, html) = (writer::text(body), writer::html(body));
    let (text, html) = match label {
        "" => (text, html),
        label => {
            (format!("{label} {text}"), format!("<span class=\"csl-label\">{}</span> {html}", writer::escape(label)))
        }
    };
    Entry { number, label: label.to_owned(), text, html, degraded }
}
