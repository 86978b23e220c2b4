use actix_web::{HttpRequest, HttpResponse, get, web};
use deserr::Deserr;
use utoipa::IntoParams;

use super::languages::of_translation;
use super::{Moved, OneArticle, Work, assemble_among, no_article, tags_of};
use crate::app::State;
use crate::db::Conn;
use crate::delivery::examples;
use crate::delivery::formats::{self, Format, LinkedArticle, WrittenArticle};
use crate::delivery::model::{ArticleFields, Bodies, Include, Includes, SelectedArticle, Selection};
use crate::delivery::printing::{LocaleTag, Wanted};
use crate::delivery::store::translations::{Groups, TranslationRow};
use crate::delivery::store::{Columns, Publication, discovery};
use crate::delivery::translations::Languages;
use crate::error::Problem;
use crate::formats::Remarks;
use crate::http::answer::Answer;
use crate::http::fault::Faults;
use crate::http::query::Query;
use crate::http::select::Selected;
use crate::http::tag::Tag;
use crate::ids::ArticleRef;
use crate::library::styles::StyleName;

/// What of the article.
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
    /// The citation style of the included citations; the one that the article was published in unless given. The text of
    /// the sections keeps its own.
    #[deserr(default)]
    #[param(inline, required = false, example = "apa")]
    style: Option<StyleName>,
    /// The language of the words and dates in the included citations; the article's unless given.
    #[deserr(default)]
    #[param(inline, required = false, example = "de-DE")]
    locale: Option<LocaleTag>,
    /// The languages to give the article in, the best liked first, joined by commas: itself or a translation of it. `*` at the
    /// end takes it as it is when none of them is there. Without this, `Accept-Language` chooses, unless the address names the
    /// format.
    #[deserr(default)]
    #[param(inline, required = false, example = "de,en")]
    language: Option<Languages>,
}

impl Parameters {
    /// They take the article as it is, unless a language is asked for.
    pub(super) fn unless_asked(self) -> Self {
        Self { language: self.language.or_else(|| Some(Languages::as_addressed())), ..self }
    }

    /// Whether they say what is wanted of the JSON.
    fn are_given(&self) -> bool {
        self.include.is_some()
            || self.fields.is_some()
            || self.body.is_some()
            || self.style.is_some()
            || self.locale.is_some()
    }
}

/// Get a published article
///
/// By its slug or its id, in the format that `Accept` likes best: JSON (which also answers no `Accept`), linked data, Markdown,
/// a page in HTML (which browsers like best), or JATS. In JSON its sections, citations and comments come with it on request, in
/// the same answer; the other formats have all of it, and with one of these parameters there is JSON alone. `Last-Modified` is
/// there when nothing in the answer can change without a new publication.
///
/// Where the article has translations, `language` chooses among them, else `Accept-Language`; a reader whose languages are not
/// among them gets what was addressed. `Content-Language` tells what was chosen, `Content-Location` where that is when it is
/// not what was addressed, and `Link` all that there is.
#[utoipa::path(
    operation_id = "articles_get",
    tag = "articles",
    params(OneArticle, Parameters),
    responses(
        (status = 200, description = "The article.", content(
            (SelectedArticle = "application/json", example = json!(examples::article())),
            (LinkedArticle = "application/ld+json", example = json!(examples::linked_article())),
            (WrittenArticle = "text/markdown", example = json!(examples::markdown_article())),
            (WrittenArticle = "text/html", example = json!(examples::html_article())),
            (WrittenArticle = "application/jats+xml", example = json!(examples::jats_article())),
        )),
        Moved,
    ),
    extensions(("x-problems" = json!(["not_acceptable", "language_not_published"]))),
)]
#[get("/v1/articles/{article}")]
pub(super) async fn articles_get(
    request: HttpRequest,
    state: State,
    path: web::Path<OneArticle>,
    Query(asked): Query<Parameters>,
) -> Result<HttpResponse, Problem> {
    let named = path.into_inner().article;
    let vary = |answer: Answer| answer.vary("Accept");
    match Format::negotiated(request.headers(), asked.are_given())? {
        Some(format) => written(&state, &request, named, asked.language, format, vary).await,
        None => article(&state, &request, named, asked, vary).await,
    }
}

/// The article, or what is asked for of it, as JSON.
pub(super) async fn article(
    state: &State,
    request: &HttpRequest,
    named: ArticleRef,
    asked: Parameters,
    finish: impl FnOnce(Answer) -> Answer,
) -> Result<HttpResponse, Problem> {
    let wanted = Wanted { style: asked.style, locale: asked.locale };
    let selection = Selection::new(asked.include, asked.fields, asked.body);
    let (columns, printed) = (Columns::of(&selection), wanted.tag());
    let frozen = selection.is_frozen() && wanted.is_as_published();
    let read = move |conn: &mut Conn, publication: Publication, group: &[TranslationRow]| {
        let printing = match wanted.is_as_published() {
            true => None,
            false => Some(wanted.printing(conn, &publication)?),
        };
        let frozen = frozen && group.len() < 2;
        let known = Groups::from([(publication.translation_group, group.to_vec())]);
        let mut article =
            assemble_among(conn, vec![publication], &selection, Some(known))?.pop().ok_or_else(no_article)?;
        let at_once = printing.is_none() || article.citations.is_none();
        let work = move || {
            if let Some(printing) = &printing {
                article.citations = printing.raw(article.id, article.citations.take())?;
            }
            let updated_at = frozen.then_some(article.updated_at);
            let mut tags = tags_of(&[article.id], &selection);
            if selection.wants(Include::Authors) {
                tags.push(Tag::all("articles"));
            }
            tags.extend(printed);
            Ok((Selected::of(article, selection.fields.as_ref())?, updated_at, tags))
        };
        Ok(if at_once { Work::Done(work()?) } else { Work::Left(Box::new(work)) })
    };
    let answer = |(article, updated_at, tags): (_, _, Vec<Tag>)| {
        let answer = finish(Answer::json(state.public(), &article)?.tags(tags));
        Ok(match updated_at {
            Some(at) => answer.last_modified(at),
            None => answer,
        })
    };
    of_translation(state, request, named, asked.language, columns, read, answer).await
}

/// The whole article in another format.
pub(super) async fn written(
    state: &State,
    request: &HttpRequest,
    named: ArticleRef,
    languages: Option<Languages>,
    format: Format,
    finish: impl FnOnce(Answer) -> Answer,
) -> Result<HttpResponse, Problem> {
    let app = state.clone();
    let read = move |conn: &mut Conn, publication: Publication, group: &[TranslationRow]| {
        let group = group.to_vec();
        let numbers = Wanted::default().printing(conn, &publication)?.numbers();
        let remarks = match format.has_remarks() {
            true => discovery::remarks(conn, publication.id)?,
            false => Remarks::default(),
        };
        Ok(Work::Left(Box::new(move || {
            let whole = formats::whole(&publication, &group, numbers)?;
            let said = format.has_remarks().then(|| Tag::one("comments", publication.id));
            Ok(formats::answer(&app, &whole, &remarks, format)?.tags(said))
        })))
    };
    let answer = |answer| Ok(finish(answer));
    let columns = Columns { sections: true, citations: true, bodies: false };
    of_translation(state, request, named, languages, columns, read, answer).await
}
