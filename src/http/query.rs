//! Reading a query string: unknown, repeated and malformed parameters are named, all of them.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use deserr::Deserr;
use serde_json::{Map, Value, json};
use utoipa::IntoParams;

use super::fault::{Fault, Faults, closest, shortened, suggestion};
use super::filter::{ANY, NONE, NOT, negatable};
use super::writing::{self, Writing};
use crate::error::{Code, Problem};

/// The query parameters of an operation.
pub struct Query<T>(pub T);

impl<T: Deserr<Faults> + IntoParams> FromRequest for Query<T> {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let writes = request.extensions().contains::<Writing>();
        std::future::ready(read(request.query_string(), writes).map(Self))
    }
}

/// The operation has no query parameters; any is a fault.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NoParameters {}

/// `writes`: what all writes take is checked and left to the layer that acts on it.
fn read<T: Deserr<Faults> + IntoParams>(query: &str, writes: bool) -> Result<T, Problem> {
    let mut given = Map::new();
    let mut faults = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if value.contains('\0') {
            faults.push(Fault::of(name.clone(), "invalid_character", "The character U+0000 cannot stand here."));
        } else if given.contains_key(name.as_ref()) {
            faults.push(Fault::of(
                name.clone(),
                "repeated_parameter",
                "The parameter is given twice; join values by commas.",
            ));
        } else {
            given.insert(name.into_owned(), Value::String(value.into_owned()));
        }
    }
    if writes {
        faults.extend(without_common::<T>(&mut given));
    }
    let (given, unknown) = paired::<T>(given);
    faults.extend(unknown);
    match deserr::deserialize::<T, _, Faults>(Value::Object(given)) {
        Ok(value) if faults.is_empty() => Ok(value),
        read => {
            faults.extend(read.err().unwrap_or_default().of_parameters());
            Err(invalid(faults))
        }
    }
}

/// Takes what all writes take out of what is given, unless the operation asks for it itself, and what nobody takes; answers
/// what is wrong with it.
fn without_common<T: IntoParams>(given: &mut Map<String, Value>) -> Vec<Fault> {
    let names = |parameters: Vec<_>| -> Vec<String> {
        parameters.into_iter().map(|parameter: utoipa::openapi::path::Parameter| parameter.name).collect()
    };
    let (own, common) = (names(T::into_params(|| None)), names(writing::Parameters::into_params(|| None)));
    let known: Vec<&str> = own.iter().chain(&common).map(String::as_str).collect();
    let (mut taken, mut faults) = (Map::new(), Vec::new());
    for (name, value) in std::mem::take(given) {
        if own.contains(&name) || name.starts_with(NOT) {
            given.insert(name, value);
        } else if common.contains(&name) {
            taken.insert(name, value);
        } else {
            let detail = format!("There is no parameter {:?} here.{}", shortened(&name), suggestion(&name, &known));
            faults.push(Fault::of(name, "unknown_parameter", detail));
        }
    }
    let read = deserr::deserialize::<writing::Parameters, _, Faults>(Value::Object(taken));
    faults.extend(read.err().unwrap_or_default().of_parameters());
    faults
}

/// Puts `not.tag` beside `tag`, where there is a filter of that name.
fn paired<T: IntoParams>(mut given: Map<String, Value>) -> (Map<String, Value>, Vec<Fault>) {
    let negated: Vec<String> = given.keys().filter(|name| name.starts_with(NOT)).cloned().collect();
    let filters = if negated.is_empty() { Vec::new() } else { negatable::<T>() };
    // An operation without filters knows no such name: it is refused with all others that it does not know.
    if filters.is_empty() {
        return (given, Vec::new());
    }
    let mut unknown = Vec::new();
    for negated in negated {
        let Some(none) = given.shift_remove(&negated) else { continue };
        match filters.iter().find(|name| negated.strip_prefix(NOT) == Some(name)) {
            Some(name) => {
                let mut both = Map::new();
                both.extend(given.shift_remove(name).map(|any| (ANY.to_owned(), any)));
                both.insert(NONE.to_owned(), none);
                given.insert(name.clone(), json!(both));
            }
            None => {
                let near = unknown_filter(negated.strip_prefix(NOT).unwrap_or_default(), &filters);
                let detail = format!("There is no parameter {:?} here.{near}", shortened(&negated));
                unknown.push(Fault::of(negated, "unknown_parameter", detail));
            }
        }
    }
    (given, unknown)
}

/// What to write instead of a negation of what is no filter.
fn unknown_filter(given: &str, filters: &[String]) -> String {
    let known: Vec<&str> = filters.iter().map(String::as_str).collect();
    match closest(given, &known) {
        Some(name) => format!(" Did you mean \"{NOT}{name}\"?"),
        None => format!(" Known are: {NOT}{}.", known.join(&format!(", {NOT}"))),
    }
}

/// The problem of wrong parameters.
pub fn invalid(faults: Vec<Fault>) -> Problem {
    let detail = match faults.as_slice() {
        [only] => only.sentence(),
        many => format!("{} parameters are wrong.", many.len()),
    };
    Problem::new(Code::InvalidParameter, detail).with_errors(faults)
}

/// A parameter that is on or off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flag(pub bool);

impl Deserr<Faults> for Flag {
    fn deserialize_from_value<V: deserr::IntoValue>(
        value: deserr::Value<V>,
        location: deserr::ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        super::fault::text(value, location, |text| match text {
            "true" => Ok(Self(true)),
            "false" => Ok(Self(false)),
            other => Err(super::fault::Reason::unknown_word(other, &["true", "false"])),
        })
    }
}

/// Values joined by commas, each of which may be the one (OR). At most 50, none empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnyOf<T>(pub Vec<T>);

/// The most values in one [`AnyOf`].
pub const MOST_VALUES: usize = 50;

impl<T: ParseText> Deserr<Faults> for AnyOf<T> {
    fn deserialize_from_value<V: deserr::IntoValue>(
        value: deserr::Value<V>,
        location: deserr::ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        super::fault::text(value, location, |text| {
            let values = text.split(',').map(T::parse_text).collect::<Result<Vec<_>, _>>()?;
            if values.len() > MOST_VALUES {
                return Err(super::fault::Reason::new("too_many", format!("At most {MOST_VALUES} values.")));
            }
            Ok(Self(values))
        })
    }
}

/// Things that are asked for by name, joined by commas, to be answered in that order. At most 100, none twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch<T>(pub Vec<T>);

/// The most names in one [`Batch`].
pub const MOST_NAMES: usize = 100;

impl<T: ParseText + PartialEq> Deserr<Faults> for Batch<T> {
    fn deserialize_from_value<V: deserr::IntoValue>(
        value: deserr::Value<V>,
        location: deserr::ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        super::fault::text(value, location, |text| {
            let mut names = Vec::new();
            for given in text.split(',') {
                let name = T::parse_text(given)?;
                if names.contains(&name) {
                    let detail = format!("{:?} is given twice.", shortened(given));
                    return Err(super::fault::Reason::new("repeated_value", detail));
                }
                names.push(name);
                if names.len() > MOST_NAMES {
                    return Err(super::fault::Reason::new("too_many", format!("At most {MOST_NAMES} names.")));
                }
            }
            Ok(Self(names))
        })
    }
}

impl<T: utoipa::PartialSchema> utoipa::PartialSchema for Batch<T> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let names = utoipa::openapi::schema::ArrayBuilder::new().items(T::schema());
        names.min_items(Some(1)).max_items(Some(MOST_NAMES)).unique_items(true).into()
    }
}

impl<T: utoipa::PartialSchema> utoipa::ToSchema for Batch<T> {}

impl<T> Batch<T> {
    /// A batch has no pages and its own order: it goes with none of these.
    ///
    /// # Errors
    /// `invalid_parameter` for each that is given.
    pub fn alone(given: &[(&str, bool)]) -> Result<(), Problem> {
        let faults = given.iter().filter(|(_, given)| *given).map(|(name, _)| {
            Fault::of(*name, "not_with_ids", "Cannot be given with `ids`, which has its own order and one page.")
        });
        let faults: Vec<Fault> = faults.collect();
        if faults.is_empty() { Ok(()) } else { Err(invalid(faults)) }
    }
}

/// A type that is read from a text.
pub trait ParseText: Sized {
    fn parse_text(text: &str) -> Result<Self, super::fault::Reason>;
}

impl<T: utoipa::PartialSchema> utoipa::PartialSchema for AnyOf<T> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let values = utoipa::openapi::schema::ArrayBuilder::new().items(T::schema());
        values.min_items(Some(1)).max_items(Some(MOST_VALUES)).into()
    }
}

impl<T: utoipa::PartialSchema> utoipa::ToSchema for AnyOf<T> {}
