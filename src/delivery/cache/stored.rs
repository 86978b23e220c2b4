//! A finished answer as it is kept: its bytes in every encoding that was asked for, packed once, each with a strong
//! ETag of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH, VARY,
};
use actix_web::{HttpResponse, web};
use bytes::Bytes;
use tokio::sync::OnceCell;

use super::By;
use super::encoding::Encoding;
use crate::error::Problem;
use crate::http::answer::{Finished, Until};
use crate::http::etag;
use crate::http::tag::Tag;

/// Packing fewer bytes than this saves no packet.
const LEAST_TO_PACK: usize = 1_000;

const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// How an answer is told to be as of some time ago (RFC 9211): the database could not be asked.
const STALE: HeaderValue = HeaderValue::from_static("ibid; hit; detail=stale");

/// Bytes in one encoding.
#[derive(Debug)]
struct Variant {
    etag: HeaderValue,
    body: Bytes,
}

/// An answer that is kept.
#[derive(Debug)]
pub struct Stored {
    headers: Vec<(HeaderName, HeaderValue)>,
    media_type: HeaderValue,
    vary: Option<HeaderValue>,
    by: By,
    plain: Variant,
    /// By [`Encoding::ALL`]; `None` inside: it is not smaller that way.
    packed: [OnceCell<Option<Variant>>; Encoding::ALL.len()],
    pub tags: Vec<Tag>,
    /// When it was outdated, in seconds of the Unix time; 0: it is not.
    outdated_at: AtomicI64,
    /// Until when it is right, even if nothing outdates it.
    until: Option<Until>,
}

/// Whether the answer may be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    Fresh,
    Stale,
}

impl Stored {
    /// # Errors
    /// `internal` when its tag cannot be a header, which is not met.
    pub fn new(finished: Finished) -> Result<Self, Problem> {
        let Finished { body, media_type, headers, vary, offer, tags, until } = finished;
        let by = By { header: vary, offer: offer.map(Arc::new) };
        let packable = body.len() >= LEAST_TO_PACK;
        let language = by.offer.as_ref().map(|_| "Accept-Language");
        let vary: Vec<&str> = vary.into_iter().chain(language).chain(packable.then_some("Accept-Encoding")).collect();
        let vary = (!vary.is_empty()).then(|| HeaderValue::try_from(vary.join(", ")));
        Ok(Self {
            headers,
            media_type: HeaderValue::from_static(media_type),
            vary: vary.transpose().map_err(Problem::internal)?,
            by,
            plain: Variant { etag: HeaderValue::try_from(etag::of_bytes(&body)).map_err(Problem::internal)?, body },
            packed: Default::default(),
            tags,
            outdated_at: AtomicI64::new(0),
            until,
        })
    }

    /// How many bytes it takes at most with all its encodings: each is kept only when it is less than half.
    pub fn weight(&self) -> u64 {
        let tags: usize = self.tags.iter().map(|tag| 3 * tag.as_str().len() + 48).sum();
        (self.plain.body.len() * 5 / 2 + tags + 1_000) as u64
    }

    /// What of a request it was chosen by.
    pub fn by(&self) -> &By {
        &self.by
    }

    /// From now on it is as of some time ago.
    pub fn outdate(&self, now: i64) {
        let _ = self.outdated_at.compare_exchange(0, now, Ordering::AcqRel, Ordering::Relaxed);
    }

    /// When it was outdated, by a change or by time, in seconds of the Unix time.
    pub fn outdated_at(&self) -> Option<i64> {
        let touched = Some(self.outdated_at.load(Ordering::Acquire)).filter(|at| *at != 0);
        touched.into_iter().chain(self.until.as_ref().and_then(Until::passed)).min()
    }

    /// What the client gets of it: 304, or the bytes in the encoding that it likes best.
    pub async fn answer(&self, request: &HeaderMap, freshness: Freshness) -> HttpResponse {
        let (variant, encoding) = match self.wanted(request) {
            None => (&self.plain, None),
            Some(encoding) => match self.packed(encoding).await {
                Some(variant) => (variant, Some(encoding)),
                None => (&self.plain, None),
            },
        };
        self.response(variant, encoding, request, freshness)
    }

    /// The same, if it needs no packing any more.
    pub fn answer_at_once(&self, request: &HeaderMap, freshness: Freshness) -> Option<HttpResponse> {
        let (variant, encoding) = match self.wanted(request) {
            None => (&self.plain, None),
            Some(encoding) => match self.packed[encoding as usize].get()? {
                Some(variant) => (variant, Some(encoding)),
                None => (&self.plain, None),
            },
        };
        Some(self.response(variant, encoding, request, freshness))
    }

    fn wanted(&self, request: &HeaderMap) -> Option<Encoding> {
        if self.plain.body.len() < LEAST_TO_PACK { None } else { Encoding::wanted(request) }
    }

    fn response(
        &self,
        variant: &Variant,
        encoding: Option<Encoding>,
        request: &HeaderMap,
        freshness: Freshness,
    ) -> HttpResponse {
        let known = request.contains_key(IF_NONE_MATCH)
            && variant.etag.to_str().is_ok_and(|etag| etag::none_match_hits(request, etag));
        let mut response = HttpResponse::new(if known { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
        let headers = response.headers_mut();
        headers.reserve(self.headers.len() + 8);
        headers.insert(ETAG, variant.etag.clone());
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
        if let Some(caching) = self.until.as_ref().and_then(Until::cache_control) {
            headers.insert(CACHE_CONTROL, caching);
        }
        if let Some(vary) = &self.vary {
            headers.insert(VARY, vary.clone());
        }
        if freshness == Freshness::Stale {
            headers.insert(CACHE_STATUS, STALE);
        }
        if known {
            return response;
        }
        headers.insert(CONTENT_TYPE, self.media_type.clone());
        if let Some(encoding) = encoding {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding.as_str()));
        }
        response.set_body(variant.body.clone()).map_into_boxed_body()
    }

    async fn packed(&self, encoding: Encoding) -> Option<&Variant> {
        let cell = &self.packed[encoding as usize];
        match cell.get() {
            Some(variant) => variant.as_ref(),
            None => cell.get_or_init(|| self.pack(encoding)).await.as_ref(),
        }
    }

    async fn pack(&self, encoding: Encoding) -> Option<Variant> {
        let plain = self.plain.body.clone();
        let packed = web::block(move || encoding.pack(&plain)).await.ok()?.ok()?;
        let etag = self.plain.etag.to_str().ok()?.trim_end_matches('"').to_owned();
        let etag = HeaderValue::try_from(format!("{etag}-{}\"", encoding.as_str())).ok()?;
        (packed.len() * 2 < self.plain.body.len()).then(|| Variant { etag, body: packed.into() })
    }
}
