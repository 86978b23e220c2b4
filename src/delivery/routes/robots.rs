use actix_web::{HttpRequest, HttpResponse, get};
use utoipa::ToSchema;

use crate::app::State;
use crate::delivery::formats::site;
use crate::error::Problem;
use crate::formats;
use crate::http::answer::Answer;
use crate::http::query::{NoParameters, Query};

/// Rules for robots.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 10000)]
struct Rules(#[expect(dead_code, reason = "only its schema is used")] String);

/// Read the rules for robots
///
/// `robots.txt` (RFC 9309): all that is public may be read, and where the sitemap is.
#[utoipa::path(
    operation_id = "robots",
    tag = "site",
    responses((status = 200, description = "The rules.", content(
        (Rules = "text/plain", example = json!("User-agent: *\nDisallow: /v1/manage/\nAllow: /\n")),
    ))),
)]
#[get("/robots.txt")]
pub(super) async fn robots(
    request: HttpRequest,
    state: State,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let base = state.settings.public_url();
    let text = formats::robots::write(&site(&state, &base));
    Ok(Answer::bytes(state.public(), "text/plain; charset=utf-8", text.into_bytes()).to(&request))
}
