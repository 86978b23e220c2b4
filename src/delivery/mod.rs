//! What the public reads: published articles with their sections, citations, bibliographies and approved comments,
//! and the studies that they cite. Reads the publications and nothing that editors work on: there is no path by
//! which a draft could come out.

pub mod article;
mod bibliography;
pub mod cache;
mod evidence;
pub mod examples;
mod following;
pub mod formats;
pub mod model;
mod names;
pub mod printing;
mod routes;
mod search;
mod sections;
pub mod sitemap;
pub mod store;
mod studies;
mod translations;

pub use routes::routes;
