//! Letters of any script in ASCII, as the language that they are in writes them where it cannot have its own. What a language has
//! no rule for is written as in most.

use deunicode::deunicode_with_tofu;
use unicode_normalization::UnicodeNormalization;

/// What stands for what, in lower case; longer ones first.
type Rules = &'static [(&'static str, &'static str)];

/// DIN 5007-2 and the passports of the German-speaking countries. (`ß` is `ss` everywhere.)
const GERMAN: Rules = &[("ä", "ae"), ("ö", "oe"), ("ü", "ue")];
/// As Danish and Norwegian write without their last letters. (`æ` is `ae` everywhere.)
const DANISH: Rules = &[("ø", "oe"), ("å", "aa")];
/// The Transliteration Act of 2009.
const BULGARIAN: Rules = &[("щ", "sht"), ("ъ", "a"), ("ь", "y"), ("й", "y"), ("ю", "yu"), ("я", "ya"), ("х", "h")];
/// Resolution 55 of 2010, within words.
const UKRAINIAN: Rules = &[
    ("зг", "zgh"),
    ("г", "h"),
    ("ґ", "g"),
    ("и", "y"),
    ("ї", "i"),
    ("є", "ie"),
    ("й", "i"),
    ("ю", "iu"),
    ("я", "ia"),
    ("ь", ""),
    ("’", ""),
    ("'", ""),
];
/// The same at the beginning of words.
const UKRAINIAN_FIRST: Rules = &[("ї", "yi"), ("є", "ye"), ("й", "y"), ("ю", "yu"), ("я", "ya")];
/// The Latin alphabet that Serbian is written in as well, without its marks.
const SERBIAN: Rules = &[
    ("ж", "z"),
    ("ч", "c"),
    ("ш", "s"),
    ("ц", "c"),
    ("х", "h"),
    ("ћ", "c"),
    ("џ", "dz"),
    ("ђ", "dj"),
    ("љ", "lj"),
    ("њ", "nj"),
];
/// ELOT 743, transcription.
const GREEK: Rules = &[
    ("ου", "ou"),
    ("ού", "ou"),
    ("αυ", "av"),
    ("αύ", "av"),
    ("ευ", "ev"),
    ("εύ", "ev"),
    ("γγ", "ng"),
    ("γξ", "nx"),
    ("γχ", "nch"),
    ("β", "v"),
    ("η", "i"),
    ("ή", "i"),
    ("υ", "y"),
    ("ύ", "y"),
    ("ϋ", "y"),
    ("φ", "f"),
    ("χ", "ch"),
];
const AZERBAIJANI: Rules = &[("ə", "e")];
const NONE: Rules = &[];

/// The rules of a language: within words, and for what is otherwise at their beginning.
fn rules(language: &str) -> (Rules, Rules) {
    let within = match primary(language).as_str() {
        "de" => GERMAN,
        "da" | "no" | "nb" | "nn" => DANISH,
        "bg" => BULGARIAN,
        "uk" => return (UKRAINIAN, UKRAINIAN_FIRST),
        "sr" => SERBIAN,
        "el" => GREEK,
        "az" => AZERBAIJANI,
        _ => NONE,
    };
    (within, NONE)
}

fn primary(language: &str) -> String {
    language.split('-').next().unwrap_or_default().to_ascii_lowercase()
}

/// The text in ASCII, in lower case; a blank for what cannot be written so. In Japanese that is what is written in Chinese
/// characters: how they are read is not in them.
pub fn ascii(text: &str, language: &str) -> String {
    let (within, first) = rules(language);
    let is_japanese = primary(language) == "ja";
    // A letter and its mark are one, however they were typed.
    let lower = text.nfc().collect::<String>().to_lowercase();
    let mut written = String::with_capacity(lower.len());
    let mut rest = lower.as_str();
    let mut in_word = false;
    while let Some(next) = rest.chars().next() {
        let rule = |rules: Rules| rules.iter().find(|(letters, _)| rest.starts_with(letters)).copied();
        let found = if in_word { rule(within) } else { rule(first).or_else(|| rule(within)) };
        in_word = next.is_alphanumeric() || (in_word && matches!(next, '\'' | '’'));
        let (length, stands) = match found {
            Some((letters, stands)) => (letters.len(), Some(stands)),
            None => (next.len_utf8(), None),
        };
        match stands {
            Some(stands) => written.push_str(stands),
            None if is_japanese && is_han(next) => written.push(' '),
            None => written.push(next),
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    deunicode_with_tofu(&written, " ").to_ascii_lowercase()
}

/// Whether it is a Chinese character (the unified ideographs of Unicode).
fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_language_has_its_own_way() {
        for (language, text, written) in [
            ("de", "Größe über Öl", "groesse ueber oel"),
            ("de-AT", "ÄRZTE", "aerzte"),
            ("de", "Mu\u{308}sli", "muesli"),
            ("en", "Größe", "grosse"),
            ("sv", "Åtgärd för öga", "atgard for oga"),
            ("da", "Blåbærgrød", "blaabaergroed"),
            ("nb", "Søvn på Ås", "soevn paa aas"),
            ("fr", "Cœur brûlé", "coeur brule"),
            ("tr", "Işık", "isik"),
            ("az", "Ürək", "urek"),
            ("bg", "Щастие и здраве", "shtastie i zdrave"),
            ("bg", "България", "balgariya"),
            ("uk", "Згорани Її Юлія", "zghorany yii yuliia"),
            ("uk", "Здоров’я", "zdorovia"),
            ("sr", "Живот и здравље", "zivot i zdravlje"),
            ("ru", "Кожа", "kozha"),
            ("el", "Υγεία του αυτιού", "ygeia tou avtiou"),
            ("pl", "Żółć", "zolc"),
            ("zh", "微针", "wei zhen"),
        ] {
            assert_eq!(ascii(text, language), written, "{language}: {text}");
        }
    }

    #[test]
    fn how_japanese_characters_are_read_is_not_guessed() {
        assert_eq!(ascii("美容 LED 2024", "ja").split_whitespace().collect::<Vec<_>>(), ["led", "2024"]);
    }

    proptest! {
        #[test]
        fn what_comes_is_ascii(text in any::<String>(), language in "(de|da|bg|uk|sr|el|az|ja|zh|en-GB|)") {
            let written = ascii(&text, &language);
            prop_assert!(written.is_ascii());
            prop_assert!(!written.bytes().any(|b| b.is_ascii_uppercase()));
        }
    }
}
