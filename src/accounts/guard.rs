//! The gate in front of every operation of the management and accounts doors, in two steps.
//!
//! *Who is it* needs the database and is asked by the [`gate`] middleware, before any handler. *May they* is the
//! handler's own signature, `Permitted<op::…>`, and needs nothing but the gate's answer. The split is what makes 401
//! and 403 win over every other fault of a request: actix asks all extractors of a handler at once and takes the
//! first refusal that is ready, so an extractor that waits for the database loses to a body of the wrong media type
//! or a missing `If-Match`. As the handler's **first** argument, `Permitted` is asked first and is ready at once.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest};

use super::permission::{Operation, Role};
use super::store;
use crate::app::{App, State};
use crate::error::{Code, Problem};
use crate::http::etag::IfMatch;
use crate::http::idempotency::{self, Asker};
use crate::ids::{EditorId, FamilyId};

/// The signed-in editor behind a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Editor {
    pub id: EditorId,
    pub role: Role,
    /// The session that the access token came from.
    pub session: FamilyId,
}

impl Editor {
    /// `If-Match: *` overwrites whatever is there, so only admins may send it.
    pub fn may_overwrite(&self, if_match: &IfMatch) -> Result<(), Problem> {
        if *if_match == IfMatch::Any && self.role != Role::Admin {
            return Err(Problem::new(Code::Forbidden, "If-Match: * is for admins; send the ETag."));
        }
        Ok(())
    }
}

/// What the gate found out about the caller.
#[derive(Clone)]
struct Caller(Result<Editor, Problem>);

/// Whether operations at this path are behind the gate; only those can ask for a permission.
pub fn covers(path: &str) -> bool {
    ["/v1/manage/", "/v1/auth/"].iter().any(|door| path.starts_with(door))
}

/// The middleware: finds out who is calling, and lets everybody through. What they may do, operations say.
///
/// Where no token is needed none is looked at, except that a client which shows a worthless one is told so: it takes
/// itself for signed in.
pub async fn gate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // The path as the router will match it, which has decoded it.
    if covers(request.match_info().as_str()) {
        let caller = identify(&request).await;
        let asker = caller.as_ref().ok().map(|editor| Asker { id: editor.id.to_string(), role: editor.role.as_str() });
        request.extensions_mut().insert(idempotency::Caller(asker));
        request.extensions_mut().insert(Caller(caller));
    } else if shows_worthless_token(&request) {
        let problem = bad_token("The access token is not valid (any more). Reading needs none.");
        return Ok(ServiceResponse::from_err(problem, request.into_parts().0));
    }
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
}

fn shows_worthless_token(request: &ServiceRequest) -> bool {
    let Ok(token) = bearer(request.headers()) else { return false };
    let Some(app) = request.app_data::<State>() else { return false };
    super::token::verify(&app.key, &app.settings.auth, app.clock.now(), token).is_none()
}

async fn identify(request: &ServiceRequest) -> Result<Editor, Problem> {
    let app = request.app_data::<State>().cloned().ok_or_else(|| Problem::internal("no application state"))?;
    authenticate(&app, bearer(request.headers())?).await
}

/// The request comes from an editor whose role may do `O`. Has to be the first argument of its handler.
pub struct Permitted<O: Operation> {
    pub editor: Editor,
    operation: PhantomData<O>,
}

impl<O: Operation> Permitted<O> {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let caller = request.extensions().get::<Caller>().cloned();
        let editor = caller.ok_or_else(|| Problem::internal(format!("{} is not behind the gate", O::ID)))?.0?;
        if !O::ROLES.contains(&editor.role) {
            let detail = format!("The role {} may not do this.", editor.role.as_str());
            return Err(Problem::new(Code::Forbidden, detail));
        }
        Ok(Self { editor, operation: PhantomData })
    }
}

impl<O: Operation> FromRequest for Permitted<O> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

/// A problem that asks for a token (RFC 6750).
fn no_token(detail: &str) -> Problem {
    Problem::new(Code::Unauthenticated, detail).with_header("WWW-Authenticate", "Bearer")
}

/// A problem that asks for a better token (RFC 6750).
fn bad_token(detail: &str) -> Problem {
    Problem::new(Code::Unauthenticated, detail).with_header("WWW-Authenticate", r#"Bearer error="invalid_token""#)
}

fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let value =
        headers.get(AUTHORIZATION).ok_or_else(|| no_token("Send Authorization: Bearer with an access token."))?;
    let (scheme, token) = value.to_str().ok().and_then(|value| value.split_once(' ')).unwrap_or_default();
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() {
        Ok(token)
    } else {
        Err(no_token("Authorization has to be Bearer with an access token."))
    }
}

/// The editor of a valid token. The role is the present one; a disabled editor is nobody, whatever the token says,
/// and a token of an ended session is worth nothing.
async fn authenticate(app: &App, token: &str) -> Result<Editor, Problem> {
    let claims = super::token::verify(&app.key, &app.settings.auth, app.clock.now(), token)
        .ok_or_else(|| bad_token("The access token is not valid (any more)."))?;
    let role = app.db.read(move |conn| store::role_in_session(conn, claims.sub, claims.sid)).await?;
    let role = role.ok_or_else(|| bad_token("The session has ended, or the editor is not active."))?;
    Ok(Editor { id: claims.sub, role, session: claims.sid })
}
