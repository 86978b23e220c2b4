//! `DELETE /v1/manage/styles/{name}`

use actix_web::{HttpResponse, delete, web};

use super::StylePath;
use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::error::Problem;
use crate::http::answer::no_content;
use crate::http::etag::IfMatch;
use crate::http::query::{NoParameters, Query};
use crate::library::styles::store;
use crate::publishing::{self, log};

/// Delete an uploaded style
///
/// Only one that no article, no publication and no setting names.
#[utoipa::path(
    operation_id = "manage_styles_delete",
    tag = "styles",
    params(StylePath, IfMatch),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["style_in_use", "style_bundled"]))),
)]
#[delete("/v1/manage/styles/{name}")]
pub(super) async fn delete(
    who: Permitted<op::StylesDelete>,
    state: State,
    path: web::Path<StylePath>,
    if_match: IfMatch,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    who.editor.may_overwrite(&if_match)?;
    let name = path.read().ok_or_else(|| Problem::not_found("uploaded style"))?;
    let of_site = state.settings.citations.style.clone();
    let now = state.clock.now();
    let gone = state.db.write(move |conn| {
        publishing::store::lock(conn)?;
        store::delete(conn, &name, &if_match, &of_site)?;
        log::append_of_style(conn, name.as_str(), now)
    });
    gone.await?;
    Ok(no_content())
}
