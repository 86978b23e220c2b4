//! The languages that an article is published in: its translations, and which of them a reader gets.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::store::translations::TranslationRow;
use crate::error::{Code, Problem};
use crate::http::fault::{Faults, Reason, text};
use crate::http::languages::Offer;
use crate::http::schema;
use crate::ids::ArticleId;
use crate::language::Language;

/// The same article in another language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Translation {
    pub id: ArticleId,
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "microneedling-bei-grossen-poren")]
    pub slug: String,
    /// BCP 47.
    #[schema(max_length = 11, example = "de")]
    pub language: String,
    /// Plain text.
    #[schema(max_length = 300, example = "Microneedling bei großen Poren")]
    pub title: String,
    /// Where it is, in this language whatever `Accept-Language` says.
    #[schema(
        max_length = 200,
        format = "uri-reference",
        example = "/v1/articles/microneedling-bei-grossen-poren?language=de"
    )]
    pub href: String,
}

impl From<TranslationRow> for Translation {
    fn from(row: TranslationRow) -> Self {
        let TranslationRow { id, slug, language, title, .. } = row;
        Self { id, href: format!("/v1/articles/{slug}?language={language}"), slug, language, title }
    }
}

/// Those of the rows that are not the article itself.
pub fn others(rows: &[TranslationRow], article: ArticleId) -> Vec<Translation> {
    rows.iter().filter(|row| row.id != article).cloned().map(Translation::from).collect()
}

/// The languages that a reader takes, the best liked first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Languages {
    named: Vec<Language>,
    /// Whether what the address itself is about will do when none of them is there.
    or_any: bool,
}

/// The most languages that can be named.
const MOST: usize = 50;

impl Languages {
    /// Each is a [`Language`], which has at most 11 characters.
    const PATTERN: &str = concat!(
        r"^(?:\*|(?:[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?|[a-z]{2,3}-[0-9]{3}|[a-z]{2}-[A-Z][a-z]{3}-[0-9]{3})",
        r"(?:,(?:[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?|[a-z]{2,3}-[0-9]{3}|[a-z]{2}-[A-Z][a-z]{3}-[0-9]{3})){0,49}",
        r"(?:,\*)?)$",
    );

    /// What the address itself is about, whatever its language.
    pub fn as_addressed() -> Self {
        Self { named: Vec::new(), or_any: true }
    }

    fn read(given: &str) -> Result<Self, Reason> {
        let mut names: Vec<&str> = given.split(',').collect();
        let or_any = names.pop_if(|last| *last == "*").is_some();
        if names.len() > MOST {
            return Err(Reason::new("too_many", format!("At most {MOST} languages.")));
        }
        let named = names.into_iter().map(Language::parse).collect::<Result<_, _>>()?;
        Ok(Self { named, or_any })
    }
}

impl Deserr<Faults> for Languages {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, Self::read)
    }
}

impl PartialSchema for Languages {
    fn schema() -> RefOr<Schema> {
        schema::formed(Self::PATTERN, 601)
    }
}

impl ToSchema for Languages {}

/// Which translation to give.
#[derive(Debug)]
pub enum Choice {
    /// The language was asked for, or there is nothing to choose from.
    Fixed(ArticleId),
    /// The client's headers chose it: other clients may get another one.
    Negotiated(ArticleId),
}

impl Choice {
    /// The article that is given.
    pub fn article(&self) -> ArticleId {
        match self {
            Self::Fixed(id) | Self::Negotiated(id) => *id,
        }
    }

    /// What `languages` take of the group of the addressed article, else what `liked` chooses of what there is.
    ///
    /// # Errors
    /// `language_not_published` when `languages` take none.
    pub fn of(
        group: &[TranslationRow],
        addressed: ArticleId,
        languages: Option<&Languages>,
        liked: impl FnOnce(&Offer) -> String,
    ) -> Result<Self, Problem> {
        let there = |language: &str| group.iter().find(|row| row.language == language).map(|row| row.id);
        if let Some(Languages { named, or_any }) = languages {
            let found = named.iter().find_map(|language| there(language.as_str()));
            return found.or(or_any.then_some(addressed)).map(Self::Fixed).ok_or_else(|| not_published(group));
        }
        let Some(offer) = offer(group, addressed) else { return Ok(Self::Fixed(addressed)) };
        Ok(Self::Negotiated(there(&liked(&offer)).unwrap_or(addressed)))
    }
}

/// What there is to choose from.
pub fn offer(group: &[TranslationRow], addressed: ArticleId) -> Option<Offer> {
    let language = &group.iter().find(|row| row.id == addressed)?.language;
    Offer::new(group.iter().map(|row| row.language.clone()).collect(), language)
}

fn not_published(group: &[TranslationRow]) -> Problem {
    let languages: Vec<&str> = group.iter().map(|row| row.language.as_str()).collect();
    let detail = format!("The article is published in: {}.", languages.join(", "));
    Problem::new(Code::LanguageNotPublished, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_named_in_order_and_anything_comes_last() {
        let read = |text: &str| Languages::read(text).map(|it| (it.named.len(), it.or_any));
        assert_eq!(read("de"), Ok((1, false)));
        assert_eq!(read("de,en,*"), Ok((2, true)));
        assert_eq!(read("*"), Ok((0, true)));
        for bad in ["", ",", "de,", "*,de", "*,*", "DE", "de;q=1", "de, en", "deutsch"] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
        assert!(read(&vec!["de"; 51].join(",")).is_err() && read(&vec!["de"; 50].join(",")).is_ok());
    }

    #[test]
    fn the_pattern_says_the_same() {
        let pattern = regex::Regex::new(Languages::PATTERN).unwrap();
        let lists = [
            "gsw-Latn-CH",
            "gsw-Latn-756",
            "de-Latn-756",
            "gsw-756",
            "de",
            "de,en,*",
            "*",
            "",
            ",",
            "de,",
            "*,de",
            "*,*",
            "DE",
            "zh-Hant-TW,es-419",
            "de, en",
        ];
        for list in lists.into_iter().map(str::to_owned).chain([vec!["de"; 51].join(","), vec!["de"; 50].join(",")]) {
            assert_eq!(pattern.is_match(&list), Languages::read(&list).is_ok(), "{list:?}");
        }
    }
}
