//! What an editor is.

use serde::Serialize;
use utoipa::ToSchema;

use super::permission::Role;
use crate::db::types::Instant;
use crate::http::email::Email;
use crate::ids::EditorId;

crate::checked_text! {
    /// The name that others know an editor by.
    EditorName(1..=200, One),
}

/// An editor to be.
#[derive(Debug, Clone)]
pub struct NewEditor {
    pub email: Email,
    pub name: EditorName,
    pub role: Role,
    /// The PHC string of the password.
    pub password_hash: String,
}

/// An editor, as they see themselves.
#[derive(Serialize, ToSchema)]
#[schema(as = Editor)]
pub struct EditorView {
    pub id: EditorId,
    /// What the editor signs in with.
    #[schema(value_type = Email)]
    pub email: String,
    #[schema(value_type = EditorName, example = "Ada Example")]
    pub name: String,
    pub role: Role,
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-24T00:00:00Z")]
    pub created_at: Instant,
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-25T09:30:00Z")]
    pub updated_at: Instant,
}
