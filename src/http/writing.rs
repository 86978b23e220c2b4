//! What all writes have in common, wherever they go: they can be tried (`dry_run=true`), and sent again without being done
//! again (`Idempotency-Key`). Innermost of the layers: who asks is known, what they may do is the operation's to say.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, HeaderName, HeaderValue, LAST_MODIFIED, LOCATION};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use deserr::Deserr;
use utoipa::IntoParams;

use super::fault::{Fault, Faults};
use super::idempotency::{self, IDEMPOTENCY_KEY};
use super::query::Flag;
use crate::db::Terms;
use crate::error::{Code, Problem};

const DRY_RUN: HeaderName = HeaderName::from_static("dry-run");

/// What every write takes beside its own parameters.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// Whether only to tell what would come of it. Everything is checked, nothing is changed, and the answer is that of the
    /// write with `Dry-Run: true`: 200 instead of 201, and without `Location` and `ETag`.
    #[param(value_type = Option<bool>, default = false)]
    #[deserr(default)]
    #[expect(dead_code, reason = "only its form is checked with the other parameters; the layer has acted on it")]
    dry_run: Option<Flag>,
}

/// Beside a request whose query may have [`Parameters`].
#[derive(Debug, Clone, Copy)]
pub struct Writing;

/// Whether writes at this path can be tried and repeated. Signing in and out cannot: a repetition would have to give secrets
/// that are kept nowhere, and there is nothing to check beforehand.
pub fn covers(path: &str) -> bool {
    path.starts_with("/v1/") && !signs_in(path)
}

fn signs_in(path: &str) -> bool {
    path.starts_with("/v1/auth/")
}

/// The middleware.
pub async fn writing(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.method().is_safe() {
        return passed(request, next).await;
    }
    // The path as the router will match it, which has decoded it.
    let path = request.match_info().as_str();
    if !covers(path) {
        return match signs_in(path) && request.headers().contains_key(IDEMPOTENCY_KEY) {
            true => Ok(ServiceResponse::from_err(not_here(), request.into_parts().0)),
            false => passed(request, next).await,
        };
    }
    request.extensions_mut().insert(Writing);
    let asked = match idempotency::Asked::of(&request) {
        Ok(asked) => asked,
        Err(problem) => return Ok(ServiceResponse::from_err(problem, request.into_parts().0)),
    };
    match asked {
        // A dry run leaves nothing to repeat, and the key free for the write itself.
        _ if is_dry(request.query_string()) => tried(request, next).await,
        Some(asked) => idempotency::once(asked, request, next).await,
        None => passed(request, next).await,
    }
}

async fn passed(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
}

/// Whether the write is only to be tried; whether the query is well-formed the operation says.
fn is_dry(query: &str) -> bool {
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, value)| name == "dry_run" && value == "true")
}

async fn tried(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut response = Terms::Tried.around(passed(request, next)).await?;
    if response.status().is_success() {
        let head = response.response_mut().head_mut();
        if head.status == StatusCode::CREATED {
            head.status = StatusCode::OK;
        }
        // They would name what is not there: an address, or a version that somebody else may come to write.
        for name in [LOCATION, ETAG, LAST_MODIFIED] {
            head.headers.remove(name);
        }
        head.headers.insert(DRY_RUN, HeaderValue::from_static("true"));
    }
    Ok(response)
}

fn not_here() -> Problem {
    let detail = "Signing in, renewing and signing out cannot be repeated: what they answer is kept nowhere.";
    Problem::new(Code::InvalidHeader, detail).with_errors(vec![Fault::of("Idempotency-Key", "not_here", detail)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dry_run_is_asked_for_in_one_way() {
        for (query, dry) in [
            ("", false),
            ("dry_run=true", true),
            ("a=b&dry_run=true", true),
            ("dry%5Frun=tr%75e", true),
            ("dry_run=false&dry_run=true", true),
            ("dry_run=false", false),
            ("dry_run", false),
            ("xdry_run=true", false),
        ] {
            assert_eq!(is_dry(query), dry, "{query}");
        }
    }
}
