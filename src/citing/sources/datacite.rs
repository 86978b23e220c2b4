//! DataCite's metadata (schema 4) in the words of CSL and of Crossref's dialect of it.
//! <https://support.datacite.org/docs/api-get-doi>

use serde_json::{Map, Value, json};

use crate::citing::record::vocabulary::TYPES;

/// The attributes of a DOI as a record in the making: whoever reads it checks and tells what is left out.
pub(super) fn in_csl(attributes: &Map<String, Value>) -> Value {
    let text = |member: &str| attributes.get(member).and_then(Value::as_str);
    let mut csl = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value.filter(|value| !is_empty(value)) {
            csl.insert(name.to_owned(), value);
        }
    };
    put("type", Some(item_type(attributes).into()));
    put("subtype", (general_type(attributes) == "Preprint").then(|| "preprint".into()));
    put("title", title(attributes));
    put("author", names(attributes.get("creators"), |_| true));
    put("editor", names(attributes.get("contributors"), |kind| kind == "Editor"));
    put("issued", issued(attributes));
    put("publisher", publisher(attributes));
    put("DOI", text("doi").map(Value::from));
    put("language", text("language").map(Value::from));
    put("version", text("version").map(Value::from));
    put("abstract", description(attributes));
    put("keyword", keywords(attributes));
    put("license", rights(attributes));
    put("funder", funders(attributes));
    if let Some(container) = attributes.get("container").and_then(Value::as_object) {
        let part = |member: &str| container.get(member).cloned();
        put("container-title", part("title"));
        put("volume", part("volume"));
        put("issue", part("issue"));
        put("page", pages(container));
        let kind = container.get("identifierType").and_then(Value::as_str).unwrap_or_default();
        put("ISSN", part("identifier").filter(|_| kind == "ISSN"));
        put("ISBN", part("identifier").filter(|_| kind == "ISBN"));
    }
    // With a DOI the address says no more.
    put("URL", text("url").filter(|_| text("doi").is_none()).map(Value::from));
    Value::Object(csl)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

fn list<'a>(attributes: &'a Map<String, Value>, member: &str) -> &'a [Value] {
    attributes.get(member).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn member<'a>(of: &'a Value, name: &str) -> &'a str {
    of.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn general_type(attributes: &Map<String, Value>) -> &str {
    attributes.get("types").map_or("", |types| member(types, "resourceTypeGeneral"))
}

fn item_type(attributes: &Map<String, Value>) -> &'static str {
    let named = match general_type(attributes) {
        "JournalArticle" | "DataPaper" => Some("article-journal"),
        "Preprint" => Some("article"),
        "Dataset" => Some("dataset"),
        "Software" | "ComputationalNotebook" | "Workflow" => Some("software"),
        "Book" | "ConferenceProceeding" => Some("book"),
        "BookChapter" => Some("chapter"),
        "ConferencePaper" => Some("paper-conference"),
        "Dissertation" => Some("thesis"),
        "Report" | "OutputManagementPlan" | "ProjectReport" => Some("report"),
        "PeerReview" => Some("review"),
        "Standard" => Some("standard"),
        "Image" => Some("graphic"),
        "Audiovisual" => Some("motion_picture"),
        "Journal" => Some("periodical"),
        _ => None,
    };
    let proposed = attributes.get("types").map_or("", |types| member(types, "citeproc"));
    let known = || TYPES.into_iter().find(|known| *known == proposed);
    named.or_else(known).unwrap_or("document")
}

/// The main title with its subtitle; translated ones are others.
fn title(attributes: &Map<String, Value>) -> Option<Value> {
    let of_kind = |kind: &str| {
        let titles = list(attributes, "titles");
        titles.iter().find(|title| member(title, "titleType") == kind).map(|title| member(title, "title"))
    };
    let main = of_kind("")?;
    Some(match of_kind("Subtitle") {
        Some(subtitle) if !subtitle.is_empty() && !main.contains(subtitle) => format!("{main}: {subtitle}").into(),
        _ => main.into(),
    })
}

fn names(people: Option<&Value>, kind: impl Fn(&str) -> bool) -> Option<Value> {
    let people = people?.as_array()?.iter().filter(|person| kind(member(person, "contributorType")));
    Some(people.filter_map(name).collect())
}

fn name(person: &Value) -> Option<Value> {
    let (family, given, whole) = (member(person, "familyName"), member(person, "givenName"), member(person, "name"));
    if !family.is_empty() {
        return Some(match given {
            "" => json!({"family": family}),
            given => json!({"family": family, "given": given}),
        });
    }
    match whole.split_once(", ") {
        _ if whole.is_empty() => None,
        Some((family, given)) if member(person, "nameType") != "Organizational" => {
            Some(json!({"family": family, "given": given}))
        }
        _ => Some(json!({"literal": whole})),
    }
}

/// The day it was issued, or the year of its publication where that is another one or all that is known.
fn issued(attributes: &Map<String, Value>) -> Option<Value> {
    let year = attributes.get("publicationYear").and_then(|year| match year {
        Value::Number(year) => year.as_i64(),
        Value::String(year) => year.trim().parse().ok(),
        _ => None,
    });
    let issued = list(attributes, "dates").iter().find(|date| member(date, "dateType") == "Issued");
    let day = issued.map(|date| member(date, "date")).filter(|day| !day.is_empty() && !day.contains('/'));
    match (day, year) {
        (Some(day), Some(year)) if !day.starts_with(&year.to_string()) => Some(json!({"date-parts": [[year]]})),
        (Some(day), _) => Some(parts(day).unwrap_or_else(|| json!({"raw": day}))),
        (None, year) => year.map(|year| json!({"date-parts": [[year]]})),
    }
}

/// `2009`, `2009-01` or `2009-01-31`, a time of day cut off.
fn parts(day: &str) -> Option<Value> {
    let day = day.split('T').next().unwrap_or_default();
    let parts: Vec<i64> = day.split('-').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    (1..=3).contains(&parts.len()).then(|| json!({"date-parts": [parts]}))
}

/// A text in old answers, an object in new ones.
fn publisher(attributes: &Map<String, Value>) -> Option<Value> {
    match attributes.get("publisher")? {
        Value::Object(publisher) => publisher.get("name").cloned(),
        name => Some(name.clone()),
    }
}

fn description(attributes: &Map<String, Value>) -> Option<Value> {
    let found = list(attributes, "descriptions").iter().find(|text| member(text, "descriptionType") == "Abstract");
    found.map(|found| member(found, "description").into())
}

fn keywords(attributes: &Map<String, Value>) -> Option<Value> {
    let words = list(attributes, "subjects").iter().map(|subject| member(subject, "subject"));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    Some(words.join(", ").into())
}

fn rights(attributes: &Map<String, Value>) -> Option<Value> {
    let rights = list(attributes, "rightsList").first()?;
    let said = ["rightsUri", "rights"].into_iter().map(|name| member(rights, name)).find(|said| !said.is_empty());
    said.map(Value::from)
}

/// As Crossref has them.
fn funders(attributes: &Map<String, Value>) -> Option<Value> {
    let each = list(attributes, "fundingReferences").iter().filter(|funder| !member(funder, "funderName").is_empty());
    let funders = each.map(|funder| {
        let award = Some(member(funder, "awardNumber")).filter(|award| !award.is_empty());
        json!({"name": member(funder, "funderName"), "award": award.into_iter().collect::<Vec<_>>()})
    });
    Some(funders.collect())
}

fn pages(container: &Map<String, Value>) -> Option<Value> {
    let page = |member: &str| container.get(member).and_then(Value::as_str).filter(|page| !page.is_empty());
    match (page("firstPage")?, page("lastPage")) {
        (first, Some(last)) if first != last => Some(format!("{first}-{last}").into()),
        (first, _) => Some(first.into()),
    }
}
