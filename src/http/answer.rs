//! Answers: bytes with a strong ETag, the right caching headers, and 304 when the client has them already.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_LOCATION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName,
    HeaderValue, LAST_MODIFIED, LINK, LOCATION, REFERRER_POLICY, VARY,
};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use serde::Serialize;

use super::deadline::Deadline;
use super::etag;
use super::languages::Offer;
use super::page::PageInfo;
use super::tag::{EVERYTHING, Tag};
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

impl PublicCaching {
    /// The same of an answer that is right for so many seconds more. Beyond them it is only given while the origin is away,
    /// as any other answer is that may be outdated.
    fn within(self, left: u32) -> Self {
        let (max_age, s_maxage) = (self.max_age.min(left), self.s_maxage.min(left));
        let rest = left - max_age.max(s_maxage);
        Self { max_age, s_maxage, stale_while_revalidate: self.stale_while_revalidate.min(rest), ..self }
    }
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
    language: Option<String>,
    content_location: Option<String>,
    offer: Option<Offer>,
    sealed: Option<&'static str>,
    tags: Vec<Tag>,
    until: Option<Deadline>,
    unlisted: bool,
}

/// Until when a public answer is right, and how it may be kept until then.
#[derive(Debug)]
pub struct Until {
    deadline: Deadline,
    caching: PublicCaching,
}

impl Until {
    /// When it was, in seconds of the Unix time; `None` while it is still to come.
    pub fn passed(&self) -> Option<i64> {
        self.deadline.passed()
    }

    /// `Cache-Control` of an answer that is given now.
    pub fn cache_control(&self) -> Option<HeaderValue> {
        HeaderValue::try_from(Caching::Public(self.caching.within(self.deadline.left())).header()).ok()
    }
}

/// A public answer, whole: what one may keep and give to everybody who asks the same. It travels as an extension of the
/// response; the layer that keeps answers makes of it what the client gets: 200 or 304, in the encoding that it takes.
#[derive(Debug)]
pub struct Finished {
    pub body: Bytes,
    pub media_type: &'static str,
    /// All headers but those about the body and its encoding.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The request header that the format was chosen by.
    pub vary: Option<&'static str>,
    /// The languages that `Accept-Language` chose from.
    pub offer: Option<Offer>,
    /// What the answer shows. None: nobody tells when it changes, so that it must not be kept here.
    pub tags: Vec<Tag>,
    /// Until when it is right, even if nothing that it shows is changed. Then `Cache-Control` is not among the headers.
    pub until: Option<Until>,
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
            language: None,
            content_location: None,
            offer: None,
            sealed: None,
            tags: Vec::new(),
            until: None,
            unlisted: false,
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

    /// The language of the representation.
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// The address that the representation has of its own.
    pub fn content_location(mut self, path: impl Into<String>) -> Self {
        self.content_location = Some(path.into());
        self
    }

    /// What else there is, as the header `Link` has it.
    pub fn link(mut self, link: Option<String>) -> Self {
        self.link = link;
        self
    }

    /// The languages that `Accept-Language` chose from. Only of public answers.
    pub fn offer(mut self, offer: Option<Offer>) -> Self {
        self.offer = offer;
        self
    }

    /// The request header that the format was chosen by.
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

    /// Whatever it was to be: nobody keeps it, no search engine lists it, and its address is told to nobody who is linked to.
    pub fn unlisted(self) -> Self {
        Self { caching: Caching::Private, last_modified: None, tags: Vec::new(), until: None, unlisted: true, ..self }
    }

    /// What the answer shows: it is kept until a change names one of these. Only of public ones.
    pub fn tags(mut self, tags: impl IntoIterator<Item = Tag>) -> Self {
        self.tags.extend(tags);
        self
    }

    /// It is right until then, even if nothing that it shows is changed: nobody keeps it longer. Only of public ones.
    pub fn until(mut self, deadline: Option<Deadline>) -> Self {
        self.until = deadline;
        self
    }

    /// 201 with the address of what was made.
    pub fn created(mut self, location: impl Into<String>) -> Self {
        self.status = StatusCode::CREATED;
        self.location = Some(location.into());
        self
    }

    /// The response, or 304 for a GET or HEAD whose `If-None-Match` names the same bytes. A public answer is left to the
    /// layer that keeps them.
    pub fn to(self, request: &HttpRequest) -> HttpResponse {
        if matches!(self.caching, Caching::Public(_)) && self.status == StatusCode::OK {
            let mut response = HttpResponse::Ok().finish();
            response.extensions_mut().insert(self.finished());
            return response;
        }
        let etag = match self.version {
            Some(version) => etag::of_version(version, &self.body),
            None => etag::of_bytes(&self.body),
        };
        let unchanged =
            request.method().is_safe() && self.status.is_success() && etag::none_match_hits(request.headers(), &etag);
        let mut response = HttpResponse::build(if unchanged { StatusCode::NOT_MODIFIED } else { self.status });
        response.insert_header((ETAG, etag));
        for header in self.headers() {
            response.insert_header(header);
        }
        if let Some(header) = self.vary {
            response.insert_header((VARY, header));
        }
        if unchanged {
            response.finish()
        } else {
            response.insert_header((CONTENT_TYPE, self.media_type)).body(self.body)
        }
    }

    fn finished(self) -> Finished {
        let mut headers = self.headers();
        let Self { caching, media_type, body, vary, offer, mut tags, until, .. } = self;
        let until = match (until, caching) {
            (Some(deadline), Caching::Public(caching)) => Some(Until { deadline, caching }),
            _ => None,
        };
        if until.is_some() {
            headers.retain(|(name, _)| name != CACHE_CONTROL);
        }
        tags.sort_unstable();
        tags.dedup();
        headers.extend(tag_headers(&tags));
        Finished { body: body.into(), media_type, headers, vary, offer, tags, until }
    }

    /// All headers but those about the body and its encoding.
    fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        let mut headers: Vec<_> = header(CACHE_CONTROL, self.caching.header()).into_iter().collect();
        headers.extend(self.last_modified.and_then(|at| header(LAST_MODIFIED, at.to_http_date())));
        headers.extend(self.location.clone().and_then(|location| header(LOCATION, location)));
        headers.extend(self.link.clone().and_then(|link| header(LINK, link)));
        headers.extend(self.language.clone().and_then(|language| header(CONTENT_LANGUAGE, language)));
        headers.extend(self.content_location.clone().and_then(|path| header(CONTENT_LOCATION, path)));
        if self.unlisted {
            headers.push((HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow")));
            headers.push((REFERRER_POLICY, HeaderValue::from_static("no-referrer")));
        }
        headers.extend(self.sealed.map(|policy| (CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy))));
        headers
    }
}

/// A header; none of a value that no header can have.
fn header(name: HeaderName, value: String) -> Option<(HeaderName, HeaderValue)> {
    HeaderValue::try_from(value).ok().map(|value| (name, value))
}

/// The thing has another address now: 301 to a GET, 308 to anything else, whose body is to be sent again. `shown` is what
/// was found under the old one. Browsers do not keep it, nobody gives it while a new one is fetched: a name that is given
/// back would lead those who kept the old answer round in a circle, and nobody can purge a browser.
pub fn moved(
    request: &HttpRequest,
    caching: Caching,
    path: &str,
    shown: impl IntoIterator<Item = Tag>,
) -> HttpResponse {
    let status =
        if request.method().is_safe() { StatusCode::MOVED_PERMANENTLY } else { StatusCode::PERMANENT_REDIRECT };
    let location = match request.query_string() {
        "" => path.to_owned(),
        query => format!("{path}?{query}"),
    };
    let mut response = HttpResponse::build(status);
    response.insert_header((LOCATION, location));
    let caching = match caching {
        Caching::Private => Caching::Private,
        Caching::Public(caching) => {
            for header in tag_headers(&shown.into_iter().collect::<Vec<_>>()) {
                response.insert_header(header);
            }
            Caching::Public(PublicCaching { max_age: 0, stale_while_revalidate: 0, ..caching })
        }
    };
    response.insert_header((CACHE_CONTROL, caching.header())).finish()
}

/// What caches in front know an answer by.
fn tag_headers(tags: &[Tag]) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    let names: Vec<&str> = tags.iter().map(Tag::as_str).chain([EVERYTHING]).collect();
    let tagged = !tags.is_empty();
    [("cache-tag", ","), ("surrogate-key", " ")]
        .into_iter()
        .filter(move |_| tagged)
        .filter_map(move |(name, between)| header(HeaderName::from_static(name), names.join(between)))
}

/// 204: done, and there is nothing to say.
pub fn no_content() -> HttpResponse {
    HttpResponse::NoContent().insert_header((CACHE_CONTROL, Caching::Private.header())).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_kept_beyond_the_time_that_is_left() {
        let caching = PublicCaching { max_age: 60, s_maxage: 300, stale_while_revalidate: 600, stale_if_error: 86_400 };
        let within = |left| {
            let PublicCaching { max_age, s_maxage, stale_while_revalidate, stale_if_error } = caching.within(left);
            assert!(max_age.max(s_maxage) + stale_while_revalidate <= left);
            assert_eq!(stale_if_error, 86_400);
            (max_age, s_maxage, stale_while_revalidate)
        };
        assert_eq!(within(86_400), (60, 300, 600));
        assert_eq!(within(500), (60, 300, 200));
        assert_eq!(within(100), (60, 100, 0));
        assert_eq!((within(7), within(0)), ((7, 7, 0), (0, 0, 0)));
    }
}
