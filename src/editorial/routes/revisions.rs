//! `/v1/manage/articles/{article}/revisions`: what the working copy was.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use tokio::sync::Semaphore;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::changed_by;
use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::db::Conn;
use crate::editorial::draft::Draft;
use crate::editorial::examples;
use crate::editorial::revisions::bring_back;
use crate::editorial::revisions::diff::Differences;
use crate::editorial::revisions::document::Document;
use crate::editorial::revisions::model::{Made, RevisionKey, RevisionKind, RevisionPatch, Row};
use crate::editorial::revisions::store::{self as revisions, Filter};
use crate::editorial::revisions::view::{RevisedArticle, Revision, RevisionDiff, RevisionSummary, Revisions};
use crate::editorial::store::{self, Scope};
use crate::editorial::view::WorkingCopy;
use crate::error::{Code, Problem};
use crate::http::answer::{Answer, Caching};
use crate::http::body::MergePatch;
use crate::http::etag::IfMatch;
use crate::http::fault::{Fault, Faults, Reason, text};
use crate::http::page::{Cursor, Limit, Window};
use crate::http::query::{AnyOf, Flag, NoParameters, Query};
use crate::http::sort::Sort;
use crate::ids::{ArticleRef, EditorId, StudyId, path_parameter};
use crate::library::store as library;

/// In which order revisions come.
type RevisionSort = Sort<RevisionKey>;

/// How an address names a revision.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct RevisionPath {
    article: ArticleRef,
    revision: String,
}

impl IntoParams for RevisionPath {
    fn into_params(within: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = ArticleRef::into_params(within);
        parameters.push(path_parameter("revision", "The revision's number.", "^[1-9][0-9]{0,9}$", 10, "7"));
        parameters
    }
}

/// The number, as it is written: a revision has one name, no `01`, no `+1`.
fn number(text: &str) -> Option<i32> {
    text.parse().ok().filter(|number: &i32| *number > 0 && number.to_string() == text)
}

impl RevisionPath {
    fn number(&self) -> Result<i32, Problem> {
        number(&self.revision).ok_or_else(|| Problem::not_found("revision"))
    }
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query, style = Form)]
pub struct ListParameters {
    /// How many revisions a page has.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100, default = 20)]
    #[deserr(default)]
    limit: Option<Limit>,
    /// From `next` or `prev` of a page.
    #[param(value_type = Option<String>, max_length = 4000, pattern = "^[A-Za-z0-9_-]+$")]
    #[deserr(default)]
    cursor: Option<Cursor>,
    /// The order; a hyphen turns it round. `-number`, the newest first, unless given.
    #[param(inline, required = false, explode = false)]
    #[deserr(default)]
    sort: Option<RevisionSort>,
    /// Whether to count all revisions.
    #[param(value_type = Option<bool>, default = false)]
    #[deserr(default)]
    count: Option<Flag>,
    /// Only revisions of these kinds.
    #[param(value_type = Option<Vec<RevisionKind>>, explode = false, min_items = 1, max_items = 50)]
    #[deserr(default)]
    kind: Option<AnyOf<RevisionKind>>,
    /// Only revisions by these editors (ids).
    #[param(value_type = Option<Vec<EditorId>>, explode = false, min_items = 1, max_items = 50)]
    #[deserr(default)]
    editor: Option<AnyOf<EditorId>>,
    /// Only revisions that have a name, or that have none.
    #[param(value_type = Option<bool>)]
    #[deserr(default)]
    named: Option<Flag>,
    /// Only revisions that were published, or that were not.
    #[param(value_type = Option<bool>)]
    #[deserr(default)]
    published: Option<Flag>,
}

/// List an article's revisions
///
/// Every write leaves one; writes that an editor makes within a short while (`revisions.fold_seconds`) become one. What the
/// library changes by itself, a key that is renamed or studies that become one, leaves its revision with the next write. Old
/// revisions go as the settings say (`revisions.keep`), except those that have a name or were published.
#[utoipa::path(
    operation_id = "manage_revisions_list",
    tag = "working copies",
    params(ArticleRef, ListParameters),
    responses((status = 200, description = "One page of revisions.", body = Revisions, example = json!(examples::revisions()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/articles/{article}/revisions")]
pub async fn list(
    who: Permitted<op::RevisionsList>,
    request: HttpRequest,
    state: State,
    article: web::Path<ArticleRef>,
    query: Query<ListParameters>,
) -> Result<HttpResponse, Problem> {
    let (query, article, scope) = (query.0, article.into_inner(), Scope::of(&who.editor));
    let window = Window::new(query.limit, query.sort.unwrap_or(Sort::down(RevisionKey::Number)), query.cursor)?;
    let filter = Filter {
        kinds: query.kind.map(|any| any.0),
        editors: query.editor.map(|any| any.0),
        named: query.named.map(|flag| flag.0),
        published: query.published.map(|flag| flag.0),
    };
    let (counted, limit) = (query.count.unwrap_or_default().0, window.limit);
    let (page, total) = state
        .db
        .read(move |conn| {
            let article = store::article(conn, &article, scope)?;
            let page = revisions::list(conn, article.id, &filter, &window)?;
            let total = if counted { Some(revisions::count(conn, article.id, &filter)?) } else { None };
            Ok((page.map(|row| RevisionSummary::new(row, article.version)), total))
        })
        .await?;
    let info = page.info(&request, limit, total);
    let answer = Revisions { data: page.items, page: info };
    Ok(Answer::page(Caching::Private, &answer, &answer.page)?.to(&request))
}

/// Read a revision
///
/// All that editors could set, as it was, with the studies' keys of then and of now.
#[utoipa::path(
    operation_id = "manage_revisions_get",
    tag = "working copies",
    params(RevisionPath),
    responses((status = 200, description = "The revision. The ETag is its own: it changes with its name.", body = Revision, example = json!(examples::revision()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/articles/{article}/revisions/{revision}")]
pub async fn get(
    who: Permitted<op::RevisionsGet>,
    request: HttpRequest,
    state: State,
    path: web::Path<RevisionPath>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let (number, scope) = (path.number()?, Scope::of(&who.editor));
    let read = move |conn: &mut Conn| {
        let article = store::article(conn, &path.article, scope)?;
        let row = revisions::row(conn, article.id, number)?;
        let held = revisions::document(conn, article.id, number)?;
        let present = present_keys(conn, &held)?;
        Ok((row, article.version, held, present))
    };
    let (row, version, held, present) = state.db.read(read).await?;
    let changes = row.changes;
    let revision = Revision { summary: RevisionSummary::new(row, version), state: RevisedArticle::new(held, &present) };
    Ok(Answer::json(Caching::Private, &revision)?.version(changes).to(&request))
}

/// The keys that the studies of a revision have now, by the ids that they had then.
fn present_keys(conn: &mut Conn, held: &Document) -> Result<HashMap<StudyId, String>, Problem> {
    let ids: BTreeSet<String> = held.citations.iter().map(|citation| citation.study.to_string()).collect();
    let names = library::resolve(conn, &ids)?;
    let key = |study: StudyId| Some((study, names.get(&study.to_string())?.key.clone()));
    Ok(held.citations.iter().filter_map(|citation| key(citation.study)).collect())
}

/// Name a revision
///
/// A JSON Merge Patch (RFC 7396). A revision that has a name is kept, and no further write goes into it. `If-Match` is the
/// ETag of the revision.
#[utoipa::path(
    operation_id = "manage_revisions_patch",
    tag = "working copies",
    params(RevisionPath, IfMatch),
    request_body(content(
        (RevisionPatch = "application/merge-patch+json", example = json!({"name": "Before the review"})),
        (RevisionPatch = "application/json", example = json!({"name": null})),
    ), description = "What changes."),
    responses((status = 200, description = "The revision without the state that it holds. The ETag is its new one.", body = RevisionSummary, example = json!(examples::revision_summary()))),
    security(("bearer" = [])),
)]
#[patch("/v1/manage/articles/{article}/revisions/{revision}")]
pub async fn patch(
    who: Permitted<op::RevisionsPatch>,
    request: HttpRequest,
    state: State,
    path: web::Path<RevisionPath>,
    if_match: IfMatch,
    _: Query<NoParameters>,
    body: MergePatch<RevisionPatch>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let (number, scope) = (path.number()?, Scope::of(&who.editor));
    who.editor.may_overwrite(&if_match)?;
    let write = move |conn: &mut Conn| {
        let article = store::article_to_change(conn, &path.article, scope)?;
        let row = revisions::row(conn, article.id, number)?;
        if !if_match.allows(row.changes) {
            return Err(Problem::version_conflict("revision", row.changes));
        }
        let row = match body.0.name.into_option() {
            Some(name) => revisions::name(conn, article.id, row, name.map(|name| name.into_string()))?,
            None => row,
        };
        Ok((row, article.version))
    };
    let (row, version) = state.db.write(write).await?;
    let changes = row.changes;
    let summary = RevisionSummary::new(row, version);
    Ok(Answer::json(Caching::Private, &summary)?.version(changes).to(&request))
}

/// What a revision is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Other {
    Current,
    Revision(i32),
}

impl Deserr<Faults> for Other {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, |text| match text {
            "current" => Ok(Self::Current),
            text => number(text).map(Self::Revision).ok_or_else(|| {
                Reason::new("invalid_revision", "Expected the number of a revision, or current for the working copy.")
            }),
        })
    }
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DiffParameters {
    /// What it is compared with: the number of another revision, older or newer, or `current` for the working copy as it is
    /// now, which it is unless given.
    #[param(value_type = String, required = false, max_length = 9, pattern = "^(?:current|[1-9][0-9]{0,8})$", default = "current", example = "current")]
    #[deserr(default)]
    to: Option<Other>,
}

/// How many comparisons are made at the same time; the others wait.
static COMPARING: Semaphore = Semaphore::const_new(2);

/// How long texts are compared with care.
const CARE: Duration = Duration::from_millis(500);

/// Compare a revision
///
/// What is different in another revision, or in the working copy, field by field; of texts also line by line. Sections and
/// claims are matched by id, citations by study, authors and tags by slug: what was moved is told as moved, and what only made
/// room is not told. Very long texts are compared roughly: more of them may be told as removed and added than was.
#[utoipa::path(
    operation_id = "manage_revisions_diff",
    tag = "working copies",
    params(RevisionPath, DiffParameters),
    responses((status = 200, description = "What is different.", body = RevisionDiff, example = json!(examples::revision_diff()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/articles/{article}/revisions/{revision}/diff")]
pub async fn diff(
    who: Permitted<op::RevisionsDiff>,
    request: HttpRequest,
    state: State,
    path: web::Path<RevisionPath>,
    query: Query<DiffParameters>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let (number, scope) = (path.number()?, Scope::of(&who.editor));
    let other = query.0.to.unwrap_or(Other::Current);
    let read = move |conn: &mut Conn| {
        let article = store::article(conn, &path.article, scope)?;
        let (id, version) = (article.id, article.version);
        let from = (revisions::row(conn, id, number)?, revisions::document(conn, id, number)?);
        let to: (Option<Row>, Document) = match other {
            Other::Revision(number) => {
                (Some(revisions::row(conn, id, number)?), revisions::document(conn, id, number)?)
            }
            Other::Current => {
                let draft = store::draft(conn, &ArticleRef::Id(id), scope)?;
                let settled = store::settled(conn, draft)?;
                (None, revisions::present(conn, &settled)?)
            }
        };
        Ok((from, to, version))
    };
    let ((from, before), (to, after), version) = state.db.read(read).await?;
    let differences = compared(before, after).await?;
    let diff = RevisionDiff {
        from: RevisionSummary::new(from, version),
        to: to.map(|to| RevisionSummary::new(to, version)),
        identical: differences.is_empty(),
        differences,
    };
    Ok(Answer::json(Caching::Private, &diff)?.to(&request))
}

/// Compares without a database connection and off the event loop.
async fn compared(before: Document, after: Document) -> Result<Differences, Problem> {
    let permit = COMPARING.acquire().await.map_err(Problem::internal)?;
    let compare = move || {
        // It goes on when the client has gone away.
        let _permit = permit;
        Differences::between(&before, &after, Instant::now() + CARE)
    };
    tokio::task::spawn_blocking(compare).await.map_err(Problem::internal)
}

/// Bring a revision back
///
/// The working copy becomes what the revision holds: text, sections, citations, claims, people, tags, all of it or nothing,
/// as a new version that leaves a revision of its own. Bringing back what is there already makes no version. The slug and the
/// translations among which the article stands are not brought back: they are its relations to others, which have gone on.
/// Studies that became one with another are cited as that, and markers get the present keys; when studies were deleted since,
/// the problem names them and nothing is changed.
#[utoipa::path(
    operation_id = "manage_revisions_restore",
    tag = "working copies",
    params(RevisionPath, IfMatch),
    responses((status = 200, description = "The working copy.", body = WorkingCopy, example = json!(examples::working_copy()))),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["study_gone", "unknown_style", "language_taken"]))),
)]
#[post("/v1/manage/articles/{article}/revisions/{revision}/restore")]
pub async fn restore(
    who: Permitted<op::RevisionsRestore>,
    request: HttpRequest,
    state: State,
    path: web::Path<RevisionPath>,
    if_match: IfMatch,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let number = path.number()?;
    let edit = move |conn: &mut Conn, draft: &mut Draft| {
        let held = revisions::document(conn, draft.article.id, number)?;
        bring_back(conn, held, draft)
    };
    let restored = changed_by(&state, path.article, who.editor, if_match, Made::Restored(number), edit).await;
    let (copy, ()) = restored.map_err(|problem| match problem.code() {
        Code::LanguageTaken => {
            let fault = Fault::at("/language", problem.code().as_str(), problem.detail());
            problem.with_errors(vec![fault])
        }
        _ => problem,
    })?;
    Ok(Answer::json(Caching::Private, &copy)?.version(copy.article.version).to(&request))
}
