//! Answers: bytes with a strong ETag, the right caching headers, and 304 when the client has them already.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, LAST_MODIFIED, LINK, LOCATION, VARY,
};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::etag;
use super::page::PageInfo;
use crate::db::types::Instant;
use crate::error::Problem;

/// Who may keep an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caching {
    /// Anyone, for as long as the settings say.
    Public(PublicCaching),
    /// Nobody but the client, and it must not either.
    Private,
}

/// How long public answers may be kept, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicCaching {
    /// By browsers.
    pub max_age: u32,
    /// By shared caches.
    pub s_maxage: u32,
    /// While a fresh answer is fetched.
    pub stale_while_revalidate: u32,
    /// While the origin is away.
    pub stale_if_error: u32,
}

impl Caching {
    fn header(self) -> String {
        match self {
            Self::Private => "private, no-store".to_owned(),
            Self::Public(for_) => format!(
                "public, max-age={}, s-maxage={}, stale-while-revalidate={}, stale-if-error={}",
                for_.max_age, for_.s_maxage, for_.stale_while_revalidate, for_.stale_if_error
            ),
        }
    }
}

/// An answer in the making.
pub struct Answer {
    status: StatusCode,
    caching: Caching,
    media_type: &'static str,
    body: Vec<u8>,
    version: Option<i32>,
    last_modified: Option<Instant>,
    location: Option<String>,
    link: Option<String>,
    vary: Option<&'static str>,
    sealed: Option<&'static str>,
}

/// A document that a browser shows by itself loads nothing and runs nothing.
const SEALED: &str = "default-src 'none'; style-src 'unsafe-inline'";
const SEALED_BUT_FOR_IMAGES: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src http: https:; base-uri 'none'";

impl Answer {
    /// `value` as JSON.
    pub fn json(caching: Caching, value: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_vec(value).map_err(Problem::internal)?;
        Ok(Self::bytes(caching, "application/json", body))
    }

    /// A collection as JSON, with its links in `Link` too (RFC 8288).
    pub fn page(caching: Caching, value: &impl Serialize, page: &PageInfo) -> Result<Self, Problem> {
        let mut answer = Self::json(caching, value)?;
        answer.link = page.link_header();
        Ok(answer)
    }

    /// Finished bytes.
    pub fn bytes(caching: Caching, media_type: &'static str, body: Vec<u8>) -> Self {
        Self {
            status: StatusCode::OK,
            caching,
            media_type,
            body,
            version: None,
            last_modified: None,
            location: None,
            link: None,
            vary: None,
            sealed: None,
        }
    }

    /// The representation of a versioned thing: its ETag serves `If-Match`.
    pub fn version(mut self, version: i32) -> Self {
        self.version = Some(version);
        self
    }

    pub fn last_modified(mut self, at: Instant) -> Self {
        self.last_modified = Some(at);
        self
    }

    /// The request header that the representation was chosen by.
    pub fn vary(mut self, header: &'static str) -> Self {
        self.vary = Some(header);
        self
    }

    /// Forbids a browser that shows it as a page to load or run anything (`Content-Security-Policy`).
    pub fn sealed(mut self) -> Self {
        self.sealed = Some(SEALED);
        self
    }

    /// The same, but the images that editors put in a text are shown.
    pub fn sealed_but_for_images(mut self) -> Self {
        self.sealed = Some(SEALED_BUT_FOR_IMAGES);
        self
    }

    /// 201 with the address of what was made.
    pub fn created(mut self, location: impl Into<String>) -> Self {
        self.status = StatusCode::CREATED;
        self.location = Some(location.into());
        self
    }

    /// The response, or 304 for a GET or HEAD whose `If-None-Match` names the same bytes.
    pub fn to(self, request: &HttpRequest) -> HttpResponse {
        let etag = match self.version {
            Some(version) => etag::of_version(version, &self.body),
            None => etag::of_bytes(&self.body),
        };
        let unchanged =
            request.method().is_safe() && self.status.is_success() && etag::none_match_hits(request.headers(), &etag);
        let mut response = HttpResponse::build(if unchanged { StatusCode::NOT_MODIFIED } else { self.status });
        response.insert_header((ETAG, etag)).insert_header((CACHE_CONTROL, self.caching.header()));
        if let Some(at) = self.last_modified {
            response.insert_header((LAST_MODIFIED, at.to_http_date()));
        }
        if let Some(location) = self.location {
            response.insert_header((LOCATION, location));
        }
        if let Some(link) = self.link {
            response.insert_header((LINK, link));
        }
        if let Some(header) = self.vary {
            response.insert_header((VARY, header));
        }
        if let Some(policy) = self.sealed {
            response.insert_header((CONTENT_SECURITY_POLICY, policy));
        }
        if unchanged {
            response.finish()
        } else {
            response.insert_header((CONTENT_TYPE, self.media_type)).body(self.body)
        }
    }
}

/// The thing has another address now: 301 to a GET, 308 to anything else, whose body is to be sent again.
pub fn moved(request: &HttpRequest, caching: Caching, path: &str) -> HttpResponse {
    let status =
        if request.method().is_safe() { StatusCode::MOVED_PERMANENTLY } else { StatusCode::PERMANENT_REDIRECT };
    let location = match request.query_string() {
        "" => path.to_owned(),
        query => format!("{path}?{query}"),
    };
    HttpResponse::build(status)
        .insert_header((LOCATION, location))
        .insert_header((CACHE_CONTROL, caching.header()))
        .finish()
}

/// 204: done, and there is nothing to say.
pub fn no_content() -> HttpResponse {
    HttpResponse::NoContent().insert_header((CACHE_CONTROL, Caching::Private.header())).finish()
}
