//! Languages of articles.

crate::formed_text! {
    /// A language tag: the common part of BCP 47 (RFC 5646), a language with optional script and region,
    /// written the usual way (`en`, `pt-BR`, `zh-Hant-TW`).
    Language, r"^[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?$", 11, "invalid_language",
    "a language tag such as en, pt-BR or zh-Hant", is_language
}

fn is_language(text: &str) -> bool {
    let mut parts = text.split('-').peekable();
    let language = parts.next().unwrap_or_default();
    if !((2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_lowercase())) {
        return false;
    }
    let is_script = |part: &&str| {
        part.len() == 4
            && part.starts_with(|c: char| c.is_ascii_uppercase())
            && part.bytes().skip(1).all(|b| b.is_ascii_lowercase())
    };
    let is_region = |part: &&str| {
        (part.len() == 2 && part.bytes().all(|b| b.is_ascii_uppercase()))
            || (part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit()))
    };
    parts.next_if(is_script);
    parts.next_if(is_region);
    parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_tags_in_their_usual_form_only() {
        for good in ["en", "pt-BR", "zh-Hant", "zh-Hant-TW", "es-419", "gsw"] {
            assert!(Language::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "e", "EN", "en-us", "en_US", "english", "en-", "en-US-x", "en-Latn-Latn"] {
            assert!(Language::parse(bad).is_err(), "{bad}");
        }
    }
}
