//! Working copies: what editors write and the public never sees. An article's version covers its sections and its
//! citations; every change is made to the version that `If-Match` names, or not at all.

pub mod draft;
mod examples;
pub mod follow;
pub mod model;
pub mod review;
pub mod revisions;
pub mod routes;
pub mod schedule;
pub mod store;
pub mod trash;
pub mod view;
