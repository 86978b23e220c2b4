//! Publications follow the library, their style, and the form that documents have: each is rendered anew from its source,
//! and written when anything in it came out differently. The change log tells when readers or searches can see that.

use std::collections::{BTreeSet, HashSet};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::document::{Head, PublishedCitation};
use super::render::{self, Rendered};
use super::searchable::Searchable;
use super::shelf::Shelf;
use super::source::{self, Source};
use super::store::{Change, Refreshed, Row};
use super::{log, store, versions};
use crate::app::App;
use crate::db::Conn;
use crate::db::types::Instant;
use crate::editorial::store::{self as editorial, Scope};
use crate::error::Problem;
use crate::ids::{ArticleId, ArticleRef, StudyId};
use crate::library::Design;

/// How many publications are in memory at the same time.
const BATCH: usize = 50;

/// Renders every publication that cites the study anew. As [`studies_changed`].
pub fn study_changed(conn: &mut Conn, study: StudyId, now: Instant) -> Result<(), Problem> {
    studies_changed(conn, &[study], now)
}

/// Renders every publication that cites any of these studies anew: the current publication follows the library. One that
/// comes out as it stands is left alone. The transaction has to have taken [`store::lock`] before it touched the studies.
///
/// # Errors
/// `internal` when a publication cannot be read.
pub fn studies_changed(conn: &mut Conn, studies: &[StudyId], now: Instant) -> Result<(), Problem> {
    let articles = store::citing(conn, studies)?;
    refresh(conn, &articles, &Cause::Studies(studies.iter().copied().collect()), now)
}

/// The same after studies became one, while those that go are still there: publications lead to them until this is done. The
/// change log names every publication that cites them: it is found by more names now, even if it stands as it was.
///
/// # Errors
/// As [`studies_changed`].
pub fn studies_merged(conn: &mut Conn, studies: &[StudyId], now: Instant) -> Result<(), Problem> {
    let articles = store::citing(conn, studies)?;
    refresh(conn, &articles, &Cause::Merge(studies.iter().copied().collect()), now)
}

/// Renders every publication in this style anew, after the style has changed. As [`studies_changed`].
pub fn style_changed(conn: &mut Conn, style: &str, now: Instant) -> Result<(), Problem> {
    let articles = store::in_style(conn, style)?;
    refresh(conn, &articles, &Cause::Style(style.to_owned()), now)
}

/// The rendition and the article of a publication: the order in which publications are rendered anew.
pub(super) type Place = (i32, ArticleId);

/// Before all of them.
pub(super) const START: Place = (i32::MIN, ArticleId(uuid::Uuid::nil()));

/// Renders some of the publications anew that an earlier ibid rendered: those beyond this place. Answers how many they were
/// and the place of the last; `None`: there are none left. One that cannot be rendered stays as it is, and the server's log
/// says so.
fn outdated(conn: &mut Conn, beyond: Place, now: Instant) -> Result<Option<(usize, Place)>, Problem> {
    store::lock(conn)?;
    let found = store::outdated(conn, beyond, BATCH as i64)?;
    let articles: Vec<ArticleId> = found.iter().map(|(_, article)| *article).collect();
    refresh(conn, &articles, &Cause::Rendition, now)?;
    Ok(found.last().map(|last| (found.len(), *last)))
}

/// Renders all publications anew that an earlier ibid rendered, some at a time, so that other writers get their turn.
/// Answers how many there were.
///
/// # Errors
/// Only what the database refuses.
pub async fn bring_up_to_date(app: &App) -> Result<usize, Problem> {
    let (mut place, mut rendered) = (START, 0);
    loop {
        let now = app.clock.now();
        let Some((some, last)) = app.db.write(move |conn| outdated(conn, place, now)).await? else { break };
        place = last;
        rendered += some;
        tracing::info!(rendered, "publications of an earlier ibid are rendered anew");
    }
    versions::bring_up_to_date(app).await?;
    Ok(rendered)
}

/// Why publications are rendered anew.
enum Cause {
    Studies(HashSet<StudyId>),
    Merge(HashSet<StudyId>),
    Style(String),
    Rendition,
}

impl Cause {
    /// What the change log says: of many studies, those that this publication cites, or did.
    fn detail(&self, row: &Row, cited: &BTreeSet<StudyId>) -> Value {
        let mut detail = json!({"slug": row.slug, "version": row.number});
        match self {
            Self::Studies(changed) | Self::Merge(changed) => {
                detail["studies"] =
                    cited.iter().filter(|study| changed.contains(study)).map(ToString::to_string).collect();
            }
            Self::Style(style) => detail["style"] = json!(style),
            Self::Rendition => detail["rendition"] = json!(render::RENDITION),
        }
        detail
    }
}

fn refresh(conn: &mut Conn, articles: &[ArticleId], cause: &Cause, now: Instant) -> Result<(), Problem> {
    let mut shelf = Shelf::default();
    let mut logged = Vec::new();
    for articles in articles.chunks(BATCH) {
        let mut bases = Vec::with_capacity(articles.len());
        for row in store::rows(conn, articles)? {
            let before: BTreeSet<StudyId> = ids(&row).into_iter().collect();
            match (Basis::of(conn, row), cause) {
                (Ok(basis), _) => bases.push((before, basis)),
                (Err(problem), Cause::Rendition) => left(&problem),
                (Err(problem), _) => return Err(problem),
            }
        }
        let (keys, styles) = (
            bases.iter().flat_map(|(_, basis)| basis.keys()).collect(),
            bases.iter().map(|(_, basis)| basis.style()).collect(),
        );
        shelf.stock(conn, keys, styles)?;
        let (mut refreshed, mut details) = (Vec::with_capacity(bases.len()), Vec::with_capacity(bases.len()));
        for (mut cited, basis) in bases {
            match (basis.refreshed(&shelf, now), cause) {
                (Ok(it), _) => {
                    cited.extend(it.citations.iter().map(|citation| citation.study.id));
                    details.push((it.row.article_id, cause.detail(&it.row, &cited)));
                    refreshed.push(it);
                }
                (Err(problem), Cause::Rendition) => left(&problem),
                (Err(problem), _) => return Err(problem),
            }
        }
        if !matches!(cause, Cause::Rendition) {
            refreshed.retain(|it| it.change == Change::Made);
        }
        // A document may stand while search finds it by other words: what is kept of searches is outdated then too.
        let changed = store::refresh(conn, refreshed, now)?;
        let told = |article: &ArticleId| matches!(cause, Cause::Merge(_)) || changed.contains(article);
        logged.extend(details.into_iter().filter(|(article, _)| told(article)));
    }
    log::append_all(conn, log::Kind::Refresh, logged, now)
}

fn left(problem: &Problem) {
    tracing::error!(cause = problem.cause(), "a publication stays as an earlier ibid rendered it");
}

/// The studies of the standing citations; none of what cannot be read, which fails later and with its reason.
fn ids(row: &Row) -> Vec<StudyId> {
    let stored: Vec<Stored> = serde_json::from_str(&row.citations).unwrap_or_default();
    stored.into_iter().map(|citation| citation.study.id).collect()
}

/// What of a citation every rendition has.
#[derive(Deserialize)]
pub(super) struct Stored {
    number: u32,
    key: String,
    study: StoredStudy,
    cited_in: Vec<String>,
}

impl Stored {
    /// The key of the study.
    pub(super) fn key(&self) -> &str {
        &self.key
    }
}

#[derive(Deserialize)]
struct StoredStudy {
    id: StudyId,
}

/// What a publication can be rendered from.
struct Basis {
    row: Row,
    made_from: MadeFrom,
}

enum MadeFrom {
    Source(Box<Source>),
    /// It was published before sources were kept, and its working copy has changed since: text and numbers stay.
    Numbers(Vec<Stored>),
}

impl Basis {
    fn of(conn: &mut Conn, mut row: Row) -> Result<Self, Problem> {
        if let Some(source) = row.source()? {
            return Ok(Self { row, made_from: MadeFrom::Source(Box::new(source)) });
        }
        if let Some(source) = from_working_copy(conn, &row)? {
            row.set_source(&source)?;
            return Ok(Self { row, made_from: MadeFrom::Source(Box::new(source)) });
        }
        let stored = serde_json::from_str(&row.citations).map_err(|error| row.damaged(error))?;
        Ok(Self { row, made_from: MadeFrom::Numbers(stored) })
    }

    fn keys(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match &self.made_from {
            MadeFrom::Source(source) => Box::new(source.keys()),
            MadeFrom::Numbers(stored) => Box::new(stored.iter().map(|citation| citation.key.as_str())),
        }
    }

    fn style(&self) -> &str {
        match &self.made_from {
            MadeFrom::Source(source) => &source.style,
            MadeFrom::Numbers(_) => &self.row.style,
        }
    }

    fn refreshed(mut self, shelf: &Shelf, now: Instant) -> Result<Refreshed, Problem> {
        let rendered = match &self.made_from {
            MadeFrom::Source(source) => render::publication(source, self.row.facts(), shelf)?,
            MadeFrom::Numbers(stored) => renumbered(&self.row, stored, shelf)?,
        };
        let searchable = Searchable::of(&rendered.head, &rendered.sections, &rendered.citations);
        let change = self.row.take(&rendered, now)?;
        Ok(Refreshed { row: self.row, citations: rendered.citations, searchable, change })
    }
}

/// The source of a publication whose working copy is still the one that it was made from.
fn from_working_copy(conn: &mut Conn, row: &Row) -> Result<Option<Source>, Problem> {
    let draft = editorial::draft(conn, &ArticleRef::Id(row.article_id), Scope::All)?;
    if draft.article.published_version != Some(draft.article.version) {
        return Ok(None);
    }
    let settled = editorial::settled(conn, draft)?;
    let cited: Vec<StudyId> = settled.draft.citations.iter().map(|citation| citation.study).collect();
    let studies = editorial::cited_studies(conn, &cited)?;
    let around = source::Around { style: row.style.clone(), ..source::Around::default() };
    Ok(Some(Source::of(&settled, &studies, around)))
}

/// The standing text and numbers with the studies as the library has them now.
pub(super) fn renumbered(row: &Row, stored: &[Stored], shelf: &Shelf) -> Result<Rendered, Problem> {
    let style = shelf.style(&row.style);
    let mut cited = Vec::with_capacity(stored.len());
    for citation in stored {
        let shelved = shelf.get(&citation.key).ok_or_else(|| row.damaged(format!("no study {}", citation.key)))?;
        cited.push((citation.number, shelved));
    }
    let formatted = render::formatted(shelf, &style, &row.language, &cited);
    let citations =
        stored.iter().zip(&cited).zip(formatted).map(|((stored, (number, shelved)), formatted)| PublishedCitation {
            number: *number,
            key: shelved.study.key.clone(),
            study: shelved.study.clone(),
            evidence_level: shelved.study.design.and_then(Design::default_level),
            evidence_level_default: true,
            formatted,
            cited_in: stored.cited_in.clone(),
            places: Vec::new(),
        });
    let citations: Vec<PublishedCitation> = citations.collect();
    let mut head: Map<String, Value> = serde_json::from_str(&row.head).map_err(|error| row.damaged(error))?;
    let evidence = serde_json::to_value(render::evidence(&citations, None)).map_err(Problem::internal)?;
    head.insert("evidence".into(), evidence);
    head.insert("claims".into(), json!([]));
    let head: Head = serde_json::from_value(Value::Object(head)).map_err(|error| row.damaged(error))?;
    let sections = serde_json::from_str(&row.sections).map_err(|error| row.damaged(error))?;
    // What they were written as is not known.
    let bodies = Vec::new();
    Ok(Rendered { head, sections, bodies, citations, style: style.name().to_owned() })
}
