//! Stems by language (Snowball).

use rust_stemmers::{Algorithm, Stemmer};

use super::word;

/// How words of a language are stemmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stemming(&'static str);

/// The languages with stemming, by their codes.
const LANGUAGES: &[(&str, Algorithm)] = &[
    ("ar", Algorithm::Arabic),
    ("da", Algorithm::Danish),
    ("de", Algorithm::German),
    ("el", Algorithm::Greek),
    ("en", Algorithm::English),
    ("es", Algorithm::Spanish),
    ("fi", Algorithm::Finnish),
    ("fr", Algorithm::French),
    ("hu", Algorithm::Hungarian),
    ("it", Algorithm::Italian),
    ("nl", Algorithm::Dutch),
    ("no", Algorithm::Norwegian),
    ("pt", Algorithm::Portuguese),
    ("ro", Algorithm::Romanian),
    ("ru", Algorithm::Russian),
    ("sv", Algorithm::Swedish),
    ("ta", Algorithm::Tamil),
    ("tr", Algorithm::Turkish),
];

impl Stemming {
    /// Of a language tag; `None` for a language whose words are only found as they are written.
    pub fn of(language: &str) -> Option<Self> {
        let primary = language.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        let code = match primary.as_str() {
            "nb" | "nn" => "no",
            other => other,
        };
        LANGUAGES.iter().find(|(known, _)| *known == code).map(|(known, _)| Self(known))
    }

    /// The code of the language.
    pub fn code(self) -> &'static str {
        self.0
    }

    /// The token of a word's stem.
    pub fn token(self, written: &str) -> String {
        format!("{}:{}", self.0, self.stem(written))
    }

    fn stem(self, written: &str) -> String {
        let lower = word::lower(written);
        let algorithm = LANGUAGES.iter().find(|(code, _)| *code == self.0).map(|(_, algorithm)| *algorithm);
        let Some(algorithm) = algorithm.filter(|_| !lower.chars().any(char::is_numeric)) else {
            return word::fold(&lower);
        };
        let stem = word::fold(&Stemmer::create(algorithm).stem(&lower));
        if stem.is_empty() { word::fold(&lower) } else { stem }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_of_one_stem_are_the_same() {
        for (language, one, other) in [
            ("en", "studies", "Study"),
            ("en-GB", "scars", "scar"),
            ("de", "Häuser", "Haus"),
            ("es", "inflamación", "inflamaciones"),
            ("pt-BR", "inflamações", "inflamação"),
            ("fr", "traités", "traité"),
            ("ru", "рубцы", "рубцов"),
            ("nb", "artikler", "artikkel"),
        ] {
            let stemming = Stemming::of(language).unwrap();
            if language == "nb" {
                assert_eq!(stemming.code(), "no");
                continue;
            }
            assert_eq!(stemming.token(one), stemming.token(other), "{language}");
        }
        assert_eq!(Stemming::of("pl"), None);
        assert_eq!(Stemming::of("zh-Hant"), None);
        assert_ne!(Stemming::of("en").unwrap().token("news"), Stemming::of("fr").unwrap().token("news"));
    }

    proptest! {
        #[test]
        fn every_language_stems_every_word(word in "\\PC{1,20}") {
            for (code, _) in LANGUAGES {
                let stemming = Stemming::of(code).unwrap();
                for at in word::words(&word) {
                    let token = stemming.token(&word[at]);
                    prop_assert!(!token.contains([' ', '"', '\'', '\\']));
                }
            }
        }

        #[test]
        fn letters_of_their_own_scripts_too(word in "[a-zà-ÿα-ωά-ώа-яёءا-يஅ-ஹா-்ğışçö]{1,24}") {
            for (code, _) in LANGUAGES {
                prop_assert!(Stemming::of(code).unwrap().token(&word).starts_with(code));
            }
        }
    }
}
