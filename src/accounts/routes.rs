//! The accounts door: signing in and out, and the keys that access tokens are checked with.

use actix_web::{HttpRequest, HttpResponse, get, post};
use deserr::Deserr;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::key::PublicKeys;
use super::model::EditorView;
use super::password::Password;
use super::refresh::RefreshToken;
use super::session::{self, Pair};
use super::{Permitted, op, store};
use crate::app::{App, State};
use crate::error::Problem;
use crate::http::answer::{Answer, Caching, PublicCaching, no_content};
use crate::http::body::Body;
use crate::http::email::Email;
use crate::http::fault::Faults;
use crate::http::operations::Operations;
use crate::http::query::{NoParameters, Query};

pub fn routes(config: &mut Operations<'_>) {
    config.service(login).service(refresh).service(logout).service(me).service(jwks);
}

/// What an editor signs in with.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct Login {
    email: Email,
    password: Password,
}

/// What a session is renewed with.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct Renewal {
    /// The newest refresh token of the session.
    #[schema(example = "ibid_rt_5xk0GdQwTz3nB1rJm8cVYhP2uLsEaK7oXf4iN6vWt9A")]
    refresh_token: RefreshToken,
}

/// Tokens of a signed-in editor.
#[derive(Serialize, ToSchema)]
pub struct Tokens {
    /// A JWT (RFC 9068) for the `Authorization` header.
    #[schema(max_length = 4000, pattern = r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$")]
    access_token: String,
    /// How the access token is sent.
    #[schema(max_length = 6, pattern = "^Bearer$", example = "Bearer")]
    token_type: &'static str,
    /// For how many seconds the access token is valid.
    #[schema(value_type = i32, minimum = 1, maximum = 86400, example = 900)]
    expires_in: u32,
    /// Good for one renewal of the session.
    #[schema(max_length = 51, pattern = "^ibid_rt_[A-Za-z0-9_-]{43}$")]
    refresh_token: String,
}

fn tokens(request: &HttpRequest, app: &App, pair: Pair) -> Result<HttpResponse, Problem> {
    let tokens = Tokens {
        access_token: pair.access,
        token_type: "Bearer",
        expires_in: app.settings.auth.access_token_seconds,
        refresh_token: pair.refresh.into_string(),
    };
    Ok(Answer::json(Caching::Private, &tokens)?.to(request))
}

fn tokens_example() -> serde_json::Value {
    json!({
        "access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMTkzOWYzZSJ9.c2lnbmF0dXJl",
        "token_type": "Bearer",
        "expires_in": 900,
        "refresh_token": "ibid_rt_5xk0GdQwTz3nB1rJm8cVYhP2uLsEaK7oXf4iN6vWt9A",
    })
}

/// Sign in
///
/// Opens a session: an access token for the `Authorization` header of the other operations, and a refresh token to
/// get the next one with. An unknown address, a disabled editor and a wrong password are answered alike.
#[utoipa::path(
    operation_id = "auth_login",
    tag = "accounts",
    request_body(content = Login, example = json!({"email": "ada@example.org", "password": "correct horse battery"})),
    responses((status = 200, description = "The tokens.", body = Tokens, example = tokens_example)),
    extensions(("x-problems" = json!(["invalid_credentials", "busy"]))),
)]
#[post("/v1/auth/login")]
async fn login(
    request: HttpRequest,
    app: State,
    _: Query<NoParameters>,
    Body(given): Body<Login>,
) -> Result<HttpResponse, Problem> {
    tokens(&request, &app, session::open(&app, &given.email, given.password).await?)
}

/// Renew a session
///
/// Spends the refresh token and answers with a new pair. A refresh token that is used a second time ends the whole
/// session, for it is not known who else holds it: send renewals one after the other, and keep the newest token.
#[utoipa::path(
    operation_id = "auth_refresh",
    tag = "accounts",
    request_body(
        content = Renewal,
        example = json!({"refresh_token": "ibid_rt_5xk0GdQwTz3nB1rJm8cVYhP2uLsEaK7oXf4iN6vWt9A"}),
    ),
    responses((status = 200, description = "The new tokens.", body = Tokens, example = tokens_example)),
    extensions(("x-problems" = json!(["invalid_refresh_token"]))),
)]
#[post("/v1/auth/refresh")]
async fn refresh(
    request: HttpRequest,
    app: State,
    _: Query<NoParameters>,
    Body(given): Body<Renewal>,
) -> Result<HttpResponse, Problem> {
    tokens(&request, &app, session::renew(&app, &given.refresh_token).await?)
}

/// Sign out
///
/// Ends the session that the access token belongs to: neither that token nor any refresh token of the session is
/// accepted any more. Other sessions of the editor go on.
#[utoipa::path(
    operation_id = "auth_logout",
    tag = "accounts",
    responses((status = 204, description = "Signed out.")),
    security(("bearer" = [])),
)]
#[post("/v1/auth/logout")]
async fn logout(caller: Permitted<op::Logout>, app: State, _: Query<NoParameters>) -> Result<HttpResponse, Problem> {
    session::end(&app, caller.editor.session).await?;
    Ok(no_content())
}

/// Read who is signed in
///
/// The editor behind the access token, with their present role.
#[utoipa::path(
    operation_id = "auth_me",
    tag = "accounts",
    responses((status = 200, description = "The editor.", body = EditorView, example = json!({
        "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11",
        "email": "ada@example.org",
        "name": "Ada Example",
        "role": "editor",
        "created_at": "2024-06-24T00:00:00Z",
        "updated_at": "2024-06-25T09:30:00Z",
    }))),
    security(("bearer" = [])),
)]
#[get("/v1/auth/me")]
async fn me(
    caller: Permitted<op::Me>,
    request: HttpRequest,
    app: State,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let id = caller.editor.id;
    let editor = app.db.read(move |conn| store::get(conn, id)).await?;
    let editor = editor.ok_or_else(|| Problem::not_found("editor"))?;
    Ok(Answer::json(Caching::Private, &editor)?.to(&request))
}

/// Keys change seldom, and a new one is not used before it is told.
const KEYS_CACHING: PublicCaching =
    PublicCaching { max_age: 300, s_maxage: 300, stale_while_revalidate: 60, stale_if_error: 86_400 };

/// Read the public keys
///
/// The keys that access tokens are signed with (RFC 7517), for services that check them by themselves.
#[utoipa::path(
    operation_id = "jwks",
    tag = "accounts",
    responses((status = 200, description = "The keys.", body = PublicKeys, example = json!({"keys": [{
        "kty": "OKP",
        "crv": "Ed25519",
        "alg": "EdDSA",
        "use": "sig",
        "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }]}))),
)]
#[get("/.well-known/jwks.json")]
async fn jwks(request: HttpRequest, app: State, _: Query<NoParameters>) -> Result<HttpResponse, Problem> {
    Ok(Answer::json(Caching::Public(KEYS_CACHING), app.key.public())?.to(&request))
}
