//! Redirects that editors make: where a path of the site leads that is there no longer. Old slugs lead to their articles by
//! themselves; how a path is followed is in `publishing::name`.

pub mod model;
pub mod store;
