//! When articles are published and taken down by themselves. Who does it is `publishing::keeper`.

mod store;

use serde::Serialize;
use utoipa::ToSchema;

pub use self::store::{Due, Planned, Schedule, done, fail, next, planned, read, set, still};
use crate::db::types::Instant;
use crate::http::fault::Fault;

crate::words! {
    /// What is done when it is time.
    Action {
        /// The working copy, as it is then, becomes what the public reads.
        Publish = "publish",
        /// The public reads the article no longer.
        Unpublish = "unpublish",
    }
}

/// What could not be done when it was due. It is not tried again by itself.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ScheduleFailure {
    pub action: Action,
    /// When it was due.
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-24T06:00:00Z")]
    pub due_at: Instant,
    /// When it was tried.
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-24T06:00:00.2Z")]
    pub at: Instant,
    /// The code of the problem that somebody who had done it by hand would have been told.
    #[schema(max_length = 60, pattern = "^[a-z][a-z0-9_]*$", example = "dangling_marker")]
    pub code: String,
    #[schema(
        max_length = 8000,
        example = "The section lead cites \"majid2008\" in line 1, column 9; the library has no such study."
    )]
    pub detail: String,
    /// Every single fault, where there are such.
    #[schema(max_items = 10000)]
    pub errors: Vec<Fault>,
}
