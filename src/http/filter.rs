//! Filters: `tag=a,b` has one of these, `not.tag=c` has none of those.

use deserr::{Deserr, IntoValue, Map, MergeWithError, Value, ValuePointerRef};
use serde_json::json;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, Duration};
use utoipa::openapi::RefOr;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::fault::{Faults, Reason, text};
use super::query::{AnyOf, MOST_VALUES, ParseText};
use crate::db::types::Instant;

/// What the name of a parameter that negates a filter begins with.
pub const NOT: &str = "not.";

/// Marks the schema of a filter that can be negated: the contract gets the second parameter from it.
pub const NEGATABLE: &str = "x-negatable";

/// Values that a thing has one of, and values that it has none of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter<T> {
    pub any: Option<Vec<T>>,
    pub none: Option<Vec<T>>,
}

impl<T> Default for Filter<T> {
    fn default() -> Self {
        Self { any: None, none: None }
    }
}

impl<T> Filter<T> {
    /// Has this one.
    pub fn only(value: T) -> Self {
        Self { any: Some(vec![value]), none: None }
    }

    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.any.is_none() && self.none.is_none()
    }

    /// The same filter of other values.
    pub fn map<U>(self, mut with: impl FnMut(T) -> U) -> Filter<U> {
        let mut all = |values: Option<Vec<T>>| values.map(|values| values.into_iter().map(&mut with).collect());
        Filter { any: all(self.any), none: all(self.none) }
    }

    /// Whether a thing is left that has the values of which `has` says so.
    pub fn leaves(&self, has: impl Fn(&T) -> bool) -> bool {
        self.any.as_ref().is_none_or(|any| any.iter().any(&has))
            && !self.none.as_ref().is_some_and(|none| none.iter().any(&has))
    }
}

/// The two values of one filter, as reading the query string puts them together.
pub(super) const ANY: &str = "any";
pub(super) const NONE: &str = "not";

impl<T: ParseText> Deserr<Faults> for Filter<T> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        let Value::Map(both) = value else {
            let any = AnyOf::deserialize_from_value(value, location)?;
            return Ok(Self { any: Some(any.0), none: None });
        };
        let (mut filter, mut faults) = (Self::default(), None);
        for (name, value) in both.into_iter() {
            let negated = name == NONE;
            let place = if negated { location.push_key(NONE) } else { location };
            match AnyOf::deserialize_from_value(value.into_value(), place) {
                Ok(values) if negated => filter.none = Some(values.0),
                Ok(values) => filter.any = Some(values.0),
                Err(wrong) => faults = Some(deserr::take_cf_content(Faults::merge(faults, wrong, location))),
            }
        }
        match faults {
            None => Ok(filter),
            Some(faults) => Err(faults),
        }
    }
}

impl<T: PartialSchema> PartialSchema for Filter<T> {
    fn schema() -> RefOr<Schema> {
        let mark = ExtensionsBuilder::new().add(NEGATABLE, json!(true)).build();
        ArrayBuilder::new()
            .items(T::schema())
            .min_items(Some(1))
            .max_items(Some(MOST_VALUES))
            .extensions(Some(mark))
            .into()
    }
}

impl<T: PartialSchema> ToSchema for Filter<T> {}

/// The parameters that can be negated.
pub(super) fn negatable<T: IntoParams>() -> Vec<String> {
    let parameters = T::into_params(|| Some(ParameterIn::Query)).into_iter();
    parameters.filter(is_negatable).map(|parameter| parameter.name).collect()
}

fn is_negatable(parameter: &Parameter) -> bool {
    match &parameter.schema {
        Some(RefOr::T(Schema::Array(array))) => {
            array.extensions.as_ref().is_some_and(|extensions| extensions.contains_key(NEGATABLE))
        }
        _ => false,
    }
}

/// The most characters of a bound.
const MOST_CHARACTERS: usize = 40;

/// A moment or a whole day in UTC, as a bound of moments, which are kept to the microsecond. A finer one lies between two of
/// them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    before: Instant,
    after: Instant,
}

impl Bound {
    /// The moment from which on all lies after it, that moment included.
    pub fn after(self) -> Instant {
        self.after
    }

    /// The moment before which all lies before it.
    pub fn before(self) -> Instant {
        self.before
    }

    fn read(text: &str) -> Option<Self> {
        const DAY: &[BorrowedFormatItem<'static>] = format_description!("[year]-[month]-[day]");
        if text.len() > MOST_CHARACTERS {
            return None;
        }
        let later = |at: Instant, by| Instant::new(at.get().saturating_add(by));
        if let Some(at) = Instant::parse(text) {
            let next = later(at, Duration::microseconds(1));
            return Some(Self { before: if is_finer(text) { next } else { at }, after: next });
        }
        let day = Date::parse(text, DAY).ok().filter(|day| (0..=9999).contains(&day.year()))?;
        let first = Instant::new(day.midnight().assume_utc());
        Some(Self { before: first, after: later(first, Duration::days(1)) })
    }
}

/// Whether a timestamp says more than its microsecond. A leap second lies after the last one of its minute.
fn is_finer(timestamp: &str) -> bool {
    let fraction = timestamp.split_once('.').map_or("", |(_, rest)| rest);
    let digits = fraction.bytes().take_while(u8::is_ascii_digit);
    digits.skip(6).any(|digit| digit != b'0') || timestamp.get(17..19) == Some("60")
}

impl Deserr<Faults> for Bound {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, |text| {
            Self::read(text).ok_or_else(|| {
                let detail = "Expected a day (2024-06-24) or a moment with its offset (2024-06-24T08:30:00Z).";
                Reason::new("invalid_time", detail)
            })
        })
    }
}

impl PartialSchema for Bound {
    fn schema() -> RefOr<Schema> {
        let text =
            |format| ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(format)));
        let either =
            [KnownFormat::Date, KnownFormat::DateTime].map(|format| text(format).max_length(Some(MOST_CHARACTERS)));
        either.into_iter().fold(AnyOfBuilder::new(), AnyOfBuilder::item).into()
    }
}

impl ToSchema for Bound {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_left_out_on_both_sides() {
        let day = Bound::read("2024-06-24").unwrap();
        assert_eq!(day.before().to_rfc3339(), "2024-06-24T00:00:00Z");
        assert_eq!(day.after().to_rfc3339(), "2024-06-25T00:00:00Z");
        let moment = Bound::read("2024-06-24T10:00:00+02:00").unwrap();
        assert_eq!(moment.before().to_rfc3339(), "2024-06-24T08:00:00Z");
        assert_eq!(moment.after().to_rfc3339(), "2024-06-24T08:00:00.000001Z");
        for wrong in
            ["", "2024", "2024-06", "2024-13-01", "2024-06-24T10:00:00", "24.06.2024", "yesterday", "-2024-01-01"]
        {
            assert_eq!(Bound::read(wrong), None, "{wrong}");
        }
        // A finer one lies between two: what is kept as the first is before it, what is kept as the second after it.
        for finer in
            ["2024-06-24T08:00:00.0000001Z", "2024-06-24T08:00:00.0000000000001Z", "2024-06-24T08:00:00.0000009Z"]
        {
            let finer = Bound::read(finer).unwrap();
            assert_eq!(finer.before().to_rfc3339(), "2024-06-24T08:00:00.000001Z");
            assert_eq!(finer.after(), finer.before());
        }
        assert_eq!(Bound::read("2024-06-24T08:00:00.0000000000Z"), Some(moment));
        let leap = Bound::read("2016-12-31T23:59:60Z").unwrap();
        assert_eq!((leap.before(), leap.after()), (leap.after(), Bound::read("2017-01-01").unwrap().before()));
        assert_eq!(Bound::read(&format!("2024-06-24T08:00:00.{}Z", "0".repeat(20))), None);
        // Nothing comes after the last day there is.
        assert!(Bound::read("9999-12-31").unwrap().after() >= Bound::read("9999-12-31").unwrap().before());
    }

    #[test]
    fn leaves_what_has_one_and_not_the_other() {
        let filter = Filter { any: Some(vec![1, 2]), none: Some(vec![3]) };
        let leaves = |has: &[i32]| filter.leaves(|value| has.contains(value));
        assert!(leaves(&[2, 4]) && !leaves(&[2, 3]) && !leaves(&[4]) && !leaves(&[]));
        assert!(Filter::<i32>::default().leaves(|_| false) && Filter::<i32>::default().is_empty());
    }
}
