//! Logs: readable on a terminal, JSON otherwise. No secrets, no e-mail addresses.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Libraries whose finer levels print what passes through them: texts of articles and comments, the values of
/// statements (addresses, hashes), headers of requests (tokens). No setting lets them say it.
const TELLTALES: [&str; 6] = ["actix_http", "h2", "html5ever", "markup5ever", "tokio_postgres", "rustls"];

/// Starts logging to standard error.
pub fn start(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&log.level).map_err(|error| anyhow::anyhow!("bad setting: log.level: {error}"))?;
    let filter = TELLTALES.iter().fold(filter, |filter, target| match format!("{target}=info").parse() {
        Ok(directive) => filter.add_directive(directive),
        Err(_) => filter,
    });
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let pretty = match log.format {
        LogFormat::Pretty => true,
        LogFormat::Json => false,
        LogFormat::Auto => std::io::stderr().is_terminal(),
    };
    let started = if pretty { builder.compact().try_init() } else { builder.json().flatten_event(true).try_init() };
    started.map_err(|error| anyhow::anyhow!("logging cannot start: {error}"))
}
