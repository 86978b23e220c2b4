//! Editors: who they are, how they sign in, what they may do.

pub mod guard;
mod key;
pub mod model;
mod password;
pub mod permission;
mod refresh;
pub mod routes;
mod session;
pub mod store;
pub mod token;

pub use guard::{Editor, Permitted};
pub use key::{SigningKey, write_private};
pub use model::{EditorName, NewEditor};
pub use password::{Check, Hasher, Password};
pub use permission::{Role, op};

use crate::app::App;
use crate::error::Problem;
use crate::http::email::Email;
use crate::http::fault::Fault;
use crate::ids::EditorId;

/// Makes an editor who signs in with this password.
///
/// # Errors
/// `validation_failed` when the password is too short, `email_taken`, `busy`.
pub async fn create_editor(
    app: &App,
    email: Email,
    name: EditorName,
    role: Role,
    password: Password,
) -> Result<EditorId, Problem> {
    let password = password
        .long_enough(&app.settings.passwords)
        .map_err(|reason| Problem::validation(vec![Fault::at("/password", reason.code, reason.detail)]))?;
    let password_hash = app.hasher.hash(password).await?;
    let new = NewEditor { email, name, role, password_hash };
    let now = app.clock.now();
    app.db.write(move |conn| store::insert(conn, &new, now)).await
}
