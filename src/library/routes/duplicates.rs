//! `GET /v1/manage/studies/duplicates`

use actix_web::{HttpRequest, HttpResponse, get};
use deserr::Deserr;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::db::Conn;
use crate::error::Problem;
use crate::http::answer::{Answer, Caching};
use crate::http::fault::{Faults, Reason};
use crate::http::page::{Cursor, Limit, Page, PageInfo, Window};
use crate::http::query::{AnyOf, Flag, ParseText, Query};
use crate::http::sort::Sort;
use crate::ids::StudyId;
use crate::library::duplicates::{Print, Relation, likely};
use crate::library::examples;
use crate::library::model::Study;
use crate::library::schema::Text;
use crate::library::store;

crate::sort_keys! {
    /// By how alike they are.
    PairKey {
        Score = "score",
    }
}

impl ParseText for Relation {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text).ok_or_else(|| Reason::unknown_word(text, Self::WORDS))
    }
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query, style = Form)]
pub struct Parameters {
    /// How many pairs a page has.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100, default = 20)]
    #[deserr(default)]
    limit: Option<Limit>,
    /// From `next` or `prev` of a page.
    #[param(value_type = Option<String>, max_length = 4000, pattern = "^[A-Za-z0-9_-]+$")]
    #[deserr(default)]
    cursor: Option<Cursor>,
    /// Whether to count all pairs.
    #[param(value_type = Option<bool>, default = false)]
    #[deserr(default)]
    count: Option<Flag>,
    /// Only pairs that are related so; `same_study` for those that can be merged.
    #[param(value_type = Option<Vec<Relation>>, explode = false, min_items = 1, max_items = 50)]
    #[deserr(default)]
    relation: Option<AnyOf<Relation>>,
}

/// Two studies that look alike.
#[derive(Debug, Serialize, ToSchema)]
pub struct DuplicatePair {
    /// From 0 to 1: how much speaks for one study.
    #[schema(minimum = 0.0, maximum = 1.0, example = 0.97)]
    pub score: f64,
    pub relation: Relation,
    /// The two, the one that came into the library first before the other.
    #[schema(min_items = 2, max_items = 2)]
    pub studies: Vec<Alike>,
}

/// A study that looks like another one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Alike {
    pub id: StudyId,
    #[schema(max_length = 64, pattern = "^[a-z0-9][a-z0-9_:.-]{1,63}$", example = "majid2009")]
    pub key: String,
    #[schema(value_type = Option<Text>)]
    pub title: Option<String>,
    #[schema(minimum = -9999, maximum = 9999, example = 2009)]
    pub year: Option<i32>,
    #[schema(max_length = 500, pattern = "^10[.].+/.+$", example = "10.4103/0974-2077.53096")]
    pub doi: Option<String>,
    #[schema(max_length = 9, pattern = "^[1-9][0-9]{0,8}$", example = "20300368")]
    pub pmid: Option<String>,
    /// How many working copies cite it.
    #[schema(minimum = 0, maximum = 9007199254740991i64, example = 2)]
    pub cited_by: i64,
}

/// One page of pairs.
#[derive(Debug, Serialize, ToSchema)]
pub struct DuplicatePairs {
    #[schema(max_items = 100)]
    pub data: Vec<DuplicatePair>,
    pub page: PageInfo,
}

/// List likely duplicates
///
/// Pairs of studies that look alike: their titles, years and first authors agree, or they are books with one ISBN; volume
/// and first page tell more. The likeliest come first. `same_study` pairs are for an editor to merge; a preprint and its
/// article, a study and a notice about it, and versions of one review look alike too and are not the same.
#[utoipa::path(
    operation_id = "manage_studies_duplicates",
    tag = "library",
    params(Parameters),
    responses((status = 200, description = "One page of pairs.", body = DuplicatePairs, example = json!(examples::duplicates()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/studies/duplicates")]
pub(super) async fn duplicates(
    _: Permitted<op::StudiesDuplicates>,
    request: HttpRequest,
    state: State,
    query: Query<Parameters>,
) -> Result<HttpResponse, Problem> {
    let query = query.0;
    let window = Window::new(query.limit, Sort::down(PairKey::Score), query.cursor)?;
    let (counted, limit) = (query.count.unwrap_or_default().0, window.limit);
    let wanted = query.relation.map(|any| any.0);
    let read = move |conn: &mut Conn| {
        let found = found(conn, wanted.as_deref())?;
        let total = counted.then(|| i64::try_from(found.len()).unwrap_or(i64::MAX));
        Ok((shown(conn, page(found, &window)?)?, total))
    };
    let (page, total) = state.db.read(read).await?;
    let info = page.info(&request, limit, total);
    let answer = DuplicatePairs { data: page.items, page: info };
    Ok(Answer::page(Caching::Private, &answer, &answer.page)?.to(&request))
}

/// A pair by the ids of its studies.
struct Found {
    score: f64,
    relation: Relation,
    studies: [StudyId; 2],
}

impl Found {
    /// Its place in the list, as cursors have it.
    fn place(&self) -> (String, String) {
        (format!("{:.9}", self.score), format!("{} {}", self.studies[0], self.studies[1]))
    }
}

fn found(conn: &mut Conn, wanted: Option<&[Relation]>) -> Result<Vec<Found>, Problem> {
    let (mut ids, mut prints) = (Vec::new(), Vec::new());
    store::each(conn, |study| {
        prints.push(print(&study)?);
        ids.push(study.id);
        Ok(())
    })?;
    let pairs = likely(&prints).into_iter();
    let pairs = pairs.filter(|pair| wanted.is_none_or(|wanted| wanted.contains(&pair.relation)));
    let named = pairs.filter_map(|pair| {
        let studies = [*ids.get(pair.places.0)?, *ids.get(pair.places.1)?];
        Some(Found { score: pair.score, relation: pair.relation, studies })
    });
    let mut found: Vec<Found> = named.collect();
    found.sort_by_cached_key(|pair| {
        let (score, ids) = pair.place();
        (std::cmp::Reverse(score), ids)
    });
    Ok(found)
}

fn print(study: &Study) -> Result<Print, Problem> {
    Ok(Print::of(&study.record()?, study.review == Some(crate::library::Review::Preprint)))
}

fn page(found: Vec<Found>, window: &Window<PairKey>) -> Result<Page<Found>, Problem> {
    let place = window.place(|score| Some(score.to_owned()), |ids| Some(ids.to_owned()))?;
    let order = |pair: &Found| {
        let (score, ids) = pair.place();
        (std::cmp::Reverse(score), ids)
    };
    let at = place.map(|(score, ids)| (std::cmp::Reverse(score), ids));
    let most = usize::try_from(window.fetch()).unwrap_or(usize::MAX);
    let rows: Vec<Found> = if window.backwards() {
        let before = |pair: &Found| at.as_ref().is_none_or(|at| order(pair) < *at);
        found.into_iter().rev().filter(before).take(most).collect()
    } else {
        let after = |pair: &Found| at.as_ref().is_none_or(|at| order(pair) > *at);
        found.into_iter().filter(after).take(most).collect()
    };
    Ok(window.page(rows, |found, _| found.place().0, |found| found.place().1))
}

/// The pairs with what is told of their studies.
fn shown(conn: &mut Conn, page: Page<Found>) -> Result<Page<DuplicatePair>, Problem> {
    let ids: Vec<StudyId> = page.items.iter().flat_map(|pair| pair.studies).collect();
    let studies = store::by_ids(conn, &ids)?;
    let cited = store::citing(conn, &ids)?;
    let alike = |id: StudyId| {
        let study = studies.get(&id).ok_or_else(|| Problem::internal(format!("the study {id} is gone")))?;
        Ok::<_, Problem>(Alike {
            id,
            key: study.key.clone(),
            title: study.record()?.title().map(str::to_owned),
            year: study.year,
            doi: study.doi.clone(),
            pmid: study.pmid.clone(),
            cited_by: cited.get(&id).copied().unwrap_or_default().working_copies,
        })
    };
    let pair = |found: Found| {
        let [first, second] = found.studies;
        let score = (found.score * 1000.0).round() / 1000.0;
        Ok::<_, Problem>(DuplicatePair {
            score,
            relation: found.relation,
            studies: vec![alike(first)?, alike(second)?],
        })
    };
    let Page { items, next, prev } = page;
    Ok(Page { items: items.into_iter().map(pair).collect::<Result<_, _>>()?, next, prev })
}
