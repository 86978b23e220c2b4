//! What a running ibid holds, assembled once.

use std::path::Path;
use std::sync::Arc;

use actix_web::web;
use anyhow::Context;
use tokio::sync::Notify;

use crate::accounts::{Hasher, SigningKey};
use crate::citing::check::{Rule, Rules, Severity};
use crate::clock::Clock;
use crate::config::{self, RetractedSetting, RuleSetting, Settings};
use crate::db::{Address, Conn, Database};
use crate::delivery::cache::Cache;
use crate::http::answer::Caching;
use crate::http::fault::suggestion;
use crate::http::streams::Streams;
use crate::library::lookup::Services;
use crate::library::styles;
use crate::publishing::log::Follower;

/// The state behind every handler.
pub struct App {
    pub settings: Settings,
    pub db: Database,
    pub clock: Clock,
    pub key: SigningKey,
    pub hasher: Hasher,
    /// Who studies are looked up with.
    pub services: Services,
    /// What the evidence check looks for; the year is whoever's that runs it.
    pub rules: Rules,
    /// Finished answers of the public door.
    pub cache: Arc<Cache>,
    /// What happens to publications, on this node and on others.
    pub follower: Arc<Follower>,
    /// The open streams of events.
    pub streams: Streams,
    /// Wakes who does what is scheduled.
    pub timer: Notify,
}

/// How handlers take it.
pub type State = web::Data<App>;

impl App {
    /// Opens the database, brings its tables up to date and reads (or makes) the signing key. Blocks.
    ///
    /// # Errors
    /// Says which setting is behind what failed.
    pub fn open(settings: Settings, clock: Clock) -> anyhow::Result<Self> {
        let data_dir = &settings.data_dir;
        std::fs::create_dir_all(data_dir)
            .with_context(|| format!("data_dir: cannot make or write {}", data_dir.display()))?;
        let key_file = settings.signing_key_file();
        let key = SigningKey::open(&key_file).with_context(|| {
            let setting = behind(&settings, &key_file, "auth.signing_key_file");
            format!("{setting}: {}", key_file.display())
        })?;
        let address = settings.address()?;
        let db = Database::open(&address, settings.database.connections).with_context(|| {
            let file = Path::new(address.sqlite_path().unwrap_or_default());
            format!("{}: the database cannot be opened", behind(&settings, file, "database.url"))
        })?;
        known_style(&address, &settings.citations.style)?;
        let rules = rules(&settings.check)?;
        let hasher = Hasher::new(&settings.passwords)?;
        let services = Services::new(&settings.lookup)?;
        let cache = Arc::new(Cache::new(settings.cache.bytes, settings.caching.stale_if_error, clock.clone()));
        let follower = Arc::new(Follower::default());
        let (touched, awake) = (cache.clone(), follower.clone());
        db.on_commit(move |said| {
            touched.touch(said.iter().flat_map(|announcement| &announcement.tags));
            awake.appended(said.iter().map(|announcement| announcement.seq));
        });
        let streams = Streams::new(settings.events.streams, settings.events.streams_per_client);
        Ok(Self { settings, db, clock, key, hasher, services, rules, cache, follower, streams, timer: Notify::new() })
    }

    /// How public answers may be kept.
    pub fn public(&self) -> Caching {
        Caching::Public(self.settings.caching)
    }
}

/// The rules of the evidence check as the settings have them.
fn rules(settings: &config::Check) -> anyhow::Result<Rules> {
    let mut rules =
        Rules { outdated_after: Some(settings.outdated_after_years).filter(|years| *years > 0), ..Rules::default() };
    if settings.retracted == RetractedSetting::Warning {
        rules.severity.insert(Rule::RetractedStudy, Some(Severity::Warning));
    }
    for (name, setting) in &settings.rules {
        let known: Vec<&str> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        let unknown = || anyhow::anyhow!("check.rules.{name}: there is no such rule.{}", suggestion(name, &known));
        let severity = match setting {
            RuleSetting::Off => None,
            RuleSetting::Info => Some(Severity::Info),
            RuleSetting::Warning => Some(Severity::Warning),
            RuleSetting::Error => Some(Severity::Error),
        };
        rules.severity.insert(Rule::parse(name).ok_or_else(unknown)?, severity);
    }
    Ok(rules)
}

/// Refuses a setting that names no style; uploaded ones are in the database.
fn known_style(address: &Address, name: &str) -> anyhow::Result<()> {
    let known = styles::style(&mut Conn::open(address)?, name);
    let known = known.map_err(|problem| anyhow::anyhow!("citations.style: {}", problem.cause().unwrap_or_default()))?;
    known.map(drop).map_err(|reason| anyhow::anyhow!("citations.style: {}", reason.detail))
}

/// Which setting to look at when there is something wrong with a file: its own, unless it is in a data directory that
/// nothing can be written to.
fn behind(settings: &Settings, file: &Path, setting: &'static str) -> &'static str {
    let in_data_dir = file.starts_with(&settings.data_dir);
    if in_data_dir && !is_writable(&settings.data_dir) { "data_dir is not writable" } else { setting }
}

fn is_writable(dir: &Path) -> bool {
    let probe = dir.join(format!("{}.part", uuid::Uuid::now_v7()));
    let written = std::fs::File::create_new(&probe);
    written.is_ok_and(|_| std::fs::remove_file(&probe).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules_of(name: &str, setting: RuleSetting) -> anyhow::Result<Rules> {
        let mut settings = Settings::defaults()?.check;
        settings.rules.insert(name.to_owned(), setting);
        settings.outdated_after_years = 10;
        rules(&settings)
    }

    #[test]
    fn settings_say_how_grave_a_rule_is() {
        let rules = rules_of("uncited_claim", RuleSetting::Error).unwrap();
        assert_eq!(rules.severity_of(Rule::UncitedClaim), Some(Severity::Error));
        assert_eq!((rules.severity_of(Rule::RetractedStudy), rules.outdated_after), (Some(Severity::Error), Some(10)));
        assert_eq!(rules_of("empty_section", RuleSetting::Off).unwrap().severity_of(Rule::EmptySection), None);
        let refused = rules_of("uncited_claims", RuleSetting::Off).unwrap_err().to_string();
        assert!(refused.contains("check.rules.uncited_claims") && refused.contains("\"uncited_claim\""), "{refused}");
    }

    #[test]
    fn a_retracted_study_may_be_a_warning() {
        let mut settings = Settings::defaults().unwrap().check;
        settings.retracted = RetractedSetting::Warning;
        assert_eq!(rules(&settings).unwrap().severity_of(Rule::RetractedStudy), Some(Severity::Warning));
        settings.rules.insert("retracted_study".to_owned(), RuleSetting::Info);
        assert_eq!(rules(&settings).unwrap().severity_of(Rule::RetractedStudy), Some(Severity::Info));
    }
}
