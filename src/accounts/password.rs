//! Passwords: argon2id, off the event loop, a bounded number at once.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::config::Passwords;
use crate::error::Problem;

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Hasher {
    argon2: Argon2<'static>,
    permits: Arc<Semaphore>,
    /// The hash of no one's password: checking against it takes as long as checking a real one.
    decoy: Arc<str>,
}

/// How a password check ended.
#[derive(Debug, Clone, PartialEq, Eq)]
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
        let decoy = hash(&argon2, &SecretString::from(uuid::Uuid::now_v7().to_string()))
            .map_err(|problem| anyhow::anyhow!("{problem}"))?;
        Ok(Self { argon2, permits: Arc::new(Semaphore::new(settings.at_once)), decoy: decoy.into() })
    }

    /// The PHC string to keep.
    pub async fn hash(&self, password: SecretString) -> Result<String, Problem> {
        self.run(move |argon2, _| hash(argon2, &password)).await
    }

    /// Checks a password against a kept hash; without one it takes as long and is wrong.
    pub async fn check(&self, password: SecretString, kept: Option<String>) -> Result<Check, Problem> {
        self.run(move |argon2, decoy| {
            let known = kept.is_some();
            let kept = kept.unwrap_or_else(|| decoy.to_owned());
            let parsed = PasswordHash::new(&kept).map_err(Problem::internal)?;
            let right = argon2.verify_password(password.expose_secret().as_bytes(), &parsed).is_ok();
            match right && known {
                false => Ok(Check::Wrong),
                true if Params::try_from(&parsed).is_ok_and(|params| same_cost(&params, argon2.params())) => {
                    Ok(Check::Right)
                }
                true => hash(argon2, &password).map(Check::RightRehashed),
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>, &str) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let permit = self.permits.clone().acquire_owned().await.map_err(Problem::internal)?;
        let (argon2, decoy) = (self.argon2.clone(), Arc::clone(&self.decoy));
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&argon2, &decoy)
        });
        done.await.map_err(Problem::internal)?
    }
}

fn hash(argon2: &Argon2<'static>, password: &SecretString) -> Result<String, Problem> {
    let hash = argon2.hash_password(password.expose_secret().as_bytes()).map_err(Problem::internal)?;
    Ok(hash.to_string())
}

fn same_cost(a: &Params, b: &Params) -> bool {
    (a.m_cost(), a.t_cost(), a.p_cost()) == (b.m_cost(), b.t_cost(), b.p_cost())
}
