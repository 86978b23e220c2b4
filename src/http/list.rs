//! Lists with a bound.

use deserr::{DeserializeError, Deserr, ErrorKind, IntoValue, Sequence, Value, ValuePointerRef};

use super::fault::{Fault, Faults, pointer};

/// A JSON array of at most `N` items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtMost<T, const N: usize>(pub Vec<T>);

impl<T, const N: usize> Default for AtMost<T, N> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// A JSON array of one to `N` items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneTo<T, const N: usize>(pub Vec<T>);

impl<T: Deserr<Faults>, const N: usize> Deserr<Faults> for OneTo<T, N> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        match value {
            Value::Sequence(items) if items.is_empty() => {
                Err(Faults(vec![Fault::at(pointer(location), "too_few", "At least one item.")]))
            }
            value => AtMost::<T, N>::deserialize_from_value(value, location).map(|AtMost(items)| Self(items)),
        }
    }
}

impl<T: Deserr<Faults>, const N: usize> Deserr<Faults> for AtMost<T, N> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        match value {
            Value::Sequence(items) if items.len() > N => {
                let detail = format!("At most {N} items, these are {}.", items.len());
                Err(Faults(vec![Fault::at(pointer(location), "too_many", detail)]))
            }
            Value::Sequence(items) => Vec::deserialize_from_value(Value::<V>::Sequence(items), location).map(Self),
            other => {
                let kind = ErrorKind::IncorrectValueKind { actual: other, accepted: &[deserr::ValueKind::Sequence] };
                Err(deserr::take_cf_content(Faults::error(None, kind, location)))
            }
        }
    }
}
