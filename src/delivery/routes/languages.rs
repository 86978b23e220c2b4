//! An article in the language that the reader takes: the addressed one, or a translation of it.

use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, web};
use deserr::Deserr;
use utoipa::IntoParams;

use super::{Work, no_article, present_path};
use crate::app::State;
use crate::db::Conn;
use crate::delivery::store::translations::{self, TranslationRow};
use crate::delivery::store::{self, Columns, Publication};
use crate::delivery::translations::{Choice, Languages, offer};
use crate::error::Problem;
use crate::http::answer::{Answer, moved};
use crate::http::fault::Faults;
use crate::http::tag::Tag;
use crate::ids::{ArticleId, ArticleRef};
use crate::publishing::name::Found;

/// In which language.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct InLanguage {
    /// The languages to give the article in, the best liked first, joined by commas: itself or a translation of it. `*` at the
    /// end takes it as it is when none of them is there; so does an address without this: one that names the format does not
    /// follow `Accept-Language`.
    #[deserr(default)]
    #[param(inline, required = false, example = "de,en")]
    language: Option<Languages>,
}

impl InLanguage {
    /// As asked, else as addressed.
    pub(super) fn language(self) -> Option<Languages> {
        self.language.or_else(|| Some(Languages::as_addressed()))
    }
}

/// What is given instead of what was addressed, and what else there is.
struct Shown {
    addressed: ArticleId,
    group: Vec<TranslationRow>,
    choice: Choice,
}

/// Reads the article, or the translation of it that the reader takes, and answers; an old slug leads to the same place under
/// the present one. `read` gets what is published of the group, too.
///
/// # Errors
/// `not_found` when nothing is published under the name; `language_not_published`.
pub(super) async fn of_translation<T: Send + 'static>(
    state: &State,
    request: &HttpRequest,
    named: ArticleRef,
    languages: Option<Languages>,
    columns: Columns,
    read: impl FnOnce(&mut Conn, Publication, &[TranslationRow]) -> Result<Work<T>, Problem> + Send + 'static,
    answer: impl FnOnce(T) -> Result<Answer, Problem>,
) -> Result<HttpResponse, Problem> {
    let mut liked = HeaderMap::new();
    request.headers().get_all(ACCEPT_LANGUAGE).for_each(|value| liked.append(ACCEPT_LANGUAGE, value.clone()));
    let find = move |conn: &mut Conn| {
        let here = store::find(conn, &named, columns)?;
        let publication = match Found::or_moved(conn, &named, here)? {
            Found::Here(publication) => publication,
            Found::Moved(to) => return Ok(Found::Moved(to)),
        };
        let addressed = publication.id;
        let group = translations::group(conn, publication.translation_group)?;
        let choice = Choice::of(&group, addressed, languages.as_ref(), |offer| offer.chosen(&liked).to_owned())?;
        let publication = match choice.article() {
            same if same == addressed => publication,
            other => store::find(conn, &ArticleRef::Id(other), columns)?.ok_or_else(no_article)?,
        };
        let work = read(conn, publication, &group)?;
        Ok(Found::Here((Shown { addressed, group, choice }, work)))
    };
    let (shown, found) = match state.db.read(find).await? {
        Found::Here((shown, Work::Done(found))) => (shown, found),
        Found::Here((shown, Work::Left(work))) => (shown, web::block(work).await.map_err(Problem::internal)??),
        Found::Moved(to) => {
            return Ok(moved(request, state.public(), &present_path(request, &to.present), to.tags()));
        }
    };
    Ok(shown.told(answer(found)?, request).to(request))
}

impl Shown {
    fn told(self, answer: Answer, request: &HttpRequest) -> Answer {
        let given = self.choice.article();
        let mut answer = answer.tags([Tag::one("article", self.addressed), Tag::one("article", given)]);
        if let Some(row) = self.group.iter().find(|row| row.id == given) {
            answer = answer.language(&row.language).tags([Tag::one("translations", row.translation_group)]);
            if given != self.addressed {
                answer = answer.content_location(own_address(request, row));
            }
        }
        if matches!(self.choice, Choice::Negotiated(_)) {
            answer = answer.offer(offer(&self.group, self.addressed));
        }
        answer.link(alternates(&self.group, request))
    }
}

/// The address of a translation in the same format, with what else was asked: it is the same for every client.
fn own_address(request: &HttpRequest, row: &TranslationRow) -> String {
    let other = request.query_string().split('&').filter(|pair| {
        !pair.is_empty() && url::form_urlencoded::parse(pair.as_bytes()).all(|(name, _)| name != "language")
    });
    let language = format!("language={}", row.language);
    let query: Vec<&str> = other.chain([language.as_str()]).collect();
    format!("{}?{}", present_path(request, &row.slug), query.join("&"))
}

/// All languages, the given one too, as `Link` has them (RFC 8288); `None` when there is one alone.
fn alternates(group: &[TranslationRow], request: &HttpRequest) -> Option<String> {
    let link = |row: &TranslationRow| {
        let (path, language) = (present_path(request, &row.slug), &row.language);
        format!("<{path}?language={language}>; rel=\"alternate\"; hreflang=\"{language}\"")
    };
    (group.len() > 1).then(|| group.iter().map(link).collect::<Vec<_>>().join(", "))
}
