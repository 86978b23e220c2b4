use actix_web::{HttpRequest, HttpResponse, get};
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::app::State;
use crate::delivery::examples;
use crate::delivery::following::redirect;
use crate::error::Problem;
use crate::http::answer::Answer;
use crate::http::fault::{Faults, Reason, text};
use crate::http::query::Query;
use crate::http::tag::Tag;
use crate::ids::ArticleId;
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
    /// What a frontend should answer: the address has changed for good.
    #[schema(minimum = 301, maximum = 301, example = 301)]
    status: i32,
    /// The path with the present slug in the place of the old one.
    #[schema(max_length = 2200, format = "uri-reference", example = "/blog/microneedling-for-large-pores")]
    location: String,
    article: Destination,
}

/// The article that an old slug is of.
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
/// For frontends that meet an address they do not know: whether it has an old slug of a published article in it, and what it
/// is by now. 404 when it has none, also when the slug is a present one. (The addresses of this API answer 301 by
/// themselves.)
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
    let (resolved, id) = state
        .db
        .read(move |conn| {
            let mut steps: Vec<&str> = path.split('/').collect();
            // With their places among all steps.
            let slugs: Vec<(usize, &str)> =
                steps.iter().copied().enumerate().filter(|(_, step)| is_slug(step)).collect();
            let names: Vec<&str> = slugs.iter().map(|(_, slug)| *slug).collect();
            let found = redirect(conn, &names)?;
            let (place, to) = found.ok_or_else(|| Problem::not_found("old slug in this path"))?;
            steps[slugs[place].0] = &to.slug;
            let location = steps.join("/");
            let href = format!("/v1/articles/{}", to.slug);
            Ok((
                Resolved { status: 301, location, article: Destination { id: to.article, slug: to.slug, href } },
                to.article,
            ))
        })
        .await?;
    let tags = [Tag::one("article", id), Tag::all("articles")];
    Ok(Answer::json(state.public(), &resolved)?.tags(tags).to(&request))
}
