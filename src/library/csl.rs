//! Records in requests: reading one, merging a change into one, and the faults of both with their place in the body.

use deserr::{Deserr, IntoValue, Value, ValueKind, ValuePointerRef};
use serde_json::{Map, Value as Json};

use super::model::Key;
use crate::citing::record::{Record, RecordFault};
use crate::http::fault::{Fault, Faults, pointer, wrong_kind};

/// The most faults of a record that an answer tells.
const MOST_FAULTS: usize = 1_000;

/// A record that a request gives whole: checked. Its `id` is not part of it.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenRecord {
    pub record: Record,
    /// The record's `id`, which asks for a key.
    pub id: Option<Key>,
}

impl Deserr<Faults> for GivenRecord {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        let mut members = object(value, location)?;
        let at = pointer(location);
        let mut faults = Vec::new();
        let id = members.shift_remove("id").and_then(|id| key_of(&id, &at).map_err(|fault| faults.push(fault)).ok());
        match check(members, &at) {
            Ok(record) if faults.is_empty() => Ok(Self { record, id }),
            checked => {
                faults.extend(checked.err().unwrap_or_default());
                Err(Faults(faults))
            }
        }
    }
}

fn key_of(id: &Json, at: &str) -> Result<Key, Fault> {
    let at = format!("{at}/id");
    match id {
        Json::String(text) => Key::parse(text).map_err(|reason| Fault::at(at, reason.code, reason.detail)),
        _ => Err(Fault::at(at, "invalid_key", "The id of a record is the study's key, a text such as majid2009.")),
    }
}

/// A change of a record (JSON Merge Patch): what it makes of the record is checked, not the change itself.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordPatch(Map<String, Json>);

impl Deserr<Faults> for RecordPatch {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        object(value, location).map(Self)
    }
}

impl RecordPatch {
    /// The record after the change, of a study that has one of these keys.
    ///
    /// # Errors
    /// All faults of the record that it would be, and of an `id` that is not the key.
    pub fn applied_to(mut self, record: Map<String, Json>, keys: &[&str], at: &str) -> Result<Record, Vec<Fault>> {
        let mut faults = Vec::new();
        if self.0.shift_remove("id").is_some_and(|id| !keys.iter().any(|key| id == *key)) {
            let detail = format!("The id is the study's key, {}; `key` changes it.", keys.first().unwrap_or(&""));
            faults.push(Fault::at(format!("{at}/id"), "immutable", detail));
        }
        let mut merged = Json::Object(record);
        merge(&mut merged, Json::Object(self.0));
        let Json::Object(mut members) = merged else { return Err(faults) };
        members.shift_remove("id");
        match check(members, at) {
            Ok(record) if faults.is_empty() => Ok(record),
            checked => {
                faults.extend(checked.err().unwrap_or_default());
                Err(faults)
            }
        }
    }
}

fn object<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Map<String, Json>, Faults> {
    match value {
        Value::Map(_) => match Json::deserialize_from_value(value, location)? {
            Json::Object(members) => Ok(members),
            _ => Ok(Map::new()),
        },
        other => Err(wrong_kind(other, &[ValueKind::Map], location)),
    }
}

fn check(members: Map<String, Json>, at: &str) -> Result<Record, Vec<Fault>> {
    Record::parse(&Json::Object(members)).map_err(|faults| told(faults, at))
}

/// The faults as a problem document has them: pointers from the body's root, sentences.
fn told(faults: Vec<RecordFault>, at: &str) -> Vec<Fault> {
    let more = faults.len().saturating_sub(MOST_FAULTS);
    let mut told: Vec<Fault> = faults
        .into_iter()
        .take(MOST_FAULTS)
        .map(|fault| Fault::at(format!("{at}{}", fault.pointer), fault.code, sentence(&fault.detail)))
        .collect();
    if more > 0 {
        told.push(Fault::at(at, "more_faults", format!("There are {more} more faults in the record.")));
    }
    told
}

fn sentence(detail: &str) -> String {
    let mut letters = detail.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if detail.ends_with(['?', '.']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// RFC 7396, section 2: `MergePatch(Target, Patch)`.
fn merge(target: &mut Json, patch: Json) {
    let Json::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Json::Object(Map::new());
    }
    let Json::Object(members) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            members.shift_remove(&name);
        } else {
            merge(members.entry(name).or_insert(Json::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The examples of RFC 7396, appendix A.
    #[test]
    fn merges_as_the_rfc_has_it() {
        for (mut target, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a": "b"}), json!(["c"]), json!(["c"])),
            (json!({"a": "foo"}), json!(null), json!(null)),
            (json!({"a": "foo"}), json!("bar"), json!("bar")),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            merge(&mut target, patch);
            assert_eq!(target, result);
        }
    }

    #[test]
    fn faults_are_sentences_with_their_place() {
        let read = |value| deserr::deserialize::<GivenRecord, _, Faults>(value).map_err(|faults| faults.0);
        let faults = read(json!({"id": "Not A Key", "titel": "x"})).unwrap_err();
        let places: Vec<_> = faults.iter().map(|fault| fault.pointer.as_deref().unwrap()).collect();
        assert_eq!(places, ["/id", "/type", "/titel"]);
        assert_eq!(faults[2].detail, "CSL has no variable \"titel\"; did you mean \"title\"?");
        assert_eq!(faults[1].detail, "A record needs a type, e.g. article-journal.");
        let many: Map<String, Json> = (0..1_100).map(|i| (format!("x{i}"), json!(1))).collect();
        let faults = read(Json::Object(many)).unwrap_err();
        assert_eq!(faults.len(), MOST_FAULTS + 1);
        assert_eq!(read(json!([])).unwrap_err()[0].code, "wrong_type");
    }

    #[test]
    fn the_id_of_a_record_is_the_key() {
        let patch = |value| deserr::deserialize::<RecordPatch, _, Faults>(value).unwrap();
        let Json::Object(record) = json!({"id": "a1", "type": "book", "title": "T"}) else { panic!() };
        let same = patch(json!({"id": "a1", "title": null})).applied_to(record.clone(), &["a1"], "/csl").unwrap();
        assert_eq!(same.to_value(), json!({"type": "book"}));
        for id in [json!("b2"), json!(null), json!(1)] {
            let faults = patch(json!({"id": id})).applied_to(record.clone(), &["a1"], "/csl").unwrap_err();
            assert_eq!((faults[0].pointer.as_deref(), faults[0].code.as_str()), (Some("/csl/id"), "immutable"));
        }
    }
}
