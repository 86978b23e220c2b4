use actix_web::{HttpRequest, HttpResponse, get};
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::app::State;
use crate::db::Conn;
use crate::delivery::examples;
use crate::delivery::following::redirect;
use crate::delivery::formats::{head, site};
use crate::delivery::store::{self, Columns};
use crate::error::Problem;
use crate::formats::site::Site;
use crate::http::answer::Answer;
use crate::http::fault::{Faults, Reason, text};
use crate::http::query::Query;
use crate::http::tag::Tag;
use crate::ids::{ArticleId, ArticleRef};
use crate::publishing::name::{Target, Way, way};
use crate::text::anchor::is_slug;

/// The most characters of a path.
const MOST: usize = 2_000;

/// The path of an address.
#[derive(Debug)]
struct AnyPath(String);

impl Deserr<Faults> for AnyPath {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, |text| {
            let is_path = |c: char| !c.is_ascii_control() && !matches!(c, ' ' | '?' | '#');
            if text.is_empty() || !text.chars().all(is_path) {
                let detail = "Expected a path such as /articles/old-slug, without a query and blanks, or a slug alone.";
                return Err(Reason::new("invalid_path", detail));
            }
            match text.chars().count() {
                length if length > MOST => {
                    Err(Reason::new("too_long", format!("At most {MOST} characters, this has {length}.")))
                }
                _ => Ok(Self(text.to_owned())),
            }
        })
    }
}

/// Which address.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Parameters {
    /// The path that was asked for, of the frontend or of this API, or a slug alone. The last step in it that is an old slug
    /// counts.
    #[param(
        value_type = String, min_length = 1, max_length = 2000, pattern = r"^[^\x00-\x20\x7F?#]+$",
        example = "/blog/microneedling-and-large-pores"
    )]
    path: AnyPath,
}

/// Where an address leads by now.
#[derive(Debug, Serialize, ToSchema)]
struct Resolved {
    /// What a frontend should answer: 301 or 308 where it is for good, 302 or 307 for a while, 410 where nothing is in its
    /// place.
    #[schema(minimum = 301, maximum = 410, example = 301)]
    status: i32,
    /// Where it leads in the end: of an old slug, the path with the present slug in its place; else what editors have said.
    /// Null with 410.
    #[schema(max_length = 4000, format = "uri-reference", example = "/blog/microneedling-for-large-pores")]
    location: Option<String>,
    /// The article that is there; null when it is none, or not known to be one.
    article: Option<Destination>,
}

/// The article that an address leads to.
#[derive(Debug, Serialize, ToSchema)]
struct Destination {
    id: ArticleId,
    /// The present slug.
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "microneedling-for-large-pores")]
    slug: String,
    #[schema(max_length = 200, format = "uri-reference", example = "/v1/articles/microneedling-for-large-pores")]
    href: String,
}

/// Find where an old address leads
///
/// For frontends that meet an address they do not know: where editors have said that it leads, or else whether it has an old
/// slug of a published article in it. What leads on from there is followed to its end, so that readers are led once. 404 when
/// nothing is known of it, also when a slug in it is a present one. (The addresses of this API answer 301 by themselves.)
#[utoipa::path(
    operation_id = "redirects_resolve",
    tag = "following",
    params(Parameters),
    responses((status = 200, description = "Where it leads.", body = Resolved, example = json!(examples::redirect()))),
    extensions(("x-problems" = json!(["not_found"]))),
)]
#[get("/v1/redirects/resolve")]
pub(super) async fn redirects_resolve(
    request: HttpRequest,
    state: State,
    Query(asked): Query<Parameters>,
) -> Result<HttpResponse, Problem> {
    let AnyPath(path) = asked.path;
    let base = state.settings.public_url();
    let app = state.clone();
    let resolved = state.db.read(move |conn| resolve(conn, &site(&app, &base), &path)).await?;
    let article = resolved.article.as_ref().map(|article| Tag::one("article", article.id));
    let tags = article.into_iter().chain([Tag::all("articles"), Tag::all("redirects")]);
    Ok(Answer::json(state.public(), &resolved)?.tags(tags).to(&request))
}

/// Where a path leads in the end.
///
/// # Errors
/// `not_found`.
fn resolve(conn: &mut Conn, site: &Site<'_>, path: &str) -> Result<Resolved, Problem> {
    let Some(Way { status, target, .. }) = way(conn, path)? else {
        let (location, article) = with_present_slug(conn, path)?.ok_or_else(nothing)?;
        return Ok(Resolved { status: 301, location: Some(location), article: Some(article) });
    };
    Ok(match target {
        Target::Gone => Resolved { status, location: None, article: None },
        Target::Location(location) => match with_present_slug(conn, &location)? {
            Some((location, article)) => Resolved { status, location: Some(location), article: Some(article) },
            None => Resolved { status, location: Some(location), article: None },
        },
        Target::Article(id) => {
            let found = store::find(conn, &ArticleRef::Id(id), Columns::default())?.ok_or_else(nothing)?;
            let head = head(&found)?;
            Resolved { status, location: Some(site.article(&head)), article: Some(Destination::of(id, head.slug)) }
        }
    })
}

fn nothing() -> Problem {
    Problem::not_found("redirect of this path, and no old slug in it")
}

/// A path of the site that has an old slug in it, with the present one in its place.
fn with_present_slug(conn: &mut Conn, path: &str) -> Result<Option<(String, Destination)>, Problem> {
    // Elsewhere, slugs are not ours.
    if path.contains("://") {
        return Ok(None);
    }
    let (before, rest) = path.split_at(path.find(['?', '#']).unwrap_or(path.len()));
    let mut steps: Vec<&str> = before.split('/').collect();
    // With their places among all steps.
    let slugs: Vec<(usize, &str)> = steps.iter().copied().enumerate().filter(|(_, step)| is_slug(step)).collect();
    let names: Vec<&str> = slugs.iter().map(|(_, slug)| *slug).collect();
    let Some((place, to)) = redirect(conn, &names)? else { return Ok(None) };
    steps[slugs[place].0] = &to.slug;
    let location = format!("{}{rest}", steps.join("/"));
    Ok(Some((location, Destination::of(to.article, to.slug))))
}

impl Destination {
    fn of(id: ArticleId, slug: String) -> Self {
        Self { id, href: format!("/v1/articles/{slug}"), slug }
    }
}
