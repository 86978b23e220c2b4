//! How running text names a study: `Majid`, `Alster and Graham`, `Juhasz et al.`

use std::collections::HashMap;
use std::sync::LazyLock;

use citationberg::taxonomy::{OtherTerm, Term};
use citationberg::{Locale, TermForm};
use hayagriva::archive;

use super::record::{Name, Record};

/// Most characters of a title that stands for an author.
const MOST: usize = 60;
/// Most characters of one name.
const MOST_NAME: usize = 100;

/// The authors of a study as running text names them, in the language of a text (`en`, `de-AT`; English for others).
///
/// One author, two with the language's "and", of more the first with its "et al."; family names with their particle,
/// institutions whole. Without authors the editors; without these the title, quoted and shortened. `None` for a record
/// that has nothing of all this.
pub fn short_author(record: &Record, locale: &str) -> Option<String> {
    let words = words(locale);
    let authors = record.authors();
    let names = if authors.is_empty() { record.names("editor") } else { authors };
    let shown = |name: &Name<'_>| shortened(&family(name), MOST_NAME);
    match names.as_slice() {
        [] => record.title().map(|title| quoted(title, words)),
        [one] => Some(shown(one)),
        [one, two] => Some(format!("{} {} {}", shown(one), words.and, shown(two))),
        [first, ..] => Some(format!("{} {}", shown(first), words.et_al)),
    }
}

/// The name by which one calls an author.
fn family(name: &Name<'_>) -> String {
    match (name.family, name.literal) {
        (Some(family), _) => {
            [name.non_dropping_particle, Some(family)].into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
        (None, Some(literal)) => literal.to_owned(),
        (None, None) => name.display(),
    }
}

fn quoted(title: &str, words: &Words) -> String {
    format!("{}{}{}", words.open_quote, shortened(&without_tags(title), MOST), words.close_quote)
}

/// At most so many characters, cut between words where there are any.
fn shortened(text: &str, most: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(most) else { return text.to_owned() };
    let cut = text.get(..end).unwrap_or(text);
    let whole = cut.rsplit_once(char::is_whitespace).map_or(cut, |(whole, _)| whole);
    format!("{}…", whole.trim_end_matches([' ', ',', ';', ':', '.', '–', '-']))
}

/// A title without the markup that CSL-JSON allows in it.
fn without_tags(title: &str) -> String {
    const TAGS: [&str; 11] =
        ["<i>", "</i>", "<b>", "</b>", "<sup>", "</sup>", "<sub>", "</sub>", "<sc>", "</sc>", "</span>"];
    let mut plain = title.to_owned();
    while let Some((before, rest)) = plain.split_once("<span")
        && let Some((_, after)) = rest.split_once('>')
    {
        plain = [before, after].concat();
    }
    TAGS.iter().fold(plain, |plain, tag| plain.replace(tag, ""))
}

/// Words of one language, as the CSL locales have them.
struct Words {
    and: String,
    et_al: String,
    open_quote: String,
    close_quote: String,
}

impl Words {
    fn of(locale: &Locale) -> Option<Self> {
        let term = |term| Some(locale.term(Term::Other(term), TermForm::Long)?.single()?.to_owned());
        Some(Self {
            and: term(OtherTerm::And)?,
            et_al: term(OtherTerm::EtAl)?,
            open_quote: term(OtherTerm::OpenQuote)?,
            close_quote: term(OtherTerm::CloseQuote)?,
        })
    }

    fn english() -> Self {
        let [and, et_al, open_quote, close_quote] = ["and", "et al.", "“", "”"].map(str::to_owned);
        Self { and, et_al, open_quote, close_quote }
    }
}

/// By language and by language with country, both in lower case.
static WORDS: LazyLock<HashMap<String, Words>> = LazyLock::new(|| {
    let mut by_language = HashMap::new();
    for locale in archive::locales() {
        let Some(code) = locale.lang.as_ref().map(|code| code.0.to_lowercase()) else { continue };
        let language = code.split('-').next().unwrap_or(&code).to_owned();
        for name in [language, code] {
            if let Some(words) = Words::of(&locale) {
                by_language.entry(name).or_insert(words);
            }
        }
    }
    by_language
});

static ENGLISH: LazyLock<Words> = LazyLock::new(Words::english);

fn words(locale: &str) -> &'static Words {
    let code = locale.to_lowercase().replace('_', "-");
    let language = code.split('-').next().unwrap_or(&code);
    let found = || WORDS.get(&code).or_else(|| WORDS.get(language));
    if language == "en" { &ENGLISH } else { found().unwrap_or(&ENGLISH) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn short(record: Value, locale: &str) -> Option<String> {
        short_author(&Record::stored(record.as_object().cloned().unwrap_or_default()), locale)
    }

    fn by(families: &[&str]) -> Value {
        json!({ "author": families.iter().map(|family| json!({ "family": family })).collect::<Vec<_>>() })
    }

    #[test]
    fn authors() {
        let one = |record| short(record, "en").unwrap_or_default();
        assert_eq!(one(by(&["Majid"])), "Majid");
        assert_eq!(one(by(&["Alster", "Graham"])), "Alster and Graham");
        assert_eq!(one(by(&["Juhasz", "Cohen", "X"])), "Juhasz et al.");
        assert_eq!(one(json!({ "author": [{ "literal": "World Health Organization" }] })), "World Health Organization");
        let beethoven = json!({ "author": [{ "family": "Beek", "given": "A", "non-dropping-particle": "van der" }] });
        assert_eq!(one(beethoven), "van der Beek");
        assert_eq!(one(json!({ "author": [{ "family": "Campe", "dropping-particle": "von" }] })), "Campe");
        assert_eq!(one(json!({ "author": [{ "given": "Plato" }] })), "Plato");
        assert_eq!(one(json!({ "editor": [{ "family": "Ed" }], "title": "T" })), "Ed");
        assert_eq!(short(json!({ "type": "book" }), "en"), None);
    }

    #[test]
    fn languages() {
        let both = |locale| short(by(&["A", "B"]), locale).unwrap_or_default();
        assert_eq!(both("de"), "A und B");
        assert_eq!(both("de-AT"), "A und B");
        assert_eq!(both("de-LI"), "A und B");
        assert_eq!(both("fr_CA"), "A et B");
        assert_eq!(both("EN-gb"), "A and B");
        assert_eq!(both("tlh"), "A and B");
        assert_eq!(short(by(&["A", "B", "C"]), "fr").as_deref(), Some("A et al."));
    }

    #[test]
    fn titles_stand_for_authors() {
        let title = |title: &str, locale| short(json!({ "title": title }), locale).unwrap_or_default();
        assert_eq!(title("Acne", "en"), "“Acne”");
        assert_eq!(title("Acne", "de"), "„Acne“");
        assert_eq!(
            title("<i>P. acnes</i> and <span style=\"font-variant:small-caps;\">x</span>", "en"),
            "“P. acnes and x”"
        );
        assert_eq!(
            title("Microneedling therapy in atrophic facial scars: an objective assessment", "en"),
            "“Microneedling therapy in atrophic facial scars: an…”"
        );
        assert_eq!(title(&"x".repeat(300), "en").chars().count(), MOST + 3);
        let long = json!({ "author": [{ "literal": "Agency ".repeat(100) }] });
        assert!(short(long, "en").is_some_and(|name| name.chars().count() <= MOST_NAME + 1));
    }
}
