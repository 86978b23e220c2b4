//! The outermost layer: a request id for every request, HEAD as GET without its body, every error a problem
//! document, the headers that every answer has, a line in the log for every answer.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{RequestHead, ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};

use super::cross_origin::CrossOrigin;
use super::fault::Fault;
use crate::error::{Code, Problem};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request: the client's `X-Request-Id` if it is sane, else a new one.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

impl RequestId {
    fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(&REQUEST_ID).and_then(|value| value.to_str().ok());
        let sane = |id: &&str| {
            (1..=128).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        };
        Self(given.filter(sane).map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned))
    }
}

/// Beside a GET that was a HEAD: whoever would answer on and on has nothing to send.
#[derive(Debug, Clone, Copy)]
pub struct HeadersOnly;

/// The middleware.
pub async fn finish(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = RequestId::of(request.headers());
    let asked = Asked::of(request.head(), &id);
    request.extensions_mut().insert(id.clone());
    let cross_origin = request.app_data::<web::Data<CrossOrigin>>().cloned();
    let cross_origin = cross_origin.as_deref().map(AsRef::as_ref);
    if request.method() == Method::HEAD {
        // The HTTP codec has seen HEAD and sends no body; every route that reads answers it so.
        request.head_mut().method = Method::GET;
        request.extensions_mut().insert(HeadersOnly);
    }
    if let Some(problem) = unreadable(request.headers()) {
        return Ok(finished(ServiceResponse::from_err(problem, request.into_parts().0), &id, &asked, cross_origin));
    }
    // The request is not kept beside: inner layers need it for themselves alone.
    let response = match next.call(request).await {
        Ok(response) => response.map_into_boxed_body(),
        Err(error) => return Err(without_response(error, &id, &asked, cross_origin)),
    };
    Ok(finished(response, &id, &asked, cross_origin))
}

/// A request that is answered before any layer sees it: what every answer has, and its line in the log.
pub struct Early {
    id: RequestId,
    began: Option<Instant>,
}

impl Early {
    /// `None`: a layer has to see it.
    pub fn of(request: &RequestHead) -> Option<Self> {
        if request.headers.contains_key(IF_NONE_MATCH) && unreadable(&request.headers).is_some() {
            return None;
        }
        let logged = tracing::enabled!(target: "ibid::access", tracing::Level::INFO);
        Some(Self { id: RequestId::of(&request.headers), began: logged.then(Instant::now) })
    }

    /// Completes the answer.
    pub fn answered(self, request: &RequestHead, response: &mut HttpResponse, cross_origin: &CrossOrigin) {
        seal(response.headers_mut(), &self.id, Some(cross_origin));
        if let Some(began) = self.began {
            Asked { began, ..Asked::of(request, &self.id) }.answered(response.status());
        }
    }
}

/// The headers that every answer has.
fn seal(headers: &mut HeaderMap, id: &RequestId, cross_origin: Option<&CrossOrigin>) {
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(cross_origin) = cross_origin {
        cross_origin.tell(headers);
    }
}

/// The most characters of `If-None-Match`, as the contract has it.
const MOST_TAGS: usize = 4000;

fn unreadable(headers: &HeaderMap) -> Option<Problem> {
    let length: usize = headers.get_all(IF_NONE_MATCH).map(|value| value.len()).sum();
    (length > MOST_TAGS).then(|| {
        let detail = format!("At most {MOST_TAGS} characters, these are {length}.");
        let fault = Fault::of("If-None-Match", "too_long", detail);
        Problem::new(Code::InvalidHeader, "If-None-Match is too long.").with_errors(vec![fault])
    })
}

/// The finished answer: a problem document if it is an error, with the headers that every answer has.
fn finished(
    response: ServiceResponse<BoxBody>,
    id: &RequestId,
    asked: &Asked,
    cross_origin: Option<&CrossOrigin>,
) -> ServiceResponse<BoxBody> {
    let mut response = match problem_of(&response) {
        Some(problem) => {
            asked.failed(&problem);
            let kept = response.headers().clone();
            let (request, _) = response.into_parts();
            let mut answer = problem.answer(&id.0);
            for (name, value) in kept.iter().filter(|(name, _)| is_outer(name)) {
                answer.headers_mut().insert(name.clone(), value.clone());
            }
            ServiceResponse::new(request, answer)
        }
        None => response,
    };
    seal(response.headers_mut(), id, cross_origin);
    asked.answered(response.status());
    response
}

/// Paths in which all that follows is a secret.
const SECRET_BEYOND: [&str; 1] = ["/v1/preview/"];

/// The path as far as the log may have it. One in which letters are encoded, which no client of ours does, is cut where the
/// first of them is: what it leads to is known to the router alone.
fn loggable(path: &str) -> &str {
    let plain = path.split('%').next().unwrap_or_default();
    let is_encoded = plain.len() < path.len();
    let secret =
        SECRET_BEYOND.into_iter().find(|begins| plain.starts_with(begins) || (is_encoded && begins.starts_with(plain)));
    match secret {
        Some(begins) => &path[..begins.len().min(plain.len())],
        None => path,
    }
}

/// A request as the log tells it. Its query is left out: it can hold anything.
struct Asked {
    id: String,
    trace: Option<String>,
    method: Method,
    path: String,
    began: Instant,
}

impl Asked {
    fn of(request: &RequestHead, id: &RequestId) -> Self {
        Self {
            id: id.0.clone(),
            trace: trace_id(&request.headers).map(str::to_owned),
            method: request.method.clone(),
            path: loggable(request.uri.path()).to_owned(),
            began: Instant::now(),
        }
    }

    /// What the operator should know of a problem and the caller should not.
    fn failed(&self, problem: &Problem) {
        if let Some(cause) = problem.cause() {
            let Self { id, trace, method, path, .. } = self;
            let code = problem.code().as_str();
            tracing::error!(request_id = id, trace_id = trace, %method, path, code, cause, "a request failed");
        }
    }

    fn answered(&self, status: StatusCode) {
        let Self { id, trace, method, path, began } = self;
        let (status, ms) = (status.as_u16(), began.elapsed().as_micros() as f64 / 1000.0);
        tracing::info!(target: "ibid::access", request_id = id, trace_id = trace, %method, path, status, ms, "answered");
    }
}

/// The trace that the request is a part of, as `traceparent` names it (W3C Trace Context, section 3.2).
fn trace_id(headers: &HeaderMap) -> Option<&str> {
    let is_hex = |part: &str, length: usize| {
        part.len() == length && part.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'))
    };
    let is_id = |part: &str, length: usize| is_hex(part, length) && part.bytes().any(|b| b != b'0');
    let mut parts = headers.get("traceparent")?.to_str().ok()?.trim().split('-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    // Later versions may say more after the flags; ff is no version.
    let known = is_hex(version, 2) && version != "ff" && (version != "00" || parts.next().is_none());
    (known && is_id(trace, 32) && is_id(parent, 16) && is_hex(flags, 2)).then_some(trace)
}

/// A layer failed before there was a response.
fn without_response(error: Error, id: &RequestId, asked: &Asked, cross_origin: Option<&CrossOrigin>) -> Error {
    let status = error.as_response_error().status_code();
    let problem = error.as_error::<Problem>().cloned().unwrap_or_else(|| foreign(status, &error.to_string()));
    asked.failed(&problem);
    let mut answer = problem.answer(&asked.id);
    seal(answer.headers_mut(), id, cross_origin);
    asked.answered(answer.status());
    actix_web::error::InternalError::from_response(error, answer).into()
}

/// Headers that other layers set and that a problem keeps.
fn is_outer(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("access-control-") || name.starts_with("ratelimit") || matches!(name, "vary" | "allow")
}

/// The problem behind an error answer: ours, or what the framework's own error means; `None`: it tells of none, or is written
/// already.
pub fn problem_of(response: &ServiceResponse) -> Option<Problem> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return None;
    }
    match response.response().error() {
        Some(error) => {
            Some(error.as_error::<Problem>().cloned().unwrap_or_else(|| foreign(status, &error.to_string())))
        }
        None if response.headers().get("content-type").is_some_and(|media| media == "application/problem+json") => None,
        None => Some(foreign(status, "")),
    }
}

fn foreign(status: StatusCode, says: &str) -> Problem {
    let (code, detail) = match status.as_u16() {
        404 => (Code::NotFound, "There is nothing at this address."),
        405 => (Code::MethodNotAllowed, "The address does not know this method."),
        413 => (Code::BodyTooLarge, "The body is too large."),
        415 => (Code::UnsupportedMediaType, "The body has the wrong media type."),
        431 => (Code::HeadersTooLarge, "The headers are too large."),
        400..=499 => (Code::MalformedRequest, "The request cannot be read."),
        _ => return Problem::internal(format!("{status}: {says}")),
    };
    Problem::new(code, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_has_no_secret_of_a_path() {
        for (path, logged) in [
            ("/v1/preview/eyJ0.e30.c2ln", "/v1/preview/"),
            ("/v1/preview/", "/v1/preview/"),
            ("/v1/%70review/eyJ0.e30.c2ln", "/v1/"),
            ("/v1/preview%2FeyJ0.e30.c2ln", "/v1/preview"),
            ("/%76%31/preview/eyJ0", "/"),
            ("%2Fv1/preview/eyJ0", ""),
            ("/v1/articles/%20", "/v1/articles/%20"),
            ("/v1/articles/preview", "/v1/articles/preview"),
            ("/v1/", "/v1/"),
        ] {
            assert_eq!(loggable(path), logged, "{path}");
        }
    }
    use actix_web::test::TestRequest;

    #[test]
    fn the_trace_is_the_one_that_traceparent_names() {
        let read = |value: &str| {
            let request = TestRequest::default().insert_header(("traceparent", value)).to_http_request();
            trace_id(request.headers()).map(str::to_owned)
        };
        let trace = Some("4bf92f3577b34da6a3ce929d0e0e4736".to_owned());
        assert_eq!(read("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), trace);
        assert_eq!(read("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"), trace);
        for bad in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
