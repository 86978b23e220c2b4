//! `PUT /v1/manage/styles/{name}`

use actix_web::{HttpRequest, HttpResponse, put, web};

use super::{MEDIA_TYPE, StyleFile, StylePath};
use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::citing::bibliography::{MOST_BYTES, Style, StyleFault};
use crate::db::Conn;
use crate::error::Problem;
use crate::http::answer::{Answer, Caching};
use crate::http::body::read_text;
use crate::http::etag::IfMatchThere;
use crate::http::fault::Fault;
use crate::http::query::{NoParameters, Query, invalid};
use crate::library::examples;
use crate::library::styles::store::{self, Put};
use crate::library::styles::{StyleName, StyleView};
use crate::publishing::{self, log};

/// Upload a citation style
///
/// A file in CSL 1.0, at most 1 MB: an independent style with a bibliography, or one that names a bundled style as its
/// parent. Everything that is wrong with it is told, with the line. Under a name that is there already it takes the place
/// of the style before, and publications in it are rendered anew.
#[utoipa::path(
    operation_id = "manage_styles_put",
    tag = "styles",
    params(StylePath, IfMatchThere),
    request_body(content(
        (StyleFile = "application/vnd.citationstyles.style+xml", example = json!(examples::style_file())),
        (StyleFile = "application/xml", example = json!(examples::style_file())),
    ), description = "The file, as it is."),
    responses(
        (status = 200, description = "It is in the place of the style before.", body = StyleView, example = json!(examples::uploaded_style())),
        (status = 201, description = "It is there now.", body = StyleView, example = json!(examples::uploaded_style())),
    ),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["style_bundled", "precondition_required"]))),
)]
#[put("/v1/manage/styles/{name}")]
pub(super) async fn put(
    who: Permitted<op::StylesPut>,
    request: HttpRequest,
    state: State,
    path: web::Path<StylePath>,
    if_match: IfMatchThere,
    _: Query<NoParameters>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    if let Some(if_match) = &if_match.0 {
        who.editor.may_overwrite(if_match)?;
    }
    let name =
        StyleName::parse(&path.name).map_err(|reason| invalid(vec![Fault::of("name", reason.code, reason.detail)]))?;
    let csl = read_text(&request, payload, &[MEDIA_TYPE, "application/xml"], MOST_BYTES).await?;
    let read = web::block(move || Style::upload(&csl).map(|style| (style, csl))).await.map_err(Problem::internal)?;
    let (style, csl) = read.map_err(|faults| Problem::validation(faults.into_iter().map(fault).collect()))?;
    let now = state.clock.now();
    let write = move |conn: &mut Conn| {
        publishing::store::lock(conn)?;
        let (style, put) = store::put(conn, &name, &style, csl, &if_match, now)?;
        if put == Put::Changed {
            publishing::style_changed(conn, name.as_str(), now)?;
        }
        if put != Put::Same {
            log::append_of_style(conn, name.as_str(), now)?;
        }
        Ok((style, put))
    };
    let (style, put) = state.db.write(write).await?;
    let answer = Answer::json(Caching::Private, &style.view()?)?.version(style.version);
    let answer = match put {
        Put::Created => answer.created(format!("/v1/manage/styles/{}", style.name)),
        Put::Changed | Put::Same => answer,
    };
    Ok(answer.to(&request))
}

/// A fault of a file, with its line.
fn fault(fault: StyleFault) -> Fault {
    let StyleFault { code, detail, line } = fault;
    let mut letters = detail.chars();
    let sentence: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    let place = line.map(|line| format!("Line {line}: ")).unwrap_or_default();
    Fault::at("", code, format!("{place}{sentence}."))
}
