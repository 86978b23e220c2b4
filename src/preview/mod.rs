//! Links to working copies: whoever has one reads what the public would read if the working copy were published as it is, until
//! the link expires or is revoked. The only room that knows both wings; nothing that is read here is kept for anybody.

mod examples;
mod link;
pub mod routes;
mod store;

/// Where working copies are read, before the token.
pub const ADDRESS: &str = "/v1/preview/";
