//! The feeds: what is new, as Atom, RSS and JSON Feed.

pub(super) mod articles;
pub(super) mod author;
pub(super) mod comments;
pub(super) mod tag;

use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::ToSchema;

use crate::app::State;
use crate::delivery::formats::{head, sections, site};
use crate::delivery::model::{ArticleKey, Filters, SlugName, Slugs};
use crate::delivery::store::{self, Columns, Publication};
use crate::error::Problem;
use crate::formats::feed::{Entry, Feed, Format, MOST};
use crate::formats::site::Site;
use crate::http::answer::Answer;
use crate::http::filter::Filter;
use crate::http::page::{Limit, Window};
use crate::http::sort::Sort;
use crate::http::tag::Tag;
use crate::publishing::document::Head;

/// A feed in XML.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 300000000)]
struct XmlFeed(#[expect(dead_code, reason = "only its schema is used")] String);

/// A feed as jsonfeed.org has it.
#[derive(ToSchema)]
#[schema(value_type = Object)]
struct JsonFeed(#[expect(dead_code, reason = "only its schema is used")] serde_json::Value);

/// The kind of feed that an address names.
fn format(suffix: &str) -> Result<Format, Problem> {
    Format::of_suffix(suffix).ok_or_else(|| Problem::not_found("format of a feed"))
}

/// Whoever, or whatever, an address names by a slug.
fn slug(text: &str, what: &str) -> Result<Slugs, Problem> {
    SlugName::parse(text).map(Filter::only).map_err(|_| Problem::not_found(what))
}

/// What a feed of articles is called and where it is, told by its articles.
struct Named {
    title: String,
    path: String,
}

/// Answers with the newest articles that the filters leave. `named` is given the newest one; nothing is there for it to be
/// named by when it answers `None`.
async fn newest(
    state: &State,
    request: &HttpRequest,
    filters: Filters,
    format: Format,
    named: impl FnOnce(Option<&Head>, &Site<'_>) -> Result<Named, Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let read = state.db.read(move |conn| {
        let window = Window::new(Some(Limit(MOST)), Sort::down(ArticleKey::Published), None)?;
        Ok(store::list(conn, &filters, &window, Columns::SECTIONS)?.items)
    });
    let publications: Vec<Publication> = read.await?;
    let app = state.clone();
    let written = web::block(move || {
        let base = app.settings.public_url();
        let site = site(&app, &base);
        let heads = publications.iter().map(head).collect::<Result<Vec<Head>, Problem>>()?;
        let named = named(heads.first(), &site)?;
        let entry =
            |(head, publication): (&Head, &Publication)| Ok(Entry::of_article(head, &sections(publication)?, &site));
        let entries = heads.iter().zip(&publications).map(entry).collect::<Result<Vec<Entry>, Problem>>()?;
        feed(named, entries, &site).write(format).map_err(Problem::internal)
    });
    let body = written.await.map_err(Problem::internal)??;
    Ok(Answer::bytes(state.public(), format.content_type(), body).tags([Tag::all("articles")]).to(request))
}

fn feed(named: Named, entries: Vec<Entry>, site: &Site<'_>) -> Feed {
    Feed {
        title: named.title,
        description: site.description.to_owned(),
        language: site.language.to_owned(),
        home: site.home(),
        address: site.at(&named.path),
        site: site.name.to_owned(),
        entries,
    }
}
