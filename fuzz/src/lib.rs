//! The pure rooms of ibid, as its crate has them, and what the targets share.

#[path = "../../src/citing/mod.rs"]
pub mod citing;
#[path = "../../src/text/mod.rs"]
pub mod text;

use std::sync::LazyLock;

use citing::bibliography::{self, Style};
use citing::exchange::{Format, read, to_bibtex, to_csl_json, to_ris};
use citing::record::Record;

/// Reads a whole input, and holds what was read to what is promised of it.
///
/// # Panics
/// If a promise is broken.
pub fn exchange(format: Format, input: &[u8]) {
    let mut last = 0;
    for entry in read(format, input) {
        match entry {
            Ok(entry) => {
                assert!(entry.place.entry > 0 && entry.place.line > 0);
                assert!(Record::parse(&entry.record.to_value()).is_ok(), "what is read is a record");
                let studies = [(entry.key.as_deref().unwrap_or("key"), &entry.record)];
                for (format, written) in [
                    (Format::Bibtex, to_bibtex(&studies)),
                    (Format::Ris, to_ris(&studies)),
                    (Format::CslJson, to_csl_json(&studies).to_string()),
                ] {
                    assert_eq!(read(format, written.as_bytes()).count(), 1, "what is written is one entry: {written}");
                }
                last = last.max(entry.place.entry);
            }
            Err(refused) => {
                assert!(!refused.detail.is_empty());
                last = last.max(refused.place.entry);
            }
        }
    }
    // An entry that says something takes a few bytes.
    assert!(last <= input.len() as u64 + 1);
}

/// Three records that make a style choose, sort and tell apart.
static RECORDS: LazyLock<Vec<Record>> = LazyLock::new(|| {
    let input = br#"[
        {"type": "article-journal", "title": "Needling of <i>scars</i>", "author": [{"family": "Berg", "given": "Jan",
         "non-dropping-particle": "van der", "suffix": "Jr."}, {"literal": "A Study Group"}, {"family": "Li"}],
         "container-title": "A Journal", "issued": {"date-parts": [[2009, 1], [2009, 2]]}, "volume": "2", "issue": "1",
         "page": "26-30", "DOI": "10.1000/1", "URL": "https://example.org/", "PMID": "1", "language": "en"},
        {"type": "chapter", "title": "Needling of scars", "author": [{"family": "Berg", "given": "Jan"}],
         "editor": [{"family": "Berg", "given": "Jan"}], "container-title": "A Book", "edition": "2nd", "publisher": "P",
         "issued": {"date-parts": [[2009, 12, 31]], "circa": true}, "accessed": {"date-parts": [[2024, 2, 29]]}},
        {"type": "book", "title": "A season", "issued": {"date-parts": [[-44]], "season": 1}}]"#;
    let records = read(Format::CslJson, &input[..]).map(|entry| entry.map(|entry| entry.record));
    records.collect::<Result<_, _>>().expect("these are records")
});

/// Takes a style as an upload does, and formats with it if it is taken.
///
/// # Panics
/// If a promise is broken.
pub fn style(xml: &str) {
    match Style::upload(xml) {
        Ok(style) => {
            let numbered: Vec<(u32, &Record)> = (1..).zip(RECORDS.iter()).collect();
            for entries in [&numbered[..1], &numbered[..]] {
                let formatted = bibliography::by_number(bibliography::format(&style, None, entries));
                assert!(formatted.iter().map(|entry| entry.number).eq(entries.iter().map(|(number, _)| *number)));
                assert!(formatted.iter().all(|entry| !entry.html.contains("<script")), "the words of a style are text");
            }
        }
        Err(faults) => assert!(!faults.is_empty() && faults.iter().all(|fault| !fault.detail.is_empty())),
    }
}
