//! BibTeX that BibLaTeX, BibTeX's other readers and [`read`](crate::citing::exchange::read) take.

use std::collections::HashSet;
use std::fmt::Write;

use super::{Date, text};
use crate::citing::record::{Name, Record};

/// CSL types and the entry types they are written as. All others are `@misc` with the CSL type as `entrysubtype`.
const TYPES: [(&str, &str); 19] = [
    ("article-journal", "article"),
    ("article-magazine", "article"),
    ("article-newspaper", "article"),
    ("periodical", "periodical"),
    ("review", "review"),
    ("book", "book"),
    ("chapter", "incollection"),
    ("paper-conference", "inproceedings"),
    ("entry-encyclopedia", "inreference"),
    ("report", "report"),
    ("thesis", "thesis"),
    ("manuscript", "unpublished"),
    ("pamphlet", "booklet"),
    ("patent", "patent"),
    ("dataset", "dataset"),
    ("software", "software"),
    ("standard", "standard"),
    ("webpage", "online"),
    ("performance", "performance"),
];

/// Entry types of which `number` is the issue's.
const WITH_ISSUES: [&str; 3] = ["article", "periodical", "review"];
/// Entry types of which `number` is that in a series.
const IN_SERIES: [&str; 4] = ["book", "incollection", "inproceedings", "inreference"];

/// Variables that BibTeX holds, and the field of each; the first member of a pair of types tells for which CSL types
/// (none: for all).
///
/// `author`, `editor`, `translator`, `container-author` (`bookauthor`), and of further roles the first three
/// (`editora` with `editoratype` …) are held as names; `issued`, `original-date`, `event-date` and `accessed` as dates;
/// the `id` as the entry's key, made valid.
pub const BIBTEX_FIELDS: &[(&str, &str, &[&str])] = &[
    ("title", "title", &[]),
    ("title-short", "shorttitle", &[]),
    (
        "container-title",
        "journal",
        &["article-journal", "article-magazine", "article-newspaper", "periodical", "review"],
    ),
    ("container-title", "booktitle", &[]),
    ("container-title-short", "shortjournal", &[]),
    ("collection-title", "series", &[]),
    ("collection-number", "number", &["book", "chapter", "paper-conference", "entry-encyclopedia"]),
    ("volume", "volume", &[]),
    ("issue", "number", &["article-journal", "article-magazine", "article-newspaper", "periodical", "review"]),
    ("issue", "issue", &[]),
    (
        "number",
        "number",
        &[
            "report",
            "thesis",
            "manuscript",
            "pamphlet",
            "patent",
            "dataset",
            "software",
            "standard",
            "webpage",
            "performance",
        ],
    ),
    ("page", "pages", &[]),
    ("number-of-pages", "pagetotal", &[]),
    ("number-of-volumes", "volumes", &[]),
    ("chapter-number", "chapter", &[]),
    ("part-number", "part", &[]),
    ("edition", "edition", &[]),
    ("version", "version", &[]),
    ("genre", "type", &[]),
    ("publisher", "publisher", &[]),
    ("publisher-place", "address", &[]),
    ("authority", "holder", &[]),
    ("event-title", "eventtitle", &[]),
    ("event-place", "venue", &[]),
    ("original-title", "origtitle", &[]),
    ("original-publisher", "origpublisher", &[]),
    ("original-publisher-place", "origlocation", &[]),
    ("status", "pubstate", &[]),
    ("medium", "howpublished", &[]),
    ("call-number", "library", &[]),
    ("language", "language", &[]),
    ("DOI", "doi", &[]),
    ("PMID", "pmid", &[]),
    ("PMCID", "pmcid", &[]),
    ("ISBN", "isbn", &[]),
    ("ISSN", "issn", &[]),
    ("URL", "url", &[]),
    ("keyword", "keywords", &[]),
    ("annote", "annotation", &[]),
    ("note", "note", &[]),
    ("abstract", "abstract", &[]),
];

/// Fields that are written without escapes.
const VERBATIM: [&str; 6] = ["doi", "url", "pmid", "pmcid", "isbn", "issn"];
/// Fields in which BibTeX's styles change the case of letters.
const CASED: [&str; 3] = ["title", "booktitle", "shorttitle"];

/// Roles beyond author, editor and translator, as BibLaTeX's `editortype` has them.
const ROLES: [(&str, &str); 19] = [
    ("collection-editor", "serieseditor"),
    ("editorial-director", "editorialdirector"),
    ("compiler", "compiler"),
    ("director", "director"),
    ("producer", "producer"),
    ("executive-producer", "executiveproducer"),
    ("organizer", "organizer"),
    ("performer", "performer"),
    ("series-creator", "seriescreator"),
    ("script-writer", "scriptwriter"),
    ("chair", "chair"),
    ("composer", "composer"),
    ("contributor", "contributor"),
    ("curator", "curator"),
    ("guest", "guest"),
    ("host", "host"),
    ("interviewer", "interviewer"),
    ("narrator", "narrator"),
    ("recipient", "recipient"),
];

/// A BibTeX file of the studies, their keys made valid and different from each other.
pub fn to_bibtex(studies: &[(&str, &Record)]) -> String {
    let mut out = String::new();
    let mut keys = HashSet::new();
    for (key, record) in studies {
        if !out.is_empty() {
            out.push('\n');
        }
        entry(&mut out, &free_key(key, &mut keys), record);
    }
    out
}

/// The key in characters that every program takes, with a number behind it if it is taken.
fn free_key(key: &str, taken: &mut HashSet<String>) -> String {
    let plain = deunicode::deunicode(key);
    let usable = |c: &char| c.is_ascii_alphanumeric() || "_:.+/-".contains(*c);
    let plain: String = plain.chars().filter(usable).collect();
    let plain = if plain.is_empty() { "study".to_owned() } else { plain };
    let mut candidate = plain.clone();
    let mut number = 2_u32;
    while !taken.insert(candidate.to_lowercase()) {
        candidate = format!("{plain}-{number}");
        number += 1;
    }
    candidate
}

fn entry(out: &mut String, key: &str, record: &Record) {
    let csl = record.item_type();
    let kind = TYPES.iter().find(|(known, _)| *known == csl).map_or("misc", |(_, kind)| kind);
    let mut fields = Fields(Vec::new());
    let subtype = match (csl, kind) {
        ("article-magazine", _) => "magazine",
        ("article-newspaper", _) => "newspaper",
        (csl, "misc") => csl,
        _ => "",
    };
    for (variable, field) in
        [("author", "author"), ("editor", "editor"), ("translator", "translator"), ("container-author", "bookauthor")]
    {
        fields.names(field, &record.names(variable));
    }
    let others = ROLES.iter().filter(|(variable, _)| !record.names(variable).is_empty());
    for ((variable, role), field) in others.zip(["editora", "editorb", "editorc"]) {
        fields.names(field, &record.names(variable));
        fields.put(&format!("{field}type"), role);
    }
    dates(&mut fields, record);
    texts(&mut fields, record, csl, kind);
    fields.put("entrysubtype", subtype);
    let _ = writeln!(out, "@{kind}{{{key},");
    for (name, value) in fields.0 {
        let _ = writeln!(out, "  {name} = {{{value}}},");
    }
    out.push_str("}\n");
}

fn texts(fields: &mut Fields, record: &Record, csl: &str, kind: &str) {
    let volume_title = text(record, "volume-title");
    for (variable, field, types) in BIBTEX_FIELDS {
        if !(types.is_empty() || types.contains(&csl) || (*variable == "number" && kind == "misc")) {
            continue;
        }
        let Some(value) = text(record, variable) else { continue };
        let field = match (*variable, *field, &volume_title) {
            // Two titles above that of the entry.
            ("container-title", "booktitle", Some(_)) => "maintitle",
            (_, field, _) => field,
        };
        if !fields.has(field) && !fields.said(variable) {
            fields.text(field, variable, &value);
        }
    }
    let number_is_free = WITH_ISSUES.contains(&kind) || IN_SERIES.contains(&kind);
    if let Some(number) = text(record, "number").filter(|_| number_is_free && record.text("page").is_some()) {
        fields.put("eid", &escaped(&number));
    }
    if let Some(title) = volume_title {
        match WITH_ISSUES.contains(&kind) {
            true => fields.put("issuetitle", &marked_up(&title)),
            false if record.container_title().is_some() => fields.put("booktitle", &marked_up(&title)),
            false => {}
        }
    }
}

fn dates(fields: &mut Fields, record: &Record) {
    for (variable, field) in
        [("issued", "date"), ("original-date", "origdate"), ("event-date", "eventdate"), ("accessed", "urldate")]
    {
        let Some(date) = Date::of(record, variable) else { continue };
        match (edtf(&date), date.literal) {
            (Some(text), _) => {
                fields.put(field, &text);
                // For programs that know no `date`.
                if let Some(year) = date.days.first().and_then(|day| day.first()).filter(|_| variable == "issued") {
                    fields.put("year", &year.to_string());
                }
            }
            (None, Some(literal)) if variable == "issued" => fields.put("year", &escaped(&literal)),
            (None, Some(literal)) => fields.put(field, &escaped(&literal)),
            (None, None) => {}
        }
    }
}

fn edtf(date: &Date) -> Option<String> {
    let day = |parts: &Vec<i64>| {
        let year = parts.first().copied().unwrap_or(1);
        let sign = if year < 0 { "-" } else { "" };
        let rest: String = parts.iter().skip(1).map(|part| format!("-{part:02}")).collect();
        format!("{sign}{:04}{rest}", year.unsigned_abs())
    };
    let mut text = match (date.days.as_slice(), date.season) {
        ([], _) => return None,
        ([one], Some(season)) if one.len() == 1 => format!("{}-{}", day(one), 20 + season),
        ([one], _) => day(one),
        ([first, last, ..], _) => format!("{}/{}", day(first), day(last)),
    };
    if date.circa {
        text.push('~');
    }
    Some(text)
}

struct Fields(Vec<(String, String)>);

impl Fields {
    fn has(&self, field: &str) -> bool {
        self.0.iter().any(|(name, _)| name == field)
    }

    /// A variable that has two fields was written to the first.
    fn said(&self, variable: &str) -> bool {
        (variable == "container-title" && self.has("journal")) || (variable == "issue" && self.has("number"))
    }

    fn put(&mut self, field: &str, value: &str) {
        if !value.is_empty() {
            self.0.push((field.to_owned(), value.to_owned()));
        }
    }

    fn text(&mut self, field: &str, variable: &str, value: &str) {
        let value = match field {
            _ if VERBATIM.contains(&field) => value.replace('{', "%7B").replace('}', "%7D"),
            "pages" => escaped(value).replace('-', "--"),
            "language" => value.to_owned(),
            _ if CASED.contains(&field) || variable == "title" => cased(value),
            "journal" | "maintitle" | "series" | "shortjournal" | "eventtitle" | "origtitle" => marked_up(value),
            _ => escaped(value),
        };
        self.put(field, &value);
    }

    fn names(&mut self, field: &str, names: &[Name<'_>]) {
        let written: Vec<String> = names.iter().map(name).collect();
        self.put(field, &written.join(" and "));
    }
}

fn name(name: &Name<'_>) -> String {
    let Some(family) = name.family else {
        return format!("{{{}}}", escaped(name.literal.or(name.given).unwrap_or_default()));
    };
    let particle = name.non_dropping_particle.unwrap_or_default();
    let simple_particle =
        particle.split_whitespace().all(|word| begins_lower(word) && !word.eq_ignore_ascii_case("and"));
    match (name.given, name.dropping_particle) {
        (Some(given), None) if simple_particle && !needs_parts(particle) => {
            let family = if begins_lower(family) || needs_braces(family) { braced(family) } else { escaped(family) };
            let family = format!("{} {family}", escaped(particle)).trim().to_owned();
            let given = if needs_braces(given) { braced(given) } else { escaped(given) };
            match name.suffix {
                Some(suffix) => {
                    let suffix = if needs_braces(suffix) { braced(suffix) } else { escaped(suffix) };
                    format!("{family}, {suffix}, {given}")
                }
                None => format!("{family}, {given}"),
            }
        }
        _ => in_parts(name),
    }
}

/// BibLaTeX's form for names that the usual one cannot tell.
fn in_parts(name: &Name<'_>) -> String {
    let mut parts = Vec::new();
    for (part, value) in [("family", name.family), ("given", name.given), ("suffix", name.suffix)] {
        parts.extend(value.map(|value| format!("{part}={}", braced(value))));
    }
    if let Some(particle) = name.non_dropping_particle {
        parts.push(format!("prefix={}, useprefix=true", braced(particle)));
    } else if let Some(particle) = name.dropping_particle {
        parts.push(format!("prefix={}, useprefix=false", braced(particle)));
    }
    parts.join(", ")
}

fn braced(text: &str) -> String {
    format!("{{{}}}", escaped(text))
}

fn begins_lower(text: &str) -> bool {
    text.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_lowercase)
}

/// Whether a part of a name would be read as more than that.
fn needs_braces(text: &str) -> bool {
    text.contains([',', '=', '\u{A0}', '~', '\\', '{', '}'])
        || text.split_whitespace().any(|word| word.eq_ignore_ascii_case("and"))
}

fn needs_parts(particle: &str) -> bool {
    !particle.is_empty() && needs_braces(particle)
}

/// Text in LaTeX.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut last = ' ';
    for c in text.chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => out.extend(['\\', c]),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '\\' => out.push_str("\\textbackslash{}"),
            '\u{A0}' => out.push('~'),
            // Two of these would be read as one other character.
            '-' | '`' | '\'' if last == c => {
                out.push_str("{}");
                out.push(c);
            }
            c => out.push(c),
        }
        last = c;
    }
    out
}

/// CSL's markup and the LaTeX for it.
const TAGS: [(&str, &str, &str); 5] = [
    ("<i>", "</i>", "\\emph{"),
    ("<b>", "</b>", "\\textbf{"),
    ("<sup>", "</sup>", "\\textsuperscript{"),
    ("<sub>", "</sub>", "\\textsubscript{"),
    ("<span style=\"font-variant:small-caps;\">", "</span>", "\\textsc{"),
];

/// Text with markup, in LaTeX. Markup that is not closed, or closed in another order, stays as it is written.
fn marked_up(text: &str) -> String {
    convert(text, &escaped)
}

/// The same with words in braces whose capitals mean something.
fn cased(text: &str) -> String {
    convert(text, &|plain: &str| {
        let words = plain.split_inclusive(' ').map(|word| {
            let bare = word.trim_end_matches(' ');
            let protected = bare.chars().skip(1).any(char::is_uppercase);
            let space = word.get(bare.len()..).unwrap_or_default();
            if protected { format!("{{{}}}{space}", escaped(bare)) } else { escaped(word) }
        });
        words.collect()
    })
}

fn convert(text: &str, plain: &dyn Fn(&str) -> String) -> String {
    if !balanced(text) {
        return plain(text);
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(&plain(before));
        let opens = TAGS.iter().find(|(open, _, _)| tag.starts_with(open));
        let closes = TAGS.iter().find(|(_, close, _)| tag.starts_with(close));
        let length = match (opens, closes) {
            (Some((open, _, latex)), _) => {
                out.push_str(latex);
                open.len()
            }
            (_, Some((_, close, _))) => {
                out.push('}');
                close.len()
            }
            _ => {
                out.push('<');
                1
            }
        };
        rest = tag.get(length..).unwrap_or_default();
    }
    out.push_str(&plain(rest));
    out
}

/// Whether all markup is closed, innermost first.
fn balanced(text: &str) -> bool {
    let mut open = Vec::new();
    for (at, _) in text.match_indices('<') {
        let tag = text.get(at..).unwrap_or_default();
        if let Some((_, close, _)) = TAGS.iter().find(|(begin, _, _)| tag.starts_with(begin)) {
            open.push(*close);
        } else if let Some((_, close, _)) = TAGS.iter().find(|(_, end, _)| tag.starts_with(end))
            && open.pop() != Some(*close)
        {
            return false;
        }
    }
    open.is_empty()
}
