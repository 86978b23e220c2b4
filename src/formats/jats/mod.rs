//! An article as JATS XML: valid against the Archiving and Interchange DTD of JATS 1.3 (ANSI/NISO Z39.96-2021).

mod body;
mod references;

#[cfg(test)]
mod tests;

use super::site::Site;
use super::xml::Xml;
use super::{Person, Whole};
use crate::db::day::Day;

const DOCTYPE: &str = "<!DOCTYPE article PUBLIC \"-//NLM//DTD JATS (Z39.96) Journal Archiving and Interchange DTD with \
                       MathML3 v1.3 20210610//EN\" \
                       \"https://jats.nlm.nih.gov/archiving/1.3/JATS-archivearticle1-3-mathml3.dtd\">\n";

/// Writes the article.
pub fn write(whole: &Whole, site: &Site<'_>) -> String {
    let mut xml = Xml::new();
    xml.prolog(DOCTYPE);
    xml.open(
        "article",
        &[
            ("xmlns:xlink", "http://www.w3.org/1999/xlink"),
            ("dtd-version", "1.3"),
            ("article-type", "other"),
            ("xml:lang", &whole.head.language),
        ],
    );
    xml.line();
    xml.open("front", &[]);
    xml.line();
    journal(&mut xml, site);
    article(&mut xml, whole, site);
    xml.close_line();
    body::write(&mut xml, &whole.sections, &site.article(&whole.head));
    if !whole.citations.is_empty() {
        references::write(&mut xml, whole);
    }
    xml.finish()
}

/// What stands in the place of the journal: the site.
fn journal(xml: &mut Xml, site: &Site<'_>) {
    xml.open("journal-meta", &[]);
    xml.line();
    xml.open("journal-title-group", &[]);
    xml.inline("journal-title", &[], site.name);
    xml.close_line();
    xml.open("publisher", &[]);
    xml.inline("publisher-name", &[], site.name);
    xml.close_line();
    xml.leaf("self-uri", &[("xlink:href", &site.home())], "");
    xml.close_line();
}

fn article(xml: &mut Xml, whole: &Whole, site: &Site<'_>) {
    let head = &whole.head;
    xml.open("article-meta", &[]);
    xml.line();
    xml.leaf("article-id", &[("pub-id-type", "publisher-id")], &head.id.to_string());
    xml.open("title-group", &[]);
    xml.inline("article-title", &[], &head.title);
    if let Some(subtitle) = &head.subtitle {
        xml.inline("subtitle", &[], subtitle);
    }
    xml.close_line();
    people(xml, "author", head.authors.iter().map(Person::from));
    people(xml, "reviewer", head.reviewed.iter().flat_map(|review| &review.by).map(Person::from));
    xml.open(
        "pub-date",
        &[
            ("date-type", "pub"),
            ("publication-format", "electronic"),
            ("iso-8601-date", &head.published_at.to_rfc3339()),
        ],
    );
    day(xml, Day::of(head.published_at));
    xml.close_line();
    reviewed(xml, whole);
    history(xml, whole);
    xml.leaf("self-uri", &[("content-type", "text/html"), ("xlink:href", &site.article(head))], "");
    for translation in &whole.translations {
        let attributes = [
            ("related-article-type", "translated-article"),
            ("ext-link-type", "uri"),
            ("xlink:href", &translation.address(site)),
            ("xml:lang", &translation.language),
        ];
        xml.leaf("related-article", &attributes, "");
    }
    if let Some(summary) = &head.summary {
        xml.open("abstract", &[]);
        xml.inline("p", &[], summary);
        xml.close_line();
    }
    if !head.tags.is_empty() {
        xml.open("kwd-group", &[("kwd-group-type", "tags")]);
        head.tags.iter().for_each(|tag| xml.inline("kwd", &[], &tag.name));
        xml.close_line();
    }
    xml.open("counts", &[]);
    xml.inline("ref-count", &[("count", &whole.citations.len().to_string())], "");
    xml.inline("word-count", &[("count", &head.word_count.to_string())], "");
    xml.close_line();
    xml.close_line();
}

/// Those who had this part in the article.
fn people<'p>(xml: &mut Xml, part: &str, people: impl Iterator<Item = Person<'p>>) {
    let mut people = people.peekable();
    if people.peek().is_none() {
        return;
    }
    xml.open("contrib-group", &[]);
    xml.line();
    for person in people {
        xml.open("contrib", &[("contrib-type", part)]);
        if let Some(address) = person.orcid_address() {
            xml.inline("contrib-id", &[("contrib-id-type", "orcid")], &address);
        }
        // A name is one text: which part of it is the family name is not known.
        xml.inline("string-name", &[], person.name);
        if let Some(credentials) = person.credentials {
            xml.inline("degrees", &[], credentials);
        }
        xml.close_line();
    }
    xml.close_line();
}

/// When experts reviewed it. JATS has no place for when they should do so again.
fn reviewed(xml: &mut Xml, whole: &Whole) {
    let Some(review) = &whole.head.reviewed else { return };
    xml.open("history", &[]);
    xml.open("date", &[("date-type", "reviewed"), ("iso-8601-date", &review.at.to_string())]);
    day(xml, review.at);
    xml.close();
    xml.close_line();
}

/// The publication that this is, which came after the first.
fn history(xml: &mut Xml, whole: &Whole) {
    let head = &whole.head;
    xml.open("pub-history", &[]);
    xml.open("event", &[("event-type", "publication")]);
    xml.inline("event-desc", &[], &format!("Version {}", head.version));
    xml.open("date", &[("date-type", "updated"), ("iso-8601-date", &head.updated_at.to_rfc3339())]);
    day(xml, Day::of(head.updated_at));
    xml.close();
    xml.close();
    xml.close_line();
}

fn day(xml: &mut Xml, day: Day) {
    let date = day.get();
    xml.inline("day", &[], &date.day().to_string());
    xml.inline("month", &[], &u8::from(date.month()).to_string());
    xml.inline("year", &[], &format!("{:04}", date.year()));
}
