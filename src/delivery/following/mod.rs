//! Following what is published, from elsewhere: the articles that changed since a place in the change log, the changes
//! themselves as they come, where old addresses lead, and the versions that an article had.

mod cite;
mod events;
mod store;
mod sync;
mod versions;

pub use events::{Asked, Event, EventId, EventTypes, Seconds, begin, refused, unknown};
pub use store::redirect;
pub use sync::{SyncCursor, SyncItem, read};
pub use versions::{
    Asked as VersionsAsked, Listed as VersionsListed, Version, VersionKey, VersionNumber, VersionSummary, list, one,
};
