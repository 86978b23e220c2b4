use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderName};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get};
use deserr::Deserr;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::app::State;
use crate::delivery::examples;
use crate::delivery::following::{Asked, Event, EventId, EventTypes, Seconds, begin, refused, unknown};
use crate::error::{Code, Problem};
use crate::http::fault::{Fault, Faults, Reason};
use crate::http::finish::HeadersOnly;
use crate::http::limits::ClientAddress;
use crate::http::query::{Query, invalid};
use crate::publishing::log;

/// Since when, which, and for how long.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Parameters {
    /// Only events of these types.
    #[deserr(default)]
    #[param(inline, style = Form, explode = false, example = json!(["article.published", "article.unpublished"]))]
    types: Option<EventTypes>,
    /// As the header `Last-Event-ID`, for clients that cannot send it at first. The header counts when both are there: a
    /// client that connects again has it.
    #[deserr(default)]
    #[param(inline, required = false, example = "1042")]
    last_event_id: Option<EventId>,
    /// Ends the stream after so many seconds; 0: as soon as everything until now is told. Without it the stream does not
    /// end.
    #[deserr(default)]
    #[param(value_type = i32, required = false, minimum = 0, maximum = 3600, example = 0)]
    wait: Option<Seconds>,
}

/// What browsers send by themselves when they connect again.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only its description is used")]
struct Resuming {
    /// The `id` of the last event that the client has: the stream begins with the next one. Without it, it begins now.
    #[param(inline, rename = "Last-Event-ID", required = false, example = "1042")]
    last_event_id: Option<EventId>,
}

/// Server-sent events.
struct EventStream;

impl PartialSchema for EventStream {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Server-sent events. The `data` of each is an `Event` in JSON on one line."))
            .max_length(Some(2_147_483_647))
            .into()
    }
}

impl ToSchema for EventStream {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Event::name().into_owned(), Event::schema()));
        Event::schemas(schemas);
    }
}

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Follow what happens
///
/// Server-sent events (`text/event-stream`), one for each change that the public can see, in the order in which they happened:
/// `id` is its place in the change log, `event` its type, `data` an `Event` in JSON. Who connects again with the `id` of the
/// last event in `Last-Event-ID`, as browsers do by themselves, misses nothing and gets nothing twice. An `id` without data
/// says that everything until there is told. Comments keep the connection alive; a client that takes nothing for a while
/// is dropped. An event says what to read anew, not what is there now: that may have changed once more.
#[utoipa::path(
    operation_id = "events_stream",
    tag = "following",
    params(Parameters, Resuming),
    responses((status = 200, description = "The events.", content(
        (EventStream = "text/event-stream", example = json!(examples::event_stream())),
    ))),
    extensions(("x-problems" = json!(["too_many_streams"]))),
)]
#[get("/v1/events")]
pub(super) async fn events_stream(
    request: HttpRequest,
    state: State,
    Query(asked): Query<Parameters>,
) -> Result<HttpResponse, Problem> {
    let header = resumed(request.headers())?;
    let mut response = HttpResponse::Ok();
    response.content_type("text/event-stream").insert_header((CACHE_CONTROL, "no-store"));
    // Nginx would hold events back to fill its buffers.
    response.insert_header(("X-Accel-Buffering", "no"));
    if request.extensions().get::<HeadersOnly>().is_some() {
        return Ok(response.finish());
    }
    let client = request.extensions().get::<ClientAddress>().and_then(|address| address.0);
    let place = state.streams.enter(client).map_err(refused)?;
    // Before the log is read: what is appended in between comes twice rather than never, and is told once.
    let news = state.follower.subscribe();
    let end = state.db.read(|conn| Ok(log::last(conn)?)).await?;
    let since = match (header, asked.last_event_id) {
        (Some(EventId(id)), _) if id > end => return Err(wrong_header(unknown())),
        (None, Some(EventId(id))) if id > end => {
            let Reason { code, detail } = unknown();
            return Err(invalid(vec![Fault::of("last_event_id", code, detail)]));
        }
        (Some(EventId(id)), _) | (None, Some(EventId(id))) => id,
        (None, None) => end,
    };
    let asked = Asked { types: asked.types, since, wait: asked.wait };
    Ok(response.streaming(begin(state, asked, news, place)))
}

fn resumed(headers: &HeaderMap) -> Result<Option<EventId>, Problem> {
    let Some(value) = headers.get(&LAST_EVENT_ID) else { return Ok(None) };
    EventId::read(value.to_str().unwrap_or_default()).map(Some).map_err(wrong_header)
}

fn wrong_header(reason: Reason) -> Problem {
    let Reason { code, detail } = reason;
    let fault = Fault::of("Last-Event-ID", code, detail);
    Problem::new(Code::InvalidHeader, fault.sentence()).with_errors(vec![fault])
}
