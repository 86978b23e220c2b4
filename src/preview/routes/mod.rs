//! The operations of the room: links are made and revoked at the management door, and read at the public one.

pub mod links;
mod read;

use crate::http::operations::Operations;

/// The routes of the room.
pub fn routes(config: &mut Operations<'_>) {
    config.service(read::preview_get).service(links::list).service(links::create).service(links::delete);
}
