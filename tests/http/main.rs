//! ibid through HTTP: every test runs against the real app on SQLite and on PostgreSQL.

mod ops;
mod support;
