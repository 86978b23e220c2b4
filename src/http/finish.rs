//! The outermost layer: a request id for every request, HEAD as GET without its body, every error a problem
//! document, the headers that every answer has.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue, IF_NONE_MATCH};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest};

use super::fault::Fault;
use crate::error::{Code, Problem};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request: the client's `X-Request-Id` if it is sane, else a new one.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

impl RequestId {
    fn of(request: &ServiceRequest) -> Self {
        let given = request.headers().get(&REQUEST_ID).and_then(|value| value.to_str().ok());
        let sane = |id: &&str| {
            (1..=128).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        };
        Self(given.filter(sane).map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned))
    }
}

/// The middleware.
pub async fn finish(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = RequestId::of(&request);
    request.extensions_mut().insert(id.clone());
    if request.method() == Method::HEAD {
        // The HTTP codec has seen HEAD and sends no body; every route that reads answers it so.
        request.head_mut().method = Method::GET;
    }
    if let Some(problem) = unreadable(&request) {
        return Ok(tag(ServiceResponse::from_err(problem, request.into_parts().0), &id));
    }
    // The request is not kept beside: inner layers need it for themselves alone.
    let response = match next.call(request).await {
        Ok(response) => response.map_into_boxed_body(),
        Err(error) => return Err(without_response(error, &id)),
    };
    Ok(tag(response, &id))
}

/// The most characters of `If-None-Match`, as the contract has it.
const MOST_TAGS: usize = 4000;

fn unreadable(request: &ServiceRequest) -> Option<Problem> {
    let length: usize = request.headers().get_all(IF_NONE_MATCH).map(|value| value.len()).sum();
    let fault =
        || Fault::of("If-None-Match", "too_long", format!("At most {MOST_TAGS} characters, these are {length}."));
    (length > MOST_TAGS)
        .then(|| Problem::new(Code::InvalidHeader, "If-None-Match is too long.").with_errors(vec![fault()]))
}

/// The finished answer: a problem document if it is an error, with the headers that every answer has.
fn tag(response: ServiceResponse<BoxBody>, id: &RequestId) -> ServiceResponse<BoxBody> {
    let mut response = match problem_of(&response) {
        Some(problem) => {
            log(&problem, response.request(), id);
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
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    response
}

/// A layer failed before there was a response.
fn without_response(error: Error, id: &RequestId) -> Error {
    let status = error.as_response_error().status_code();
    let problem = error.as_error::<Problem>().cloned().unwrap_or_else(|| foreign(status, &error.to_string()));
    let mut answer = problem.answer(&id.0);
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        answer.headers_mut().insert(REQUEST_ID, value);
    }
    actix_web::error::InternalError::from_response(error, answer).into()
}

/// Headers that other layers set and that a problem keeps.
fn is_outer(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("access-control-") || name.starts_with("ratelimit") || matches!(name, "vary" | "allow")
}

/// The problem behind an error answer: ours, or what the framework's own error means.
fn problem_of(response: &ServiceResponse) -> Option<Problem> {
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

fn log(problem: &Problem, request: &HttpRequest, id: &RequestId) {
    if let Some(cause) = problem.cause() {
        tracing::error!(request_id = id.0, method = %request.method(), path = request.path(), code = problem.code().as_str(), cause, "a request failed");
    }
}
