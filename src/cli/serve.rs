//! `ibid serve`.

use actix_web::web;
use clap::Args;

use super::Common;
use crate::app::{App, State};
use crate::clock::Clock;
use crate::config::Settings;
use crate::{server, telemetry};

#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    common: Common,
    /// Address and port (server.listen).
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<String>,
    /// Fill an empty database with a small site to look at.
    #[arg(long)]
    demo: bool,
}

impl Serve {
    pub fn run(self) -> anyhow::Result<()> {
        let mut flags = self.common.flags();
        flags.overrides.extend(self.listen.clone().map(|listen| ("server.listen", listen)));
        let settings = Settings::load(&flags)?;
        telemetry::start(&settings.log)?;
        // Opened before the event loop starts: opening PostgreSQL connections blocks.
        let state = web::Data::new(App::open(settings, Clock::default())?);
        let listener = server::bind(&state)?;
        actix_web::rt::System::new().block_on(self.serve(state, listener))
    }

    async fn serve(self, state: State, listener: std::net::TcpListener) -> anyhow::Result<()> {
        let address = listener.local_addr()?;
        let _ = self.demo;
        let server = server::serve(state, listener)?;
        println!("ibid serves on http://{address} (documentation: http://{address}/docs/)");
        server.await?;
        tracing::info!("stopped");
        Ok(())
    }
}
