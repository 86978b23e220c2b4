//! `/v1/manage/articles`: articles as wholes.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use deserr::Deserr;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::{change, read, working_copy};
use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::db::Conn;
use crate::db::day::Day;
use crate::editorial::draft::{Birth, Draft};
use crate::editorial::examples;
use crate::editorial::model::{
    ArticleKey, ArticlePatch, ClaimInput, NewArticle, NewCitation, Owner, Scheduled, Slug, State as ArticleState,
    StudyName,
};
use crate::editorial::store::{self, Filter, Scope};
use crate::editorial::trash::store as trash;
use crate::editorial::view::{WorkingArticle, WorkingArticles, WorkingCopy};
use crate::error::{Code, Problem};
use crate::http::answer::{Answer, Caching, no_content};
use crate::http::body::{Body, MergePatch};
use crate::http::etag::IfMatch;
use crate::http::fault::{Fault, Faults, Reason};
use crate::http::list::AtMost;
use crate::http::page::{Cursor, Limit, Window};
use crate::http::query::{AnyOf, Flag, NoParameters, ParseText, Query};
use crate::http::sort::Sort;
use crate::ids::{ArticleRef, StudyId};
use crate::language::Language;
use crate::library::store::{self as library, Names};
use crate::library::styles::{self, StyleName};
use crate::publishing::document::ReviewOverdue;

/// In which order articles come.
type ArticleSort = Sort<ArticleKey>;

impl ParseText for ArticleState {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text).ok_or_else(|| Reason::unknown_word(text, Self::WORDS))
    }
}

impl ParseText for Scheduled {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text).ok_or_else(|| Reason::unknown_word(text, Self::WORDS))
    }
}

/// Names a study in a list of names: nothing with a comma in it, and not too long for fifty of them in an address.
#[derive(Debug, Clone, PartialEq, Eq)]
struct CitedName(String);

impl CitedName {
    /// The most characters.
    const MOST: usize = 250;
}

impl ParseText for CitedName {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        match text.chars().count() {
            length if length > Self::MOST => {
                Err(Reason::new("too_long", format!("At most {} characters, this has {length}.", Self::MOST)))
            }
            _ => StudyName::parse(text).map(|name| Self(name.into_string())),
        }
    }
}

impl PartialSchema for CitedName {
    fn schema() -> RefOr<Schema> {
        crate::http::schema::formed(r"^[^\x00-\x20\x7F,]+$", Self::MOST)
    }
}

impl ToSchema for CitedName {}

impl ParseText for Language {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text)
    }
}

impl ParseText for Slug {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text)
    }
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query, style = Form)]
pub struct ListParameters {
    /// How many articles a page has.
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
    sort: Option<ArticleSort>,
    /// Whether to count all articles.
    #[param(value_type = Option<bool>, default = false)]
    #[deserr(default)]
    count: Option<Flag>,
    /// Only articles in one of these states.
    #[param(value_type = Option<Vec<ArticleState>>, explode = false, min_items = 1, max_items = 50)]
    #[deserr(default)]
    state: Option<AnyOf<ArticleState>>,
    /// Only articles in one of these languages.
    #[param(value_type = Option<Vec<Language>>, explode = false, min_items = 1, max_items = 50)]
    #[deserr(default)]
    language: Option<AnyOf<Language>>,
    /// Only articles with one of these tags (slugs).
    #[param(value_type = Option<Vec<Slug>>, explode = false, min_items = 1, max_items = 50)]
    #[deserr(default)]
    tag: Option<AnyOf<Slug>>,
    /// Only articles with one of these authors (slugs).
    #[param(value_type = Option<Vec<Slug>>, explode = false, min_items = 1, max_items = 50)]
    #[deserr(default)]
    author: Option<AnyOf<Slug>>,
    /// `true`: the day by which the next review is due is before today in UTC; `false`: it is not, or none is due.
    #[param(value_type = Option<bool>)]
    #[deserr(default)]
    review_overdue: Option<Flag>,
    /// Only articles whose schedule holds one of these.
    #[param(inline, value_type = Option<Vec<Scheduled>>, explode = false, min_items = 1, max_items = 50)]
    #[deserr(default)]
    schedule: Option<AnyOf<Scheduled>>,
    /// Only articles of one of these editors (`me`, or ids).
    #[param(inline, value_type = Option<Vec<Owner>>, explode = false, min_items = 1, max_items = 50)]
    #[deserr(default)]
    owner: Option<AnyOf<Owner>>,
    /// Only articles whose working copy cites one of these studies (keys, ids, `doi:…` or `pmid:…`).
    #[param(inline, value_type = Option<Vec<CitedName>>, explode = false, min_items = 1, max_items = 50)]
    #[deserr(default)]
    cites: Option<AnyOf<CitedName>>,
}

/// List the working copies
///
/// Articles in every state. Authors see their own.
#[utoipa::path(
    operation_id = "manage_articles_list",
    tag = "working copies",
    params(ListParameters),
    responses((status = 200, description = "One page of articles.", body = WorkingArticles, example = json!(examples::page()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/articles")]
pub async fn list(
    who: Permitted<op::ArticlesList>,
    request: HttpRequest,
    state: State,
    query: Query<ListParameters>,
) -> Result<HttpResponse, Problem> {
    let query = query.0;
    let window = Window::new(query.limit, query.sort.unwrap_or(Sort::down(ArticleKey::UpdatedAt)), query.cursor)?;
    let slugs = |any: Option<AnyOf<Slug>>| any.map(|any| any.0.into_iter().map(Slug::into_string).collect());
    let filter = Filter {
        states: query.state.map(|any| any.0),
        languages: query.language.map(|any| any.0.into_iter().map(Language::into_string).collect()),
        tags: slugs(query.tag),
        authors: slugs(query.author),
        overdue: query.review_overdue.map(|Flag(is)| ReviewOverdue { is, on: state.clock.today() }),
        scheduled: query.schedule.map(|any| any.0),
        owners: query.owner.map(|any| any.0.into_iter().map(|owner| owner.of(who.editor.id)).collect()),
        cites: None,
    };
    let cites = query.cites.map(|any| any.0.into_iter().map(|name| name.0).collect());
    let (scope, counted, limit) = (Scope::of(&who.editor), query.count.unwrap_or_default().0, window.limit);
    let (page, mut around, total) = state
        .db
        .read(move |conn| {
            let filter = Filter { cites: cites.map(|names| cited(conn, &names)).transpose()?, ..filter };
            let (page, around) = store::list(conn, scope, &filter, &window)?;
            let total = if counted { Some(store::count(conn, scope, &filter)?) } else { None };
            Ok((page, around, total))
        })
        .await?;
    let info = page.info(&request, limit, total);
    let page = page.map(|article| {
        let named = around.remove(&article.id).unwrap_or_default();
        WorkingArticle::new(article, named)
    });
    let answer = WorkingArticles { data: page.items, page: info };
    Ok(Answer::page(Caching::Private, &answer, &answer.page)?.to(&request))
}

/// The studies of these names; one that names none is cited by nobody.
fn cited(conn: &mut Conn, names: &BTreeSet<String>) -> Result<Vec<StudyId>, Problem> {
    let known = library::resolve(conn, names)?;
    Ok(names.iter().filter_map(|name| Some(known.get(name)?.id)).collect())
}

/// Create an article
///
/// Sections and citations may come along. Markers `[@key]` in the text cite studies of the library: each gets a
/// citation and a number by first appearance. A marker of an unknown study may stand in a draft.
#[utoipa::path(
    operation_id = "manage_articles_create",
    tag = "working copies",
    request_body(content = NewArticle, description = "The article.", example = json!({
        "title": "Microneedling for large pores",
        "tags": ["Skin"],
        "authors": [{"name": "Ada Example", "credentials": "MD"}],
        "reviewed": {"by": [{"name": "Grace Example"}], "at": "2024-06-20", "next_due": "2025-06-20"},
        "sections": [
            {"body": "Large pores bother many people."},
            {"heading": "What the studies found", "body": "Scars improved in most patients."}
        ]
    })),
    responses((
        status = 201,
        description = "The working copy.",
        body = WorkingCopy, example = json!(examples::working_copy()),
    )),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["slug_taken", "language_taken"]))),
)]
#[post("/v1/manage/articles")]
pub async fn create(
    who: Permitted<op::ArticlesCreate>,
    request: HttpRequest,
    state: State,
    _: Query<NoParameters>,
    body: Body<NewArticle>,
) -> Result<HttpResponse, Problem> {
    let (new, owner, now) = (body.0, who.editor.id, state.clock.now());
    let (scope, place) = (Scope::of(&who.editor), place(new.translation_of.is_some()));
    let language = state.settings.site.language.clone();
    let copy = state
        .db
        .write(move |conn| {
            known_style(conn, new.style.as_ref())?;
            let names = named(conn, new.citations.as_ref(), new.claims.as_ref())?;
            let mut draft = Draft::new(&new, Birth { owner, language: &language, now });
            store::translate(conn, &mut draft.article, new.translation_of.as_ref(), scope)?;
            draft.replace(new, &language, &names, Day::of(now))?;
            let settled = store::create(conn, draft)?;
            working_copy(conn, settled, scope)
        })
        .await
        .map_err(place)?;
    let location = format!("/v1/manage/articles/{}", copy.article.id);
    let version = copy.article.version;
    Ok(Answer::json(Caching::Private, &copy)?.version(version).created(location).to(&request))
}

/// Where the request says what language articles cannot have: in the group that it names, or in the language itself.
fn place(names_group: bool) -> impl FnOnce(Problem) -> Problem {
    let pointer = if names_group { "/translation_of" } else { "/language" };
    move |problem| match problem.code() {
        Code::LanguageTaken => {
            let fault = Fault::at(pointer, problem.code().as_str(), problem.detail());
            problem.with_errors(vec![fault])
        }
        _ => problem,
    }
}

/// The studies that a request names.
fn named<const N: usize, const M: usize>(
    conn: &mut Conn,
    citations: Option<&AtMost<NewCitation, N>>,
    claims: Option<&AtMost<ClaimInput, M>>,
) -> Result<Names, Problem> {
    let cited = citations.into_iter().flat_map(|given| &given.0).map(|new| &new.study);
    let claimed = claims.into_iter().flat_map(|given| &given.0).flat_map(ClaimInput::studies);
    library::resolve(conn, &cited.chain(claimed).map(|name| name.as_str().to_owned()).collect())
}

/// Refuses a style that this site does not have.
fn known_style(conn: &mut Conn, style: Option<&StyleName>) -> Result<(), Problem> {
    let Some(name) = style else { return Ok(()) };
    let known = styles::style(conn, name.as_str())?;
    let fault = |reason: Reason| Problem::validation(vec![Fault::at("/style", reason.code, reason.detail)]);
    known.map(drop).map_err(fault)
}

/// Read a working copy
///
/// With its sections, its numbered citations, and the markers that name no study.
#[utoipa::path(
    operation_id = "manage_articles_get",
    tag = "working copies",
    params(ArticleRef),
    responses((status = 200, description = "The working copy.", body = WorkingCopy, example = json!(examples::working_copy()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/articles/{article}")]
pub async fn get(
    who: Permitted<op::ArticlesGet>,
    request: HttpRequest,
    state: State,
    article: web::Path<ArticleRef>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let copy = read(&state, article.into_inner(), who.editor).await?;
    answer(&request, &copy)
}

fn answer(request: &HttpRequest, copy: &WorkingCopy) -> Result<HttpResponse, Problem> {
    Ok(Answer::json(Caching::Private, copy)?.version(copy.article.version).to(request))
}

/// Change an article
///
/// A JSON Merge Patch (RFC 7396): members that are not named stay as they are, lists are replaced whole.
#[utoipa::path(
    operation_id = "manage_articles_patch",
    tag = "working copies",
    params(ArticleRef, IfMatch),
    request_body(content(
        (ArticlePatch = "application/merge-patch+json", example = json!({"title": "Microneedling and large pores"})),
        (ArticlePatch = "application/json", example = json!({"subtitle": null})),
    ), description = "What changes."),
    responses((status = 200, description = "The working copy.", body = WorkingCopy, example = json!(examples::working_copy()))),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["slug_taken", "language_taken"]))),
)]
#[patch("/v1/manage/articles/{article}")]
pub async fn patch(
    who: Permitted<op::ArticlesPatch>,
    request: HttpRequest,
    state: State,
    article: web::Path<ArticleRef>,
    if_match: IfMatch,
    _: Query<NoParameters>,
    body: MergePatch<ArticlePatch>,
) -> Result<HttpResponse, Problem> {
    let (patch, today) = (body.0, state.clock.today());
    let (scope, place) = (Scope::of(&who.editor), place(patch.translation_of.as_option().is_some_and(Option::is_some)));
    let edit = move |conn: &mut Conn, draft: &mut Draft| {
        let (citations, claims) = (patch.citations.as_option(), patch.claims.as_option());
        let names = named(conn, citations, claims)?;
        known_style(conn, patch.style.as_option().and_then(Option::as_ref))?;
        if let Some(of) = patch.translation_of.as_option() {
            store::translate(conn, &mut draft.article, of.as_ref(), scope)?;
        }
        draft.patch(patch, &names, today)
    };
    let changed = change(&state, article.into_inner(), who.editor, if_match, edit).await;
    let (copy, ()) = changed.map_err(place)?;
    answer(&request, &copy)
}

/// Replace an article
///
/// What the body does not name gets its default; only the slug stays when it is not given. Sections with an id keep it.
/// An article with translations stays among them when `translation_of` names one of them.
#[utoipa::path(
    operation_id = "manage_articles_replace",
    tag = "working copies",
    params(ArticleRef, IfMatch),
    request_body(content = NewArticle, description = "The whole article.", example = json!({
        "title": "Microneedling for large pores",
        "sections": [{"body": "Large pores bother many people."}]
    })),
    responses((status = 200, description = "The working copy.", body = WorkingCopy, example = json!(examples::working_copy()))),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["slug_taken", "language_taken"]))),
)]
#[put("/v1/manage/articles/{article}")]
pub async fn replace(
    who: Permitted<op::ArticlesReplace>,
    request: HttpRequest,
    state: State,
    article: web::Path<ArticleRef>,
    if_match: IfMatch,
    _: Query<NoParameters>,
    body: Body<NewArticle>,
) -> Result<HttpResponse, Problem> {
    let (new, language) = (body.0, state.settings.site.language.clone());
    let today = state.clock.today();
    let (scope, place) = (Scope::of(&who.editor), place(new.translation_of.is_some()));
    let edit = move |conn: &mut Conn, draft: &mut Draft| {
        known_style(conn, new.style.as_ref())?;
        let names = named(conn, new.citations.as_ref(), new.claims.as_ref())?;
        store::translate(conn, &mut draft.article, new.translation_of.as_ref(), scope)?;
        draft.replace(new, &language, &names, today)
    };
    let changed = change(&state, article.into_inner(), who.editor, if_match, edit).await;
    let (copy, ()) = changed.map_err(place)?;
    answer(&request, &copy)
}

/// Put an article into the trash
///
/// From there it can be taken back, with all that it has, until it is deleted for good. Meanwhile others may have its slug, and
/// what was to come of it by itself does not come any more. A published article has to be unpublished first.
#[utoipa::path(
    operation_id = "manage_articles_delete",
    tag = "working copies",
    params(ArticleRef, IfMatch),
    responses((status = 204, description = "It is in the trash.")),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["article_published"]))),
)]
#[delete("/v1/manage/articles/{article}")]
pub async fn delete(
    who: Permitted<op::ArticlesDelete>,
    state: State,
    article: web::Path<ArticleRef>,
    if_match: IfMatch,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (article, now) = (article.into_inner(), state.clock.now());
    state.db.write(move |conn| trash::put(conn, &article, &who.editor, &if_match, now)).await?;
    Ok(no_content())
}
