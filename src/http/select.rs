//! Selection: which members of an answer are wanted (`fields=`) and what is to be added (`include=`).

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};

use super::fault::{Fault, Faults, Reason, suggestion, text};
use super::query::invalid;
use crate::error::Problem;

/// `fields=title,slug,sections.heading`: sparse and nested. Checked against a list of known paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields(Vec<Vec<String>>);

impl Deserr<Faults> for Fields {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, |text| {
            let paths: Vec<Vec<String>> =
                text.split(',').map(|path| path.split('.').map(str::to_owned).collect()).collect();
            if paths.len() > 100 {
                return Err(Reason::new("too_many", "At most 100 fields."));
            }
            Ok(Self(paths))
        })
    }
}

impl Fields {
    /// Refuses paths that are not among `known` (written as `sections.heading`; naming a parent takes all of it).
    pub fn check(&self, known: &[&str]) -> Result<(), Problem> {
        let faults: Vec<Fault> = self
            .0
            .iter()
            .map(|path| path.join("."))
            .filter(|path| !known.contains(&path.as_str()))
            .map(|path| {
                let detail = format!("There is no field {path:?}.{}", suggestion(&path, known));
                Fault::of("fields", "unknown_field", detail)
            })
            .collect();
        if faults.is_empty() { Ok(()) } else { Err(invalid(faults)) }
    }

    /// Whether something below this top-level member is wanted.
    pub fn wants(&self, member: &str) -> bool {
        self.0.iter().any(|path| path.first().is_some_and(|first| first == member))
    }

    /// Keeps what is wanted of `value`; arrays are taken item by item.
    pub fn apply(&self, value: serde_json::Value) -> serde_json::Value {
        let paths: Vec<&[String]> = self.0.iter().map(Vec::as_slice).collect();
        prune(value, &paths)
    }
}

fn prune(value: serde_json::Value, paths: &[&[String]]) -> serde_json::Value {
    if paths.iter().any(|path| path.is_empty()) {
        return value;
    }
    match value {
        serde_json::Value::Array(items) => items.into_iter().map(|item| prune(item, paths)).collect(),
        serde_json::Value::Object(members) => {
            let keep = |(name, value): (String, serde_json::Value)| {
                let below: Vec<&[String]> =
                    paths.iter().filter(|path| path.first() == Some(&name)).filter_map(|path| path.get(1..)).collect();
                (!below.is_empty()).then(|| (name, prune(value, &below)))
            };
            serde_json::Value::Object(members.into_iter().filter_map(keep).collect())
        }
        scalar => scalar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keeps_only_what_is_named() {
        let fields: Fields = deserr::deserialize::<_, _, Faults>(json!("title,sections.heading,page")).unwrap();
        let value = json!({"id": 1, "title": "t", "sections": [{"heading": "h", "html": "x"}], "page": {"a": 1}});
        assert_eq!(fields.apply(value), json!({"title": "t", "sections": [{"heading": "h"}], "page": {"a": 1}}));
        assert!(fields.wants("sections") && !fields.wants("html"));
        let problem = fields.check(&["title", "sections.headin", "page"]).unwrap_err();
        assert!(problem.errors()[0].detail.contains("Did you mean"));
    }
}
