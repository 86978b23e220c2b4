//! `ibid import`: content from files, without a server.

mod retractions;
mod studies;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub struct Import {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Take studies in from CSL-JSON, BibTeX, RIS or PubMed files.
    Studies(studies::Studies),
    /// Take notices of retractions in: the Retraction Watch data set (CSV) or works of Crossref (JSON).
    Retractions(retractions::Retractions),
}

impl Import {
    pub fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Studies(studies) => studies.run(),
            Command::Retractions(retractions) => retractions.run(),
        }
    }
}
