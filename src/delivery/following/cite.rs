//! How to cite a version of an article: the record of the article itself, and what the styles and reference managers make
//! of it.

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::citing::exchange::{to_bibtex, to_ris};
use crate::citing::record::Record;
use crate::db::types::Instant;
use crate::delivery::printing::Printing;
use crate::library::Csl;
use crate::publishing::document::{Byline, Head};

/// How to cite a version.
#[derive(Debug, Serialize, ToSchema)]
pub struct CiteAs {
    /// The permanent address of the version, whatever the slug becomes.
    #[schema(
        max_length = 2000,
        format = "uri",
        example = "https://cms.example.org/v1/articles/01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11/versions/3"
    )]
    url: String,
    /// The name of the citation style.
    #[schema(max_length = 100, example = "vancouver")]
    style: String,
    /// The language of the words and dates in it.
    #[schema(max_length = 35, example = "en-US")]
    locale: &'static str,
    /// The reference in this style: plain text, without a number.
    #[schema(max_length = 100000, example = "Ada Example. Microneedling for large pores.")]
    text: String,
    /// The same as sanitised HTML.
    #[schema(max_length = 200000)]
    html: String,
    /// The record in CSL-JSON.
    csl: Csl,
    /// The record for BibTeX.
    #[schema(max_length = 1000000)]
    bibtex: String,
    /// The record for reference managers.
    #[schema(max_length = 1000000)]
    ris: String,
}

impl CiteAs {
    /// Of the version with this head, on a site of this name, at this address.
    pub fn of(head: &Head, site: &str, url: String, printing: &Printing) -> Self {
        let record = record(head, site, &url);
        let key = format!("{}-v{}", head.slug, head.version);
        let named = [(key.as_str(), &record)];
        let (text, html) = printing.alone(&record);
        let mut csl = record.members().clone();
        csl.insert("id".to_owned(), json!(key));
        Self {
            style: printing.style().to_owned(),
            locale: printing.locale(),
            text,
            html,
            csl: Csl(csl),
            bibtex: to_bibtex(&named),
            ris: to_ris(&named),
            url,
        }
    }
}

/// The record of the version. The first one is of the day that the article counts as published; a later one is of the day
/// that it was made.
fn record(head: &Head, site: &str, url: &str) -> Record {
    let issued = if head.version == 1 { head.published_at } else { head.updated_at };
    let authors: Vec<Value> = head.authors.iter().map(name).collect();
    let mut members = Map::new();
    let mut put = |variable: &str, value: Value| {
        members.insert(variable.to_owned(), value);
    };
    put("type", json!("webpage"));
    put("title", json!(head.title));
    if !authors.is_empty() {
        put("author", Value::Array(authors));
    }
    put("container-title", json!(site));
    put("issued", day(issued));
    if head.version > 1 {
        put("original-date", day(head.published_at));
    }
    put("version", json!(head.version.to_string()));
    put("language", json!(head.language));
    put("URL", json!(url));
    Record::stored(members)
}

fn day(at: Instant) -> Value {
    let day = at.get();
    json!({"date-parts": [[day.year(), u8::from(day.month()), day.day()]]})
}

/// A byline is one text. With credentials or an ORCID iD it is a person's, whose last word is the family name, with the
/// particles before it; all others can be an institution's and stay in one piece.
fn name(author: &Byline) -> Value {
    let words: Vec<&str> = author.name.split_whitespace().collect();
    let is_person = author.credentials.is_some() || author.orcid.is_some();
    let Some((family, before)) = words.split_last().filter(|(_, before)| is_person && !before.is_empty()) else {
        return json!({"literal": author.name});
    };
    let is_particle = |word: &&&str| word.chars().next().is_some_and(char::is_lowercase);
    let particles = before.iter().rev().take_while(is_particle).count();
    let (given, particle) = before.split_at(before.len() - particles);
    if given.is_empty() {
        return json!({"literal": author.name});
    }
    let mut name = json!({"family": family, "given": given.join(" ")});
    if !particle.is_empty() {
        name["non-dropping-particle"] = json!(particle.join(" "));
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_a_family_name_and_an_institution_has_one_name() {
        let named = |text: &str, credentials: Option<&str>| {
            name(&Byline {
                name: text.into(),
                slug: "x".into(),
                credentials: credentials.map(str::to_owned),
                orcid: None,
            })
        };
        assert_eq!(named("Ada M. Example", Some("MD")), json!({"family": "Example", "given": "Ada M."}));
        assert_eq!(
            named("Jan van der Berg", Some("PhD")),
            json!({"family": "Berg", "given": "Jan", "non-dropping-particle": "van der"})
        );
        for whole in ["World Health Organization", "Example"] {
            assert_eq!(named(whole, None), json!({"literal": whole}));
        }
        assert_eq!(named("Madonna", Some("MD")), json!({"literal": "Madonna"}));
        assert_eq!(named("von Trapp", Some("MD")), json!({"literal": "von Trapp"}));
    }
}
