//! What Crossref's REST API says beyond CSL-JSON.

use serde_json::{Map, Value};

use super::record::{date_variable, is_empty, plain, variable, words};
use crate::citing::exchange::draft::Draft;
use crate::citing::exchange::{Correction, Grant};

/// The CSL type of a Crossref type.
pub(super) fn item_type(name: &str) -> Option<&'static str> {
    Some(match name {
        "journal-article" => "article-journal",
        "posted-content" => "article",
        "book-chapter" | "book-section" | "book-part" | "book-track" | "component" => "chapter",
        "monograph" | "edited-book" | "reference-book" | "book-set" | "book-series" | "proceedings"
        | "proceedings-series" => "book",
        "reference-entry" => "entry",
        "proceedings-article" => "paper-conference",
        "report-component" | "report-series" => "report",
        "dissertation" => "thesis",
        "peer-review" => "review",
        "journal" | "journal-volume" | "journal-issue" => "periodical",
        "database" => "dataset",
        "other" | "grant" => "document",
        _ => return None,
    })
}

/// Members that are read after all others, since what they say counts only if nothing better is there.
pub(super) fn takes(name: &str) -> bool {
    matches!(
        name,
        "published"
            | "published-print"
            | "published-online"
            | "posted"
            | "approved"
            | "subtitle"
            | "short-container-title"
            | "short-title"
            | "original-title"
            | "article-number"
            | "edition-number"
            | "funder"
            | "update-to"
            | "updated-by"
            | "event"
            | "license"
            | "subtype"
            | "degree"
            | "journal-issue"
    )
}

pub(super) fn member(draft: &mut Draft, name: &str, value: Value) {
    if is_empty(&value) {
        return;
    }
    match (name, value) {
        ("published" | "published-print" | "published-online" | "posted" | "approved", value) => {
            date_variable(draft, "issued", name, value);
        }
        ("subtitle", value) => subtitle(draft, &value),
        ("short-container-title", value) => variable(draft, "container-title-short", value),
        ("short-title", value) => variable(draft, "title-short", value),
        ("article-number", value) => {
            let target = if draft.has("page") { "number" } else { "page" };
            draft.text(target, name, &plain(&value));
        }
        ("edition-number", value) => variable(draft, "edition", value),
        ("funder", Value::Array(funders)) => funders.iter().for_each(|funder| grants(draft, funder)),
        ("update-to", Value::Array(updates)) => {
            draft.evidence.notice = true;
            draft.evidence.design = None;
            updates.iter().for_each(|update| correction(draft, update, Direction::Of));
        }
        ("updated-by", Value::Array(updates)) => {
            updates.iter().for_each(|update| correction(draft, update, Direction::In));
        }
        ("event", Value::Object(event)) => conference(draft, event),
        ("license", Value::Array(licenses)) => licenses.iter().for_each(|license| {
            let said = license.get("URL").and_then(Value::as_str).map_or_else(|| plain(license), str::to_owned);
            draft.text("license", name, &said);
        }),
        ("subtype", value) => {
            draft.evidence.preprint |= plain(&value) == "preprint";
            draft.drop(name, &plain(&value), "CSL has no such variable");
        }
        ("degree", value) => variable(draft, "genre", value),
        ("journal-issue", value) => draft.drop(name, &plain(&value), "CSL has no such variable"),
        (_, value) => variable(draft, name, value),
    }
}

fn subtitle(draft: &mut Draft, value: &Value) {
    let first = value.get(0).unwrap_or(value);
    let (Some(subtitle), Some(title)) = (words(first), draft.take("title")) else {
        return draft.drop("subtitle", &plain(value), "there is no title");
    };
    let said_already = title.to_lowercase().contains(&subtitle.trim().to_lowercase());
    let whole = if said_already { title } else { format!("{title}: {}", subtitle.trim()) };
    draft.text("title", "title", &whole);
}

fn grants(draft: &mut Draft, funder: &Value) {
    let name = funder.get("name").and_then(words);
    let awards: Vec<String> =
        funder.get("award").and_then(Value::as_array).into_iter().flatten().filter_map(words).collect();
    if awards.is_empty() {
        return draft.evidence.grant(Grant { funder: name, ..Grant::default() });
    }
    for award in awards {
        draft.evidence.grant(Grant { number: Some(award), funder: name.clone(), country: None });
    }
}

/// Whether a notice speaks of another work, or a work of its notice.
#[derive(Debug, Clone, Copy)]
enum Direction {
    Of,
    In,
}

fn correction(draft: &mut Draft, update: &Value, direction: Direction) {
    let kind = update.get("type").and_then(Value::as_str).unwrap_or_default().to_lowercase().replace([' ', '-'], "_");
    let kind = match (kind.as_str(), direction) {
        ("retraction" | "removal" | "withdrawal" | "partial_retraction", Direction::Of) => "retraction_of",
        ("retraction" | "removal" | "withdrawal", Direction::In) => {
            draft.evidence.retracted = true;
            "retraction_in"
        }
        ("partial_retraction", Direction::In) => "retraction_in",
        ("expression_of_concern", Direction::Of) => "concern_for",
        ("expression_of_concern", Direction::In) => "concern_in",
        ("correction" | "erratum" | "corrigendum" | "addendum" | "clarification", Direction::Of) => "erratum_for",
        ("correction" | "erratum" | "corrigendum" | "addendum" | "clarification", Direction::In) => "erratum_in",
        (_, Direction::Of) => "update_of",
        (_, Direction::In) => "update_in",
    };
    let doi = update.get("DOI").and_then(words);
    let source = update.get("label").and_then(words).or_else(|| doi.clone()).unwrap_or_default();
    draft.evidence.corrections.push(Correction { kind, source, pmid: None, doi });
}

fn conference(draft: &mut Draft, event: Map<String, Value>) {
    for (member, value) in event {
        match member.as_str() {
            "name" => variable(draft, "event-title", value),
            "location" => variable(draft, "event-place", value),
            "start" => date_variable(draft, "event-date", "event.start", value),
            _ => draft.drop(&format!("event.{member}"), &plain(&value), "CSL has no such variable"),
        }
    }
}

/// The text of an abstract in JATS (`<jats:p>…`): paragraphs become lines, other tags go.
pub(super) fn without_jats(text: &str) -> String {
    if !text.contains("<jats:") && !text.contains("<p>") {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        plain.push_str(before);
        let Some((tag, after)) = after.split_once('>') else {
            rest = rest.get(before.len()..).unwrap_or_default();
            break;
        };
        let name = tag.trim_start_matches('/').trim_start_matches("jats:");
        match name.split([' ', '/']).next().unwrap_or_default() {
            "p" | "title" | "sec" | "list-item" | "break" => plain.push('\n'),
            "italic" | "bold" | "sup" | "sub" | "i" | "b" | "list" | "sc" | "ext-link" | "xref" | "inline-formula" => {}
            _ if tag.trim_start_matches('/').starts_with("jats:") => {}
            _ => {
                plain.push('<');
                plain.push_str(tag);
                plain.push('>');
            }
        }
        rest = after;
    }
    plain.push_str(rest);
    plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
