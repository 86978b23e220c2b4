//! Passwords: argon2id, off the event loop, a bounded number at once and a bounded number in waiting.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};

use crate::config::{MOST_PASSWORD, Passwords};
use crate::error::{Code, Problem};
use crate::http::fault::{Faults, Reason, text};

/// A password in the clear. `Debug` does not tell it.
#[derive(Debug, Clone)]
pub struct Password(SecretString);

impl Password {
    /// Reads it; the reason tells what is wrong. The same characters in another Unicode form are the same password
    /// (RFC 8265), whatever keyboard they came from.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        match text.chars().count() {
            0 => Err(Reason::new("too_short", "A password cannot be empty.")),
            1..=MOST_PASSWORD => Ok(Self(text.nfc().collect::<String>().into())),
            _ => Err(Reason::new("too_long", format!("At most {MOST_PASSWORD} characters."))),
        }
    }

    /// The same, if it will do as a new password.
    pub fn long_enough(self, settings: &Passwords) -> Result<Self, Reason> {
        let length = self.0.expose_secret().chars().count();
        if length >= settings.min_length {
            return Ok(self);
        }
        Err(Reason::new("too_short", format!("A new password needs at least {} characters.", settings.min_length)))
    }

    fn bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

impl deserr::Deserr<Faults> for Password {
    fn deserialize_from_value<V: deserr::IntoValue>(
        value: deserr::Value<V>,
        location: deserr::ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        text(value, location, Self::parse)
    }
}

impl utoipa::PartialSchema for Password {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
            .min_length(Some(1))
            .max_length(Some(MOST_PASSWORD))
            .pattern(Some(r"^[^\x00]+$"))
            .write_only(true)
            .into()
    }
}

impl utoipa::ToSchema for Password {}

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Hasher {
    argon2: Argon2<'static>,
    /// Who may be here at all, waiting or working.
    places: Arc<Semaphore>,
    /// Who may work.
    permits: Arc<Semaphore>,
    /// The hash of no one's password: checking against it takes as long as checking a real one.
    decoy: Arc<str>,
}

/// How a password check ended.
#[derive(Clone, PartialEq, Eq)]
pub enum Check {
    Wrong,
    Right,
    /// Right, and the hash was made with other parameters than the present ones: this is a new one.
    RightRehashed(String),
}

impl Hasher {
    pub fn new(settings: &Passwords) -> anyhow::Result<Self> {
        let params = Params::new(settings.memory_kib, settings.iterations, settings.parallelism, None)
            .map_err(|error| anyhow::anyhow!("bad setting: passwords: {error}"))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobodys = Password(uuid::Uuid::now_v7().to_string().into());
        let decoy = hash(&argon2, &nobodys).map_err(|problem| anyhow::anyhow!("{problem}"))?;
        Ok(Self {
            argon2,
            places: Arc::new(Semaphore::new(settings.at_once + settings.waiting)),
            permits: Arc::new(Semaphore::new(settings.at_once)),
            decoy: decoy.into(),
        })
    }

    /// The PHC string to keep.
    ///
    /// # Errors
    /// `busy` when too many wait already.
    pub async fn hash(&self, password: Password) -> Result<String, Problem> {
        self.run(move |argon2, _| hash(argon2, &password)).await
    }

    /// Checks a password against a kept hash; without one it takes as long and is wrong.
    ///
    /// # Errors
    /// `busy` when too many wait already.
    pub async fn check(&self, password: Password, kept: Option<String>) -> Result<Check, Problem> {
        self.run(move |argon2, decoy| check(argon2, decoy, &password, kept.as_deref())).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>, &str) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| busy())?;
        let permit = self.permits.clone().acquire_owned().await.map_err(Problem::internal)?;
        let (argon2, decoy) = (self.argon2.clone(), Arc::clone(&self.decoy));
        // The work goes on when the client goes away, so its place and its permit go with it.
        let done = tokio::task::spawn_blocking(move || {
            let _held = (place, permit);
            work(&argon2, &decoy)
        });
        done.await.map_err(Problem::internal)?
    }
}

fn busy() -> Problem {
    Problem::new(Code::Busy, "Too many passwords are waiting to be checked.").with_header("Retry-After", "2")
}

fn hash(argon2: &Argon2<'static>, password: &Password) -> Result<String, Problem> {
    let hash = argon2.hash_password(password.bytes()).map_err(Problem::internal)?;
    Ok(hash.to_string())
}

fn check(argon2: &Argon2<'static>, decoy: &str, password: &Password, kept: Option<&str>) -> Result<Check, Problem> {
    // A hash that cannot be read (an imported account, say) fits no password, and takes as long.
    let known = kept.and_then(|kept| PasswordHash::new(kept).ok());
    let parsed = match &known {
        Some(hash) => hash,
        None => &PasswordHash::new(decoy).map_err(Problem::internal)?,
    };
    let right = argon2.verify_password(password.bytes(), parsed).is_ok();
    if !right || known.is_none() {
        return Ok(Check::Wrong);
    }
    match Params::try_from(parsed).is_ok_and(|params| same_cost(&params, argon2.params())) {
        true => Ok(Check::Right),
        false => hash(argon2, password).map(Check::RightRehashed),
    }
}

fn same_cost(a: &Params, b: &Params) -> bool {
    (a.m_cost(), a.t_cost(), a.p_cost()) == (b.m_cost(), b.t_cost(), b.p_cost())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Passwords {
        Passwords { memory_kib: 8, iterations: 1, parallelism: 1, at_once: 1, waiting: 1, min_length: 12 }
    }

    fn password(text: &str) -> Password {
        Password::parse(text).unwrap()
    }

    #[test]
    fn lengths_are_bounded_and_nothing_is_told() {
        assert!(Password::parse("").is_err());
        assert!(Password::parse(&"🔑".repeat(256)).is_ok());
        assert!(Password::parse(&"a".repeat(257)).is_err());
        assert!(password("eleven char").long_enough(&settings()).is_err());
        assert!(password("twelve chars").long_enough(&settings()).is_ok());
        assert!(!format!("{:?}", password("hunter2")).contains("hunter2"));
    }

    #[tokio::test]
    async fn checks() {
        let hasher = Hasher::new(&settings()).unwrap();
        let kept = hasher.hash(password("caf\u{e9} au lait")).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
        let check = async |given: &str, kept: &str| hasher.check(password(given), Some(kept.into())).await.unwrap();
        assert!(check("caf\u{e9} au lait", &kept).await == Check::Right);
        assert!(check("cafe\u{301} au lait", &kept).await == Check::Right, "the same in another Unicode form");
        assert!(check("cafe au lait", &kept).await == Check::Wrong);
        assert!(check("caf\u{e9} au lait", "no hash").await == Check::Wrong);
        assert!(hasher.check(password("x"), None).await.unwrap() == Check::Wrong);
    }

    #[tokio::test]
    async fn a_check_that_would_wait_too_long_is_refused_at_once() {
        let hasher = Hasher::new(&settings()).unwrap();
        let working = hasher.permits.clone().acquire_owned().await.unwrap();
        let _place = hasher.places.clone().acquire_owned().await.unwrap();
        let waits = tokio::spawn({
            let hasher = hasher.clone();
            async move { hasher.hash(password("x")).await }
        });
        while hasher.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let refused = hasher.hash(password("x")).await.unwrap_err();
        assert_eq!(refused.code(), Code::Busy);
        drop(working);
        assert!(waits.await.unwrap().is_ok());
    }
}
