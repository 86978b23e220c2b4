//! Entity tags: strong ones of bytes, and the versioned ones that changes are made under.

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, IF_MATCH, IF_NONE_MATCH};
use actix_web::{FromRequest, HttpRequest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use xxhash_rust::xxh3::xxh3_128;

use crate::error::{Code, Problem};

/// The strong tag of these bytes, quoted as the header has it.
pub fn of_bytes(bytes: &[u8]) -> String {
    format!("\"{}\"", digest(bytes))
}

/// The strong tag of one representation of a versioned thing: `"VERSION.DIGEST"`. `If-Match` compares the version
/// only, so that every representation read at that version may be the base of a change.
pub fn of_version(version: i32, bytes: &[u8]) -> String {
    format!("\"{version}.{}\"", digest(bytes))
}

/// 128 bits tell different bytes apart; whoever could make two texts with one tag could only mislead who caches them
/// both for the same address, and writes both of them.
fn digest(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(xxh3_128(bytes).to_be_bytes())
}

/// Whether `If-None-Match` names the tag (weak comparison, RFC 9110 section 13.1.2).
pub fn none_match_hits(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|given| given == "*" || given.trim_start_matches("W/") == etag)
}

/// The version that a change is made from, taken from `If-Match`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// `*`: whatever the version is. Only admins may say so.
    Any,
    /// One of these versions.
    Versions(Vec<i32>),
}

impl IfMatch {
    /// Whether the change may be made to this version.
    pub fn allows(&self, version: i32) -> bool {
        match self {
            Self::Any => true,
            Self::Versions(versions) => versions.contains(&version),
        }
    }

    /// The newest of the versions that it names.
    pub fn newest(&self) -> Option<i32> {
        match self {
            Self::Any => None,
            Self::Versions(versions) => versions.iter().copied().max(),
        }
    }

    fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut versions = Vec::new();
        let mut seen = false;
        for value in headers.get_all(IF_MATCH) {
            seen = true;
            let text = value.to_str().map_err(|_| unreadable())?;
            for tag in text.split(',').map(str::trim) {
                if tag == "*" {
                    return Ok(Self::Any);
                }
                // A weak or foreign tag never matches strongly; one that is no tag at all is a mistake to tell.
                let opaque = tag.trim_start_matches("W/").strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
                let opaque = opaque.ok_or_else(unreadable)?;
                if !tag.starts_with("W/") {
                    versions.extend(opaque.split('.').next().and_then(|version| version.parse::<i32>().ok()));
                }
            }
        }
        if seen { Ok(Self::Versions(versions)) } else { Err(missing()) }
    }
}

/// `If-Match` of a change that makes the thing where it is not there yet: needed only where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IfMatchThere(pub Option<IfMatch>);

impl IfMatchThere {
    /// Whether the change may be made to `what`, as in "the study", at its version; `None`: it is not there.
    ///
    /// # Errors
    /// `precondition_required`, `version_conflict`.
    pub fn check(&self, what: &str, there: Option<i32>) -> Result<(), Problem> {
        match (&self.0, there) {
            (None, None) => Ok(()),
            (None, Some(_)) => Err(missing()),
            (Some(if_match), Some(version)) if if_match.allows(version) => Ok(()),
            (Some(_), Some(version)) => Err(Problem::version_conflict(what, version)),
            (Some(_), None) => Err(Problem::new(Code::VersionConflict, format!("The {what} is not there yet."))),
        }
    }
}

impl FromRequest for IfMatchThere {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let given = request.headers().contains_key(IF_MATCH);
        std::future::ready(given.then(|| IfMatch::read(request.headers())).transpose().map(Self))
    }
}

impl IntoParams for IfMatchThere {
    fn into_params(within: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = IfMatch::into_params(within);
        for parameter in &mut parameters {
            parameter.required = Required::False;
            parameter.description = Some(
                "The ETag of the version that the change is made from; needed when there is one. `*`, for admins, \
                 whatever the version."
                    .to_owned(),
            );
        }
        parameters
    }
}

/// `If-Match` of a thing without a version number: optional, and compared with the tag of its representation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Precondition(Option<Vec<String>>);

impl Precondition {
    /// Whether the change may be made to what has this tag (strong comparison, RFC 9110 section 13.1.1).
    pub fn allows(&self, etag: &str) -> bool {
        self.0.as_ref().is_none_or(|tags| tags.iter().any(|tag| tag == "*" || tag == etag))
    }

    fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut tags = None;
        for value in headers.get_all(IF_MATCH) {
            let text = value.to_str().map_err(|_| unreadable())?;
            for tag in text.split(',').map(str::trim) {
                let opaque = tag.trim_start_matches("W/");
                if tag != "*" && !(opaque.len() > 1 && opaque.starts_with('"') && opaque.ends_with('"')) {
                    return Err(unreadable());
                }
                tags.get_or_insert_with(Vec::new).push(tag.to_owned());
            }
        }
        Ok(Self(tags))
    }
}

impl FromRequest for Precondition {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Self::read(request.headers()))
    }
}

fn missing() -> Problem {
    Problem::new(Code::PreconditionRequired, "Send If-Match with the ETag of the version you changed.")
}

fn unreadable() -> Problem {
    Problem::new(Code::InvalidHeader, "If-Match has to be an ETag in quotes, several of them, or *.")
        .with_errors(vec![super::fault::Fault::of("If-Match", "invalid_etag", "Expected \"3.abc…\" or *.")])
}

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .max_length(Some(1000))
            .pattern(Some(r#"^(\*|"[0-9]{1,9}\.[A-Za-z0-9_-]{20}")$"#));
        vec![
            ParameterBuilder::new()
                .name("If-Match")
                .parameter_in(ParameterIn::Header)
                .required(Required::True)
                .description(Some(
                    "The ETag of the version that the change is made from, as a read of the resource, or of any part \
                     of it, gave it; `*`, for admins, whatever the version.",
                ))
                .schema(Some(schema))
                .example(Some(serde_json::json!("*")))
                .build(),
        ]
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Self::read(request.headers()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn read(value: &str) -> Result<IfMatch, Problem> {
        IfMatch::read(TestRequest::default().insert_header((IF_MATCH, value)).to_http_request().headers())
    }

    #[test]
    fn compares_the_version_only() {
        let tag = of_version(3, b"body");
        assert!(read(&tag).unwrap().allows(3));
        assert!(!read(&tag).unwrap().allows(4));
        assert!(read("\"1.x\", \"4.y\"").unwrap().allows(4));
        assert_eq!(read("*").unwrap(), IfMatch::Any);
        assert!(!read("W/\"3.x\"").unwrap().allows(3));
        assert!(!read("\"other\"").unwrap().allows(3));
        assert_eq!(read("3").unwrap_err().code(), Code::InvalidHeader);
        let request = TestRequest::default().to_http_request();
        assert_eq!(IfMatch::read(request.headers()).unwrap_err().code(), Code::PreconditionRequired);
    }

    #[test]
    fn a_precondition_is_optional_and_strong() {
        let read = |value: &str| {
            Precondition::read(TestRequest::default().insert_header((IF_MATCH, value)).to_http_request().headers())
        };
        let tag = of_bytes(b"x");
        assert!(Precondition::read(TestRequest::default().to_http_request().headers()).unwrap().allows(&tag));
        assert!(read(&format!("\"a\", {tag}")).unwrap().allows(&tag));
        assert!(read("*").unwrap().allows(&tag));
        assert!(!read("\"a\"").unwrap().allows(&tag));
        assert!(!read(&format!("W/{tag}")).unwrap().allows(&tag));
        assert_eq!(read("a").unwrap_err().code(), Code::InvalidHeader);
        assert_eq!(read("\"").unwrap_err().code(), Code::InvalidHeader);
    }

    #[test]
    fn a_change_of_what_is_there_needs_its_version() {
        let code = |given: Option<IfMatch>, there| IfMatchThere(given).check("style", there).map_err(|p| p.code());
        let first = || Some(IfMatch::Versions(vec![1]));
        assert_eq!(code(None, None), Ok(()));
        assert_eq!(code(first(), Some(1)), Ok(()));
        assert_eq!(code(Some(IfMatch::Any), Some(7)), Ok(()));
        assert_eq!(code(None, Some(1)), Err(Code::PreconditionRequired));
        assert_eq!(code(first(), Some(2)), Err(Code::VersionConflict));
        assert_eq!(code(first(), None), Err(Code::VersionConflict));
    }

    #[test]
    fn a_304_is_for_the_same_tag() {
        let headers = |value: &str| {
            TestRequest::default().insert_header((IF_NONE_MATCH, value)).to_http_request().headers().clone()
        };
        let tag = of_bytes(b"x");
        assert!(none_match_hits(&headers(&tag), &tag));
        assert!(none_match_hits(&headers(&format!("\"a\", W/{tag}")), &tag));
        assert!(none_match_hits(&headers("*"), &tag));
        assert!(!none_match_hits(&headers("\"a\""), &tag));
    }
}
