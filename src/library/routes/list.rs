//! `GET /v1/manage/studies`

use actix_web::{HttpRequest, HttpResponse, get};
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use utoipa::IntoParams;

use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::citing::identifiers::{Doi, IdentifierError, Pmid};
use crate::db::Conn;
use crate::error::Problem;
use crate::http::answer::{Answer, Caching};
use crate::http::fault::{Faults, Reason, text};
use crate::http::page::{Cursor, Limit, Page, Window};
use crate::http::query::{AnyOf, Flag, ParseText, Query};
use crate::http::sort::Sort;
use crate::library::examples;
use crate::library::fields::Words;
use crate::library::model::{Design, Key, Review, Study, Year};
use crate::library::schema::{CslDoi, CslPmid};
use crate::library::store::{self, Filter, StudyKey};
use crate::library::view::{Studies, StudyView};

/// In which order studies come.
type StudySort = Sort<StudyKey>;

impl ParseText for Design {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text).ok_or_else(|| Reason::unknown_word(text, Self::WORDS))
    }
}

impl ParseText for Review {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text).ok_or_else(|| Reason::unknown_word(text, Self::WORDS))
    }
}

/// An identifier to filter by, in any form in which it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted<T>(T);

impl Deserr<Faults> for Wanted<Doi> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, |text| Doi::parse(text).map(Self).map_err(unreadable))
    }
}

impl Deserr<Faults> for Wanted<Pmid> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, |text| Pmid::parse(text).map(Self).map_err(unreadable))
    }
}

fn unreadable(error: IdentifierError) -> Reason {
    Reason::new("invalid_identifier", format!("Not an identifier: {error}."))
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query, style = Form)]
pub struct ListParameters {
    /// How many studies a page has.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100, default = 20)]
    #[deserr(default)]
    limit: Option<Limit>,
    /// From `next` or `prev` of a page.
    #[param(value_type = Option<String>, max_length = 4000, pattern = "^[A-Za-z0-9_-]+$")]
    #[deserr(default)]
    cursor: Option<Cursor>,
    /// The order; a hyphen turns it round. `-updated_at` unless given.
    #[param(inline, required = false, explode = false)]
    #[deserr(default)]
    sort: Option<StudySort>,
    /// Whether to count all studies.
    #[param(value_type = Option<bool>, default = false)]
    #[deserr(default)]
    count: Option<Flag>,
    /// Only studies made in one of these ways.
    #[param(value_type = Option<Vec<Design>>, explode = false, min_items = 1, max_items = 50)]
    #[deserr(default)]
    design: Option<AnyOf<Design>>,
    /// Only studies that came out in one of these years.
    #[param(inline, value_type = Option<Vec<Year>>, explode = false, min_items = 1, max_items = 50)]
    #[deserr(default)]
    year: Option<AnyOf<Year>>,
    /// Only studies that a working copy cites, or that none does.
    #[param(value_type = Option<bool>)]
    #[deserr(default)]
    cited: Option<Flag>,
    /// Only the study with this DOI.
    #[param(value_type = Option<CslDoi>)]
    #[deserr(default)]
    doi: Option<Wanted<Doi>>,
    /// Only the study with this PubMed id.
    #[param(value_type = Option<CslPmid>)]
    #[deserr(default)]
    pmid: Option<Wanted<Pmid>>,
    /// Only studies that others in the field looked over, or did not.
    #[param(value_type = Option<Vec<Review>>, explode = false, min_items = 1, max_items = 50)]
    #[deserr(default)]
    review: Option<AnyOf<Review>>,
    /// Only retracted studies, or only others.
    #[param(value_type = Option<bool>)]
    #[deserr(default)]
    retracted: Option<Flag>,
    /// Only studies whose `completeness` is complete, or only others.
    #[param(value_type = Option<bool>)]
    #[deserr(default)]
    complete: Option<Flag>,
    /// Only the study that this key names, be it a former one.
    #[param(value_type = Option<Key>)]
    #[deserr(default)]
    key: Option<Key>,
    /// Only studies with this text in the title, or in the name of one author, as it stands. Letters of ASCII are found
    /// in either case.
    #[param(inline, value_type = Option<Words>)]
    #[deserr(default)]
    q: Option<Words>,
}

impl ListParameters {
    fn filter(self) -> Filter {
        Filter {
            designs: self.design.map(|any| any.0),
            years: self.year.map(|any| any.0.into_iter().map(|year| year.0).collect()),
            cited: self.cited.map(|flag| flag.0),
            doi: self.doi.map(|wanted| wanted.0),
            pmid: self.pmid.map(|wanted| wanted.0),
            reviews: self.review.map(|any| any.0),
            retracted: self.retracted.map(|flag| flag.0),
            complete: self.complete.map(|flag| flag.0),
            key: self.key.map(Key::into_string),
            words: self.q.map(Words::into_string),
        }
    }
}

/// The studies with what the library knows about them.
fn views(conn: &mut Conn, page: Page<Study>) -> Result<Page<StudyView>, Problem> {
    let ids: Vec<_> = page.items.iter().map(|study| study.id).collect();
    let mut cited = store::citing(conn, &ids)?;
    let mut aliases = store::names::aliases(conn, &ids)?;
    let imports = crate::library::notices::store::imports(conn)?;
    let Page { items, next, prev } = page;
    let items = items.into_iter().map(|study| {
        let cited = cited.remove(&study.id).unwrap_or_default();
        let aliases = aliases.remove(&study.id).unwrap_or_default();
        StudyView::new(study, aliases, cited, &imports)
    });
    Ok(Page { items: items.collect::<Result<_, _>>()?, next, prev })
}

/// List the studies
///
/// The whole library, whether or not an article cites them.
#[utoipa::path(
    operation_id = "manage_studies_list",
    tag = "library",
    params(ListParameters),
    responses((status = 200, description = "One page of studies.", body = Studies, example = json!(examples::page()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/studies")]
pub(super) async fn list(
    _: Permitted<op::StudiesList>,
    request: HttpRequest,
    state: State,
    query: Query<ListParameters>,
) -> Result<HttpResponse, Problem> {
    let mut query = query.0;
    let sort = query.sort.take().unwrap_or(Sort::down(StudyKey::UpdatedAt));
    let window = Window::new(query.limit, sort, query.cursor.take())?;
    let (counted, limit) = (query.count.unwrap_or_default().0, window.limit);
    let filter = query.filter();
    let read = move |conn: &mut Conn| {
        let page = store::list(conn, &filter, &window)?;
        let total = if counted { Some(store::count(conn, &filter)?) } else { None };
        Ok((views(conn, page)?, total))
    };
    let (page, total) = state.db.read(read).await?;
    let info = page.info(&request, limit, total);
    let answer = Studies { data: page.items, page: info };
    Ok(Answer::page(Caching::Private, &answer, &answer.page)?.to(&request))
}
