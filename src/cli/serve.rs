//! `ibid serve`.

use actix_web::dev::ServerHandle;
use actix_web::web;
use clap::Args;

use super::{Common, demo, told};
use crate::app::{App, State};
use crate::clock::Clock;
use crate::config::Settings;
use crate::publishing;
use crate::server::{self, StopSignals};
use crate::telemetry;

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
        if settings.site.url.is_empty() && !settings.server.listen.ip().is_loopback() {
            let url = settings.public_url();
            tracing::warn!("site.url is not set: feeds, sitemaps and pages give addresses that begin with {url}");
        }
        // Opened before the event loop starts: opening PostgreSQL connections blocks.
        let state = web::Data::new(App::open(settings, Clock::default())?);
        let listener = server::bind(&state)?;
        actix_web::rt::System::new().block_on(self.serve(state, listener))
    }

    async fn serve(self, state: State, listener: std::net::TcpListener) -> anyhow::Result<()> {
        let site = format!("http://{}", listener.local_addr()?);
        publishing::bring_up_to_date(&state).await.map_err(told)?;
        let demo = if self.demo { Some(demo::load(&state).await?) } else { None };
        let signals = StopSignals::new()?;
        let server = server::serve(state.clone(), listener)?;
        actix_web::rt::spawn(stop_on(signals, state, server.handle()));
        if let Some(demo) = demo {
            introduce(&site, &demo);
        }
        println!("ibid serves on {site}/ and explains itself on {site}/docs/");
        server.await?;
        tracing::info!("stopped");
        Ok(())
    }
}

/// The first signal lets the server answer what it accepted; the next one does not wait for that.
async fn stop_on(mut signals: StopSignals, state: State, server: ServerHandle) {
    signals.next().await;
    tracing::info!("stopping");
    // They would never come to an end by themselves.
    state.streams.stop();
    drop(server.stop(true));
    signals.next().await;
    std::process::exit(1);
}

/// Tells what there is to look at.
fn introduce(site: &str, demo: &demo::Demo) {
    if let Some(slug) = &demo.article {
        println!("demo article:  {site}/v1/articles/{slug}?include=sections,citations,comments");
    }
    match &demo.password {
        Some(password) => println!("demo editor:   {} with the password {password}", demo.email),
        None => println!("demo editor:   {} with the password of the first start", demo.email),
    }
}
