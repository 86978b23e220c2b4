//! Selection: which members of an answer are wanted (`fields=`) and what is to be added (`include=`).

use std::borrow::Cow;
use std::marker::PhantomData;

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde::Serialize;
use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, Object, ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::fault::{Fault, Faults, Reason, pointer, shortened, suggestion, text};
use super::query::invalid;
use crate::error::Problem;

/// The most paths in one [`Fields`].
pub const MOST_FIELDS: usize = 100;

/// `fields=title,slug,sections.heading`: sparse and nested. Checked against a list of known paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields(Vec<Vec<String>>);

impl Deserr<Faults> for Fields {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, |text| {
            let paths: Vec<Vec<String>> =
                text.split(',').map(|path| path.split('.').map(str::to_owned).collect()).collect();
            if paths.len() > MOST_FIELDS {
                return Err(Reason::new("too_many", format!("At most {MOST_FIELDS} fields.")));
            }
            Ok(Self(paths))
        })
    }
}

impl Fields {
    /// Refuses paths that are not among `known` (written as `sections.heading`; naming a parent takes all of it).
    pub fn check(&self, known: &[&str]) -> Result<(), Problem> {
        let faults: Vec<Fault> =
            self.unknown(known).map(|detail| Fault::of("fields", "unknown_field", detail)).collect();
        if faults.is_empty() { Ok(()) } else { Err(invalid(faults)) }
    }

    /// What is to be said about each path that is not among `known`.
    fn unknown(&self, known: &[&str]) -> impl Iterator<Item = String> {
        let paths = self.0.iter().map(|path| path.join(".")).filter(|path| !known.contains(&path.as_str()));
        paths.map(|path| format!("There is no field {:?}.{}", shortened(&path), suggestion(&path, known)))
    }

    /// Whether `path` or something within it is named.
    pub fn names(&self, path: &str) -> bool {
        self.0
            .iter()
            .any(|named| path.split('.').enumerate().all(|(at, step)| named.get(at).is_some_and(|n| n == step)))
    }

    /// Whether something of `path` is kept: it is named, or what it is within, or what is within it.
    pub fn reaches(&self, path: &str) -> bool {
        self.0.iter().any(|named| named.iter().zip(path.split('.')).all(|(name, step)| name == step))
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

/// What can be answered in part.
pub trait Sparse {
    /// Every path that `fields` may name; what is within a path without others below it comes whole.
    const FIELDS: &'static [&'static str];
}

/// [`Fields`] of an `S`: unknown ones are refused where they are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldsOf<S>(pub Fields, PhantomData<S>);

impl<S: Sparse> Deserr<Faults> for FieldsOf<S> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        let fields = Fields::deserialize_from_value(value, location)?;
        let place = pointer(location);
        let faults: Vec<Fault> =
            fields.unknown(S::FIELDS).map(|detail| Fault::at(place.clone(), "unknown_field", detail)).collect();
        if faults.is_empty() { Ok(Self(fields, PhantomData)) } else { Err(Faults(faults)) }
    }
}

impl<S: Sparse> PartialSchema for FieldsOf<S> {
    fn schema() -> RefOr<Schema> {
        let path = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(S::FIELDS.iter().copied()));
        ArrayBuilder::new().items(path).min_items(Some(1)).max_items(Some(MOST_FIELDS)).into()
    }
}

impl<S: Sparse> ToSchema for FieldsOf<S> {}

/// The whole of a thing, or the part of it that `fields` names.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Selected<T> {
    Whole(T),
    Part(serde_json::Value),
}

impl<T: Serialize> Selected<T> {
    /// Without `fields` the value is kept as it is: its bytes are not looked at.
    ///
    /// # Errors
    /// `internal` when the value cannot be made into JSON.
    pub fn of(value: T, fields: Option<&Fields>) -> Result<Self, Problem> {
        let Some(fields) = fields else { return Ok(Self::Whole(value)) };
        serde_json::to_value(value).map(|value| Self::Part(fields.apply(value))).map_err(Problem::internal)
    }
}

impl<T: ToSchema> PartialSchema for Selected<T> {
    fn schema() -> RefOr<Schema> {
        let mut part = Object::with_type(Type::Object);
        part.description = Some("With `fields`: those members, as the whole has them.".to_owned());
        part.min_properties = Some(1);
        part.max_properties = Some(MOST_FIELDS);
        AnyOfBuilder::new().item(Ref::from_schema_name(T::name())).item(part).into()
    }
}

impl<T: ToSchema> ToSchema for Selected<T> {
    fn name() -> Cow<'static, str> {
        format!("Selected{}", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
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
        assert!(fields.names("sections") && fields.names("sections.heading") && !fields.names("sections.heading.x"));
        assert!(fields.reaches("sections") && fields.reaches("title.x") && !fields.reaches("sections.html"));
        let problem = fields.check(&["title", "sections.headin", "page"]).unwrap_err();
        assert!(problem.errors()[0].detail.contains("Did you mean"));
    }
}
