//! The settings: embedded defaults, then a file, then the environment, then flags. Every one is explained in
//! `config/default.toml`; an unknown one is refused.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use config::{Config, Environment, File, FileFormat, Map};
use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::db::Address;
use crate::http::answer::PublicCaching;
use crate::http::limits::Rates;
use crate::http::text::{Lines, check};

const DEFAULTS: &str = include_str!("../config/default.toml");
/// The most that `comments.max_depth` can be: each level is two levels of JSON, and readers of JSON stop at 128.
pub const MOST_DEPTH: i32 = 50;
/// The most characters of a password: at most 1,024 bytes as sent.
pub const MOST_PASSWORD: usize = 256;
/// Variables that begin like settings and are none.
const NOT_SETTINGS: &[&str] = &["IBID_CONFIG", "IBID_DEMO_PASSWORD", "IBID_TEST_POSTGRES", "IBID_PASSWORD"];

/// All settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub data_dir: PathBuf,
    pub server: Server,
    pub site: Site,
    pub citations: Citations,
    pub check: Check,
    pub database: Database,
    pub auth: Auth,
    pub passwords: Passwords,
    pub limits: Sizes,
    pub rate: Rates,
    pub cors: Cors,
    pub caching: PublicCaching,
    pub cache: Cache,
    pub events: Events,
    pub schedule: Schedule,
    pub preview: Preview,
    pub batch: Batch,
    pub purge: Purge,
    pub comments: Comments,
    pub idempotency: Idempotency,
    pub revisions: Revisions,
    pub trash: Trash,
    pub lookup: Lookup,
    pub log: Log,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// The most bytes of finished answers that are kept; 0: none are.
    pub bytes: u64,
}

/// The stream of events.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Events {
    pub streams: usize,
    pub streams_per_client: usize,
    pub heartbeat_seconds: u64,
}

/// What is published and taken down by itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    pub poll_seconds: u64,
}

/// Links to working copies.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preview {
    /// How long one lasts that does not say.
    pub hours: u32,
    /// How long one may last.
    pub most_hours: u32,
}

/// Several writes as one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    pub operations: usize,
    pub seconds: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purge {
    pub address: String,
    pub method: String,
    pub header: String,
    pub authorization: SecretString,
}

impl Purge {
    /// What the cache in front is shown, if anything.
    pub fn authorization(&self) -> Option<&str> {
        Some(self.authorization.expose_secret()).filter(|shown| !shown.is_empty())
    }

    fn check(&self) -> Result<(), BadSetting> {
        if self.address.is_empty() || is_base_address(&self.address) {
            return Ok(());
        }
        Err(BadSetting("purge.address has to be an http or https address without a query, or empty".into()))
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    pub listen: SocketAddr,
    pub workers: usize,
    pub stop_seconds: u64,
    pub head_seconds: u64,
    pub stalled_seconds: u64,
    pub trusted_proxies: Vec<Network>,
}

/// A network, or a single address.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub struct Network(pub IpNet);

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let single = || text.parse::<std::net::IpAddr>().map(IpNet::from).ok();
        text.parse().ok().or_else(single).map(Self).ok_or_else(|| format!("{text:?} is no address or network"))
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    pub name: String,
    pub description: String,
    pub language: String,
    pub url: String,
    pub article_address: String,
    pub preview_address: String,
}

impl Site {
    fn check(&self) -> Result<(), BadSetting> {
        let refused = |says: &str| Err(BadSetting(says.to_owned()));
        if check(&self.name, 1, 200, Lines::One).is_err() {
            return refused("site.name has to be a line of 1 to 200 characters");
        }
        if check(&self.description, 0, 2_000, Lines::One).is_err() {
            return refused("site.description has to be a line of at most 2000 characters");
        }
        if crate::language::Language::parse(&self.language).is_err() {
            return refused("site.language is no BCP 47 language tag such as en or pt-BR");
        }
        if !self.url.is_empty() && !is_base_address(&self.url) {
            return refused("site.url has to be an http or https address without a query, or empty");
        }
        if !self.article_address.is_empty() && !is_article_address(&self.article_address) {
            return refused(
                "site.article_address has to be an http or https address with {slug} or {id} in it, perhaps {language}, \
                 or empty",
            );
        }
        if !self.preview_address.is_empty() && !is_preview_address(&self.preview_address) {
            return refused("site.preview_address has to be an http or https address with {token} in it, or empty");
        }
        Ok(())
    }
}

/// Whether it is an address once `{token}` is filled in.
fn is_preview_address(template: &str) -> bool {
    template.contains("{token}") && is_address(&template.replace("{token}", "x"))
}

fn is_address(text: &str) -> bool {
    let address = url::Url::parse(text).is_ok_and(|url| ["http", "https"].contains(&url.scheme()) && url.has_host());
    address && !text.contains(['{', '}', ' ', '<', '>', '"'])
}

/// Whether it is an address once `{slug}`, `{id}` and `{language}` are filled in.
fn is_article_address(template: &str) -> bool {
    let names = ["{slug}", "{id}"].iter().any(|name| template.contains(name));
    let filled =
        ["{slug}", "{id}", "{language}"].iter().fold(template.to_owned(), |text, name| text.replace(name, "x"));
    names && is_address(&filled)
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Citations {
    /// A bundled or uploaded style; whether there is one of that name is known when the database is open.
    pub style: String,
}

/// What the evidence check looks for; whether there are rules of these names is known where the rules are.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    pub rules: BTreeMap<String, RuleSetting>,
    pub retracted: RetractedSetting,
    pub outdated_after_years: u16,
    pub publish_unsupported_claims: bool,
}

/// How grave the findings of a rule are here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleSetting {
    Off,
    Info,
    Warning,
    Error,
}

/// Whether a retracted study stops a publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RetractedSetting {
    Warning,
    Error,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    pub url: SecretString,
    pub connections: u32,
    pub ca_file: PathBuf,
    pub poll_milliseconds: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    pub issuer: String,
    pub audience: String,
    pub access_token_seconds: u32,
    pub refresh_token_days: u32,
    pub signing_key_file: PathBuf,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passwords {
    pub memory_kib: u32,
    pub iterations: u32,
    pub parallelism: u32,
    pub at_once: usize,
    pub waiting: usize,
    pub min_length: usize,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sizes {
    pub body_bytes: usize,
    pub notices_bytes: usize,
    pub import_bytes: usize,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cors {
    pub allowed_origins: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comments {
    pub max_depth: i32,
}

/// Writes that may be sent again.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Idempotency {
    /// How long the same key is answered the same.
    pub hours: u32,
}

/// How the revisions of working copies are kept.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revisions {
    pub fold_seconds: u32,
    pub keep: u32,
}

/// Deleted articles.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trash {
    /// For how long they are kept; 0: for ever.
    pub days: u32,
}

/// The services that studies are looked up with; one whose address is empty is never asked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    pub crossref: String,
    pub datacite: String,
    pub ncbi: String,
    pub timeout_seconds: u64,
    pub at_once: usize,
    pub contact: String,
    pub keep_days: u32,
}

impl Lookup {
    fn check(&self) -> Result<(), BadSetting> {
        for (name, address) in [("crossref", &self.crossref), ("datacite", &self.datacite), ("ncbi", &self.ncbi)] {
            if !address.is_empty() && !is_base_address(address) {
                let says = format!("lookup.{name} has to be an http or https address without a query, or empty");
                return Err(BadSetting(says));
            }
        }
        let bounded = [
            ("timeout_seconds", 1..=120, self.timeout_seconds),
            ("at_once", 1..=64, self.at_once as u64),
            ("keep_days", 0..=3_650, u64::from(self.keep_days)),
        ];
        for (name, range, value) in bounded {
            if !range.contains(&value) {
                let (least, most) = (range.start(), range.end());
                return Err(BadSetting(format!("lookup.{name} has to be between {least} and {most}")));
            }
        }
        match self.contact.is_empty()
            || crate::http::email::Email::parse(&self.contact).is_ok_and(|_| self.contact.is_ascii())
        {
            true => Ok(()),
            false => Err(BadSetting("lookup.contact has to be an e-mail address in ASCII, or empty".into())),
        }
    }
}

fn is_base_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        ["http", "https"].contains(&url.scheme())
            && url.has_host()
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
    })
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    pub level: String,
    pub format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Pretty,
    Json,
    Auto,
}

/// A setting that cannot be; the text names it.
#[derive(Debug, thiserror::Error)]
#[error("bad setting: {0}")]
pub struct BadSetting(String);

/// Settings given on the command line, by their names.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    pub file: Option<PathBuf>,
    pub overrides: Vec<(&'static str, String)>,
}

impl Settings {
    /// Reads all layers.
    pub fn load(flags: &Flags) -> Result<Self, BadSetting> {
        Self::from_layers(flags, std::env::vars().collect())
    }

    /// The defaults alone, for tests to change.
    pub fn defaults() -> Result<Self, BadSetting> {
        Self::from_layers(&Flags::default(), Map::new())
    }

    fn from_layers(flags: &Flags, mut environment: Map<String, String>) -> Result<Self, BadSetting> {
        environment.retain(|name, _| !NOT_SETTINGS.contains(&name.as_str()));
        let mut environment = Environment::with_prefix("IBID")
            .prefix_separator("_")
            .separator("__")
            .try_parsing(true)
            .list_separator(",")
            .source(Some(environment));
        for list in ["server.trusted_proxies", "cors.allowed_origins"] {
            environment = environment.with_list_parse_key(list);
        }
        let mut layers = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        if let Some(file) = &flags.file {
            layers = layers.add_source(File::from(file.as_path()).format(FileFormat::Toml));
        }
        layers = layers.add_source(environment);
        for (name, value) in &flags.overrides {
            layers = layers.set_override(*name, value.as_str()).map_err(bad)?;
        }
        let settings: Self = layers.build().map_err(bad)?.try_deserialize().map_err(bad)?;
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), BadSetting> {
        let positive = [
            ("database.connections", self.database.connections > 0),
            ("limits.body_bytes", self.limits.body_bytes > 0),
            ("limits.notices_bytes", self.limits.notices_bytes > 0),
            ("limits.import_bytes", self.limits.import_bytes > 0),
        ];
        for (name, holds) in positive {
            if !holds {
                return Err(BadSetting(format!("{name} has to be at least 1")));
            }
        }
        // An access token never outlives the refresh token it came with, whose row says whether it is revoked.
        let bounded = [
            ("auth.access_token_seconds", u64::from(self.auth.access_token_seconds), 86_400),
            ("auth.refresh_token_days", u64::from(self.auth.refresh_token_days), 3_650),
            ("server.head_seconds", self.server.head_seconds, 300),
            ("server.stalled_seconds", self.server.stalled_seconds, 3_600),
            ("database.poll_milliseconds", self.database.poll_milliseconds, 3_600_000),
            ("schedule.poll_seconds", self.schedule.poll_seconds, 3_600),
            ("preview.most_hours", u64::from(self.preview.most_hours), 87_600),
            ("preview.hours", u64::from(self.preview.hours), u64::from(self.preview.most_hours)),
            ("batch.operations", self.batch.operations as u64, 100),
            ("batch.seconds", self.batch.seconds, 60),
            ("events.heartbeat_seconds", self.events.heartbeat_seconds, 3_600),
            ("idempotency.hours", u64::from(self.idempotency.hours), 8_760),
            ("passwords.at_once", self.passwords.at_once as u64, 1_024),
            ("passwords.min_length", self.passwords.min_length as u64, MOST_PASSWORD as u64),
        ];
        for (name, value, most) in bounded {
            if !(1..=most).contains(&value) {
                return Err(BadSetting(format!("{name} has to be between 1 and {most}")));
            }
        }
        if self.passwords.waiting > 100_000 {
            return Err(BadSetting("passwords.waiting has to be at most 100000".into()));
        }
        if self.revisions.fold_seconds > 86_400 {
            return Err(BadSetting("revisions.fold_seconds has to be at most 86400".into()));
        }
        if self.revisions.keep > 1_000_000 {
            return Err(BadSetting("revisions.keep has to be at most 1000000".into()));
        }
        if self.trash.days > 36_500 {
            return Err(BadSetting("trash.days has to be at most 36500".into()));
        }
        if self.events.streams > 100_000 {
            return Err(BadSetting("events.streams has to be at most 100000".into()));
        }
        let min_memory = self.passwords.parallelism.saturating_mul(8);
        if self.passwords.parallelism == 0 || self.passwords.iterations == 0 || self.passwords.memory_kib < min_memory {
            return Err(BadSetting(
                "passwords.memory_kib, iterations and parallelism are below what argon2id can do".into(),
            ));
        }
        if !(0..=MOST_DEPTH).contains(&self.comments.max_depth) {
            return Err(BadSetting(format!("comments.max_depth has to be from 0 to {MOST_DEPTH}")));
        }
        self.site.check()?;
        self.lookup.check()?;
        self.purge.check()?;
        self.address().map(drop)
    }

    /// Where the database is.
    pub fn address(&self) -> Result<Address, BadSetting> {
        let url = match self.database.url.expose_secret() {
            "" => SecretString::from(format!("sqlite://{}", self.data_dir.join("ibid.db").display())),
            given => SecretString::from(given.to_owned()),
        };
        let ca_file = Some(self.database.ca_file.clone()).filter(|path| !path.as_os_str().is_empty());
        Address::parse(url, ca_file).map_err(|error| BadSetting(format!("database.url: {error}")))
    }

    /// The address that the public reaches ibid under, without a slash at the end: as the settings say, else where it
    /// listens. Never what a request calls it: answers are kept and given to others.
    pub fn public_url(&self) -> String {
        match self.site.url.trim_end_matches('/') {
            "" => format!("http://{}", self.server.listen),
            given => given.to_owned(),
        }
    }

    /// Where the signing key is.
    pub fn signing_key_file(&self) -> PathBuf {
        match self.auth.signing_key_file.as_os_str().is_empty() {
            true => self.data_dir.join("keys").join("signing.pem"),
            false => self.auth.signing_key_file.clone(),
        }
    }
}

fn bad(error: config::ConfigError) -> BadSetting {
    BadSetting(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(environment: &[(&str, &str)]) -> Result<Settings, BadSetting> {
        let environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Settings::from_layers(&Flags::default(), environment)
    }

    #[test]
    fn the_environment_overrides_and_unknown_settings_are_refused() {
        let settings = with(&[
            ("IBID_SERVER__LISTEN", "0.0.0.0:99"),
            ("IBID_SERVER__TRUSTED_PROXIES", "10.0.0.0/8,::1"),
            ("IBID_DEMO_PASSWORD", "x"),
        ])
        .unwrap();
        assert_eq!(settings.server.listen.port(), 99);
        assert_eq!(settings.server.trusted_proxies.len(), 2);
        let says = |environment: &[(&str, &str)]| with(environment).unwrap_err().to_string();
        assert!(says(&[("IBID_SERVER__LISTN", "x")]).contains("listn"));
        let settings =
            with(&[("IBID_CHECK__RULES__UNCITED_CLAIM", "off"), ("IBID_CHECK__RETRACTED", "warning")]).unwrap();
        assert_eq!(settings.check.rules.get("uncited_claim"), Some(&RuleSetting::Off));
        assert_eq!(settings.check.retracted, RetractedSetting::Warning);
        assert!(says(&[("IBID_CHECK__RULES__UNCITED_CLAIM", "loud")]).contains("loud"));
        assert!(says(&[("IBID_SERVER__LISTEN", "x")]).contains("listen"));
        assert!(says(&[("IBID_DATABASE__URL", "mysql://x")]).contains("database.url"));
        for (variable, value, name) in [
            ("IBID_LOOKUP__CROSSREF", "ftp://x", "lookup.crossref"),
            ("IBID_LOOKUP__NCBI", "https://x/?key=1", "lookup.ncbi"),
            ("IBID_LOOKUP__CONTACT", "nobody\r\nX: y", "lookup.contact"),
            ("IBID_LOOKUP__TIMEOUT_SECONDS", "0", "lookup.timeout_seconds"),
            ("IBID_LOOKUP__KEEP_DAYS", "9999", "lookup.keep_days"),
            ("IBID_DATABASE__POLL_MILLISECONDS", "0", "database.poll_milliseconds"),
            ("IBID_REVISIONS__FOLD_SECONDS", "86401", "revisions.fold_seconds"),
            ("IBID_REVISIONS__KEEP", "1000001", "revisions.keep"),
            ("IBID_SITE__URL", "example.org", "site.url"),
            ("IBID_SITE__NAME", "", "site.name"),
            ("IBID_SITE__ARTICLE_ADDRESS", "https://example.org/articles", "site.article_address"),
            ("IBID_SITE__ARTICLE_ADDRESS", "https://example.org/{slug}/{section}", "site.article_address"),
        ] {
            assert!(says(&[(variable, value)]).contains(name), "{variable}");
        }
        assert!(with(&[("IBID_LOOKUP__CROSSREF", "")]).is_ok());
    }

    #[test]
    fn the_address_of_the_site_is_its_own() {
        assert_eq!(with(&[]).unwrap().public_url(), "http://127.0.0.1:8080");
        let settings = with(&[
            ("IBID_SITE__URL", "https://example.org/cms/"),
            ("IBID_SITE__ARTICLE_ADDRESS", "https://www.example.org/{language}/{slug}"),
        ]);
        assert_eq!(settings.unwrap().public_url(), "https://example.org/cms");
    }

    #[test]
    fn secrets_are_not_printed() {
        let settings = with(&[("IBID_DATABASE__URL", "postgres://u:secret@localhost/x")]).unwrap();
        assert!(!format!("{settings:?}").contains("secret@"));
    }
}
