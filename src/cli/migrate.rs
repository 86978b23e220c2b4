//! `ibid migrate`.

use clap::Args;

use super::{Common, told};
use crate::app::App;
use crate::clock::Clock;
use crate::publishing;

/// What `ibid serve` does before it serves, for those who want to have it done before.
#[derive(Debug, Args)]
pub struct Migrate {
    #[command(flatten)]
    common: Common,
}

impl Migrate {
    pub fn run(self) -> anyhow::Result<()> {
        // Opened before the event loop starts: opening PostgreSQL connections blocks. Brings the tables up to date.
        let app = App::open(self.common.settings()?, Clock::default())?;
        let rendered = actix_web::rt::System::new().block_on(publishing::bring_up_to_date(&app)).map_err(told)?;
        println!("The database is up to date; {rendered} publications were rendered anew.");
        Ok(())
    }
}
