//! Reading a JSON body: media type, size, well-formedness, then every value with all faults at once.

use std::fmt;
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{self, Bytes};
use actix_web::{FromRequest, HttpRequest};
use deserr::{Deserr, IntoValue, ValuePointerRef};
use futures_util::StreamExt;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::fault::{Fault, Faults, shortened};
use crate::error::{Code, Problem};

/// A JSON body, read and checked.
pub struct Body<T>(pub T);

/// A JSON Merge Patch (RFC 7396): also accepted as `application/merge-patch+json`.
pub struct MergePatch<T>(pub T);

/// A member of a merge patch: left alone, set, or set to null (which for a plain member is a fault).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Patch<T> {
    #[default]
    Absent,
    Set(T),
}

impl<T> Patch<T> {
    /// Puts the new value, if there is one, in `place`.
    pub fn apply(self, place: &mut T) {
        if let Self::Set(value) = self {
            *place = value;
        }
    }

    /// A look at the new value, if there is one.
    pub fn as_option(&self) -> Option<&T> {
        match self {
            Self::Absent => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The new value, if there is one.
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Absent => None,
            Self::Set(value) => Some(value),
        }
    }
}

impl<T: Deserr<Faults>> Deserr<Faults> for Patch<T> {
    fn deserialize_from_value<V: IntoValue>(
        value: deserr::Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        T::deserialize_from_value(value, location).map(Self::Set)
    }
}

impl<T: Deserr<Faults> + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = read(request, payload, &["application/json"]);
        Box::pin(async move { decode(&read.await?).map(Self) })
    }
}

impl<T: Deserr<Faults> + 'static> FromRequest for MergePatch<T> {
    type Error = Problem;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = read(request, payload, &["application/merge-patch+json", "application/json"]);
        Box::pin(async move { decode(&read.await?).map(Self) })
    }
}

fn read(
    request: &HttpRequest,
    payload: &mut Payload,
    accepted: &'static [&'static str],
) -> impl Future<Output = Result<Bytes, Problem>> + use<> {
    let media_type = check_media_type(request, accepted);
    let bytes = Bytes::from_request(request, payload);
    let limit = request.app_data::<BodyLimit>().map_or(0, |limit| limit.0);
    async move {
        media_type?;
        bytes.await.map_err(|error| match error.as_response_error().status_code().as_u16() {
            413 => too_large(limit),
            _ => Problem::new(Code::MalformedRequest, "The body could not be read to its end."),
        })
    }
}

/// Reads a body of text in UTF-8, of one of these media types and at most so many bytes.
///
/// # Errors
/// `unsupported_media_type`, `body_too_large`, `malformed_request` when it breaks off, `validation_failed` for what is no
/// text.
pub async fn read_text(
    request: &HttpRequest,
    mut payload: web::Payload,
    accepted: &[&str],
    most: usize,
) -> Result<String, Problem> {
    check_media_type(request, accepted)?;
    let mut bytes = Vec::new();
    while let Some(chunk) = payload.next().await {
        let broken = |_| Problem::new(Code::MalformedRequest, "The body could not be read to its end.");
        bytes.extend_from_slice(&chunk.map_err(broken)?);
        if bytes.len() > most {
            return Err(too_large(most));
        }
    }
    let fault = |code, detail: String| Problem::validation(vec![Fault::at("", code, detail)]);
    let text = String::from_utf8(bytes).map_err(|error| {
        fault("not_utf8", format!("The body is not UTF-8 from byte {}.", error.utf8_error().valid_up_to()))
    })?;
    match text.contains('\0') {
        true => Err(fault("invalid_character", "The character U+0000 cannot stand here.".to_owned())),
        false => Ok(text),
    }
}

/// The most bytes a body may have.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimit(pub usize);

impl BodyLimit {
    /// What tells actix to stop reading there.
    pub fn payload_config(self) -> web::PayloadConfig {
        web::PayloadConfig::new(self.0)
    }
}

fn too_large(limit: usize) -> Problem {
    Problem::new(Code::BodyTooLarge, format!("The body may have {limit} bytes at most."))
}

fn check_media_type(request: &HttpRequest, accepted: &[&str]) -> Result<(), Problem> {
    let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if accepted.iter().any(|media_type| media_type.eq_ignore_ascii_case(essence)) {
        return Ok(());
    }
    let detail = match essence {
        "" => format!("Content-Type is missing; send {}.", accepted.join(" or ")),
        other => format!("{} is not read here; send {}.", shortened(other), accepted.join(" or ")),
    };
    Err(Problem::new(Code::UnsupportedMediaType, detail).with_header("Accept-Post", accepted.join(", ")))
}

fn decode<T: Deserr<Faults>>(bytes: &[u8]) -> Result<T, Problem> {
    let value = parse(bytes)?;
    deserr::deserialize(value).map_err(|faults: Faults| Problem::validation(faults.0))
}

/// Parses JSON strictly: UTF-8, no member twice, no U+0000 (which PostgreSQL cannot keep), at most 128 levels.
///
/// # Errors
/// `invalid_json` with the place.
pub fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Problem::new(Code::InvalidJson, format!("The body is not UTF-8 from byte {}.", error.valid_up_to()))
    })?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Strict(PhantomData).deserialize(&mut deserializer).map_err(invalid)?;
    deserializer.end().map_err(invalid)?;
    Ok(value)
}

fn invalid(error: serde_json::Error) -> Problem {
    Problem::new(Code::InvalidJson, format!("The body is not valid JSON: {error}."))
}

/// Builds a [`Value`] and refuses what `serde_json` would let pass.
#[derive(Clone, Copy)]
struct Strict(PhantomData<()>);

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    /// `3.0` is an integer, as JSON Schema has it.
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if value.fract() == 0.0 && value.abs() < EXACT {
            return Ok(Value::Number((value as i64).into()));
        }
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number out of range"))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        checked(value).map(|value| Value::String(value.to_owned()))
    }

    fn visit_string<E: serde::de::Error>(self, value: String) -> Result<Value, E> {
        checked(&value)?;
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            checked(&name)?;
            let value = access.next_value_seed(self)?;
            if members.contains_key(&name) {
                return Err(A::Error::custom(format!("the member {:?} is there twice", shortened(&name))));
            }
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

fn checked<E: serde::de::Error>(text: &str) -> Result<&str, E> {
    if text.contains('\0') { Err(E::custom("the character U+0000 cannot be stored")) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_would_be_lost() {
        for (body, says) in [
            (r#"{"a":1,"a":2}"#, "twice"),
            ("{\"a\":\"\\u0000\"}", "U+0000"),
            (r#"{"a":1} x"#, "trailing"),
            ("", "EOF"),
            (r#"{"a":"\ud800"}"#, "hex escape"),
        ] {
            let problem = parse(body.as_bytes()).unwrap_err();
            assert_eq!(problem.code(), Code::InvalidJson);
            assert!(problem.detail().contains(says), "{body}: {}", problem.detail());
        }
        assert!(parse(&[b'"', 0xff, b'"']).unwrap_err().detail().contains("byte 1"));
        assert!(parse("[".repeat(200).as_bytes()).is_err());
    }

    #[test]
    fn keeps_what_is_well_formed() {
        let value = parse(br#"{"b":[1,-2,2.5,3.0,null,true],"a":{"x":"y"}}"#).unwrap();
        assert_eq!(value.to_string(), r#"{"b":[1,-2,2.5,3,null,true],"a":{"x":"y"}}"#);
    }
}
