//! Reading a query string: unknown, repeated and malformed parameters are named, all of them.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use deserr::Deserr;
use serde_json::{Map, Value};

use super::fault::{Fault, Faults};
use crate::error::{Code, Problem};

/// The query parameters of an operation.
pub struct Query<T>(pub T);

impl<T: Deserr<Faults>> FromRequest for Query<T> {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(read(request.query_string()).map(Self))
    }
}

/// The operation has no query parameters; any is a fault.
#[derive(Debug, Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NoParameters {}

fn read<T: Deserr<Faults>>(query: &str) -> Result<T, Problem> {
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
    match deserr::deserialize::<T, _, Faults>(Value::Object(given)) {
        Ok(value) if faults.is_empty() => Ok(value),
        read => {
            faults.extend(read.err().unwrap_or_default().of_parameters());
            Err(invalid(faults))
        }
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
