//! The languages that styles can be printed in, and which one is taken.

use std::sync::{LazyLock, OnceLock};

use citationberg::taxonomy::{OtherTerm, Term};
use citationberg::{Locale, LocaleCode, TermForm};
use hayagriva::archive;

use super::clean::Habit;

const ENGLISH: &str = "en-US";

/// A locale with the terms that the engine needs: its own, those of its language's main dialect, and English ones.
pub(super) struct Spoken {
    pub code: LocaleCode,
    pub terms: Vec<Locale>,
    /// How the language quotes.
    pub habit: Habit,
}

fn known() -> &'static [Locale] {
    static KNOWN: LazyLock<Vec<Locale>> = LazyLock::new(archive::locales);
    &KNOWN
}

fn code(locale: &Locale) -> &str {
    locale.lang.as_ref().map_or("", |lang| lang.0.as_str())
}

/// The locales that there are words for, e.g. `de-DE`, in alphabetical order.
pub fn locales() -> impl Iterator<Item = &'static str> {
    known().iter().map(code)
}

/// The locale that a style is printed in.
///
/// A locale that is asked for overrules the style's own: exactly that one; else, of the same language, the style's own or
/// the language's main dialect (`de-LI` → `de-DE`, `pt` → `pt-PT`, `zh-Hant` → `zh-TW`). Asked for nothing, or for a
/// language that nobody wrote terms for: the style's own, else `en-US`.
/// The main dialects are those of the CSL 1.0.2 locales.
pub fn choose(asked: Option<&str>, own: Option<&str>) -> &'static str {
    let own = own.and_then(find);
    let asked = asked.and_then(|asked| {
        let same = |own: &&str| base(own).eq_ignore_ascii_case(base(asked)) && script(asked).is_none();
        exact(asked).or_else(|| own.filter(same)).or_else(|| dialect(asked))
    });
    asked.or(own).unwrap_or(ENGLISH)
}

/// The locale that a language tag leads to, if there are words for its language: `de-LI` → `de-DE`.
pub fn find(tag: &str) -> Option<&'static str> {
    exact(tag).or_else(|| dialect(tag))
}

/// The terms of a locale that [`choose`] gave.
pub(super) fn spoken(chosen: &str) -> &'static Spoken {
    static SPOKEN: LazyLock<Vec<OnceLock<Spoken>>> =
        LazyLock::new(|| known().iter().map(|_| OnceLock::new()).collect());
    static NONE: OnceLock<Spoken> = OnceLock::new();
    let at = known().iter().position(|locale| code(locale) == chosen);
    at.and_then(|at| SPOKEN.get(at)).unwrap_or(&NONE).get_or_init(|| {
        let main = dialect(chosen).unwrap_or(ENGLISH);
        let mut codes = vec![chosen, main, ENGLISH];
        codes.dedup();
        let find = |wanted: &&str| known().iter().find(|locale| code(locale) == *wanted).cloned();
        let terms: Vec<Locale> = codes.iter().filter_map(find).collect();
        let inside = terms.iter().find_map(|locale| locale.style_options.as_ref()?.punctuation_in_quote);
        let habit =
            Habit { single_first: opening_quote(&terms) == Some("‘"), stops_inside: inside.unwrap_or_default() };
        Spoken { code: LocaleCode(chosen.to_owned()), terms, habit }
    })
}

fn opening_quote(terms: &[Locale]) -> Option<&str> {
    let quote = |locale: &'_ Locale| locale.term(Term::Other(OtherTerm::OpenQuote), TermForm::Long).is_some();
    let locale = terms.iter().find(|locale| quote(locale))?;
    locale.term(Term::Other(OtherTerm::OpenQuote), TermForm::Long)?.single()
}

fn exact(tag: &str) -> Option<&'static str> {
    locales().find(|known| known.eq_ignore_ascii_case(tag) || known.eq_ignore_ascii_case(&tag.replace('_', "-")))
}

fn base(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or_default()
}

fn script(tag: &str) -> Option<&str> {
    tag.split(['-', '_']).nth(1).filter(|part| part.len() == 4)
}

/// The locale that stands for a language.
fn dialect(tag: &str) -> Option<&'static str> {
    let language = base(tag).to_ascii_lowercase();
    let second = tag.split(['-', '_']).nth(1).unwrap_or_default().to_ascii_lowercase();
    match (language.as_str(), second.as_str()) {
        ("zh", "hant" | "hk" | "mo") => return Some("zh-TW"),
        ("sr", "latn") => return Some("sr-Latn-RS"),
        ("sr", _) => return Some("sr-Cyrl-RS"),
        ("no", _) => return Some("nb-NO"),
        _ => {}
    }
    let main = LocaleCode(language.clone()).fallback();
    main.and_then(|main| exact(&main.0)).or_else(|| locales().find(|known| base(known) == language))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_locale_is_taken() {
        for (asked, own, want) in [
            (None, None, "en-US"),
            (None, Some("de-DE"), "de-DE"),
            (None, Some("xx"), "en-US"),
            (Some("de"), None, "de-DE"),
            (Some("de_at"), None, "de-AT"),
            (Some("DE-LI"), None, "de-DE"),
            (Some("de"), Some("de-CH"), "de-CH"),
            (Some("en"), Some("en-GB"), "en-GB"),
            (Some("en"), Some("de-DE"), "en-US"),
            (Some("en-AU"), Some("en-GB"), "en-GB"),
            (Some("en-US"), Some("en-GB"), "en-US"),
            (Some("pt"), None, "pt-PT"),
            (Some("pt-BR"), None, "pt-BR"),
            (Some("zh"), None, "zh-CN"),
            (Some("zh-Hant-HK"), Some("zh-CN"), "zh-TW"),
            (Some("sr"), None, "sr-Cyrl-RS"),
            (Some("no"), None, "nb-NO"),
            (Some("ar-EG"), None, "ar"),
            (Some("tlh"), Some("fr-FR"), "fr-FR"),
            (Some("tlh"), None, "en-US"),
            (Some(""), None, "en-US"),
        ] {
            assert_eq!(choose(asked, own), want, "{asked:?} {own:?}");
        }
    }

    #[test]
    fn a_language_without_words_is_not_found() {
        assert_eq!([find("de-LI"), find("EN"), find("tlh"), find("")], [Some("de-DE"), Some("en-US"), None, None]);
    }

    #[test]
    fn every_locale_has_terms() {
        assert!(locales().count() > 60);
        for locale in locales() {
            let spoken = spoken(locale);
            assert_eq!(spoken.code.0, locale);
            assert_eq!(code(&spoken.terms[0]), locale);
        }
        assert_eq!(spoken("nowhere").terms.len(), 1);
    }
}
