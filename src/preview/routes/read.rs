//! `/v1/preview/{preview}`: a working copy as the public would read it.

use actix_web::{HttpRequest, HttpResponse, get, web};
use deserr::Deserr;
use utoipa::IntoParams;

use crate::app::{App, State};
use crate::db::Conn;
use crate::db::types::Instant;
use crate::delivery::article::assemble_among;
use crate::delivery::examples;
use crate::delivery::formats::{self, Format, LinkedArticle, WrittenArticle};
use crate::delivery::model::{ArticleFields, Bodies, Includes, SelectedArticle, Selection};
use crate::delivery::printing::{LocaleTag, Wanted};
use crate::delivery::store::translations::{self, Groups, TranslationRow};
use crate::delivery::store::{Columns, Publication, discovery};
use crate::editorial::store::{self as editorial, Scope};
use crate::error::Problem;
use crate::formats::Remarks;
use crate::http::answer::Answer;
use crate::http::fault::Faults;
use crate::http::query::Query;
use crate::http::select::Selected;
use crate::ids::{ArticleRef, path_parameter};
use crate::library::styles::StyleName;
use crate::preview::link::{self, Opened};
use crate::preview::store;
use crate::publishing::{self, Policy};

/// The link that an address has.
#[derive(serde::Deserialize)]
pub(super) struct Token {
    preview: String,
}

impl IntoParams for Token {
    fn into_params(
        _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        let example = "eyJ0eXAiOiJwcmV2aWV3K2p3dCIsImFsZyI6IkVkRFNBIn0.eyJhdWQiOiJwcmV2aWV3In0.c2lnbmF0dXJl";
        let about = "The token of the link.";
        vec![path_parameter("preview", about, r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$", 2_000, example)]
    }
}

/// What of the article, as of a published one.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Parameters {
    /// What to add: parts that are null otherwise.
    #[deserr(default)]
    #[param(inline, style = Form, explode = false, example = json!(["sections", "citations"]))]
    include: Option<Includes>,
    /// The members to give, all others are left out. What is named need not be included as well.
    #[deserr(default)]
    #[param(inline, style = Form, explode = false, example = json!(["title", "slug", "sections.heading"]))]
    fields: Option<ArticleFields>,
    /// The forms in which sections have their text; those that `fields` names, else `html`, unless given.
    #[deserr(default)]
    #[param(inline, required = false, style = Form, explode = false, example = json!(["html", "text"]))]
    body: Option<Bodies>,
    /// The citation style of the included citations; the article's unless given. The text of the sections keeps its own.
    #[deserr(default)]
    #[param(inline, required = false, example = "apa")]
    style: Option<StyleName>,
    /// The language of the words and dates in the included citations; the article's unless given.
    #[deserr(default)]
    #[param(inline, required = false, example = "de-DE")]
    locale: Option<LocaleTag>,
}

impl Parameters {
    /// Whether they say what is wanted of the JSON.
    fn are_given(&self) -> bool {
        let Self { include, fields, body, style, locale } = self;
        include.is_some() || fields.is_some() || body.is_some() || style.is_some() || locale.is_some()
    }
}

/// Read a working copy under a link
///
/// As the public would read it if it were published as it is: in the format that `Accept` likes best, with what `include` and
/// the others ask for, as under `/v1/articles/{article}`. What would stop a publication does not stop it; a marker that names
/// no study is shown as one that is not known. `version` is the number that the publication would have, `links` lead to
/// what is published. No cache keeps it, no search engine is to list it. 404 when the link has expired or was revoked.
#[utoipa::path(
    operation_id = "preview_get",
    tag = "previews",
    params(Token, Parameters),
    responses((status = 200, description = "The working copy.", content(
        (SelectedArticle = "application/json", example = json!(examples::article())),
        (LinkedArticle = "application/ld+json", example = json!(examples::linked_article())),
        (WrittenArticle = "text/markdown", example = json!(examples::markdown_article())),
        (WrittenArticle = "text/html", example = json!(examples::html_article())),
        (WrittenArticle = "application/jats+xml", example = json!(examples::jats_article())),
    ))),
    extensions(("x-problems" = json!(["not_acceptable"]))),
)]
#[get("/v1/preview/{preview}")]
pub(super) async fn preview_get(
    request: HttpRequest,
    state: State,
    path: web::Path<Token>,
    Query(asked): Query<Parameters>,
) -> Result<HttpResponse, Problem> {
    let format = Format::negotiated(request.headers(), asked.are_given())?;
    let now = state.clock.now();
    let opened = link::open(&state.key, &state.settings.auth.issuer, now, &path.preview).ok_or_else(nothing)?;
    let (app, policy) = (state.clone(), Policy::of(&state));
    let read = move |conn: &mut Conn| {
        let publication = publication(conn, opened, &policy, now)?;
        let group = translations::group(conn, publication.translation_group)?;
        match format {
            Some(format) => written(&app, conn, &publication, &group, format),
            None => article(&app, conn, publication, group, asked),
        }
    };
    Ok(state.db.read(read).await?.unlisted().vary("Accept").to(&request))
}

fn nothing() -> Problem {
    Problem::not_found("working copy under this link: it has expired or was revoked")
}

/// What the working copy would be read as.
///
/// # Errors
/// `not_found` when the link does not stand.
fn publication(conn: &mut Conn, link: Opened, policy: &Policy, now: Instant) -> Result<Publication, Problem> {
    if !store::stands(conn, link, now)? {
        return Err(nothing());
    }
    let draft = editorial::draft(conn, &ArticleRef::Id(link.article), Scope::All)?;
    let row = publishing::preview(conn, draft, policy)?;
    Ok(Publication {
        id: row.article_id,
        title: row.title,
        language: row.language,
        style: row.style,
        published_at: row.published_at,
        updated_at: row.updated_at,
        comment_policy: row.comment_policy,
        head: row.head,
        sections: Some(row.sections),
        citations: Some(row.citations),
        bodies: row.bodies,
        translation_group: row.translation_group,
        review_due: row.review_due,
    })
}

/// The working copy, or what is asked for of it, as JSON.
fn article(
    app: &App,
    conn: &mut Conn,
    publication: Publication,
    group: Vec<TranslationRow>,
    asked: Parameters,
) -> Result<Answer, Problem> {
    let wanted = Wanted { style: asked.style, locale: asked.locale };
    let selection = Selection::new(asked.include, asked.fields, asked.body);
    let columns = Columns::of(&selection);
    let printing = match wanted.is_as_published() {
        true => None,
        false => Some(wanted.printing(conn, &publication)?),
    };
    let publication = Publication {
        sections: publication.sections.filter(|_| columns.sections),
        citations: publication.citations.filter(|_| columns.citations),
        bodies: publication.bodies.filter(|_| columns.bodies),
        ..publication
    };
    let known = Groups::from([(publication.translation_group, group)]);
    let mut article = assemble_among(conn, vec![publication], &selection, Some(known))?.pop().ok_or_else(nothing)?;
    if let Some(printing) = &printing {
        article.citations = printing.raw(article.id, article.citations.take())?;
    }
    Answer::json(app.public(), &Selected::of(article, selection.fields.as_ref())?)
}

/// The whole working copy in another format.
fn written(
    app: &App,
    conn: &mut Conn,
    publication: &Publication,
    group: &[TranslationRow],
    format: Format,
) -> Result<Answer, Problem> {
    let numbers = Wanted::default().printing(conn, publication)?.numbers();
    let remarks = match format.has_remarks() {
        true => discovery::remarks(conn, publication.id)?,
        false => Remarks::default(),
    };
    let whole = formats::whole(publication, group, numbers)?;
    formats::answer(app, &whole, &remarks, format)
}
