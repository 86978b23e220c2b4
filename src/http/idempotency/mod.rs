//! `Idempotency-Key`: a write that is sent again under its key is answered as before, and not done again. Knows no resource.
//!
//! A request takes a row for itself before it begins, in a transaction of its own. Every transaction that it writes in says so
//! in that row, and is refused when the row is another attempt's by then: that something was written and that it is known to
//! have been are one commit, so that nothing is ever done twice, whenever a server stops. Its answer is put into the row after
//! the last of them. A server that stops
//!
//! - before the first commit has done nothing: the request stays in flight for the rest of its lease (409), then it can be
//!   sent again;
//! - after it and before the answer is kept has done something that nobody was told: 409 for the rest of the lease, then 409
//!   with a code of its own, until the key is forgotten.
//!
//! Kept are answers that succeed, and problems that the write itself came to, once it had begun. What was refused before that
//! (a body that is no JSON, a role that may not), 429 and 5xx are not: the same request can be sent again under the same key.

mod key;
mod store;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, IF_MATCH};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};
use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use self::key::Key;
pub use self::key::{MOST_WRITTEN, PATTERN};
pub use self::store::Attempt;
use self::store::{Claim, Claimed};
use super::aside::{Aside, Bounds};
use super::finish::RequestId;
use super::limits::ClientAddress;
use crate::clock::Clock;
use crate::db::types::Json;
use crate::db::{Conn, Database, Terms};
use crate::error::{Code, Problem};

pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The most bytes of an answer that is kept.
const MOST_ANSWER: usize = 4 * 1024 * 1024;
/// How many keys are forgotten in one transaction.
const FORGOTTEN_AT_ONCE: i64 = 500;

/// Where requests are known again.
pub struct Idempotency {
    pub db: Database,
    pub clock: Clock,
    /// For how many seconds an answer is kept.
    pub keep: i64,
    /// How large a body may be: of those who are known, and of everybody.
    pub known: Bounds,
    pub anybody: Bounds,
    /// Where bodies are put that are too large for memory.
    pub dir: PathBuf,
}

/// Who asks, where that is known; said by whoever found it out. Nobody is given the answer to another.
#[derive(Debug, Clone)]
pub struct Asker {
    pub id: String,
    /// What they may do: with another role the same is another request.
    pub role: &'static str,
}

/// A request with a key.
pub struct Asked {
    key: Key,
    /// `None`: anybody may ask.
    asker: Option<Asker>,
}

impl Asked {
    /// `None`: there is no key, or nobody who could have used it, which the operation will say.
    ///
    /// # Errors
    /// `invalid_header`.
    pub fn of(request: &ServiceRequest) -> Result<Option<Self>, Problem> {
        if !request.headers().contains_key(IDEMPOTENCY_KEY) {
            return Ok(None);
        }
        let caller = request.extensions().get::<Caller>().cloned();
        let asker = match caller {
            Some(Caller(None)) => return Ok(None),
            Some(Caller(Some(asker))) => Some(asker),
            None => None,
        };
        Ok(Key::of(request.headers())?.map(|key| Self { key, asker }))
    }

    fn claim(&self, request: &ServiceRequest, body: &Aside) -> Claim {
        let (who, role) = match &self.asker {
            Some(asker) => (format!("known {}", asker.id), asker.role),
            None => {
                let address = request.extensions().get::<ClientAddress>().and_then(|client| client.0);
                (format!("client {}", address.map(|ip| ip.to_string()).unwrap_or_default()), "")
            }
        };
        let header = |name| request.headers().get(name).map_or(&[][..], HeaderValue::as_bytes);
        let fingerprint = digest(&[
            role.as_bytes(),
            request.method().as_str().as_bytes(),
            request.uri().path_and_query().map_or("", |address| address.as_str()).as_bytes(),
            header(CONTENT_TYPE),
            header(IF_MATCH),
            &body.hash,
        ]);
        Claim { id: digest(&[who.as_bytes(), self.key.0.as_bytes()]), fingerprint, attempt: Attempt::new() }
    }
}

/// Beside requests of which it has to be known who asks; `None`: it is not.
#[derive(Debug, Clone)]
pub struct Caller(pub Option<Asker>);

/// SHA-256 in hexadecimal digits; where one part ends and the next begins is part of it.
fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Does a request unless it is done already.
pub async fn once(
    asked: Asked,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let begun = match request.app_data::<web::Data<Idempotency>>().cloned() {
        Some(shelf) => begin(shelf, &asked, &mut request).await,
        None => Err(Problem::internal("nothing remembers keys")),
    };
    match begun {
        Ok(Begun::Here(attempt)) => {
            // A client that goes away is the one that comes back with its key: what it asked for goes on without it.
            let done = actix_web::rt::spawn(attempt.carry_out(next.call(request)));
            done.await.unwrap_or_else(|error| Err(Problem::internal(format!("a request failed: {error}")).into()))
        }
        Ok(Begun::Before(answered)) => {
            let answer = answered.again();
            Ok(request.into_response(answer))
        }
        Err(problem) => Ok(ServiceResponse::from_err(problem, request.into_parts().0)),
    }
}

enum Begun {
    Here(Doing),
    Before(Answered),
}

async fn begin(shelf: web::Data<Idempotency>, asked: &Asked, request: &mut ServiceRequest) -> Result<Begun, Problem> {
    let bounds = if asked.asker.is_some() { shelf.known } else { shelf.anybody };
    let body = Aside::put(request.take_payload(), bounds, &shelf.dir).await?;
    let claim = asked.claim(request, &body);
    let (claimed, now) = (claim.clone(), shelf.clock.now());
    let expires_at = now.plus_seconds(shelf.keep);
    match shelf.db.write(move |conn| store::claim(conn, &claimed, now, expires_at)).await? {
        Claimed::Granted => {
            request.set_payload(body.into_payload()?);
            Ok(Begun::Here(Doing { shelf, claim }))
        }
        Claimed::Answered(answered) => Ok(Begun::Before(answered)),
        Claimed::InFlight => Err(in_flight()),
        Claimed::Reused => {
            let detail = "This Idempotency-Key came with another request before.";
            Err(Problem::new(Code::IdempotencyKeyReused, detail))
        }
        Claimed::Lost => {
            let detail = "The request was carried out, at least in part, and its answer is not there any more.";
            Err(Problem::new(Code::IdempotencyAnswerLost, detail))
        }
    }
}

fn in_flight() -> Problem {
    let detail = "A request with this Idempotency-Key is being carried out.";
    Problem::new(Code::IdempotencyInFlight, detail).with_header("Retry-After", "1")
}

/// A request that is being done here.
struct Doing {
    shelf: web::Data<Idempotency>,
    claim: Claim,
}

impl Doing {
    async fn carry_out<B: MessageBody + 'static>(
        self,
        work: impl Future<Output = Result<ServiceResponse<B>, Error>>,
    ) -> Result<ServiceResponse<BoxBody>, Error> {
        let began = Arc::new(AtomicBool::new(false));
        let done = self.terms(began.clone()).around(work).await;
        let (response, answered) = match done {
            Ok(response) => Answered::of(response.map_into_boxed_body(), began.load(Ordering::Relaxed)),
            Err(error) => {
                self.end(None).await;
                return Err(error);
            }
        };
        self.end(answered).await;
        Ok(response)
    }

    /// Every transaction of the request says that there was one.
    fn terms(&self, began: Arc<AtomicBool>) -> Terms {
        let (claim, clock) = (self.claim.clone(), self.shelf.clock.clone());
        Terms::Marked(Arc::new(move |conn: &mut Conn| {
            began.store(true, Ordering::Relaxed);
            if store::executed(conn, &claim, clock.now())? { Ok(()) } else { Err(in_flight()) }
        }))
    }

    /// Keeps the answer, or lets the key go. The client is answered in any case: what was done is done.
    async fn end(self, answered: Option<Answered>) {
        let (claim, now) = (self.claim, self.shelf.clock.now());
        let work = move |conn: &mut Conn| match answered {
            Some(answered) => store::answered(conn, &claim, &answered),
            None => store::released(conn, &claim, now),
        };
        if let Err(problem) = self.shelf.db.write(work).await {
            let cause = problem.cause().unwrap_or(problem.detail());
            tracing::warn!(cause, "the answer to a request with a key could not be kept");
        }
    }
}

/// An answer as it is given again.
pub struct Answered {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
}

impl Answered {
    /// What is kept of an answer, if it is; `began`: something was to be written.
    fn of(response: ServiceResponse<BoxBody>, began: bool) -> (ServiceResponse<BoxBody>, Option<Self>) {
        let status = response.status();
        let came_to_it = began && status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS;
        if !status.is_success() && !status.is_redirection() && !came_to_it {
            return (response, None);
        }
        if let Some(error) = response.response().error() {
            let id = response.request().extensions().get::<RequestId>().cloned();
            let problem = error.as_error::<Problem>();
            let kept = problem.and_then(|problem| Self::whole(problem.answer(&id.map_or(String::new(), |id| id.0))).1);
            return (response, kept);
        }
        let (request, response) = response.into_parts();
        let (response, kept) = Self::whole(response);
        (ServiceResponse::new(request, response), kept)
    }

    fn whole(response: HttpResponse) -> (HttpResponse, Option<Self>) {
        let (response, body) = response.into_parts();
        let body = match body.try_into_bytes() {
            Ok(body) => body,
            Err(body) => return (response.set_body(body), None),
        };
        let readable = |(name, value): (&HeaderName, &HeaderValue)| {
            value.to_str().ok().map(|value| (name.as_str().to_owned(), value.to_owned()))
        };
        let headers = response.headers().iter().filter_map(readable).collect();
        let kept = Self { status: response.status().as_u16(), headers, body: body.clone() };
        let is_small = body.len() <= MOST_ANSWER;
        (response.set_body(BoxBody::new(body)), is_small.then_some(kept))
    }

    fn headers(&self) -> Value {
        json!(self.headers)
    }

    /// As it is kept; `None` where it is not.
    fn kept(status: Option<i32>, headers: Option<Json>, body: Option<Vec<u8>>) -> Option<Self> {
        let headers = serde_json::from_value(headers?.0).ok()?;
        Some(Self { status: u16::try_from(status?).ok()?, headers, body: Bytes::from(body?) })
    }

    /// The same answer once more.
    fn again(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        for (name, value) in &self.headers {
            response.append_header((name.as_str(), value.as_str()));
        }
        response.insert_header((IDEMPOTENT_REPLAYED, "true"));
        response.body(self.body)
    }
}

impl Idempotency {
    /// Forgets all requests whose time is over, a bounded number at once.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn tidy(&self) -> Result<(), Problem> {
        loop {
            let now = self.clock.now();
            let forgotten = self.db.write(move |conn| store::forget(conn, now, FORGOTTEN_AT_ONCE)).await?;
            if i64::try_from(forgotten).is_ok_and(|forgotten| forgotten < FORGOTTEN_AT_ONCE) {
                return Ok(());
            }
        }
    }
}
