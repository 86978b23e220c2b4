//! What a broken constraint means, the same for both databases.

use diesel::result::{DatabaseErrorKind, Error as QueryError};

/// A constraint that a statement broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    /// The columns that had to be unique, as `table.column, table.column`.
    Unique(String),
    /// A row that is needed elsewhere was deleted, or one that is not there was named.
    ForeignKey,
}

/// The constraint that `error` is about; `None` for any other error.
///
/// SQLite names the columns in its message, PostgreSQL names the constraint; the PostgreSQL
/// migrations name unique constraints by their columns, so that both read the same.
pub fn violation(error: &QueryError) -> Option<Violation> {
    let QueryError::DatabaseError(kind, info) = error else { return None };
    match kind {
        DatabaseErrorKind::UniqueViolation => {
            let columns = match info.constraint_name() {
                Some(name) => name,
                None => info.message().strip_prefix("UNIQUE constraint failed: ")?,
            };
            Some(Violation::Unique(columns.to_owned()))
        }
        DatabaseErrorKind::ForeignKeyViolation => Some(Violation::ForeignKey),
        // SQLite counts `ON DELETE RESTRICT` among its triggers, which diesel does not tell from other errors.
        DatabaseErrorKind::Unknown if info.message() == "FOREIGN KEY constraint failed" => Some(Violation::ForeignKey),
        _ => None,
    }
}
