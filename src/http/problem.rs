//! Problems as answers: `application/problem+json` (RFC 9457).

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, Schema, SchemaType, Type};

use super::fault::Fault;
use crate::error::{Code, Problem};

/// What went wrong (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// The address of the page that explains this kind of problem.
    #[serde(rename = "type")]
    #[schema(max_length = 200, format = "uri-reference", example = "/docs/problems/validation_failed")]
    pub kind: String,
    /// The same for every occurrence of the kind.
    #[schema(max_length = 200, example = "The body says something that cannot be")]
    pub title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 422)]
    pub status: i32,
    /// What happened this time.
    #[schema(max_length = 8000, example = "/title: This member is required.")]
    pub detail: String,
    /// The request id, to be found in the log.
    #[schema(max_length = 200, format = "uri-reference", example = "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11")]
    pub instance: String,
    /// The stable code of the kind, for programs.
    #[schema(max_length = 60, pattern = "^[a-z][a-z0-9_]*$", example = "validation_failed")]
    pub code: String,
    /// Every single fault, where there are such.
    #[schema(max_items = 10000)]
    pub errors: Vec<Fault>,
    /// The version that the resource has now, when `If-Match` named another one.
    #[schema(minimum = 1, maximum = 2147483647)]
    pub current_version: Option<i32>,
    /// Where to read what has changed since the version that `If-Match` named; null where nobody kept that.
    #[schema(max_length = 200, format = "uri-reference")]
    pub changes: Option<String>,
    /// The id of what is there already, when something is taken.
    #[schema(max_length = 36, format = "uuid")]
    pub existing: Option<String>,
    /// The ids of the articles that stand in the way.
    #[schema(schema_with = articles)]
    pub articles: Option<Vec<String>>,
    /// Which operation of a batch failed.
    pub operation: Option<FailedOperation>,
}

/// The operation of a batch that failed.
#[derive(Debug, Serialize, serde::Deserialize, ToSchema)]
pub struct FailedOperation {
    /// Its place in the batch, from 0.
    #[schema(minimum = 0, maximum = 99)]
    pub index: i32,
    #[schema(max_length = 30, pattern = "^[a-z][a-z0-9_]{0,29}$")]
    pub name: Option<String>,
    /// Its own problem, as it would have been answered alone.
    #[schema(value_type = Object)]
    pub problem: Value,
}

fn articles() -> RefOr<Schema> {
    ArrayBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Array, Type::Null]))
        .description(Some("The ids of the articles that stand in the way."))
        .items(super::schema::uuid(""))
        .max_items(Some(100))
        .into()
}

/// The documented address of a code's page.
pub fn page_of(code: Code) -> String {
    format!("/docs/problems/{}", code.as_str())
}

impl ProblemDocument {
    /// The document of `problem`, which happened to the request of this id.
    pub fn new(problem: &Problem, request_id: &str) -> Self {
        let code = problem.code();
        let member = |name: &str| problem.members().get(name);
        Self {
            kind: page_of(code),
            title: code.title().to_owned(),
            status: i32::from(code.status()),
            detail: problem.detail().to_owned(),
            instance: request_id.to_owned(),
            code: code.as_str().to_owned(),
            errors: problem.errors().to_vec(),
            current_version: member("current_version").and_then(Value::as_i64).and_then(|v| i32::try_from(v).ok()),
            changes: member("changes").and_then(Value::as_str).map(str::to_owned),
            existing: member("existing").and_then(Value::as_str).map(str::to_owned),
            articles: member("articles")
                .and_then(Value::as_array)
                .map(|ids| ids.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
            operation: member("operation").and_then(|given| serde_json::from_value(given.clone()).ok()),
        }
    }
}

impl Problem {
    /// The answer to the request of this id.
    pub fn answer(&self, request_id: &str) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((CONTENT_TYPE, "application/problem+json")).insert_header((CACHE_CONTROL, "no-store"));
        for (name, value) in self.headers() {
            response.insert_header((*name, value.as_str()));
        }
        let body = serde_json::to_vec(&ProblemDocument::new(self, request_id)).unwrap_or_default();
        response.body(body)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The outermost middleware makes the answer anew with the request's id.
    fn error_response(&self) -> HttpResponse {
        self.answer("")
    }
}
