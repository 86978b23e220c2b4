//! An entry in no particular style, for a record that the engine cannot format: what there is, in a fixed order.

use super::writer::{Run, marked, safe_link, without_marks};
use crate::citing::record::Record;

/// Names shown before `et al.`
const MOST_NAMES: usize = 6;

/// Authors, title, container, year and identifiers, as far as the record has them; never empty.
pub(super) fn runs(record: &Record) -> Vec<Run> {
    let mut sentences: Vec<String> = Vec::new();
    let authors = record.authors();
    if !authors.is_empty() {
        let mut names: Vec<String> = authors.iter().take(MOST_NAMES).map(|name| name.display()).collect();
        names.extend((authors.len() > MOST_NAMES).then(|| "et al".to_owned()));
        sentences.push(names.join(", "));
    }
    sentences.extend(record.title().map(plain));
    sentences.extend(record.container_title().map(plain));
    sentences.extend(record.year().map(|year| year.to_string()));
    sentences.extend(record.doi().map(|doi| format!("doi:{}", doi.display())));
    sentences.extend(record.pmid().map(|pmid| format!("PMID: {pmid}")));
    if sentences.is_empty() && record.text("URL").is_none() {
        sentences.extend(record.text("note").or_else(|| record.text("publisher")).map(plain));
    }
    let mut runs: Vec<Run> =
        sentences.into_iter().map(|s| Run::plain(format!("{}. ", s.trim_end_matches('.')))).collect();
    if let Some(url) = record.text("URL") {
        runs.push(Run { link: safe_link(url), ..Run::plain(without_marks(url)) });
    }
    if runs.is_empty() {
        runs.push(Run::plain(format!("Untitled {}.", record.item_type().replace(['-', '_'], " "))));
    }
    if let Some(last) = runs.last_mut() {
        last.text.truncate(last.text.trim_end().len());
    }
    runs
}

fn plain(text: &str) -> String {
    without_marks(&marked(&text.split_whitespace().collect::<Vec<_>>().join(" ")))
}
