//! ibid: a headless CMS JSON API for articles that must show their evidence.

// Nothing that a running ibid meets may panic; tests may.
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::todo,
        clippy::unimplemented
    )
)]

pub mod accounts;
pub mod app;
pub mod batch;
pub mod citing;
pub mod cli;
pub mod clock;
pub mod comments;
pub mod config;
pub mod db;
pub mod delivery;
pub mod editorial;
pub mod error;
pub mod formats;
pub mod http;
pub mod ids;
pub mod language;
pub mod library;
pub mod openapi;
pub mod ops;
pub mod preview;
pub mod publishing;
pub mod server;
pub mod telemetry;
pub mod text;
