//! The change log: what the public can see and that changed, in commit order. Everything that reacts follows it.

mod follow;

use diesel::prelude::*;

use crate::db::schema::changes;
use crate::db::types::{Instant, Json};
use crate::db::{Announcement, Conn};
use crate::error::Problem;
use crate::http::tag::Tag;
use crate::ids::{ArticleId, StudyId, SubjectId};
use crate::on;

pub use follow::{Follower, News};

/// Any number that ibid alone takes: writers of the log wait for each other on it.
const LOG_LOCK: i64 = 0x1b1d_0002;

/// The channel on which PostgreSQL tells other nodes that there is something new.
pub const CHANNEL: &str = "ibid_changes";

/// How many changes one statement takes.
const MOST_ROWS: usize = 1_000;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An article was published, for the first time or anew.
    Publish,
    /// A publication was withdrawn.
    Unpublish,
    /// A publication follows the library or its style.
    Refresh,
    /// A comment is shown, or no longer.
    Comment,
    /// The status of a cited study is another one.
    Retraction,
    /// An uploaded citation style was made, changed or deleted.
    Style,
    /// Where a path of the site leads was said, said otherwise, or is said no longer.
    Redirect,
}

impl Kind {
    const ALL: [Self; 7] =
        [Self::Publish, Self::Unpublish, Self::Refresh, Self::Comment, Self::Retraction, Self::Style, Self::Redirect];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Unpublish => "unpublish",
            Self::Refresh => "refresh",
            Self::Comment => "comment",
            Self::Retraction => "retraction",
            Self::Style => "style",
            Self::Redirect => "redirect",
        }
    }

    /// The kind of that name; `None` when a newer ibid made it.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Which answers a change of this kind outdates.
    fn tags(self, subject: SubjectId, detail: &serde_json::Value) -> Vec<Tag> {
        match self {
            // What it cites is told with it, and which studies are cited at all can be others now.
            Self::Publish | Self::Unpublish | Self::Refresh => {
                let groups = detail["translation_groups"].as_array().into_iter().flatten();
                let translations = groups.filter_map(|group| Some(Tag::one("translations", group.as_str()?)));
                let own = [Tag::one("article", subject), Tag::all("articles"), Tag::all("studies")];
                // An old slug leads elsewhere until an article takes it.
                let slug = detail["slug"].as_str().map(|slug| Tag::one("slug", slug));
                own.into_iter().chain(translations).chain(slug).collect()
            }
            Self::Comment => vec![Tag::one("comments", subject), Tag::all("comments")],
            Self::Retraction => vec![Tag::one("study", subject), Tag::all("studies"), Tag::all("articles")],
            Self::Style => vec![Tag::one("style", detail["style"].as_str().unwrap_or_default()), Tag::all("styles")],
            Self::Redirect => vec![Tag::all("redirects")],
        }
    }
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Queryable)]
pub struct Change {
    pub seq: i64,
    pub at: Instant,
    pub kind: String,
    pub subject: SubjectId,
    pub detail: Json,
}

impl Change {
    /// The tags of the answers that it outdates; `None` when a newer ibid wrote it: then it may be any.
    pub fn tags(&self) -> Option<Vec<Tag>> {
        Kind::parse(&self.kind).map(|kind| kind.tags(self.subject, &self.detail.0))
    }
}

/// Appends a change of an article; the last thing that a transaction does before its commit.
///
/// On PostgreSQL the log's lock is held from here to the commit: sequence numbers become visible in their order, so
/// that a reader who has seen one has seen all before it. SQLite has one writer.
///
/// # Errors
/// Those of the database.
pub fn append(
    conn: &mut Conn,
    kind: Kind,
    subject: ArticleId,
    detail: serde_json::Value,
    now: Instant,
) -> Result<(), Problem> {
    append_all(conn, kind, vec![(subject, detail)], now)
}

/// Appends a change of one kind to each of these articles, as [`append`] does one.
///
/// # Errors
/// Those of the database.
pub fn append_all(
    conn: &mut Conn,
    kind: Kind,
    changed: Vec<(ArticleId, serde_json::Value)>,
    now: Instant,
) -> Result<(), Problem> {
    write(conn, kind, changed.into_iter().map(|(subject, detail)| (SubjectId(subject.0), detail)).collect(), now)
}

/// Appends a change of a study that the public reads of, as [`append`] does one of an article.
///
/// # Errors
/// Those of the database.
pub fn append_of_study(
    conn: &mut Conn,
    kind: Kind,
    study: StudyId,
    detail: serde_json::Value,
    now: Instant,
) -> Result<(), Problem> {
    write(conn, kind, vec![(SubjectId(study.0), detail)], now)
}

/// Appends a change of a citation style, as [`append`] does one of an article.
///
/// # Errors
/// Those of the database.
pub fn append_of_style(conn: &mut Conn, style: &str, now: Instant) -> Result<(), Problem> {
    write(conn, Kind::Style, vec![(SubjectId(uuid::Uuid::nil()), serde_json::json!({"style": style}))], now)
}

/// Appends a change of where these paths of the site lead, as [`append`] does one of an article.
///
/// # Errors
/// Those of the database.
pub fn append_of_redirects(conn: &mut Conn, paths: &[&str], now: Instant) -> Result<(), Problem> {
    let detail = |path: &&str| (SubjectId(uuid::Uuid::nil()), serde_json::json!({"redirect": path}));
    write(conn, Kind::Redirect, paths.iter().map(detail).collect(), now)
}

fn write(
    conn: &mut Conn,
    kind: Kind,
    changed: Vec<(SubjectId, serde_json::Value)>,
    now: Instant,
) -> Result<(), Problem> {
    if changed.is_empty() {
        return Ok(());
    }
    conn.last(move |conn| write_now(conn, kind, changed, now))
}

fn write_now(
    conn: &mut Conn,
    kind: Kind,
    changed: Vec<(SubjectId, serde_json::Value)>,
    now: Instant,
) -> Result<(), Problem> {
    if let Conn::Postgres(c) = conn {
        // What is notified of is heard by others after the commit, and never if there is none.
        diesel::sql_query(format!("SELECT pg_advisory_xact_lock({LOG_LOCK}), pg_notify('{CHANNEL}', '')"))
            .execute(&mut **c)?;
    }
    for changed in changed.chunks(MOST_ROWS) {
        let rows: Vec<_> = changed
            .iter()
            .map(|(subject, detail)| {
                (
                    changes::at.eq(now),
                    changes::kind.eq(kind.as_str()),
                    changes::subject_id.eq(*subject),
                    changes::detail.eq(Json(detail.clone())),
                )
            })
            .collect();
        // In the order of the rows, as both databases answer it.
        let written: Vec<i64> =
            on!(conn, c => diesel::insert_into(changes::table).values(rows).returning(changes::seq).get_results(c))?;
        for (seq, (subject, detail)) in written.into_iter().zip(changed) {
            conn.announce(Announcement { seq, tags: kind.tags(*subject, detail) });
        }
    }
    Ok(())
}

/// A place in the log: after an entry. The moment tells whether a log is the one that the place is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// 0: before the first.
    pub seq: i64,
    /// When the entry was made; `None` before the first.
    pub at: Option<Instant>,
}

impl Position {
    /// Before the first entry.
    pub const START: Self = Self { seq: 0, at: None };
}

impl From<&Change> for Position {
    fn from(change: &Change) -> Self {
        Self { seq: change.seq, at: Some(change.at) }
    }
}

/// The end of the log.
///
/// # Errors
/// Those of the database.
pub fn end(conn: &mut Conn) -> QueryResult<Position> {
    let last: Option<(i64, Instant)> = on!(conn, c => changes::table
        .select((changes::seq, changes::at))
        .order(changes::seq.desc())
        .first(c)
        .optional())?;
    Ok(last.map_or(Position::START, |(seq, at)| Position { seq, at: Some(at) }))
}

/// Whether this is a place in the log of this database.
///
/// # Errors
/// Those of the database.
pub fn holds(conn: &mut Conn, position: Position) -> QueryResult<bool> {
    if position == Position::START {
        return Ok(true);
    }
    let at: Option<Instant> =
        on!(conn, c => changes::table.find(position.seq).select(changes::at).first(c).optional())?;
    Ok(at.is_some() && at == position.at)
}

/// The last entry there is; 0 before the first.
///
/// # Errors
/// Those of the database.
pub fn last(conn: &mut Conn) -> QueryResult<i64> {
    let last: Option<i64> =
        on!(conn, c => changes::table.select(changes::seq).order(changes::seq.desc()).first(c).optional())?;
    Ok(last.unwrap_or(0))
}

/// The entries after that one, oldest first, at most so many.
///
/// # Errors
/// Those of the database.
pub fn after(conn: &mut Conn, seq: i64, most: i64) -> QueryResult<Vec<Change>> {
    on!(conn, c => changes::table
        .filter(changes::seq.gt(seq))
        .order(changes::seq)
        .limit(most)
        .select((changes::seq, changes::at, changes::kind, changes::subject_id, changes::detail))
        .load(c))
}
