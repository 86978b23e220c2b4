//! What the engine misreads in a style, mended in the style's serialised form before use.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// Where an element stands: `<names>` inside `<substitute>` inherits its names' form if it has none.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Body,
    Substitute,
}

/// Mends a style (as the engine serialises it: elements are members, attributes begin with `@`).
pub(super) fn style(csl: &mut Value) {
    mend(csl, Place::Body);
}

/// Walks a style and mends what is in it.
fn mend(element: &mut Value, place: Place) {
    match element {
        Value::Array(items) => {
            for item in items {
                singular_page(item);
                mend(item, place);
            }
        }
        Value::Object(members) => {
            for (name, child) in members.iter_mut() {
                match name.as_str() {
                    "names" => name_the_names(child, place),
                    "text" => mend_text(child),
                    _ => {}
                }
                mend(child, if name == "substitute" { Place::Substitute } else { place });
            }
        }
        _ => {}
    }
}

/// Without a `<name/>` the engine takes names that have other children for empty.
fn name_the_names(names: &mut Value, place: Place) {
    let Some(children) = names.get_mut("$value").and_then(Value::as_array_mut) else { return };
    let has = |child: &str| children.iter().any(|c| c.get(child).is_some());
    let inherits = place == Place::Substitute && !has("et-al") && !has("substitute");
    if !has("name") && !inherits {
        children.insert(0, json!({"name": {}}));
    }
}

/// The engine prints `pp.` for a range even where the style wants `p.` always: then the bare term stands instead.
fn singular_page(item: &mut Value) {
    let Some(label) = item.get("label").and_then(Value::as_object) else { return };
    let is = |name: &str, value: &str| label.get(name).and_then(Value::as_str) == Some(value);
    if is("@variable", "page") && is("@plural", "never") {
        let mut term = label.clone();
        term.remove("@variable");
        term.insert("@term".to_owned(), json!("page"));
        term.insert("@plural".to_owned(), json!(false));
        let branch = json!({"@variable": ["page"], "@match": "all", "$value": [{"text": term}]});
        *item = json!({"choose": {"if": branch, "else-if": []}});
    }
}

/// Title case is applied to the data instead ([`super::case`]); the short container title is a variable of its own.
fn mend_text(text: &mut Value) {
    let Some(text) = text.as_object_mut() else { return };
    if is_title_cased(text) {
        text.remove("@text-case");
    }
    let is = |name: &str, value: &str| text.get(name).and_then(Value::as_str) == Some(value);
    if is("@variable", "container-title") && is("@form", "short") {
        text.insert("@variable".to_owned(), json!("container-title-short"));
        text.insert("@form".to_owned(), json!("long"));
    }
}

fn is_title_cased(text: &Map<String, Value>) -> bool {
    text.get("@text-case").and_then(Value::as_str) == Some("title")
}

/// The variables that a style prints in title case and never otherwise.
pub(super) fn title_cased(csl: &Value) -> BTreeSet<String> {
    let mut uses = Vec::new();
    collect_texts(csl, &mut uses);
    let (title, other): (Vec<_>, Vec<_>) = uses.into_iter().partition(|(_, title)| *title);
    let other: BTreeSet<String> = other.into_iter().map(|(variable, _)| variable).collect();
    title.into_iter().map(|(variable, _)| variable).filter(|variable| !other.contains(variable)).collect()
}

fn collect_texts(element: &Value, uses: &mut Vec<(String, bool)>) {
    match element {
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, uses)),
        Value::Object(members) => {
            if let Some(text) = members.get("text").and_then(Value::as_object)
                && let Some(variable) = text.get("@variable").and_then(Value::as_str)
                && text.get("@form").and_then(Value::as_str) != Some("short")
            {
                uses.push((variable.to_owned(), is_title_cased(text)));
            }
            members.values().for_each(|child| collect_texts(child, uses));
        }
        _ => {}
    }
}
