//! Every query about editors and their sessions. A session is a family of refresh tokens: one for each time it was
//! renewed, of which only the newest is unspent.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::model::{EditorView, NewEditor};
use super::permission::Role;
use crate::db::schema::{editors, refresh_tokens};
use crate::db::types::Instant;
use crate::db::{Conn, Violation, violation};
use crate::error::{Code, Problem};
use crate::ids::{EditorId, FamilyId, RefreshTokenId};
use crate::on;

/// Keeps a new editor.
///
/// # Errors
/// `email_taken`.
pub fn insert(conn: &mut Conn, new: &NewEditor, now: Instant) -> Result<EditorId, Problem> {
    let id = EditorId::new();
    let inserted = on!(conn, c => diesel::insert_into(editors::table)
        .values((
            editors::id.eq(id),
            editors::email.eq(new.email.as_str()),
            editors::email_key.eq(new.email.key()),
            editors::name.eq(new.name.as_str()),
            editors::role.eq(new.role),
            editors::password_hash.eq(&new.password_hash),
            editors::created_at.eq(now),
            editors::updated_at.eq(now),
        ))
        .execute(c));
    match inserted {
        Ok(_) => Ok(id),
        Err(error) if violation(&error) == Some(Violation::Unique("editors.email_key".into())) => {
            Err(Problem::new(Code::EmailTaken, "Another editor has this e-mail address."))
        }
        Err(error) => Err(error.into()),
    }
}

/// An editor, disabled or not.
pub fn get(conn: &mut Conn, id: EditorId) -> Result<Option<EditorView>, Problem> {
    type Row = (EditorId, String, String, Role, Instant, Instant);
    let row: Option<Row> = on!(conn, c => editors::table
        .find(id)
        .select((
            editors::id,
            editors::email,
            editors::name,
            editors::role,
            editors::created_at,
            editors::updated_at,
        ))
        .first(c)
        .optional())?;
    Ok(row.map(|(id, email, name, role, created_at, updated_at)| EditorView {
        id,
        email,
        name,
        role,
        created_at,
        updated_at,
    }))
}

/// What a password is checked against.
#[derive(Clone)]
pub struct Credentials {
    pub editor: EditorId,
    pub password_hash: String,
}

/// The credentials of the active editor with this address, in the form of [`crate::http::email::Email::key`].
pub fn credentials(conn: &mut Conn, email_key: &str) -> Result<Option<Credentials>, Problem> {
    let row: Option<(EditorId, String)> = on!(conn, c => editors::table
        .filter(editors::email_key.eq(email_key))
        .filter(editors::disabled_at.is_null())
        .select((editors::id, editors::password_hash))
        .first(c)
        .optional())?;
    Ok(row.map(|(editor, password_hash)| Credentials { editor, password_hash }))
}

/// Puts a new hash of the same password in the place of the old one, unless that has changed meanwhile.
pub fn replace_hash(conn: &mut Conn, old: &Credentials, new: &str) -> Result<(), Problem> {
    on!(conn, c => diesel::update(editors::table.find(old.editor))
        .filter(editors::password_hash.eq(&old.password_hash))
        .set(editors::password_hash.eq(new))
        .execute(c))?;
    Ok(())
}

/// The present role of an editor; `None` when there is none or they are disabled.
pub fn active_role(conn: &mut Conn, editor: EditorId) -> Result<Option<Role>, Problem> {
    Ok(on!(conn, c => editors::table
        .find(editor)
        .filter(editors::disabled_at.is_null())
        .select(editors::role)
        .first(c)
        .optional())?)
}

/// The present role of an editor in a session; `None` also when the session is revoked.
pub fn role_in_session(conn: &mut Conn, editor: EditorId, session: FamilyId) -> Result<Option<Role>, Problem> {
    let revoked = refresh_tokens::table
        .filter(refresh_tokens::family_id.eq(session))
        .filter(refresh_tokens::revoked_at.is_not_null());
    Ok(on!(conn, c => editors::table
        .find(editor)
        .filter(editors::disabled_at.is_null())
        .filter(not(exists(revoked)))
        .select(editors::role)
        .first(c)
        .optional())?)
}

/// What is kept of a new refresh token.
pub struct NewToken {
    pub hash: String,
    pub issued_at: Instant,
    pub expires_at: Instant,
}

/// Keeps a session's newest refresh token, and drops the editor's expired ones, so that they do not pile up.
pub fn keep_token(conn: &mut Conn, editor: EditorId, session: FamilyId, new: &NewToken) -> Result<(), Problem> {
    on!(conn, c => diesel::delete(refresh_tokens::table)
        .filter(refresh_tokens::editor_id.eq(editor))
        .filter(refresh_tokens::expires_at.le(new.issued_at))
        .execute(c))?;
    on!(conn, c => diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::id.eq(RefreshTokenId::new()),
            refresh_tokens::family_id.eq(session),
            refresh_tokens::editor_id.eq(editor),
            refresh_tokens::token_hash.eq(&new.hash),
            refresh_tokens::issued_at.eq(new.issued_at),
            refresh_tokens::expires_at.eq(new.expires_at),
        ))
        .execute(c))?;
    Ok(())
}

/// Spends a valid refresh token. Of several that try at once exactly one succeeds: the condition is checked again
/// under the row's lock.
pub fn spend(conn: &mut Conn, hash: &str, now: Instant) -> Result<Option<(FamilyId, EditorId)>, Problem> {
    Ok(on!(conn, c => diesel::update(refresh_tokens::table)
        .filter(refresh_tokens::token_hash.eq(hash))
        .filter(refresh_tokens::spent_at.is_null())
        .filter(refresh_tokens::revoked_at.is_null())
        .filter(refresh_tokens::expires_at.gt(now))
        .set(refresh_tokens::spent_at.eq(now))
        .returning((refresh_tokens::family_id, refresh_tokens::editor_id))
        .get_result(c)
        .optional())?)
}

/// The session of a refresh token that was spent before.
pub fn session_of_spent(conn: &mut Conn, hash: &str) -> Result<Option<FamilyId>, Problem> {
    Ok(on!(conn, c => refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(hash))
        .filter(refresh_tokens::spent_at.is_not_null())
        .select(refresh_tokens::family_id)
        .first(c)
        .optional())?)
}

/// Ends a session: no token of it is good for anything from now on.
pub fn revoke(conn: &mut Conn, session: FamilyId, now: Instant) -> Result<(), Problem> {
    // A renewal that commits while the update waits for its row adds a token that the update does not see, so it is
    // made again until it finds none. Expired rows are left alone: [`keep_token`] drops them at the same time.
    loop {
        let revoked = on!(conn, c => diesel::update(refresh_tokens::table)
            .filter(refresh_tokens::family_id.eq(session))
            .filter(refresh_tokens::revoked_at.is_null())
            .filter(refresh_tokens::expires_at.gt(now))
            .set(refresh_tokens::revoked_at.eq(now))
            .execute(c))?;
        if revoked == 0 {
            return Ok(());
        }
    }
}
