//! ibid through HTTP: every test runs against the real app on SQLite and on PostgreSQL.

mod delivery;
mod editorial;
mod ops;
mod support;
