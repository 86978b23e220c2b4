//! Refresh tokens: opaque, random, good for one use. Only their hashes are kept.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::error::Problem;
use crate::http::fault::{Faults, Reason, text};
use crate::http::schema;

/// What a token begins with, so that one that leaked is recognised.
const PREFIX: &str = "ibid_rt_";
/// The most characters a client may send as one.
const MOST: usize = 200;

/// A refresh token in the clear. It has no `Debug`.
pub struct RefreshToken(String);

impl RefreshToken {
    /// A new one, of 256 random bits.
    pub fn make() -> Result<Self, Problem> {
        let mut random = [0; 32];
        aws_lc_rs::rand::fill(&mut random).map_err(|_| Problem::internal("no random numbers"))?;
        Ok(Self(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random))))
    }

    /// Any visible ASCII is read: what no token of ours looks like is one that is unknown.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        if (1..=MOST).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Reason::new("invalid_token", "Expected the refresh_token of an earlier answer."))
        }
    }

    /// What is kept of it. It has full entropy, so a plain hash cannot be searched.
    pub fn hash(&self) -> String {
        Sha256::digest(self.0.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

impl deserr::Deserr<Faults> for RefreshToken {
    fn deserialize_from_value<V: deserr::IntoValue>(
        value: deserr::Value<V>,
        location: deserr::ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        text(value, location, Self::parse)
    }
}

impl utoipa::PartialSchema for RefreshToken {
    fn schema() -> RefOr<Schema> {
        schema::formed(r"^[\x21-\x7E]+$", MOST)
    }
}

impl utoipa::ToSchema for RefreshToken {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_random_and_kept_as_hashes() {
        let (a, b) = (RefreshToken::make().unwrap(), RefreshToken::make().unwrap());
        assert_ne!(a.hash(), b.hash());
        assert_eq!(a.hash().len(), 64);
        let text = a.into_string();
        assert_eq!(text.len(), PREFIX.len() + 43);
        assert!(RefreshToken::parse(&text).is_ok());
    }

    #[test]
    fn only_visible_ascii_is_read() {
        for bad in ["", "a b", "ä", "a\n", &"a".repeat(201)] {
            assert!(RefreshToken::parse(bad).is_err());
        }
    }
}
