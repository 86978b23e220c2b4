//! What the engine misreads in a style, mended in the style's serialised form before use.

use serde_json::{Map, Value, json};

use crate::citing::bibliography::item::{EDITED, IN_A_MONTH, NEVER, SEVERAL_PAGES};
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
                mend(item, place);
                page_label(item);
                month_alone(item);
            }
        }
        Value::Object(members) => {
            for (name, child) in members.iter_mut() {
                match name.as_str() {
                    "names" => {
                        name_the_names(child, place);
                        hand_down(child);
                    }
                    "if" | "else-if" => edited(child),
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
    // Without anything to stand for them, empty names do not keep the words around them from being printed.
    if place == Place::Body && !children.iter().any(|c| c.get("substitute").is_some()) {
        children.push(json!({"substitute": {"$value": [{"text": {"@variable": NEVER}}]}}));
    }
}

/// Names deeper inside `<substitute>` do not inherit the form of those they stand for.
fn hand_down(names: &mut Value) {
    /// Longer ones, which no style has, would make much of little.
    const LONGEST_FORM: usize = 4_000;
    let Some(children) = names.get_mut("$value").and_then(Value::as_array_mut) else { return };
    let form: Vec<Value> = children.iter().filter(|child| child.get("substitute").is_none()).cloned().collect();
    if json!(form).to_string().len() > LONGEST_FORM {
        return;
    }
    let substitutes = children.iter_mut().filter_map(|child| child.pointer_mut("/substitute/$value")?.as_array_mut());
    for choose in substitutes.flatten().filter_map(|child| child.get_mut("choose")) {
        give(choose, &form);
    }
}

fn give(element: &mut Value, form: &[Value]) {
    match element {
        Value::Array(items) => items.iter_mut().for_each(|item| give(item, form)),
        Value::Object(members) => {
            if let Some(names) = members.get_mut("names").and_then(Value::as_object_mut) {
                let own = names.entry("$value").or_insert_with(|| json!([]));
                if let Some(own) = own.as_array_mut().filter(|own| own.is_empty()) {
                    own.extend_from_slice(form);
                }
            }
            members.iter_mut().filter(|(name, _)| *name != "names").for_each(|(_, child)| give(child, form));
        }
        _ => {}
    }
}

/// Names that stood for others are no variables to the engine any more.
fn edited(branch: &mut Value) {
    let branches = match branch {
        Value::Array(branches) => branches.as_mut_slice(),
        one => std::slice::from_mut(one),
    };
    for branch in branches {
        let any = branch.get("@match").and_then(Value::as_str) == Some("any");
        let Some(variables) = branch.get_mut("@variable").and_then(Value::as_array_mut) else { continue };
        if any && variables.iter().any(|variable| variable == "editor") {
            variables.push(json!(EDITED));
        }
    }
}

/// The engine prints `pp.` for a range even where the style wants `p.` always, and `p.` for pages that it cannot read: then
/// the bare term stands instead.
fn page_label(item: &mut Value) {
    let Some(label) = item.get("label").and_then(Value::as_object) else { return };
    let is = |name: &str, value: &str| label.get(name).and_then(Value::as_str) == Some(value);
    if !is("@variable", "page") || is("@plural", "always") {
        return;
    }
    let term = |plural: bool| {
        let mut term = label.clone();
        term.remove("@variable");
        term.insert("@term".to_owned(), json!("page"));
        term.insert("@plural".to_owned(), json!(plural));
        json!({"text": term})
    };
    let when = |variables: Value, then: Value| json!({"@variable": variables, "@match": "all", "$value": [then]});
    *item = match is("@plural", "never") {
        true => json!({"choose": {"if": when(json!(["page"]), term(false)), "else-if": []}}),
        false => json!({"choose": {
            "if": when(json!(["page", SEVERAL_PAGES]), term(true)),
            "else-if": [when(json!(["page"]), term(false))],
        }}),
    };
}

/// The engine prints what stands around a month, and a delimiter before it, even if there is none.
fn month_alone(item: &mut Value) {
    let Some(date) = item.get("date").and_then(Value::as_object) else { return };
    let is_issued = date.get("@variable").and_then(Value::as_str) == Some("issued");
    let parts = date.get("date-part").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let is_year = |part: &Value| part.get("@name").and_then(Value::as_str) == Some("year");
    if is_issued && date.get("@form").is_none_or(Value::is_null) && !parts.is_empty() && !parts.iter().any(is_year) {
        let branch = json!({"@variable": [IN_A_MONTH], "@match": "all", "$value": [item.take()]});
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
