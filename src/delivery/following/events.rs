//! The change log as a stream of server-sent events: what happened, for everybody to know.
//!
//! A client is told of every entry after the one that it names, in their order: at first what the log has, then what the
//! node's follower tells. Both overlap, and the number of an entry says which were told already. A client that is too slow
//! for the follower is taken to the log again; one that takes nothing at all for a while is let go.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use futures_util::stream::{Stream, unfold};
use serde::Serialize;
use serde_json::Value as Json;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::mpsc;
use tokio::time::{Instant as Moment, MissedTickBehavior, interval_at, sleep, timeout};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use crate::app::State;
use crate::db::types::Instant;
use crate::error::{Code, Problem};
use crate::http::fault::{Faults, Reason, suggestion, text};
use crate::http::query::{AnyOf, ParseText};
use crate::http::schema;
use crate::http::streams::{NoPlace, Place};
use crate::ids::{ArticleId, CommentId, StudyId};
use crate::library::RetractionStatus;
use crate::publishing::log::{Change, Kind, after};

/// How many entries of the log are read at a time.
const BATCH: i64 = 500;
/// How many bytes are handed on at once, about.
const CHUNK: usize = 32 * 1024;
/// How many chunks wait for the client.
const WAITING: usize = 2;
/// After how many milliseconds a client should come again.
const RETRY: u32 = 3_000;

crate::words! {
    /// What happened.
    EventType {
        /// An article was published, for the first time or anew.
        Published = "article.published",
        /// An article is not published any more.
        Unpublished = "article.unpublished",
        /// A published article followed its studies or its citation style.
        Refreshed = "article.refreshed",
        /// A comment is shown, or no longer.
        Comment = "comment.changed",
        /// A study that published articles cite was retracted, or its status changed otherwise.
        Retraction = "study.retraction_changed",
        /// An uploaded citation style was made, changed or deleted.
        Style = "style.changed",
        /// Where a path of the site leads was said, said otherwise, or is said no longer.
        Redirect = "redirect.changed",
    }
}

impl From<Kind> for EventType {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Publish => Self::Published,
            Kind::Unpublish => Self::Unpublished,
            Kind::Refresh => Self::Refreshed,
            Kind::Comment => Self::Comment,
            Kind::Retraction => Self::Retraction,
            Kind::Style => Self::Style,
            Kind::Redirect => Self::Redirect,
        }
    }
}

impl ParseText for EventType {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text).ok_or_else(|| {
            let detail = format!("There is no event {text:?}.{}", suggestion(text, Self::WORDS));
            Reason::new("unknown_value", detail)
        })
    }
}

/// Types of events, as a filter names them.
pub type EventTypes = AnyOf<EventType>;

/// The `data` of an event. Of the five things it is about one; the others are null.
#[derive(Debug, Serialize, ToSchema)]
pub struct Event {
    #[serde(rename = "type")]
    kind: EventType,
    /// When it happened.
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-25T09:30:00Z")]
    at: Instant,
    article: Option<EventArticle>,
    /// The comment on the article.
    comment: Option<EventComment>,
    study: Option<EventStudy>,
    style: Option<EventStyle>,
    redirect: Option<EventRedirect>,
}

/// The article that an event is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventArticle {
    id: ArticleId,
    /// The slug that it had then; null when a comment changed.
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "microneedling-for-large-pores")]
    slug: Option<String>,
    /// The number of the publication; null when a comment changed.
    #[schema(minimum = 1, maximum = 2147483647, example = 3)]
    version: Option<i32>,
    /// The studies that it followed; empty for all other reasons.
    #[schema(max_items = 10000)]
    studies: Vec<StudyId>,
    /// Its address by id, whatever its slug becomes.
    #[schema(
        max_length = 200,
        format = "uri-reference",
        example = "/v1/articles/01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11"
    )]
    href: String,
}

/// The comment that an event is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventComment {
    id: CommentId,
    /// Whether it is shown from then on.
    shown: bool,
}

/// The study that an event is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventStudy {
    id: StudyId,
    #[schema(max_length = 64, pattern = "^[a-z0-9][a-z0-9_:.-]{1,63}$", example = "majid2009")]
    key: String,
    /// What had become of it until then.
    before: Option<RetractionStatus>,
    /// What has become of it.
    after: Option<RetractionStatus>,
    #[schema(max_length = 200, format = "uri-reference", example = "/v1/studies/01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e20")]
    href: String,
}

/// The citation style that an event is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventStyle {
    #[schema(max_length = 100, example = "house")]
    name: String,
    #[schema(max_length = 200, format = "uri-reference", example = "/v1/styles/house")]
    href: String,
}

/// The path that an event is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventRedirect {
    #[schema(max_length = 500, example = "/2019/05/microneedling")]
    path: String,
    /// Where to ask what has become of it.
    #[schema(
        max_length = 6100,
        format = "uri-reference",
        example = "/v1/redirects/resolve?path=%2F2019%2F05%2Fmicroneedling"
    )]
    href: String,
}

impl EventRedirect {
    fn of(path: &str) -> Self {
        let query: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
        Self { path: path.to_owned(), href: format!("/v1/redirects/resolve?path={query}") }
    }
}

impl Event {
    /// What everybody may know of a change, member by member: what the log holds besides stays here. `None` when a newer ibid
    /// wrote it.
    fn of(change: &Change) -> Option<Self> {
        let kind = Kind::parse(&change.kind)?;
        let detail = &change.detail.0;
        let mut event = Self {
            kind: kind.into(),
            at: change.at,
            article: None,
            comment: None,
            study: None,
            style: None,
            redirect: None,
        };
        match kind {
            Kind::Publish | Kind::Unpublish | Kind::Refresh => event.article = Some(EventArticle::of(change)),
            Kind::Comment => {
                event.article = Some(EventArticle::of(change));
                event.comment = detail["comment"]
                    .as_str()
                    .and_then(CommentId::parse)
                    .map(|id| EventComment { id, shown: detail["status"] == "approved" });
            }
            Kind::Retraction => event.study = Some(EventStudy::of(change)),
            Kind::Style => {
                event.style = detail["style"]
                    .as_str()
                    .map(|name| EventStyle { name: name.to_owned(), href: format!("/v1/styles/{name}") });
            }
            Kind::Redirect => event.redirect = detail["redirect"].as_str().map(EventRedirect::of),
        }
        Some(event)
    }
}

impl EventArticle {
    fn of(change: &Change) -> Self {
        let (id, detail) = (ArticleId(change.subject.0), &change.detail.0);
        let studies = detail["studies"].as_array().into_iter().flatten();
        Self {
            id,
            slug: detail["slug"].as_str().map(str::to_owned),
            version: detail["version"].as_i64().and_then(|number| i32::try_from(number).ok()),
            studies: studies.filter_map(Json::as_str).filter_map(StudyId::parse).collect(),
            href: format!("/v1/articles/{id}"),
        }
    }
}

impl EventStudy {
    fn of(change: &Change) -> Self {
        let (id, detail) = (StudyId(change.subject.0), &change.detail.0);
        let status = |member: &str| detail[member].as_str().and_then(RetractionStatus::parse);
        Self {
            id,
            key: detail["key"].as_str().unwrap_or_default().to_owned(),
            before: status("before"),
            after: status("after"),
            href: format!("/v1/studies/{id}"),
        }
    }
}

/// The number of an event: its place in the change log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventId(pub i64);

impl EventId {
    const PATTERN: &str = "^(?:0|[1-9][0-9]{0,17})$";

    /// Reads it as it is written: digits, none before it that says nothing.
    ///
    /// # Errors
    /// Says what is expected.
    pub fn read(text: &str) -> Result<Self, Reason> {
        let id = text.parse().ok().filter(|id: &i64| text.len() <= 18 && *id >= 0 && id.to_string() == text);
        let detail = "Expected the `id` of an event: a whole number.";
        id.map(Self).ok_or_else(|| Reason::new("invalid_event_id", detail))
    }
}

impl Deserr<Faults> for EventId {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, Self::read)
    }
}

impl PartialSchema for EventId {
    fn schema() -> RefOr<Schema> {
        schema::formed(Self::PATTERN, 18)
    }
}

impl ToSchema for EventId {}

/// How long a stream lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seconds(u32);

impl Deserr<Faults> for Seconds {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, |text| {
            let seconds = text.parse().ok().filter(|seconds| *seconds <= 3_600 && !text.starts_with('+'));
            seconds.map(Self).ok_or_else(|| Reason::new("out_of_range", "Expected a whole number from 0 to 3600."))
        })
    }
}

/// What a client wants to be told.
#[derive(Debug)]
pub struct Asked {
    /// `None`: everything.
    pub types: Option<EventTypes>,
    /// The last entry of the log that it knows.
    pub since: i64,
    /// `None`: for as long as it likes.
    pub wait: Option<Seconds>,
}

/// Begins to tell one client; the stream ends when it goes, when it takes nothing any more, or when the server stops.
/// `news` has to be older than the reading that says that there is an entry `since`.
pub fn begin(
    state: State,
    asked: Asked,
    news: broadcast::Receiver<Arc<Vec<Change>>>,
    mut place: Place,
) -> impl Stream<Item = Result<Bytes, std::convert::Infallible>> {
    let (out, taken) = mpsc::channel(WAITING);
    let settings = &state.settings;
    let teller = Teller {
        heartbeat: Duration::from_secs(settings.events.heartbeat_seconds),
        patience: Duration::from_secs(settings.server.stalled_seconds),
        types: asked.types.map(|types| types.0),
        position: asked.since,
        marked: None,
        out: out.clone(),
        state,
        news,
    };
    actix_web::rt::spawn(async move {
        tokio::select! {
            () = teller.tell(asked.wait) => {}
            () = place.stopped() => {}
            () = out.closed() => {}
        }
    });
    unfold(taken, |mut taken| async move { taken.recv().await.map(|bytes| (Ok(bytes), taken)) })
}

/// One client that is told.
struct Teller {
    state: State,
    news: broadcast::Receiver<Arc<Vec<Change>>>,
    types: Option<Vec<EventType>>,
    /// The last entry of the log that was told, or passed over.
    position: i64,
    /// The last entry that the client knows that it knows.
    marked: Option<i64>,
    heartbeat: Duration,
    patience: Duration,
    out: mpsc::Sender<Bytes>,
}

/// The client takes nothing any more.
struct Stalled;

impl Teller {
    async fn tell(mut self, wait: Option<Seconds>) {
        if let Err(Stalled) = self.told(wait).await {
            tracing::debug!(position = self.position, "a client took no events any more");
        }
    }

    async fn told(&mut self, wait: Option<Seconds>) -> Result<(), Stalled> {
        self.send(format!(": ibid\nretry: {RETRY}\n\n")).await?;
        let mut behind = !self.catch_up().await?;
        self.mark("").await?;
        let lasting = match wait {
            Some(Seconds(0)) => return Ok(()),
            Some(Seconds(seconds)) => Duration::from_secs(seconds.into()),
            None => Duration::MAX,
        };
        let end = sleep(lasting);
        tokio::pin!(end);
        let mut beat = interval_at(Moment::now() + self.heartbeat, self.heartbeat);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                news = self.news.recv() => match news {
                    // What comes while something is missing is read from the log with it.
                    Ok(changes) if !behind => self.pass_on(&changes).await?,
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => behind = true,
                    Err(RecvError::Closed) => return Ok(()),
                },
                _ = beat.tick() => {
                    self.mark(": keep-alive\n").await?;
                    // The follower had not begun yet, when this stream did.
                    behind |= self.state.follower.seen() > self.position;
                }
                () = &mut end => return Ok(()),
            }
            if behind {
                behind = !self.catch_up().await?;
            }
        }
    }

    /// Tells what the log has. Answers whether it could be read to its end.
    async fn catch_up(&mut self) -> Result<bool, Stalled> {
        loop {
            let position = self.position;
            let read = self.state.db.read(move |conn| Ok(after(conn, position, BATCH)?)).await;
            let changes = match read {
                Ok(changes) => changes,
                Err(problem) => {
                    tracing::debug!(cause = problem.cause(), "a stream of events waits for the change log");
                    return Ok(false);
                }
            };
            self.pass_on(&changes).await?;
            if (changes.len() as i64) < BATCH {
                return Ok(true);
            }
        }
    }

    /// Tells those of these changes that were not told yet and are wanted.
    async fn pass_on(&mut self, changes: &[Change]) -> Result<(), Stalled> {
        let mut chunk = String::new();
        for change in changes {
            if change.seq <= self.position {
                continue;
            }
            self.position = change.seq;
            let Some(event) = Event::of(change).filter(|event| self.wants(event.kind)) else { continue };
            match serde_json::to_string(&event) {
                Ok(data) => {
                    chunk += &format!("id: {}\nevent: {}\ndata: {data}\n\n", change.seq, event.kind.as_str());
                    self.marked = Some(change.seq);
                }
                Err(error) => tracing::error!(%error, seq = change.seq, "an event cannot be written"),
            }
            if chunk.len() >= CHUNK {
                self.send(std::mem::take(&mut chunk)).await?;
            }
        }
        if chunk.is_empty() { Ok(()) } else { self.send(chunk).await }
    }

    fn wants(&self, kind: EventType) -> bool {
        self.types.as_ref().is_none_or(|types| types.contains(&kind))
    }

    /// Sends this comment, and lets the client know up to where it knows everything that it wants.
    async fn mark(&mut self, comment: &str) -> Result<(), Stalled> {
        let id = match self.marked == Some(self.position) {
            true => String::new(),
            false => format!("id: {}\n", self.position),
        };
        self.marked = Some(self.position);
        match comment.len() + id.len() {
            0 => Ok(()),
            _ => self.send(format!("{comment}{id}\n")).await,
        }
    }

    async fn send(&mut self, text: String) -> Result<(), Stalled> {
        match timeout(self.patience, self.out.send(text.into())).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Stalled),
        }
    }
}

/// The log has no entry of this number.
pub fn unknown() -> Reason {
    let detail = "There is no event of this number: it is of another database, or of one that was restored since. Read \
                  what you need anew, and connect without it.";
    Reason::new("unknown_event", detail)
}

/// There is no place for one more stream.
pub fn refused(why: NoPlace) -> Problem {
    let problem = match why {
        NoPlace::Crowded => {
            Problem::new(Code::TooManyStreams, "No more streams of events can be opened at the moment.")
        }
        NoPlace::Enough => Problem::new(Code::RateLimited, "This client has as many streams open as one may have."),
    };
    problem.with_header("Retry-After", "10")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::types;
    use crate::ids::SubjectId;
    use serde_json::json;

    fn change(kind: &str, detail: Json) -> Change {
        let subject = SubjectId(uuid::Uuid::nil());
        let at = Instant::parse("2024-06-25T09:30:00Z").unwrap();
        Change { seq: 7, at, kind: kind.into(), subject, detail: types::Json(detail) }
    }

    #[test]
    fn an_event_tells_what_everybody_may_know_and_no_more() {
        let told = |kind, detail| json!(Event::of(&change(kind, detail)));
        let nil = "00000000-0000-0000-0000-000000000000";
        let refreshed =
            told("refresh", json!({"slug": "a", "version": 2, "rendition": 3, "style": "x", "note": "secret"}));
        assert_eq!(
            refreshed,
            json!({
                "type": "article.refreshed", "at": "2024-06-25T09:30:00Z", "comment": null, "study": null, "style": null,
                "redirect": null, "article": {"id": nil, "slug": "a", "version": 2, "studies": [], "href": format!("/v1/articles/{nil}")},
            })
        );
        let hidden = told("comment", json!({"comment": nil, "status": "spam"}));
        assert_eq!(hidden["comment"], json!({"id": nil, "shown": false}));
        assert!(!hidden.to_string().contains("spam"));
        let retracted = told("retraction", json!({"study": nil, "key": "a", "before": null, "after": "retracted"}));
        assert_eq!((&retracted["study"]["before"], &retracted["study"]["after"]), (&Json::Null, &json!("retracted")));
        assert_eq!(told("style", json!({"style": "house"}))["style"]["href"], "/v1/styles/house");
        let led = told("redirect", json!({"redirect": "/a b", "note": "secret"}));
        assert_eq!(led["redirect"], json!({"path": "/a b", "href": "/v1/redirects/resolve?path=%2Fa+b"}));
        assert!(Event::of(&change("of a newer ibid", json!({}))).is_none());
    }

    #[test]
    fn a_number_has_one_form() {
        assert_eq!(EventId::read("0"), Ok(EventId(0)));
        assert_eq!(EventId::read("120"), Ok(EventId(120)));
        for bad in ["", "-1", "+1", "01", "1.0", " 1", "x", "99999999999999999999"] {
            assert!(EventId::read(bad).is_err(), "{bad}");
        }
    }
}
