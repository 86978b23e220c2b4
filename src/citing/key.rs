//! The key of a study: what an editor writes after `@`.

use std::fmt;

use serde::Serialize;
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// The key of a study in the library, valid for a *new* study: `[a-z0-9][a-z0-9_:.-]{1,63}`.
///
/// Older keys and markers may be written otherwise; they are compared through [`fold_key`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct StudyKey(String);

/// Why a text cannot be the key of a new study.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Fewer than [`StudyKey::MIN_LEN`] or more than [`StudyKey::MAX_LEN`] characters.
    #[error("a key has 2 to 64 characters, this one has {0}")]
    Length(usize),
    /// The first character is not a lower-case letter or a digit.
    #[error("a key begins with a lower-case letter or a digit, not with {0:?}")]
    FirstCharacter(char),
    /// A later character is not allowed.
    #[error("a key has lower-case letters, digits and _ : . - only, not {0:?}")]
    Character(char),
}

impl StudyKey {
    /// Fewest characters of a key.
    pub const MIN_LEN: usize = 2;
    /// Most characters of a key.
    pub const MAX_LEN: usize = 64;
    /// The rule as a regular expression, for API documents.
    pub const PATTERN: &'static str = "^[a-z0-9][a-z0-9_:.-]{1,63}$";

    /// Checks a key for a new study; nothing is changed in it.
    ///
    /// # Errors
    /// [`KeyError`] names the first rule broken.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut chars = text.chars();
        if let Some(first) = chars.next()
            && !is_plain(first)
        {
            return Err(KeyError::FirstCharacter(first));
        }
        if let Some(other) = chars.find(|c| !is_plain(*c) && !matches!(c, '_' | ':' | '.' | '-')) {
            return Err(KeyError::Character(other));
        }
        match text.len() {
            Self::MIN_LEN..=Self::MAX_LEN => Ok(Self(text.to_owned())),
            length => Err(KeyError::Length(length)),
        }
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key as an owned text.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for StudyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for StudyKey {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

fn is_plain(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

/// The form in which a marker's key and a study's key are compared: NFC and case-folded.
///
/// Two keys name the same study exactly when their folded forms are equal.
pub fn fold_key(key: &str) -> String {
    key.nfc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_keys_follow_the_pattern() {
        for good in ["majid2009", "a1", "0x", "who:2020.v2", "a-b_c", &"a".repeat(64)] {
            assert_eq!(StudyKey::parse(good).map(|k| k.to_string()), Ok(good.to_owned()));
        }
        assert_eq!(StudyKey::parse(""), Err(KeyError::Length(0)));
        assert_eq!(StudyKey::parse("a"), Err(KeyError::Length(1)));
        assert_eq!(StudyKey::parse(&"a".repeat(65)), Err(KeyError::Length(65)));
        assert_eq!(StudyKey::parse("Majid2009"), Err(KeyError::FirstCharacter('M')));
        assert_eq!(StudyKey::parse("_x"), Err(KeyError::FirstCharacter('_')));
        assert_eq!(StudyKey::parse("mäjid"), Err(KeyError::Character('ä')));
        assert_eq!(StudyKey::parse("maJid"), Err(KeyError::Character('J')));
        assert_eq!(StudyKey::parse("a b"), Err(KeyError::Character(' ')));
    }

    #[test]
    fn folding_ignores_case_and_composition() {
        assert_eq!(fold_key("Majid2009"), "majid2009");
        assert_eq!(fold_key("Mu\u{308}ller"), fold_key("MÜLLER"));
        assert_eq!(fold_key("STRASSE"), fold_key("straße"));
        assert_eq!(fold_key("ΣΟΦΟΣ"), fold_key("σοφος"));
    }
}
