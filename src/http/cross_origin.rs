//! Pages of other origins in a browser (the Fetch standard, section 3.3). What an answer says of them is the same whoever
//! asked, so that a shared cache may give it to anybody: an answer made for a program without an origin serves a page, too.

use actix_cors::Cors;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, HeaderMap, HeaderValue, ORIGIN, VARY,
};

/// The headers of answers that a page of another origin may read, beside those that it always may.
const EXPOSED: &str = "Content-Location, ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, Allow, \
     Dry-Run, Idempotent-Replayed";

/// The origins that may ask, as the settings have them.
#[derive(Debug, Clone)]
pub enum CrossOrigin {
    /// Everybody is answered the same.
    Any,
    /// These alone; what is answered goes by who asks.
    Listed(Vec<String>),
}

impl CrossOrigin {
    /// `*` among the origins is any.
    pub fn of(allowed: &[String]) -> Self {
        if allowed.iter().any(|origin| origin == "*") { Self::Any } else { Self::Listed(allowed.to_vec()) }
    }

    /// The layer that answers preflights and tells a listed origin that it may read the answer.
    pub fn layer(&self) -> Cors {
        let cors = Cors::default()
            .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
            .allow_any_header()
            .block_on_origin_mismatch(false)
            .disable_vary_header()
            .max_age(3600);
        match self {
            Self::Any => cors.allow_any_origin().send_wildcard(),
            Self::Listed(origins) => origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin)),
        }
    }

    /// Whether an answer is another one because the request has an origin.
    pub fn chooses(&self, request: &HeaderMap) -> bool {
        matches!(self, Self::Listed(_)) && request.contains_key(ORIGIN)
    }

    /// What every answer says, whoever asked.
    pub fn tell(&self, headers: &mut HeaderMap) {
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        match self {
            Self::Any => drop(headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"))),
            Self::Listed(_) => headers.append(VARY, HeaderValue::from_static("Origin")),
        }
    }
}
