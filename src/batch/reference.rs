//! What an operation takes from the answers to earlier ones.

use std::collections::HashMap;

use serde_json::Value;

use super::model::{NewOperation, OperationResult, is_plain, is_reference};
use crate::http::fault::{Fault, Reason, escape, shortened};

/// The only member of the object that stands for a reference in a body.
const REF: &str = "$ref";

/// The reference that a text between braces is.
fn braced(text: &str) -> Option<&str> {
    text.strip_prefix('{')?.strip_suffix('}')
}

/// What an object with the member `$ref` alone refers to.
fn referred(value: &Value) -> Option<&Value> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    members.get(REF)
}

/// The first faults that can be seen before anything is done: references to what no operation before has as its name.
pub fn faults(operation: &NewOperation, place: &str, known: &[&str]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut look = |pointer: String, reference: &str| {
        let name = reference.split('.').next().unwrap_or_default();
        if !is_reference(reference) {
            let detail = "Expected NAME.MEMBER, such as article.id.";
            faults.push(Fault::at(pointer, "invalid_reference", detail));
        } else if !known.contains(&name) {
            let detail = format!("No operation before this one has the name {:?}.", shortened(name));
            faults.push(Fault::at(pointer, "unknown_reference", detail));
        }
    };
    for step in operation.path.as_str().split('/').filter_map(braced) {
        look(format!("{place}/path"), step);
    }
    if let Some(reference) = operation.if_match.as_ref().and_then(|version| braced(version.as_str())) {
        look(format!("{place}/if_match"), reference);
    }
    if let Some(body) = &operation.body {
        each(body, format!("{place}/body"), &mut |pointer, value| {
            look(format!("{pointer}/{REF}"), value.as_str().unwrap_or_default());
        });
    }
    faults
}

fn each(value: &Value, pointer: String, look: &mut impl FnMut(&str, &Value)) {
    if let Some(reference) = referred(value) {
        return look(&pointer, reference);
    }
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| each(item, format!("{pointer}/{index}"), look));
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| each(value, format!("{pointer}/{}", escape(name)), look));
        }
        _ => {}
    }
}

/// What the operations so far answered, by their names.
#[derive(Default)]
pub struct Answered(HashMap<String, OperationResult>);

impl Answered {
    pub fn add(&mut self, result: &OperationResult) {
        if let Some(name) = &result.name {
            self.0.insert(name.clone(), result.clone());
        }
    }

    /// What the reference stands for.
    fn value(&self, reference: &str) -> Result<Value, Reason> {
        let nothing = || Reason::new("unresolved_reference", format!("There is nothing at {}.", shortened(reference)));
        let (name, members) = reference.split_once('.').ok_or_else(nothing)?;
        let result = self.0.get(name).ok_or_else(nothing)?;
        if members == "etag" {
            return result.etag.clone().map(Value::String).ok_or_else(nothing);
        }
        let mut value = result.body.as_ref().ok_or_else(nothing)?;
        for member in members.split('.') {
            let within = match value {
                Value::Array(items) => member.parse().ok().and_then(|index: usize| items.get(index)),
                other => other.get(member),
            };
            value = within.ok_or_else(nothing)?;
        }
        Ok(value.clone())
    }

    /// The address with what its references stand for.
    ///
    /// # Errors
    /// A reference leads to nothing, or to what is no step of an address.
    pub fn path(&self, path: &str) -> Result<String, Reason> {
        let step = |step: &str| match braced(step) {
            None => Ok(step.to_owned()),
            Some(reference) => match self.value(reference)? {
                Value::String(text) if is_plain(&text) => Ok(text),
                Value::Number(number) => Ok(number.to_string()),
                _ => {
                    let detail = format!("What is at {} can be no step of an address.", shortened(reference));
                    Err(Reason::new("unresolved_reference", detail))
                }
            },
        };
        Ok(path.split('/').map(step).collect::<Result<Vec<_>, _>>()?.join("/"))
    }

    /// The same of `If-Match`.
    ///
    /// # Errors
    /// The reference leads to nothing, or to what is no text.
    pub fn version(&self, version: &str) -> Result<String, Reason> {
        let Some(reference) = braced(version) else { return Ok(version.to_owned()) };
        match self.value(reference)? {
            Value::String(text) => Ok(text),
            _ => Err(Reason::new("unresolved_reference", format!("What is at {} is no ETag.", shortened(reference)))),
        }
    }

    /// The body with what its references stand for; the faults are of references that lead to nothing.
    ///
    /// # Errors
    /// All faults, with pointers from `place`.
    pub fn body(&self, body: &Value, place: &str) -> Result<Value, Vec<Fault>> {
        let mut faults = Vec::new();
        let filled = self.filled(body, place.to_owned(), &mut faults);
        if faults.is_empty() { Ok(filled) } else { Err(faults) }
    }

    fn filled(&self, value: &Value, pointer: String, faults: &mut Vec<Fault>) -> Value {
        if let Some(reference) = referred(value) {
            return self.value(reference.as_str().unwrap_or_default()).unwrap_or_else(|reason| {
                faults.push(Fault::at(format!("{pointer}/{REF}"), reason.code, reason.detail));
                Value::Null
            });
        }
        match value {
            Value::Array(items) => {
                let item = |(index, item)| self.filled(item, format!("{pointer}/{index}"), faults);
                Value::Array(items.iter().enumerate().map(item).collect())
            }
            Value::Object(members) => {
                let member = |(name, value): (&String, &Value)| {
                    (name.clone(), self.filled(value, format!("{pointer}/{}", escape(name)), faults))
                };
                Value::Object(members.iter().map(member).collect())
            }
            other => other.clone(),
        }
    }
}
