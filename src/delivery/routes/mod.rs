//! The operations of the public reads.

mod article_files;
mod articles_get;
mod articles_list;
mod articles_query;
mod authors;
mod bibliography;
mod citations;
mod events;
mod evidence;
mod feeds;
mod languages;
mod llms;
mod parts;
mod redirects;
mod robots;
mod search;
mod sections;
mod site;
mod sitemap;
mod studies;
mod studies_articles;
mod sync;
mod tags;
mod versions;

use actix_web::{HttpRequest, HttpResponse, web};
use deserr::Deserr;
use diesel::QueryResult;
use serde::Deserialize;
use utoipa::{IntoParams, IntoResponses};

use super::article::{assemble, assemble_among};
use super::formats::head as read_head;
use super::model::Selection;
use super::printing::{LocaleTag, Wanted};
use super::store::{self, Columns, Publication};
use crate::app::State;
use crate::db::Conn;
use crate::error::Problem;
use crate::http::answer::{Answer, moved};
use crate::http::fault::Faults;
use crate::http::operations::Operations;
use crate::http::page::Page;
use crate::http::tag::Tag;
use crate::ids::{ArticleId, ArticleRef};
use crate::library::styles::StyleName;
use crate::publishing::name::Found;

/// The routes of the room.
pub fn routes(config: &mut Operations<'_>) {
    config
        .service(articles_list::articles_list)
        .service(article_files::articles_json)
        .service(article_files::articles_json_ld)
        .service(article_files::articles_markdown)
        .service(article_files::articles_html)
        .service(article_files::articles_jats)
        .service(articles_get::articles_get)
        .service(search::search)
        .service(sections::sections_list)
        .service(sections::sections_get)
        .service(citations::citations_list)
        .service(citations::citations_get)
        .service(evidence::evidence_get)
        .service(evidence::evidence_picture)
        .service(bibliography::bibliography_get)
        .service(bibliography::bibliography_file)
        .service(studies::studies_list)
        .service(studies::studies_get)
        .service(studies_articles::studies_articles)
        .service(authors::authors_list)
        .service(authors::authors_get)
        .service(tags::tags_list)
        .service(tags::tags_get)
        .service(versions::versions_list)
        .service(versions::versions_get)
        .service(sync::sync_get)
        .service(events::events_stream)
        .service(redirects::redirects_resolve)
        .service(feeds::articles::feeds_articles)
        .service(feeds::tag::feeds_tag)
        .service(feeds::author::feeds_author)
        .service(feeds::comments::feeds_comments)
        .service(site::site_get)
        .service(sitemap::sitemap)
        .service(sitemap::sitemap_part)
        .service(robots::robots)
        .service(llms::llms);
}

/// The article that an address is about.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OneArticle {
    /// Its slug or its id. An old slug is answered with 301 to the present one.
    #[param(
        value_type = String,
        max_length = 120,
        pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$",
        example = "microneedling-for-large-pores"
    )]
    article: ArticleRef,
}

/// How references are printed.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct InStyle {
    /// The citation style, bundled or uploaded; the one that the article was published in unless given. `/v1/styles` lists
    /// them.
    #[deserr(default)]
    #[param(inline, required = false, example = "apa")]
    style: Option<StyleName>,
    /// The language of the words and dates in the references; the article's unless given. `/v1/styles` lists them; of
    /// other dialects the nearest is taken.
    #[deserr(default)]
    #[param(inline, required = false, example = "de-DE")]
    locale: Option<LocaleTag>,
}

impl From<InStyle> for Wanted {
    fn from(InStyle { style, locale }: InStyle) -> Self {
        Self { style, locale }
    }
}

/// The slug is an old one of the article: `Location` is where the same is now.
#[derive(IntoResponses)]
#[response(status = 301)]
struct Moved;

/// What reading an article comes to.
enum Work<T> {
    Done(T),
    /// It takes its time, and no connection.
    Left(Box<dyn FnOnce() -> Result<T, Problem> + Send>),
}

/// Tags of answers that show these articles, with what readers say about them or without.
fn tags_of(ids: &[ArticleId], selection: &Selection) -> Vec<Tag> {
    let comments = ids.iter().filter(|_| selection.wants_discussion()).map(|id| Tag::one("comments", id));
    ids.iter().map(|id| Tag::one("article", id)).chain(comments).collect()
}

/// Reads the published article and answers; an old slug leads to the same place under the present one.
///
/// # Errors
/// `not_found` when nothing is published under the name.
async fn of_article<T: Send + 'static>(
    state: &State,
    request: &HttpRequest,
    article: ArticleRef,
    columns: Columns,
    read: impl FnOnce(&mut Conn, Publication) -> Result<Work<T>, Problem> + Send + 'static,
    answer: impl FnOnce(T) -> Result<Answer, Problem>,
) -> Result<HttpResponse, Problem> {
    let find = move |conn: &mut Conn| {
        let here = store::find(conn, &article, columns)?;
        Ok(match Found::or_moved(conn, &article, here)? {
            Found::Here(publication) => Found::Here((publication.id, read(conn, publication)?)),
            Found::Moved(to) => Found::Moved(to),
        })
    };
    let (id, found) = match state.db.read(find).await? {
        Found::Here((id, Work::Done(found))) => (id, found),
        Found::Here((id, Work::Left(work))) => (id, web::block(work).await.map_err(Problem::internal)??),
        Found::Moved(to) => {
            return Ok(moved(request, state.public(), &present_path(request, &to.present), to.tags()));
        }
    };
    Ok(answer(found)?.tags([Tag::one("article", id)]).to(request))
}

/// A page of a list; or what is asked for by name, and the names under which nothing is.
fn listed<N, T>(
    conn: &mut Conn,
    names: Option<&[N]>,
    list: impl FnOnce(&mut Conn) -> Result<Page<T>, Problem>,
    batch: impl FnOnce(&mut Conn, &[N]) -> QueryResult<(Vec<T>, Vec<String>)>,
) -> Result<(Page<T>, Option<Vec<String>>), Problem> {
    let Some(names) = names else { return Ok((list(conn)?, None)) };
    let (items, missing) = batch(conn, names)?;
    Ok((Page::whole(items), Some(missing)))
}

fn no_article() -> Problem {
    Problem::not_found("article")
}

/// The path of the request with another slug, and with the same end that names a format.
fn present_path(request: &HttpRequest, slug: &str) -> String {
    let mut steps: Vec<String> = request.path().split('/').map(str::to_owned).collect();
    let named = steps.iter().position(|step| step == "articles").and_then(|at| steps.get_mut(at + 1));
    if let Some(named) = named {
        let end = named.find('.').and_then(|at| named.get(at..)).unwrap_or_default();
        *named = format!("{slug}{end}");
    }
    steps.join("/")
}
