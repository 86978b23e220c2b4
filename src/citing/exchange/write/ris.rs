//! RIS as its specification has it, in the dialect of Zotero and EndNote.

use super::{Date, text};
use crate::citing::exchange::draft::collapsed;
use crate::citing::exchange::ris::{CONTAINED, TYPES};
use crate::citing::record::{Name, Record};

/// Types that stand for a whole: `SP` is their number of pages.
const WHOLE: [&str; 6] = ["book", "thesis", "report", "pamphlet", "manuscript", "map"];
/// Types whose `T2` is a series.
const IN_SERIES: [&str; 4] = ["book", "report", "standard", "map"];

/// Variables that RIS holds, and the tag of each; for the types named (none: for all).
///
/// Types that RIS has no word for become `GEN`, which is read as `document`. `author` (`AU`), `editor` (`A2`),
/// `collection-editor` (`A3`) and `translator` (`A4`) are held as names, `issued` (`PY`, `DA`) and `accessed` (`Y2`) as
/// dates. A `page` that is a plain number is not held for whole works (`SP` is their number of pages).
pub const RIS_FIELDS: &[(&str, &str, &[&str])] = &[
    ("title", "TI", &[]),
    ("title-short", "ST", &[]),
    ("original-title", "TT", &[]),
    ("container-title", "T2", &CONTAINED),
    ("container-title-short", "J2", &[]),
    ("collection-title", "T3", &[]),
    ("volume", "VL", &[]),
    ("issue", "IS", &[]),
    ("page", "SP", &[]),
    ("number-of-pages", "SP", &WHOLE),
    ("number-of-volumes", "NV", &[]),
    ("collection-number", "SV", &[]),
    ("section", "SE", &[]),
    ("edition", "ET", &[]),
    ("genre", "M3", GENRES),
    ("publisher", "PB", &[]),
    ("publisher-place", "CY", &[]),
    ("event-title", "C3", &["paper-conference"]),
    ("event-place", "C1", &["paper-conference"]),
    ("reviewed-title", "RI", &[]),
    ("call-number", "CN", &[]),
    ("source", "DB", &[]),
    ("language", "LA", &[]),
    ("DOI", "DO", &[]),
    ("PMID", "AN", &[]),
    ("PMCID", "C2", &[]),
    ("ISBN", "SN", &[]),
    ("ISSN", "SN", &[]),
    ("URL", "UR", &[]),
    ("keyword", "KW", &[]),
    ("annote", "RN", &[]),
    ("note", "N1", &[]),
    ("abstract", "AB", &[]),
];

/// Types whose `M3` is a genre: all that RIS has but journal articles, where others write what PubMed would say.
const GENRES: &[&str] = &[
    "book",
    "chapter",
    "paper-conference",
    "report",
    "thesis",
    "webpage",
    "dataset",
    "software",
    "patent",
    "article",
    "manuscript",
    "standard",
    "map",
    "graphic",
    "document",
];

/// A RIS file of the studies.
pub fn to_ris(studies: &[(&str, &Record)]) -> String {
    let mut out = String::new();
    for (key, record) in studies {
        entry(&mut out, key, record);
    }
    out
}

fn line(out: &mut String, tag: &str, value: &str) {
    let value = collapsed(value);
    if !value.is_empty() {
        out.push_str(&format!("{tag}  - {value}\r\n"));
    }
}

fn entry(out: &mut String, key: &str, record: &Record) {
    let csl = record.item_type();
    let kind = TYPES.iter().find(|(_, known)| *known == csl).map_or("GEN", |(ris, _)| ris);
    out.push_str(&format!("TY  - {kind}\r\n"));
    line(out, "ID", key);
    for (variable, tag) in [("author", "AU"), ("editor", "A2"), ("collection-editor", "A3"), ("translator", "A4")] {
        record.names(variable).iter().for_each(|one| line(out, tag, &name(one)));
    }
    dates(out, record);
    for (variable, tag, types) in RIS_FIELDS {
        if !types.is_empty() && !types.contains(&csl) {
            continue;
        }
        if let Some(value) = text(record, variable) {
            field(out, record, variable, tag, &value);
        }
    }
    out.push_str("ER  - \r\n\r\n");
}

fn field(out: &mut String, record: &Record, variable: &str, tag: &str, value: &str) {
    match variable {
        "container-title" if record.item_type() == "article-journal" => {
            line(out, tag, value);
            line(out, "JF", value);
        }
        "page" => pages(out, value),
        "number-of-pages" if record.text("page").is_none() => line(out, tag, value),
        "number-of-pages" => {}
        "collection-title" if IN_SERIES.contains(&record.item_type()) => line(out, "T2", value),
        "PMID" => line(out, tag, &format!("PMID: {value}")),
        "ISSN" => value.split(", ").for_each(|one| line(out, tag, one)),
        "ISBN" => line(out, tag, value),
        "keyword" => value.split("; ").for_each(|one| line(out, tag, one)),
        "note" | "annote" => value.lines().for_each(|one| line(out, tag, one)),
        _ => line(out, tag, value),
    }
}

/// First and last page where they are two, else as it is written.
fn pages(out: &mut String, value: &str) {
    match value.split_once('-').map(|(first, last)| (first.trim(), last.trim())) {
        Some((first, last)) if first != last && !first.is_empty() && !last.is_empty() && !last.contains('-') => {
            line(out, "SP", first);
            line(out, "EP", last);
        }
        _ => line(out, "SP", value),
    }
}

fn name(name: &Name<'_>) -> String {
    let Some(family) = name.family else { return name.literal.or(name.given).unwrap_or_default().to_owned() };
    let family = [name.dropping_particle, name.non_dropping_particle, Some(family)];
    let family = family.into_iter().flatten().collect::<Vec<_>>().join(" ");
    [Some(family.as_str()), name.given, name.suffix].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn dates(out: &mut String, record: &Record) {
    for (variable, year_tag, day_tag) in [("issued", "PY", "DA"), ("accessed", "", "Y2")] {
        let Some(date) = Date::of(record, variable) else { continue };
        let Some(day) = date.days.first() else {
            let tag = if year_tag.is_empty() { day_tag } else { year_tag };
            line(out, tag, date.literal.as_deref().unwrap_or_default());
            continue;
        };
        let part = |at: usize| day.get(at).map(|part| format!("{part:02}")).unwrap_or_default();
        let season = match date.season {
            Some(1) => "Spring",
            Some(2) => "Summer",
            Some(3) => "Autumn",
            Some(4) => "Winter",
            _ => "",
        };
        let year = day.first().map(|year| format!("{year:04}")).unwrap_or_default();
        if !year_tag.is_empty() {
            line(out, year_tag, &year);
        }
        if year_tag.is_empty() || day.len() > 1 || !season.is_empty() {
            line(out, day_tag, &format!("{year}/{}/{}/{season}", part(1), part(2)));
        }
    }
}
