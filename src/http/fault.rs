//! What is wrong with a request, value by value: collected, never only the first.

use std::ops::ControlFlow;

use deserr::{DeserializeError, ErrorKind, IntoValue, MergeWithError, Value, ValueKind, ValuePointerRef};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    /// Where in the body: a JSON Pointer (RFC 6901), empty for the body as a whole.
    #[schema(max_length = 8388608, example = "/sections/0/heading")]
    pub pointer: Option<String>,
    /// Which query parameter or header, when it is not in the body.
    #[schema(max_length = 65536)]
    pub parameter: Option<String>,
    /// Stable, for programs.
    #[schema(max_length = 60, pattern = "^[a-z][a-z0-9_]*$", example = "too_long")]
    pub code: String,
    /// For people.
    #[schema(max_length = 4000, example = "At most 300 characters, this has 412.")]
    pub detail: String,
}

impl Fault {
    /// A fault in the body.
    pub fn at(pointer: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        Self { pointer: Some(pointer.into()), parameter: None, code: code.to_owned(), detail: bounded(detail) }
    }

    /// A fault of a query parameter or a header.
    pub fn of(parameter: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        Self { pointer: None, parameter: Some(parameter.into()), code: code.to_owned(), detail: bounded(detail) }
    }

    /// The same fault of a body that stands at `place` of another one, where its parameters have `parameters` as their place.
    pub fn within(self, place: &str, parameters: &str) -> Self {
        let pointer = match (&self.pointer, &self.parameter) {
            (Some(pointer), _) => format!("{place}{pointer}"),
            (None, _) => parameters.to_owned(),
        };
        Self { pointer: Some(pointer), parameter: None, ..self }
    }

    /// The fault with its place, as one sentence.
    pub fn sentence(&self) -> String {
        match (self.pointer.as_deref(), self.parameter.as_deref()) {
            (Some(""), _) | (None, None) => self.detail.clone(),
            (Some(place), _) | (None, Some(place)) => format!("{}: {}", shortened(place), self.detail),
        }
    }
}

/// All faults of one value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// The faults as those of query parameters: the first step of the pointer is the parameter's name, the second tells
    /// a filter's negation.
    pub fn of_parameters(self) -> Vec<Fault> {
        let rename = |fault: Fault| {
            let place = fault.pointer.as_deref().unwrap_or_default().trim_start_matches('/');
            let mut steps = place.split('/').map(|step| step.replace("~1", "/").replace("~0", "~"));
            let name = steps.next().unwrap_or_default();
            let negated = steps.next().is_some_and(|step| step == super::filter::NONE);
            let name = if negated { format!("{}{name}", super::filter::NOT) } else { name };
            let code = match fault.code.as_str() {
                "unknown_member" => "unknown_parameter",
                other => other,
            };
            Fault::of(name, code, fault.detail.replace(" member ", " parameter "))
        };
        self.0.into_iter().map(rename).collect()
    }
}

impl MergeWithError<Faults> for Faults {
    fn merge(self_: Option<Self>, other: Self, _: ValuePointerRef<'_>) -> ControlFlow<Self, Self> {
        let mut all = self_.unwrap_or_default();
        all.0.extend(other.0);
        ControlFlow::Continue(all)
    }
}

impl DeserializeError for Faults {
    fn error<V: IntoValue>(
        self_: Option<Self>,
        error: ErrorKind<'_, V>,
        location: ValuePointerRef<'_>,
    ) -> ControlFlow<Self, Self> {
        let here = pointer(location);
        let fault = match error {
            ErrorKind::IncorrectValueKind { actual, accepted } => {
                let accepted: Vec<&str> = accepted.iter().map(|kind| kind_name(*kind)).collect();
                let detail = format!("Expected {}, got {}.", join(&accepted, " or "), kind_name(actual.kind()));
                Fault::at(here, "wrong_type", detail)
            }
            ErrorKind::MissingField { field } => {
                Fault::at(format!("{here}/{}", escape(field)), "required", "This member is required.")
            }
            ErrorKind::UnknownKey { key, accepted } => {
                let detail = format!("There is no member {:?} here.{}", shortened(key), suggestion(key, accepted));
                Fault::at(format!("{here}/{}", escape(key)), "unknown_member", detail)
            }
            ErrorKind::UnknownValue { value, accepted } => {
                Fault::at(here, "unknown_value", unknown_word_detail(value, accepted))
            }
            ErrorKind::BadSequenceLen { expected, .. } => {
                Fault::at(here, "wrong_length", format!("Expected {expected} items."))
            }
            ErrorKind::Unexpected { msg } => Fault::at(here, "invalid_value", msg),
        };
        Self::merge(self_, Self(vec![fault]), location)
    }
}

/// Why a text cannot be what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    pub code: &'static str,
    pub detail: String,
}

impl Reason {
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// A word that is not in a closed list.
    pub fn unknown_word(word: &str, known: &[&str]) -> Self {
        Self::new("unknown_value", unknown_word_detail(word, known))
    }
}

/// Reads a string value with `parse`: how every checked text type implements [`deserr::Deserr`].
pub fn text<T, V: IntoValue>(
    value: Value<V>,
    location: ValuePointerRef<'_>,
    parse: impl FnOnce(&str) -> Result<T, Reason>,
) -> Result<T, Faults> {
    match value {
        Value::String(text) => {
            parse(&text).map_err(|reason| Faults(vec![Fault::at(pointer(location), reason.code, reason.detail)]))
        }
        other => Err(wrong_kind(other, &[ValueKind::String], location)),
    }
}

/// The fault of a value that is of another kind than accepted.
pub fn wrong_kind<V: IntoValue>(actual: Value<V>, accepted: &[ValueKind], location: ValuePointerRef<'_>) -> Faults {
    deserr::take_cf_content(Faults::error(None, ErrorKind::IncorrectValueKind { actual, accepted }, location))
}

/// The location as a JSON Pointer (RFC 6901).
pub fn pointer(location: ValuePointerRef<'_>) -> String {
    match location {
        ValuePointerRef::Origin => String::new(),
        ValuePointerRef::Key { key, prev } => format!("{}/{}", pointer(*prev), escape(key)),
        ValuePointerRef::Index { index, prev } => format!("{}/{index}", pointer(*prev)),
    }
}

/// Escapes one step of a JSON Pointer.
pub fn escape(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

/// The most characters of a detail, as the contract has it.
const MOST_DETAIL: usize = 4000;

/// A detail repeats what the client sent, which can be long.
fn bounded(detail: impl Into<String>) -> String {
    let detail = detail.into();
    match detail.char_indices().nth(MOST_DETAIL - 1) {
        Some((end, _)) => format!("{}…", &detail[..end]),
        None => detail,
    }
}

/// A text of the client's as it is repeated to a person: the beginning of it tells which one is meant.
pub fn shortened(given: &str) -> std::borrow::Cow<'_, str> {
    const MOST: usize = 100;
    match given.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &given[..end]).into(),
        None => given.into(),
    }
}

/// ` Did you mean "x"?` when something known is close, else the known ones.
pub fn suggestion(given: &str, known: &[&str]) -> String {
    match closest(given, known) {
        Some(word) => format!(" Did you mean {word:?}?"),
        None => format!(" Known are: {}.", join(known, ", ")),
    }
}

/// The known word that is closest, if one is close.
pub fn closest<'k>(given: &str, known: &[&'k str]) -> Option<&'k str> {
    let scored = known.iter().map(|word| (likeness(given, word), *word));
    let close = scored.filter(|(score, _)| *score > 0.8).max_by(|a, b| a.0.total_cmp(&b.0));
    close.map(|(_, word)| word)
}

fn likeness(given: &str, word: &str) -> f64 {
    // Of a short word a slip leaves little.
    let slip = word.chars().count() > 2 && strsim::osa_distance(given, word) == 1;
    strsim::jaro_winkler(given, word).max(if slip { 0.9 } else { 0.0 })
}

fn unknown_word_detail(word: &str, known: &[&str]) -> String {
    format!("{:?} is not one of {}.", shortened(word), join(known, ", "))
}

fn join(words: &[&str], between: &str) -> String {
    words.join(between)
}

fn kind_name(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Null => "null",
        ValueKind::Boolean => "a boolean",
        ValueKind::Integer => "an integer",
        ValueKind::NegativeInteger => "a negative integer",
        ValueKind::Float => "a number",
        ValueKind::String => "a string",
        ValueKind::Sequence => "an array",
        ValueKind::Map => "an object",
    }
}
