//! The gate in front of every operation of the management and accounts doors.

use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest};
use diesel::prelude::*;

use super::permission::{Operation, Role};
use crate::app::State;
use crate::db::Conn;
use crate::db::schema::editors;
use crate::error::{Code, Problem};
use crate::http::etag::IfMatch;
use crate::ids::{EditorId, FamilyId};
use crate::on;

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
            return Err(Problem::new(Code::Forbidden, "If-Match: * is for admins; send the article's ETag."));
        }
        Ok(())
    }
}

/// The request comes from an editor whose role may do `O`.
pub struct Permitted<O: Operation> {
    pub editor: Editor,
    operation: PhantomData<O>,
}

impl<O: Operation> FromRequest for Permitted<O> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let token = bearer(request).map(str::to_owned);
        let state = request.app_data::<State>().cloned();
        Box::pin(async move {
            let state = state.ok_or_else(|| Problem::internal("no application state"))?;
            let editor = authenticate(&state, &token?).await?;
            if !O::ROLES.contains(&editor.role) {
                let detail = format!("The role {} may not do this.", editor.role.as_str());
                return Err(Problem::new(Code::Forbidden, detail));
            }
            Ok(Self { editor, operation: PhantomData })
        })
    }
}

/// A problem that asks for a token (RFC 6750).
fn unauthenticated(detail: &str) -> Problem {
    Problem::new(Code::Unauthenticated, detail).with_header("WWW-Authenticate", "Bearer")
}

fn bearer(request: &HttpRequest) -> Result<&str, Problem> {
    let value = request
        .headers()
        .get(AUTHORIZATION)
        .ok_or_else(|| unauthenticated("Send Authorization: Bearer with an access token."))?;
    let (scheme, token) = value.to_str().ok().and_then(|value| value.split_once(' ')).unwrap_or_default();
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() {
        Ok(token)
    } else {
        Err(unauthenticated("Authorization has to be Bearer with an access token."))
    }
}

/// The editor of a valid token. The role is the present one, and a disabled editor is nobody, whatever the token says.
async fn authenticate(state: &State, token: &str) -> Result<Editor, Problem> {
    let auth = &state.settings.auth;
    let claims = super::token::verify(&state.key, auth, state.clock.now(), token)
        .ok_or_else(|| unauthenticated("The access token is not valid (any more)."))?;
    let role = state.db.read(move |conn| present_role(conn, claims.sub)).await?;
    let role = role.ok_or_else(|| unauthenticated("The editor is not active."))?;
    Ok(Editor { id: claims.sub, role, session: claims.sid })
}

fn present_role(conn: &mut Conn, id: EditorId) -> Result<Option<Role>, Problem> {
    Ok(on!(conn, c => editors::table
        .find(id)
        .filter(editors::disabled_at.is_null())
        .select(editors::role)
        .first(c)
        .optional())?)
}
