//! Sessions: opened by a password, renewed by a refresh token, ended by a sign-out or by a token that is used twice.

use super::password::{Check, Password};
use super::permission::Role;
use super::refresh::RefreshToken;
use super::store::{self, Credentials, NewToken};
use super::token;
use crate::app::App;
use crate::db::Conn;
use crate::db::types::Instant;
use crate::error::{Code, Problem};
use crate::http::email::Email;
use crate::ids::{EditorId, FamilyId};

/// What a signed-in editor gets.
pub struct Pair {
    pub access: String,
    pub refresh: RefreshToken,
}

/// Whose session it is.
#[derive(Clone, Copy)]
struct Holder {
    editor: EditorId,
    role: Role,
    session: FamilyId,
}

/// Opens a session. An unknown address, a disabled editor and a wrong password take the same time and are told in
/// the same words. (A hash that was made with other parameters takes its own time until it is replaced.)
///
/// # Errors
/// `invalid_credentials`, `busy`.
pub async fn open(app: &App, email: &Email, password: Password) -> Result<Pair, Problem> {
    let key = email.key();
    let known = app.db.read(move |conn| store::credentials(conn, &key)).await?;
    let kept = known.as_ref().map(|known| known.password_hash.clone());
    let rehashed = match app.hasher.check(password, kept).await? {
        Check::Wrong => return Err(invalid_credentials()),
        Check::Right => None,
        Check::RightRehashed(hash) => Some(hash),
    };
    let known = known.ok_or_else(invalid_credentials)?;
    let refresh = RefreshToken::make()?;
    let new = new_token(app, &refresh);
    let holder = app.db.write(move |conn| begin(conn, &known, rehashed.as_deref(), &new)).await?;
    pair(app, holder.ok_or_else(invalid_credentials)?, refresh)
}

/// `None` when the editor was disabled since the password was read.
fn begin(
    conn: &mut Conn,
    known: &Credentials,
    rehashed: Option<&str>,
    new: &NewToken,
) -> Result<Option<Holder>, Problem> {
    let Some(role) = store::active_role(conn, known.editor)? else { return Ok(None) };
    if let Some(hash) = rehashed {
        store::replace_hash(conn, known, hash)?;
    }
    let holder = Holder { editor: known.editor, role, session: FamilyId::new() };
    store::keep_token(conn, holder.editor, holder.session, new)?;
    Ok(Some(holder))
}

/// Spends a refresh token for a new pair.
///
/// # Errors
/// `invalid_refresh_token`; the session has ended when the token was spent before.
pub async fn renew(app: &App, old: &RefreshToken) -> Result<Pair, Problem> {
    let old = old.hash();
    let refresh = RefreshToken::make()?;
    let new = new_token(app, &refresh);
    let holder = app.db.write(move |conn| exchange(conn, &old, &new)).await?;
    pair(app, holder.ok_or_else(invalid_refresh_token)?, refresh)
}

/// A refusal is no error here: what it revokes has to be committed.
fn exchange(conn: &mut Conn, old: &str, new: &NewToken) -> Result<Option<Holder>, Problem> {
    let Some((session, editor)) = store::spend(conn, old, new.issued_at)? else {
        // Used twice: either its owner or a thief holds what came of it, and nobody can tell which.
        if let Some(session) = store::session_of_spent(conn, old)? {
            store::revoke(conn, session, new.issued_at)?;
        }
        return Ok(None);
    };
    let Some(role) = store::active_role(conn, editor)? else { return Ok(None) };
    store::keep_token(conn, editor, session, new)?;
    Ok(Some(Holder { editor, role, session }))
}

/// Ends a session.
pub async fn end(app: &App, session: FamilyId) -> Result<(), Problem> {
    let now = app.clock.now();
    app.db.write(move |conn| store::revoke(conn, session, now)).await
}

fn new_token(app: &App, token: &RefreshToken) -> NewToken {
    const DAY: i64 = 86_400;
    let issued_at = app.clock.now();
    let expires_at: Instant = issued_at.plus_seconds(i64::from(app.settings.auth.refresh_token_days) * DAY);
    NewToken { hash: token.hash(), issued_at, expires_at }
}

fn pair(app: &App, holder: Holder, refresh: RefreshToken) -> Result<Pair, Problem> {
    let (auth, now) = (&app.settings.auth, app.clock.now());
    let access = token::issue(&app.key, auth, now, holder.editor, holder.role, holder.session)?;
    Ok(Pair { access, refresh })
}

fn invalid_credentials() -> Problem {
    Problem::new(Code::InvalidCredentials, "No active editor has this e-mail address and password.")
        .with_header("WWW-Authenticate", "Bearer")
}

fn invalid_refresh_token() -> Problem {
    Problem::new(Code::InvalidRefreshToken, "Sign in again.").with_header("WWW-Authenticate", "Bearer")
}
