use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, get, web};
use deserr::Deserr;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::parts::{Asked, Facets, Given, Leaves, Listed, One, Part, get_part, list_part};
use super::{Moved, OneArticle};
use crate::app::State;
use crate::delivery::examples;
use crate::delivery::model::{
    Anchors, CitationBatch, CitationFields, CitationKey, CitationName, CitationSort, Designs, KeyName, Levels,
    SelectedCitation, StudyKeys,
};
use crate::delivery::printing::{LocaleTag, Wanted};
use crate::delivery::store::Columns;
use crate::delivery::store::studies::present_keys;
use crate::error::Problem;
use crate::http::fault::Faults;
use crate::http::page::{Cursor, Limit, PageInfo, Window};
use crate::http::query::{Batch, Flag, Query};
use crate::http::sort::Sort;
use crate::ids::ArticleRef;
use crate::library::styles::StyleName;
use crate::library::{Design, EvidenceLevel, RetractionStatus};

fn part() -> Part {
    Part { columns: Columns::CITATIONS, text: Box::new(|publication| Ok(publication.citations.take())) }
}

/// Which citations, what of them, and how their references are printed.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Parameters {
    /// How many citations a page has at most; 20 unless given.
    #[deserr(default)]
    #[param(value_type = i32, required = false, minimum = 1, maximum = 100, example = 20)]
    limit: Option<Limit>,
    /// From `next` or `prev` of a page of the same list.
    #[deserr(default)]
    #[param(value_type = String, required = false, max_length = 4000, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<Cursor>,
    /// Whether to count all citations that the filters leave.
    #[deserr(default)]
    #[param(value_type = bool, required = false, example = true)]
    count: Option<Flag>,
    /// `number` unless given.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["-number"]))]
    sort: Option<CitationSort>,
    /// These citations, named by number or by a key of the study, in this order and on one page. It goes with filters,
    /// and not with `sort`, `limit` and `cursor`. `missing` names those that are not among what the filters leave.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["2", "majid2009"]))]
    ids: Option<CitationBatch>,
    /// Is of the study with one of these keys, which may be former ones.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["majid2009"]))]
    key: StudyKeys,
    /// Has one of these levels of evidence (Oxford CEBM 2011).
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["1", "2"]))]
    evidence_level: Levels,
    /// Is of a study made in one of these ways.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["case_series"]))]
    design: Designs,
    /// Is cited in one of these sections, named by their anchors.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["what-the-studies-found"]))]
    cited_in: Anchors,
    /// `true`: is of a study that is retracted or under an expression of concern; `false`: of one that is neither.
    #[deserr(default)]
    #[param(value_type = bool, required = false, example = false)]
    retracted: Option<Flag>,
    /// The members to give, all others are left out.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["number", "formatted.text"]))]
    fields: Option<CitationFields>,
    /// The citation style, bundled or uploaded; the one that the article was published in unless given.
    #[deserr(default)]
    #[param(inline, required = false, example = "apa")]
    style: Option<StyleName>,
    /// The language of the words and dates in the references; the article's unless given.
    #[deserr(default)]
    #[param(inline, required = false, example = "de-DE")]
    locale: Option<LocaleTag>,
}

/// What citations are chosen by.
#[derive(Deserialize)]
struct Chosen {
    number: u32,
    key: String,
    study: ChosenStudy,
    evidence_level: Option<EvidenceLevel>,
    cited_in: Vec<String>,
}

#[derive(Deserialize)]
struct ChosenStudy {
    design: Option<Design>,
    retraction: Option<Noticed>,
}

#[derive(Deserialize)]
struct Noticed {
    status: RetractionStatus,
}

impl Chosen {
    fn is_doubtful(&self) -> bool {
        let doubtful = [RetractionStatus::Retracted, RetractionStatus::ExpressionOfConcern];
        self.study.retraction.as_ref().is_some_and(|notice| doubtful.contains(&notice.status))
    }
}

impl Facets for Chosen {
    fn is_named(&self, name: &str) -> bool {
        self.key == name || self.number.to_string() == name
    }
}

impl Parameters {
    /// The present keys of the studies that are named by others: those that were changed, or of studies that became one
    /// with another. One statement where keys are given, else none.
    async fn present_keys(&self, state: &State) -> Result<HashMap<String, String>, Problem> {
        let filtered = [&self.key.any, &self.key.none].into_iter().flatten().flatten().map(KeyName::as_str);
        let names = self.ids.iter().flat_map(|Batch(names)| names).map(CitationName::as_str);
        let named = names.filter(|name| !name.bytes().all(|b| b.is_ascii_digit()));
        let keys: Vec<String> = filtered.chain(named).map(str::to_owned).collect();
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        state.db.read(move |conn| Ok(present_keys(conn, &keys)?)).await
    }

    fn leaves(&mut self, present: &HashMap<String, String>) -> Option<Leaves<Chosen>> {
        use std::mem::take;
        let now = |key: KeyName| present.get(key.as_str()).cloned().unwrap_or_else(|| key.as_str().to_owned());
        let (keys, levels) = (take(&mut self.key).map(now), take(&mut self.evidence_level));
        let (designs, sections) = (take(&mut self.design), take(&mut self.cited_in));
        let retracted = self.retracted.map(|flag| flag.0);
        let all = keys.is_empty() && levels.is_empty() && designs.is_empty() && sections.is_empty();
        (!all || retracted.is_some()).then(|| -> Leaves<Chosen> {
            Box::new(move |citation| {
                keys.leaves(|key| *key == citation.key)
                    && levels.leaves(|level| citation.evidence_level == Some(*level))
                    && designs.leaves(|design| citation.study.design == Some(*design))
                    && sections.leaves(|anchor| citation.cited_in.iter().any(|cited| cited == anchor.as_str()))
                    && retracted.is_none_or(|retracted| retracted == citation.is_doubtful())
            })
        })
    }
}

/// A page of the citations of an article.
#[derive(Debug, Serialize, ToSchema)]
struct CitationList {
    /// As they were published.
    #[schema(value_type = Vec<SelectedCitation>, max_items = 100)]
    data: Vec<Given>,
    /// With `ids`: the names under which no citation was found, in the order asked; null otherwise.
    #[schema(max_items = 100, value_type = Option<Vec<NameOfCitation>>)]
    missing: Option<Vec<String>>,
    page: PageInfo,
}

/// The number of a citation or the key of its study.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 64, pattern = "^[a-z0-9][a-z0-9_:.-]{0,63}$", example = "nobody1999")]
struct NameOfCitation(#[expect(dead_code, reason = "only its schema is used")] String);

/// List the citations of a published article
///
/// By their numbers. The article with `include=citations` has all of them at once. With `style` or `locale` the references
/// are printed anew for this answer.
#[utoipa::path(
    operation_id = "citations_list",
    tag = "articles",
    params(OneArticle, Parameters),
    responses(
        (status = 200, description = "The page.", body = CitationList, example = json!(examples::citation_list())),
        Moved,
    ),
)]
#[get("/v1/articles/{article}/citations")]
pub(super) async fn citations_list(
    request: HttpRequest,
    state: State,
    path: web::Path<OneArticle>,
    Query(mut asked): Query<Parameters>,
) -> Result<HttpResponse, Problem> {
    let present = asked.present_keys(&state).await?;
    let leaves = asked.leaves(&present);
    let usual = Sort::up(CitationKey::Number);
    let window = Window::or_named(asked.ids.as_ref(), asked.limit, asked.sort, usual, asked.cursor)?;
    let names = asked.ids.map(|Batch(names)| names.iter().map(ToString::to_string).collect());
    let fields = asked.fields.map(|fields| fields.0);
    let wanted = Wanted { style: asked.style, locale: asked.locale };
    let asked = Asked { window, counted: asked.count.unwrap_or_default().0, names, present, leaves, fields };
    let list = |Listed { data, missing, page }| CitationList { data, missing, page };
    list_part(&state, &request, path.into_inner().article, part(), asked, wanted, list).await
}

/// The citation that an address is about.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OneCitation {
    /// The article's slug or its id. An old slug is answered with 301 to the present one.
    #[param(
        value_type = String,
        max_length = 120,
        pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$",
        example = "microneedling-for-large-pores"
    )]
    article: ArticleRef,
    /// The citation's number in the article.
    #[param(value_type = i32, minimum = 1, maximum = 5000, example = 1)]
    number: String,
}

/// What names a citation.
#[derive(Deserialize)]
struct Number {
    number: u32,
}

/// What of the citation, and how its reference is printed.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Parts {
    /// The members to give, all others are left out.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["number", "formatted.text"]))]
    fields: Option<CitationFields>,
    /// The citation style, bundled or uploaded; the one that the article was published in unless given.
    #[deserr(default)]
    #[param(inline, required = false, example = "apa")]
    style: Option<StyleName>,
    /// The language of the words and dates in the reference; the article's unless given.
    #[deserr(default)]
    #[param(inline, required = false, example = "de-DE")]
    locale: Option<LocaleTag>,
}

/// Get a citation of a published article
///
/// By its number in the article. Numbers can change with each publication; the study's key does not.
#[utoipa::path(
    operation_id = "citations_get",
    tag = "articles",
    params(OneCitation, Parts),
    responses(
        (status = 200, description = "The citation.", body = SelectedCitation, example = json!(examples::citation())),
        Moved,
    ),
)]
#[get("/v1/articles/{article}/citations/{number}")]
pub(super) async fn citations_get(
    request: HttpRequest,
    state: State,
    path: web::Path<OneCitation>,
    Query(asked): Query<Parts>,
) -> Result<HttpResponse, Problem> {
    // Compared as it is written, so that a citation has one address: no `01`, no `+1`.
    let OneCitation { article, number } = path.into_inner();
    let is = move |citation: Number| citation.number.to_string() == number;
    let wanted = Wanted { style: asked.style, locale: asked.locale };
    let fields = asked.fields.map(|fields| fields.0);
    get_part(&state, &request, article, part(), wanted, One { is, what: "citation", fields }).await
}
