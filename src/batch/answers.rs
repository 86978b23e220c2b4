//! What comes of an operation: a part of the batch's answer, or why there is none.

use actix_web::body::to_bytes;
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{ETAG, HeaderName, LOCATION};
use serde_json::Value;

use super::model::OperationResult;
use crate::error::{Code, Problem};
use crate::http::finish::problem_of;
use crate::http::problem::ProblemDocument;

/// The answer to an operation.
///
/// # Errors
/// The problem that it tells.
pub async fn result(name: Option<&str>, response: ServiceResponse) -> Result<OperationResult, Problem> {
    if let Some(problem) = problem_of(&response) {
        return Err(problem);
    }
    let header =
        |name: HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (location, etag, status) = (header(LOCATION), header(ETAG), response.status().as_u16());
    let bytes = to_bytes(response.into_body()).await.map_err(Problem::internal)?;
    let body: Option<Value> = match bytes.is_empty() {
        true => None,
        false => Some(serde_json::from_slice(&bytes).map_err(Problem::internal)?),
    };
    Ok(OperationResult { name: name.map(str::to_owned), status, location, etag, body })
}

/// The problem of a batch whose operation at `index` came to `problem`. What is no fault of the operation stays what it is: the
/// same batch may succeed later on.
pub fn failed(index: usize, name: Option<&str>, problem: Problem, request_id: &str) -> Problem {
    let status = problem.code().status();
    if status >= 500 || status == 401 {
        return problem;
    }
    let place = format!("/operations/{index}");
    let within = |fault: crate::http::fault::Fault| {
        let parameters = match fault.parameter.as_deref() {
            Some("If-Match") => format!("{place}/if_match"),
            _ => format!("{place}/path"),
        };
        fault.within(&format!("{place}/body"), &parameters)
    };
    let faults = problem.errors().iter().cloned().map(within).collect();
    let named = name.map_or(String::new(), |name| format!(" ({name})"));
    let detail = format!("Operation {index}{named}: {} Nothing of the batch is kept.", problem.detail());
    let document = serde_json::to_value(ProblemDocument::new(&problem, request_id)).unwrap_or_default();
    Problem::new(Code::BatchFailed, detail)
        .with_errors(faults)
        .with_member("operation", serde_json::json!({"index": index, "name": name, "problem": document}))
}
