//! The pure rooms of ibid, as its crate has them, and what the targets share.

#[path = "../../src/citing/mod.rs"]
pub mod citing;
#[path = "../../src/text/mod.rs"]
pub mod text;

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
