//! The command line.

mod demo;
mod editor;
mod import;
mod migrate;
mod openapi;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Flags, Settings};
use crate::error::Problem;

/// The headless CMS for articles that must show their evidence.
#[derive(Debug, Parser)]
#[command(name = "ibid", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API.
    Serve(serve::Serve),
    /// Make the editors of the site.
    Editor(editor::Editor),
    /// Take content in from files.
    Import(import::Import),
    /// Bring the database up to date: its tables, and what an earlier ibid published.
    Migrate(migrate::Migrate),
    /// Print the OpenAPI document.
    Openapi,
}

/// Settings that any command takes; each overrides the setting of the same meaning.
#[derive(Debug, Clone, Args)]
struct Common {
    /// A settings file (TOML).
    #[arg(long, env = "IBID_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where ibid keeps what it makes (data_dir).
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// sqlite://PATH or postgres://… (database.url).
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

impl Common {
    fn flags(&self) -> Flags {
        let named = [("data_dir", &self.data_dir), ("database.url", &self.database)];
        let overrides = named.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect();
        Flags { file: self.config.clone(), overrides }
    }

    fn settings(&self) -> anyhow::Result<Settings> {
        Ok(Settings::load(&self.flags())?)
    }
}

/// Runs the command of the process's arguments; a failure is one line on standard error.
pub fn run() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve(serve) => serve.run(),
        Command::Editor(editor) => editor.run(),
        Command::Import(import) => import.run(),
        Command::Migrate(migrate) => migrate.run(),
        Command::Openapi => openapi::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ibid: {}", one_line(&format!("{error:#}")));
            ExitCode::FAILURE
        }
    }
}

/// Parsers like to draw what they tell over several lines.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the caller is told, and what only the operator is told: on the command line they are the same person.
fn told(problem: Problem) -> anyhow::Error {
    match problem.cause() {
        Some(cause) => anyhow::anyhow!("{} ({cause})", problem.detail()),
        None => anyhow::anyhow!("{}", problem.detail()),
    }
}
