//! The list of references: each as data and as it is printed.

use super::body::plain_span;
use crate::citing::record::{Name, Record};
use crate::formats::fragment::{self, Node};
use crate::formats::xml::Xml;
use crate::formats::{Whole, reference, standing};
use crate::publishing::document::PublishedCitation;
use crate::text::references::{Numbers, Words, without_label};

pub(super) fn write(xml: &mut Xml, whole: &Whole) {
    xml.open("back", &[]);
    xml.open("ref-list", &[]);
    xml.line();
    xml.leaf("title", &[], Words::ENGLISH.references);
    for citation in whole.as_listed() {
        xml.open("ref", &[("id", &format!("ref-{}", citation.number))]);
        if whole.numbers == Numbers::Shown {
            xml.inline("label", &[], &citation.number.to_string());
        }
        xml.line();
        xml.open("citation-alternatives", &[]);
        xml.line();
        element(xml, citation);
        mixed(xml, citation);
        xml.close();
        xml.close_line();
    }
    xml.close();
    xml.close_line();
}

/// The reference in its parts.
fn element(xml: &mut Xml, citation: &PublishedCitation) {
    let record = citation.study.record();
    let kind = kind(&record);
    xml.open("element-citation", &[("publication-type", kind)]);
    for (group, variable) in [("author", "author"), ("editor", "editor"), ("translator", "translator")] {
        let names = record.names(variable);
        if !names.is_empty() {
            xml.open("person-group", &[("person-group-type", group)]);
            names.iter().for_each(|name| person(xml, name));
            xml.close();
        }
    }
    titles(xml, &record, kind);
    date(xml, &record);
    let mut put = |name: &'static str, variable: &str| {
        if let Some(text) = value(&record, variable) {
            xml.inline(name, &[], &text);
        }
    };
    put("edition", "edition");
    put("publisher-name", "publisher");
    put("publisher-loc", "publisher-place");
    put("volume", "volume");
    put("issue", "issue");
    pages(xml, &record);
    identifiers(xml, citation, &record);
    if let Some(says) = standing(&citation.study) {
        xml.inline("comment", &[], says);
    }
    xml.close_line();
}

/// A variable of text or number.
fn value(record: &Record, variable: &str) -> Option<String> {
    let number = || record.members().get(variable)?.as_i64().map(|number| number.to_string());
    record.text(variable).map(str::to_owned).or_else(number)
}

/// `publication-type` in the words that JATS suggests.
fn kind(record: &Record) -> &'static str {
    match record.item_type() {
        "article-journal" | "article-magazine" | "article-newspaper" | "review" | "review-book" | "periodical" => {
            "journal"
        }
        "book" | "chapter" | "entry-dictionary" | "entry-encyclopedia" | "collection" | "classic" => "book",
        "paper-conference" | "speech" | "event" => "confproc",
        "thesis" => "thesis",
        "report" => "report",
        "dataset" => "data",
        "software" => "software",
        "patent" => "patent",
        "standard" => "standard",
        "article" | "manuscript" => "preprint",
        "webpage" | "post" | "post-weblog" => "webpage",
        "legal_case" | "legislation" | "bill" | "regulation" | "treaty" | "hearing" => "legal",
        "personal_communication" | "interview" => "commun",
        _ => "other",
    }
}

fn person(xml: &mut Xml, name: &Name<'_>) {
    let Some(family) = name.family else {
        return xml.inline("collab", &[], &name.display());
    };
    let particles = [name.dropping_particle, name.non_dropping_particle];
    let particles: Vec<&str> = particles.into_iter().flatten().collect();
    xml.open("name", &[]);
    xml.inline("surname", &[], &particles.iter().copied().chain([family]).collect::<Vec<_>>().join(" "));
    if let Some(given) = name.given {
        xml.inline("given-names", &[], given);
    }
    if let Some(suffix) = name.suffix {
        xml.inline("suffix", &[], suffix);
    }
    xml.close();
}

/// What stands within something has a title of its own; what stands alone is the source.
fn titles(xml: &mut Xml, record: &Record, kind: &str) {
    let (title, container) = (record.title(), record.container_title());
    let own = match (kind, record.item_type()) {
        ("book", "chapter" | "entry-dictionary" | "entry-encyclopedia") => "chapter-title",
        ("data", _) => "data-title",
        _ => "article-title",
    };
    match (title, container) {
        (Some(title), Some(container)) => {
            xml.inline(own, &[], &unmarked(title));
            xml.inline("source", &[], &unmarked(container));
        }
        (Some(title), None) if kind == "journal" => xml.inline(own, &[], &unmarked(title)),
        (Some(only), None) | (None, Some(only)) => xml.inline("source", &[], &unmarked(only)),
        (None, None) => {}
    }
}

/// A title as text: records have little tags in theirs (`<i>in vivo</i>`).
fn unmarked(title: &str) -> String {
    const TAGS: [&str; 11] = [
        "<i>",
        "</i>",
        "<b>",
        "</b>",
        "<sub>",
        "</sub>",
        "<sup>",
        "</sup>",
        "<sc>",
        "</sc>",
        "<span class=\"nocase\">",
    ];
    let text = TAGS.iter().fold(title.to_owned(), |text, tag| text.replace(tag, ""));
    text.replace("</span>", "")
}

fn date(xml: &mut Xml, record: &Record) {
    let Some(date) = record.date("issued") else { return };
    let year = date.year.to_string();
    match reference::issued(record) {
        Some(iso) => xml.inline("year", &[("iso-8601-date", &iso)], &year),
        None => xml.inline("year", &[], &year),
    }
    if let Some(month) = date.month {
        xml.inline("month", &[], &month.to_string());
    }
    if let Some(day) = date.day {
        xml.inline("day", &[], &day.to_string());
    }
}

fn pages(xml: &mut Xml, record: &Record) {
    let Some(pages) = value(record, "page") else { return };
    let ends: Vec<&str> = pages.split(['-', '–']).map(str::trim).collect();
    let is_number = |text: &str| !text.is_empty() && text.chars().all(char::is_alphanumeric);
    match ends.as_slice() {
        [only] if is_number(only) => xml.inline("fpage", &[], only),
        [first, last] if is_number(first) && is_number(last) => {
            xml.inline("fpage", &[], first);
            xml.inline("lpage", &[], last);
        }
        _ => {}
    }
    xml.inline("page-range", &[], &pages);
}

fn identifiers(xml: &mut Xml, citation: &PublishedCitation, record: &Record) {
    let study = &citation.study;
    for (kind, identifier) in [("doi", &study.doi), ("pmid", &study.pmid), ("pmcid", &study.pmcid)] {
        if let Some(identifier) = identifier {
            xml.inline("pub-id", &[("pub-id-type", kind)], identifier);
        }
    }
    if let Some(isbn) = &study.isbn {
        xml.inline("isbn", &[], isbn);
    }
    if let Some(url) = record.text("URL").filter(|url| reference::is_web_address(url)) {
        xml.inline("ext-link", &[("ext-link-type", "uri"), ("xlink:href", url)], url);
    }
}

/// The reference as it is printed.
fn mixed(xml: &mut Xml, citation: &PublishedCitation) {
    let html = without_label(&citation.formatted.html, &citation.formatted.label);
    xml.open("mixed-citation", &[]);
    printed(xml, &fragment::read(html));
    xml.close_line();
}

fn printed(xml: &mut Xml, nodes: &[Node]) {
    for node in nodes {
        match node {
            Node::Text(text) => xml.text(text),
            Node::Element(element) => {
                let address = element.attribute("href").filter(|_| element.name == "a");
                match (address, plain_span(&element.name, element)) {
                    (Some(address), _) => xml.open("ext-link", &[("ext-link-type", "uri"), ("xlink:href", address)]),
                    (None, Some(name)) => xml.open(name, &[]),
                    (None, None) => {
                        printed(xml, &element.children);
                        continue;
                    }
                }
                printed(xml, &element.children);
                xml.close();
            }
        }
    }
}
