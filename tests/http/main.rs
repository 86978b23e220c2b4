//! ibid through HTTP: every test runs against the real app on SQLite and on PostgreSQL.

mod accounts;
mod comments;
mod delivery;
mod editorial;
mod library;
mod ops;
mod page;
mod permissions;
mod preview;
mod publishing;
mod support;
mod writing;
