//! `POST /v1/manage/studies/{study}/merge`

use actix_web::{HttpRequest, HttpResponse, post, web};
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde::Serialize;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{StudyPath, view};
use crate::accounts::{Editor, Permitted, op};
use crate::app::State;
use crate::citing::{StudyKey, fold_key};
use crate::db::Conn;
use crate::db::types::Instant;
use crate::editorial::follow::{self, Renaming};
use crate::error::{Code, Problem};
use crate::http::answer::{Answer, Caching};
use crate::http::body::Body;
use crate::http::etag::IfMatch;
use crate::http::fault::{Fault, Faults, Reason, text};
use crate::http::query::{NoParameters, Query};
use crate::ids::{MergeId, StudyId};
use crate::library::fill::Difference;
use crate::library::model::{Study, StudyRef};
use crate::library::store::{self, names};
use crate::library::view::StudyView;
use crate::library::{examples, notices};
use crate::publishing;

/// How a request names a study: by a key, or by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StudyMention(StudyRef);

impl Deserr<Faults> for StudyMention {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, |text| {
            let expected = || Reason::new("invalid_key", "Expected a key such as majid2009, or an id.");
            StudyRef::read(text).map(Self).ok_or_else(expected)
        })
    }
}

impl PartialSchema for StudyMention {
    fn schema() -> RefOr<Schema> {
        crate::http::schema::formed(StudyKey::PATTERN, StudyKey::MAX_LEN)
    }
}

impl ToSchema for StudyMention {}

/// Which study becomes one with the one that the address names.
#[derive(Debug, Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct Merge {
    /// The study that goes.
    pub from: StudyMention,
}

/// What came of a merge.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Merged {
    /// Names the merge.
    pub id: MergeId,
    /// The study that stayed.
    pub study: StudyView,
    /// The study that went; its names lead to the one that stayed.
    pub gone: Gone,
    /// What the study that stayed lacked and has now from the other: variables of the record and members beside it.
    #[schema(max_items = 500, value_type = Vec<FieldName>, example = json!(["page"]))]
    pub filled: Vec<String>,
    /// What both had and not the same: the study that stayed kept its own.
    #[schema(max_items = 500)]
    pub differing: Vec<Difference>,
    /// How many working copies changed.
    #[schema(minimum = 0, maximum = 9007199254740991i64, example = 2)]
    pub articles: i64,
}

/// A study that became one with another.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Gone {
    pub id: StudyId,
    #[schema(max_length = 64, pattern = "^[a-z0-9][a-z0-9_:.-]{1,63}$", example = "majid2009a")]
    pub key: String,
}

/// A variable of a record, or a member of a study beside it.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 100, pattern = "^[A-Za-z][A-Za-z_-]*$", example = "page")]
pub struct FieldName(#[expect(dead_code, reason = "only its schema is used")] String);

/// Merge two studies
///
/// The study of the address stays, the one in the body goes: in one transaction all citations, claims, notices and
/// markers of it become those of the one that stays, whose gaps are filled from it. Its keys, its id and its
/// identifiers name the study that stays from now on. Where an article cites both, one citation is left, in the place of
/// the first. Publications that cite either are rendered anew.
#[utoipa::path(
    operation_id = "manage_studies_merge",
    tag = "library",
    params(StudyPath, IfMatch),
    request_body(content = Merge, description = "The study that goes.", example = json!({"from": "majid2009a"})),
    responses((status = 200, description = "The study that stayed, and what it got.", body = Merged, example = json!(examples::merged()))),
    security(("bearer" = [])),
)]
#[post("/v1/manage/studies/{study}/merge")]
pub(super) async fn merge(
    who: Permitted<op::StudiesMerge>,
    request: HttpRequest,
    state: State,
    path: web::Path<StudyPath>,
    if_match: IfMatch,
    _: Query<NoParameters>,
    body: Body<Merge>,
) -> Result<HttpResponse, Problem> {
    who.editor.may_overwrite(&if_match)?;
    let (reference, from, now) = (path.read()?, body.0.from, state.clock.now());
    let editor = who.editor;
    let write = move |conn: &mut Conn| {
        let (kept, gone) = both(conn, &reference, &if_match, &from)?;
        merge_into(conn, kept, gone, &editor, now)
    };
    let merged = state.db.write(write).await?;
    let version = merged.study.version;
    Ok(Answer::json(Caching::Private, &merged)?.version(version).to(&request))
}

/// The two studies, held with the articles that cite them.
fn both(conn: &mut Conn, stays: &StudyRef, if_match: &IfMatch, goes: &StudyMention) -> Result<(Study, Study), Problem> {
    publishing::store::lock(conn)?;
    let kept = store::base(conn, stays, if_match)?;
    let fault = |code, detail: String| Problem::validation(vec![Fault::at("/from", code, detail)]);
    let gone = store::study(conn, &goes.0).map_err(|problem| match problem.code() {
        Code::NotFound => fault("unknown_study", "The library has no such study.".to_owned()),
        _ => problem,
    })?;
    match kept.id == gone.id {
        true => Err(fault("same_study", "A study cannot become one with itself.".to_owned())),
        false => Ok((kept, gone)),
    }
}

fn merge_into(conn: &mut Conn, kept: Study, gone: Study, editor: &Editor, now: Instant) -> Result<Merged, Problem> {
    let pair = [kept.id, gone.id];
    let articles = follow::hold_citing(conn, &pair)?;
    store::hold_to_change(conn, &pair)?;
    // Whoever wrote between the reading and the holding: on PostgreSQL one of us comes back later.
    let same =
        |conn: &mut Conn, study: &Study| Ok::<_, Problem>(store::study(conn, &StudyRef::Id(study.id))? == *study);
    if follow::hold_citing(conn, &pair)? != articles || !same(conn, &kept)? || !same(conn, &gone)? {
        return Err(Problem::busy());
    }
    let called = names::all(conn, gone.id)?;
    let identifiers = names::identifiers(&gone);
    let goes = |name: &str| {
        let name = names::Asked::read(&fold_key(name)).name();
        called.contains(&name) || identifiers.contains(&name) || name == gone.id.to_string()
    };
    let filled = store::unite(conn, &kept, &gone, now)?;
    let renaming = Renaming { names: &goes, key: &kept.key };
    let changed = follow::replace(conn, &articles, kept.id, gone.id, &renaming, now)?;
    let changes = notices::recheck(conn, &pair)?;
    publishing::studies_merged(conn, &pair, now)?;
    publishing::retractions::tell(conn, &changes, now)?;
    let id = store::forget(conn, kept.id, &gone, &called, editor.id, now)?;
    let study = store::study(conn, &StudyRef::Id(kept.id))?;
    Ok(Merged {
        id,
        study: view(conn, study)?,
        gone: Gone { id: gone.id, key: gone.key },
        filled: filled.fields,
        differing: filled.differing,
        articles: i64::try_from(changed).unwrap_or(i64::MAX),
    })
}
