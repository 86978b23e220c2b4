//! What the engine misreads in a style, mended in the style's serialised form before use.

use serde_json::{Map, Value, json};

use crate::citing::bibliography::writer::{TITLE, TITLE_ENDS};

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

/// Title case is left to the writer, which finds a mark; the short container title is a variable of its own.
fn mend_text(text: &mut Value) {
    let Some(text) = text.as_object_mut() else { return };
    if is_title_cased(text) {
        text.remove("@text-case");
        let affix = |name: &str| text.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (prefix, suffix) = (affix("@prefix"), affix("@suffix"));
        // The engine makes an element of a variable: its end is the text's.
        if !suffix.is_empty() || !text.contains_key("@variable") {
            text.insert("@suffix".to_owned(), format!("{TITLE_ENDS}{suffix}").into());
        }
        text.insert("@prefix".to_owned(), format!("{prefix}{TITLE}").into());
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
