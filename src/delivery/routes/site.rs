use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::State;
use crate::delivery::formats::site;
use crate::delivery::store::discovery;
use crate::error::Problem;
use crate::http::answer::Answer;
use crate::http::query::{NoParameters, Query};
use crate::http::tag::Tag;

/// The site.
#[derive(Debug, Serialize, ToSchema)]
struct SiteView {
    #[schema(max_length = 200, example = "Example Health")]
    name: String,
    /// Empty when it has none.
    #[schema(max_length = 2000, example = "What studies say about skin.")]
    description: String,
    /// Of articles that name none (BCP 47).
    #[schema(max_length = 11, example = "en")]
    language: String,
    /// What something is published in.
    #[schema(max_items = 1000, value_type = Vec<LanguageTag>, example = json!(["de", "en"]))]
    languages: Vec<String>,
    /// The page that it begins with.
    #[schema(max_length = 2000, format = "uri", example = "https://www.example.org/")]
    url: String,
    links: SiteLinks,
}

/// A language that something is published in.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 11, example = "en")]
struct LanguageTag(#[expect(dead_code, reason = "only its schema is used")] String);

/// Where things are.
#[derive(Debug, Serialize, ToSchema)]
struct SiteLinks {
    #[schema(max_length = 2000, format = "uri", example = "https://api.example.org/v1/articles")]
    articles: String,
    #[schema(max_length = 2000, format = "uri", example = "https://api.example.org/v1/studies")]
    studies: String,
    #[schema(max_length = 2000, format = "uri", example = "https://api.example.org/feeds/articles.atom")]
    atom: String,
    #[schema(max_length = 2000, format = "uri", example = "https://api.example.org/feeds/articles.rss")]
    rss: String,
    #[schema(max_length = 2000, format = "uri", example = "https://api.example.org/feeds/articles.json")]
    json_feed: String,
    #[schema(max_length = 2000, format = "uri", example = "https://api.example.org/sitemap.xml")]
    sitemap: String,
    #[schema(max_length = 2000, format = "uri", example = "https://api.example.org/llms.txt")]
    llms: String,
    #[schema(max_length = 2000, format = "uri", example = "https://api.example.org/openapi.json")]
    contract: String,
}

/// Get the site
///
/// What it is called, which languages it has, and where its lists, feeds and sitemap are.
#[utoipa::path(
    operation_id = "site_get",
    tag = "site",
    responses((status = 200, description = "The site.", body = SiteView, example = json!({
        "name": "Example Health", "description": "What studies say about skin.", "language": "en",
        "languages": ["de", "en"], "url": "https://www.example.org/",
        "links": {
            "articles": "https://api.example.org/v1/articles", "studies": "https://api.example.org/v1/studies",
            "atom": "https://api.example.org/feeds/articles.atom", "rss": "https://api.example.org/feeds/articles.rss",
            "json_feed": "https://api.example.org/feeds/articles.json",
            "sitemap": "https://api.example.org/sitemap.xml", "llms": "https://api.example.org/llms.txt",
            "contract": "https://api.example.org/openapi.json",
        },
    }))),
)]
#[get("/v1/site")]
pub(super) async fn site_get(
    request: HttpRequest,
    state: State,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let languages = state.db.read(|conn| Ok(discovery::languages(conn)?)).await?;
    let base = state.settings.public_url();
    let site = site(&state, &base);
    let view = SiteView {
        name: site.name.to_owned(),
        description: site.description.to_owned(),
        language: site.language.to_owned(),
        languages,
        url: site.home(),
        links: SiteLinks {
            articles: site.at("/v1/articles"),
            studies: site.at("/v1/studies"),
            atom: site.at("/feeds/articles.atom"),
            rss: site.at("/feeds/articles.rss"),
            json_feed: site.at("/feeds/articles.json"),
            sitemap: site.at("/sitemap.xml"),
            llms: site.at("/llms.txt"),
            contract: site.at("/openapi.json"),
        },
    };
    Ok(Answer::json(state.public(), &view)?.tags([Tag::all("articles")]).to(&request))
}
