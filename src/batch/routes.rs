//! `/v1/manage/batch`: several writes as one.

use actix_http::{Payload, Request};
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, IF_MATCH};
use actix_web::http::{Method as HttpMethod, Uri};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, post, web};

use super::answers::{failed, result};
use super::model::{BatchResults, NewBatch, NewOperation, OperationResult};
use super::reference::{self, Answered};
use super::{Allowed, Within};
use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::error::{Code, Problem};
use crate::http::answer::{Answer, Caching};
use crate::http::body::Body;
use crate::http::fault::Fault;
use crate::http::finish::RequestId;
use crate::http::operations::Operations;
use crate::http::query::{NoParameters, Query};

/// How often a batch is done anew when the database undid it because others waited for it.
const TRIES: usize = 3;

pub fn routes(config: &mut Operations<'_>) {
    config.service(batch);
}

/// Do several writes as one
///
/// In one transaction and in their order: all are kept, or none. Each operation is what it is when it is sent alone, with the
/// same permissions, rules, `If-Match` and answer. Articles, their sections, citations, acknowledgements and publication, and studies can
/// be written in a batch; imports, look-ups, merges and batches cannot. Counts as one request where rates are limited.
///
/// An operation with a `name` can be referred to by later ones: `{NAME.etag}` in `if_match` and `{NAME.id}` as a step of `path` take
/// it from that answer, `{"$ref": "NAME.id"}` in a body too.
#[utoipa::path(
    operation_id = "manage_batch",
    tag = "working copies",
    request_body(content = NewBatch, description = "The operations.", example = json!({"operations": [
        {"name": "article", "method": "POST", "path": "/v1/manage/articles", "body": {"title": "Needles and scars"}},
        {"name": "section", "method": "POST", "path": "/v1/manage/articles/{article.id}/sections",
         "if_match": "{article.etag}", "body": {"body": "Scars improved in most patients."}},
    ]})),
    responses((status = 200, description = "What came of each.", body = BatchResults, example = json!({"results": [
        {"name": null, "status": 204, "location": null, "etag": null, "body": null},
    ]}))),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["batch_failed", "batch_too_long"]))),
)]
#[post("/v1/manage/batch")]
pub async fn batch(
    _: Permitted<op::Batch>,
    request: HttpRequest,
    state: State,
    _: Query<NoParameters>,
    body: Body<NewBatch>,
) -> Result<HttpResponse, Problem> {
    let operations = body.0.operations.0;
    let (allowed, within) = machinery(&request)?;
    checked(&operations, &allowed, state.settings.batch.operations)?;
    let mut tries = 1;
    let results = loop {
        let doing = Doing { outer: &request, allowed: &allowed, within: &within };
        match state.db.together(state.settings.batch.seconds, doing.all(&operations)).await {
            // The database undid it because others waited for it and it for them.
            Err(problem) if problem.code() == Code::DatabaseBusy && problem.cause().is_some() && tries < TRIES => {
                tries += 1;
            }
            done => break done?,
        }
    };
    Ok(Answer::json(Caching::Private, &BatchResults { results })?.to(&request))
}

fn machinery(request: &HttpRequest) -> Result<(web::Data<Allowed>, Within), Problem> {
    let allowed = request.app_data::<web::Data<Allowed>>().cloned();
    let parts = allowed.zip(request.app_data::<Within>().cloned());
    parts.ok_or_else(|| Problem::internal("no application within"))
}

/// Refuses what can be seen to be wrong before anything is done, all of it.
fn checked(operations: &[NewOperation], allowed: &Allowed, most: usize) -> Result<(), Problem> {
    let mut faults = Vec::new();
    if operations.len() > most {
        let detail = format!("At most {most} items, these are {}.", operations.len());
        faults.push(Fault::at("/operations", "too_many", detail));
    }
    let mut known = Vec::new();
    for (index, operation) in operations.iter().enumerate() {
        let place = format!("/operations/{index}");
        if allowed.find(operation.method, operation.path.as_str()).is_none() {
            let detail = format!("{} at this address cannot stand in a batch.", operation.method.as_str());
            faults.push(Fault::at(format!("{place}/path"), "not_in_a_batch", detail));
        }
        faults.extend(reference::faults(operation, &place, &known));
        if let Some(name) = operation.name.as_ref() {
            if known.contains(&name.as_str()) {
                let detail = "An operation before this one has the same name.";
                faults.push(Fault::at(format!("{place}/name"), "repeated_name", detail));
            }
            known.push(name.as_str());
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Problem::validation(faults)) }
}

/// A batch that is being done.
struct Doing<'b> {
    outer: &'b HttpRequest,
    allowed: &'b Allowed,
    within: &'b Within,
}

impl Doing<'_> {
    async fn all(&self, operations: &[NewOperation]) -> Result<Vec<OperationResult>, Problem> {
        let id = self.outer.extensions().get::<RequestId>().map_or(String::new(), |id| id.0.clone());
        let mut answered = Answered::default();
        let mut results = Vec::with_capacity(operations.len());
        for (index, operation) in operations.iter().enumerate() {
            let name = operation.name.as_ref().map(|name| name.as_str());
            let request = self.request(index, operation, &answered)?;
            let done = match self.within.call(request).await {
                Ok(response) => result(name, response).await,
                Err(error) => Err(error.as_error::<Problem>().cloned().unwrap_or_else(|| Problem::internal(&error))),
            };
            let result = done.map_err(|problem| failed(index, name, problem, &id))?;
            answered.add(&result);
            results.push(result);
        }
        Ok(results)
    }

    /// The operation as a request, in the name of who sent the batch.
    fn request(&self, index: usize, operation: &NewOperation, answered: &Answered) -> Result<Request, Problem> {
        let place = format!("/operations/{index}");
        let mut faults = Vec::new();
        let path = answered.path(operation.path.as_str()).unwrap_or_else(|reason| {
            faults.push(Fault::at(format!("{place}/path"), reason.code, reason.detail));
            operation.path.as_str().to_owned()
        });
        let version = operation.if_match.as_ref().map(|version| answered.version(version.as_str())).transpose();
        let version = version.unwrap_or_else(|reason| {
            faults.push(Fault::at(format!("{place}/if_match"), reason.code, reason.detail));
            None
        });
        let body = operation.body.as_ref().map(|body| answered.body(body, &format!("{place}/body"))).transpose();
        let body = body.unwrap_or_else(|of_body| {
            faults.extend(of_body);
            None
        });
        // What stands in the place of a reference must not lead to another operation.
        let meant = self.allowed.find(operation.method, operation.path.as_str());
        if faults.is_empty() && self.allowed.find(operation.method, &path) != meant {
            let detail = "The address is that of another operation.";
            faults.push(Fault::at(format!("{place}/path"), "unresolved_reference", detail));
        }
        let header = version.as_deref().map(HeaderValue::from_str).transpose().unwrap_or_else(|_| {
            faults.push(Fault::at(format!("{place}/if_match"), "invalid_character", "Expected an ETag in ASCII."));
            None
        });
        if !faults.is_empty() {
            return Err(Problem::validation(faults));
        }
        let bytes = body.map(|body| serde_json::to_vec(&body)).transpose().map_err(Problem::internal)?;
        let has_body = bytes.is_some();
        let mut request = Request::with_payload(Payload::from(bytes.unwrap_or_default()));
        let head = request.head_mut();
        head.uri = path.parse::<Uri>().map_err(Problem::internal)?;
        head.method = operation.method.as_str().parse::<HttpMethod>().map_err(Problem::internal)?;
        if let Some(token) = self.outer.headers().get(AUTHORIZATION) {
            head.headers.insert(AUTHORIZATION, token.clone());
        }
        if let Some(version) = header {
            head.headers.insert(IF_MATCH, version);
        }
        if has_body {
            head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        Ok(request)
    }
}
