//! Every query about editors and their sessions.

use diesel::prelude::*;

use super::permission::Role;
use crate::db::schema::editors;
use crate::db::types::Instant;
use crate::db::{Conn, Violation, violation};
use crate::error::{Code, Problem};
use crate::ids::EditorId;
use crate::on;

/// An editor to be.
#[derive(Debug, Clone)]
pub struct NewEditor {
    pub email: String,
    pub name: String,
    pub role: Role,
    /// The PHC string of the password.
    pub password_hash: String,
}

/// The form in which e-mail addresses are compared: without regard to case.
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Keeps a new editor.
///
/// # Errors
/// `email_taken`.
pub fn insert(conn: &mut Conn, new: &NewEditor, now: Instant) -> Result<EditorId, Problem> {
    let id = EditorId::new();
    let inserted = on!(conn, c => diesel::insert_into(editors::table)
        .values((
            editors::id.eq(id),
            editors::email.eq(&new.email),
            editors::email_key.eq(email_key(&new.email)),
            editors::name.eq(&new.name),
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
