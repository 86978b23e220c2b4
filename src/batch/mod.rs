//! Several writes as one: each is what it is when it is sent alone, and all are kept or none. Knows no resource: which
//! operations may stand in a batch is a list of their ids, and the application itself does them.

mod allowed;
mod answers;
mod model;
mod reference;
pub mod routes;
mod within;

pub use allowed::Allowed;
pub use within::Within;
