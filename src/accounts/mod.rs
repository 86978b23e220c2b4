//! Editors: who they are, how they sign in, what they may do.

pub mod guard;
mod key;
mod password;
pub mod permission;
pub mod store;
pub mod token;

pub use guard::{Editor, Permitted};
pub use key::SigningKey;
pub use password::Hasher;
pub use permission::{Role, op};
