//! `/v1/manage/articles/{article}/preview-tokens`: who may read a working copy without an account.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use deserr::Deserr;
use serde::Serialize;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use crate::accounts::{Permitted, op};
use crate::app::{App, State};
use crate::db::Conn;
use crate::db::types::Instant;
use crate::editorial::model::Timestamp;
use crate::editorial::store::{self as editorial, Scope};
use crate::error::Problem;
use crate::http::answer::{Answer, Caching, no_content};
use crate::http::body::Body;
use crate::http::fault::{Fault, Faults};
use crate::http::page::{Cursor, Limit, PageInfo, Window};
use crate::http::query::{Flag, NoParameters, Query};
use crate::http::sort::Sort;
use crate::ids::{ArticleId, ArticleRef, EditorId, PreviewTokenId, path_parameter};
use crate::preview::store::{self, PreviewToken, PreviewTokenKey};
use crate::preview::{ADDRESS, examples, link};

/// In which order links come.
type PreviewTokenSort = Sort<PreviewTokenKey>;

crate::checked_text! {
    /// Who a link is for.
    PreviewNote(1 ..= 200, One),
}

/// A link to be made.
#[derive(Debug, Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewPreviewToken {
    /// When it ends: still to come, and not too far off (`preview.most_hours`). As long as the settings say (`preview.hours`)
    /// unless given.
    #[deserr(default)]
    #[schema(example = "2030-06-26T08:00:00Z")]
    expires_at: Option<Timestamp>,
    /// Who it is for; readers are not told.
    #[deserr(default)]
    note: Option<PreviewNote>,
}

/// A link under which a working copy is read without an account.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PreviewToken)]
pub struct PreviewTokenView {
    id: PreviewTokenId,
    article: ArticleId,
    /// Whoever has it may read: a JWT that is signed as access tokens are, and is none.
    #[schema(max_length = 2000, pattern = r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$")]
    token: String,
    /// Where the working copy is read.
    #[schema(max_length = 2100, format = "uri-reference")]
    href: String,
    /// Where the site's own pages show it (`site.preview_address`); null when they do not.
    #[schema(max_length = 4000, format = "uri")]
    address: Option<String>,
    #[schema(value_type = Option<PreviewNote>)]
    note: Option<String>,
    /// Who made it; null when the account is gone.
    by: Option<EditorId>,
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-24T08:00:00Z")]
    created_at: Instant,
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-26T08:00:00Z")]
    expires_at: Instant,
}

impl PreviewTokenView {
    fn of(app: &App, made: PreviewToken) -> Result<Self, Problem> {
        let token = link::token(&app.key, &app.settings.auth.issuer, &made)?;
        let template = &app.settings.site.preview_address;
        let PreviewToken { id, article_id, note, editor_id, created_at, expires_at } = made;
        Ok(Self {
            id,
            article: article_id,
            href: format!("{ADDRESS}{token}"),
            address: (!template.is_empty()).then(|| template.replace("{token}", &token)),
            token,
            note,
            by: editor_id,
            created_at,
            expires_at,
        })
    }
}

/// A page of links.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewTokens {
    #[schema(max_items = 100)]
    data: Vec<PreviewTokenView>,
    page: PageInfo,
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query, style = Form)]
pub struct ListParameters {
    /// How many links a page has.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100, default = 20)]
    #[deserr(default)]
    limit: Option<Limit>,
    /// From `next` or `prev` of a page.
    #[param(value_type = Option<String>, max_length = 4000, pattern = "^[A-Za-z0-9_-]+$")]
    #[deserr(default)]
    cursor: Option<Cursor>,
    /// The order; a hyphen turns it round. `-created_at`, the newest first, unless given.
    #[param(inline, required = false, explode = false)]
    #[deserr(default)]
    sort: Option<PreviewTokenSort>,
    /// Whether to count all links.
    #[param(value_type = Option<bool>, default = false)]
    #[deserr(default)]
    count: Option<Flag>,
}

/// List the links to a working copy
///
/// Those under which it can be read without an account: neither expired nor revoked.
#[utoipa::path(
    operation_id = "manage_preview_tokens_list",
    tag = "previews",
    params(ArticleRef, ListParameters),
    responses((status = 200, description = "One page of links.", body = PreviewTokens, example = json!(examples::preview_tokens()))),
    security(("bearer" = [])),
)]
#[get("/v1/manage/articles/{article}/preview-tokens")]
pub(super) async fn list(
    who: Permitted<op::PreviewTokensList>,
    request: HttpRequest,
    state: State,
    article: web::Path<ArticleRef>,
    query: Query<ListParameters>,
) -> Result<HttpResponse, Problem> {
    let (query, article, scope, now) = (query.0, article.into_inner(), Scope::of(&who.editor), state.clock.now());
    let window = Window::new(query.limit, query.sort.unwrap_or(Sort::down(PreviewTokenKey::Created)), query.cursor)?;
    let (counted, limit) = (query.count.unwrap_or_default().0, window.limit);
    let read = move |conn: &mut Conn| {
        let article = editorial::article(conn, &article, scope)?.id;
        let page = store::list(conn, article, now, &window)?;
        let total = if counted { Some(store::count(conn, article, now)?) } else { None };
        Ok((page, total))
    };
    let (page, total) = state.db.read(read).await?;
    let info = page.info(&request, limit, total);
    let views = page.items.into_iter().map(|made| PreviewTokenView::of(&state, made));
    let answer = PreviewTokens { data: views.collect::<Result<_, _>>()?, page: info };
    Ok(Answer::page(Caching::Private, &answer, &answer.page)?.to(&request))
}

/// Make a link to a working copy
///
/// Whoever has it reads the working copy as it is then, without an account, until it expires or is revoked: `href` answers as
/// the published article would. It shows nothing else, and whoever may see the working copy may list its links.
#[utoipa::path(
    operation_id = "manage_preview_tokens_create",
    tag = "previews",
    params(ArticleRef),
    request_body(content = NewPreviewToken, description = "Until when, and for whom.", example = json!({
        "expires_at": "2030-06-26T08:00:00Z",
        "note": "For Grace Example, who is asked for a review"
    })),
    responses((status = 201, description = "The link.", body = PreviewTokenView, example = json!(examples::preview_token()))),
    security(("bearer" = [])),
)]
#[post("/v1/manage/articles/{article}/preview-tokens")]
pub(super) async fn create(
    who: Permitted<op::PreviewTokensCreate>,
    request: HttpRequest,
    state: State,
    article: web::Path<ArticleRef>,
    _: Query<NoParameters>,
    body: Body<NewPreviewToken>,
) -> Result<HttpResponse, Problem> {
    let (article, now, NewPreviewToken { expires_at, note }) = (article.into_inner(), state.clock.now(), body.0);
    let expires_at = end(&state, expires_at, now)?;
    let (by, scope) = (who.editor.id, Scope::of(&who.editor));
    let write = move |conn: &mut Conn| {
        let made = PreviewToken {
            id: PreviewTokenId::new(),
            article_id: editorial::article(conn, &article, scope)?.id,
            note: note.map(PreviewNote::into_string),
            editor_id: Some(by),
            created_at: now,
            expires_at,
        };
        store::insert(conn, &made)?;
        Ok(made)
    };
    let view = PreviewTokenView::of(&state, state.db.write(write).await?)?;
    let answer = Answer::json(Caching::Private, &view)?;
    Ok(answer.created(view.href).to(&request))
}

/// When a link ends.
///
/// # Errors
/// `validation_failed` for a time that is past or too far off.
fn end(app: &App, given: Option<Timestamp>, now: Instant) -> Result<Instant, Problem> {
    let after = |hours: u32| now.plus_seconds(i64::from(hours) * 3_600);
    let most = after(app.settings.preview.most_hours);
    let refused = |code, detail: String| Err(Problem::validation(vec![Fault::at("/expires_at", code, detail)]));
    match given {
        None => Ok(after(app.settings.preview.hours)),
        Some(Timestamp(at)) if at <= now => refused("in_the_past", format!("It is {} now.", now.to_rfc3339())),
        Some(Timestamp(at)) if at > most => {
            refused("too_far_off", format!("A link made now can last until {}.", most.to_rfc3339()))
        }
        Some(Timestamp(at)) => Ok(at),
    }
}

/// How an address names a link.
#[derive(Debug, Clone, serde::Deserialize)]
pub(super) struct LinkPath {
    article: ArticleRef,
    preview: String,
}

impl IntoParams for LinkPath {
    fn into_params(within: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let example = "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e70";
        let mut parameters = ArticleRef::into_params(within);
        parameters.push(path_parameter("preview", "The link's id.", "^[A-Za-z0-9-]+$", 36, example));
        parameters
    }
}

/// Revoke a link to a working copy
///
/// Nothing is read under it any more.
#[utoipa::path(
    operation_id = "manage_preview_tokens_delete",
    tag = "previews",
    params(LinkPath),
    responses((status = 204, description = "It is revoked.")),
    security(("bearer" = [])),
)]
#[delete("/v1/manage/articles/{article}/preview-tokens/{preview}")]
pub(super) async fn delete(
    who: Permitted<op::PreviewTokensDelete>,
    state: State,
    path: web::Path<LinkPath>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (LinkPath { article, preview }, scope) = (path.into_inner(), Scope::of(&who.editor));
    let id = PreviewTokenId::parse(&preview).ok_or_else(|| Problem::not_found("preview token"))?;
    let write = move |conn: &mut Conn| {
        let article = editorial::article(conn, &article, scope)?.id;
        store::remove(conn, article, id)
    };
    state.db.write(write).await?;
    Ok(no_content())
}
