//! What a running ibid holds, assembled once.

use actix_web::web;

use crate::accounts::{Hasher, SigningKey};
use crate::clock::Clock;
use crate::config::Settings;
use crate::db::Database;
use crate::http::answer::Caching;

/// The state behind every handler.
pub struct App {
    pub settings: Settings,
    pub db: Database,
    pub clock: Clock,
    pub key: SigningKey,
    pub hasher: Hasher,
}

/// How handlers take it.
pub type State = web::Data<App>;

impl App {
    /// Opens the database, brings its tables up to date and reads (or makes) the signing key. Blocks.
    ///
    /// # Errors
    /// Says which setting is behind what failed.
    pub fn open(settings: Settings, clock: Clock) -> anyhow::Result<Self> {
        use anyhow::Context;
        let data_dir = &settings.data_dir;
        std::fs::create_dir_all(data_dir)
            .with_context(|| format!("data_dir: cannot make or write {}", data_dir.display()))?;
        let key = SigningKey::open(&settings.signing_key_file())
            .with_context(|| format!("auth.signing_key_file: {}", settings.signing_key_file().display()))?;
        let db = Database::open(&settings.address()?, settings.database.connections)
            .context("database.url: the database cannot be opened")?;
        let hasher = Hasher::new(&settings.passwords)?;
        Ok(Self { settings, db, clock, key, hasher })
    }

    /// How public answers may be kept.
    pub fn public(&self) -> Caching {
        Caching::Public(self.settings.caching)
    }
}
