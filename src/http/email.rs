//! E-mail addresses, checked for their form.

use std::fmt;

use email_address::{EmailAddress, Options};
use serde_json::json;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};

use super::fault::{Faults, Reason, text};

/// The most bytes an address has (RFC 5321, section 4.5.3.1.3).
const MOST: usize = 254;
/// The fewest: one letter before the at sign, a host of two labels, the last of two letters.
const LEAST: usize = 6;

/// An e-mail address: a plain one, without a display name, quotes or a bare IP address.
///
/// `Debug` does not tell it, so that it cannot slip into a log.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Reads it; the reason tells what is wrong.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        if (LEAST..=MOST).contains(&text.len()) && is_plain(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Reason::new("invalid_email", "Expected an e-mail address such as name@example.org."))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }

    /// The form in which addresses are compared: without regard to case.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

fn is_plain(address: &str) -> bool {
    let options = Options::default().with_required_tld().without_domain_literal().without_display_text();
    // The crate lets a domain have every character of an atom; names of hosts have fewer.
    let host = |domain: &str| domain.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '.');
    EmailAddress::parse_with_options(address, options).is_ok()
        && !address.contains('"')
        && address.rsplit_once('@').is_some_and(|(_, domain)| host(domain))
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

impl deserr::Deserr<Faults> for Email {
    fn deserialize_from_value<V: deserr::IntoValue>(
        value: deserr::Value<V>,
        location: deserr::ValuePointerRef<'_>,
    ) -> Result<Self, Faults> {
        text(value, location, Self::parse)
    }
}

impl utoipa::PartialSchema for Email {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Email)))
            .min_length(Some(LEAST))
            .max_length(Some(MOST))
            .examples([json!("name@example.org")])
            .into()
    }
}

impl utoipa::ToSchema for Email {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_plain_addresses_only() {
        for good in ["a@b.co", "First.Last+tag@sub.example.org", "o'neil@example.org", "grüße@bücher.example"] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        let long = format!("{}@{}.org", "a".repeat(64), "b.".repeat(95));
        for bad in [
            "0@0.a",
            "",
            "a",
            "a@b",
            "@b.co",
            "a@",
            "a b@c.de",
            " a@b.co",
            "a@b.co\n",
            "A <a@b.co>",
            "<a@b.co>",
            "a@[127.0.0.1]",
            "\"a b\"@c.de",
            "a@b!.co",
            "a@b..co",
            "a@b@c.de",
            "a@b.co\r\nBcc: x@y.zz",
            &long,
        ] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn compares_without_case_and_keeps_silent() {
        let email = Email::parse("Ada@Example.ORG").unwrap();
        assert_eq!(email.key(), "ada@example.org");
        assert_eq!(email.as_str(), "Ada@Example.ORG");
        assert!(!format!("{email:?}").contains("xample"));
    }
}
