//! What styles are looked for by.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::StyleView;
use crate::http::fault::{Faults, Reason, text};
use crate::text::search::{fold, words};

/// The most characters of a query.
const MOST_CHARACTERS: usize = 200;

/// Words with which words in the names and titles of a style have to begin: each with one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StyleQuery(Vec<String>);

impl StyleQuery {
    /// Reads it.
    ///
    /// # Errors
    /// `too_long`, `nothing_to_search_for`.
    pub fn parse(query: &str) -> Result<Self, Reason> {
        let length = query.chars().count();
        if length > MOST_CHARACTERS {
            let detail = format!("At most {MOST_CHARACTERS} characters, this has {length}.");
            return Err(Reason::new("too_long", detail));
        }
        match folded(query).collect::<Vec<String>>() {
            none if none.is_empty() => {
                Err(Reason::new("nothing_to_search_for", "There is no word in it to search for."))
            }
            words => Ok(Self(words)),
        }
    }

    /// Whether the style is one of those that are looked for.
    pub fn finds(&self, style: &StyleView) -> bool {
        let texts = [&style.name, &style.title].into_iter().chain(&style.short_title).chain(&style.aliases);
        let there: Vec<String> = texts.flat_map(|text| folded(text)).collect();
        self.0.iter().all(|word| there.iter().any(|there| there.starts_with(word)))
    }
}

/// The words of a text, whatever the case and the accents of their letters.
fn folded(text: &str) -> impl Iterator<Item = String> {
    let folded = words(text).map(|at| fold(text.get(at).unwrap_or_default()));
    folded.filter(|word| !word.is_empty())
}

impl Deserr<Faults> for StyleQuery {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, Self::parse)
    }
}

impl PartialSchema for StyleQuery {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1));
        // Which characters are of words is not for a pattern to say.
        text.max_length(Some(MOST_CHARACTERS)).pattern(Some(r"^[\s\S]*$")).into()
    }
}

impl ToSchema for StyleQuery {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::citing::bibliography::bundled;
    use crate::library::styles::StyleSource;

    fn found(query: &str) -> Vec<&'static str> {
        let query = StyleQuery::parse(query).unwrap();
        let found = bundled().filter(|info| query.finds(&StyleView::of(info, StyleSource::Bundled)));
        found.map(|info| info.name.as_str()).collect()
    }

    #[test]
    fn words_begin_words_of_names_and_titles() {
        assert_eq!(found("ama"), ["american-medical-association"]);
        assert_eq!(found("MEDICAL americ"), ["american-medical-association"]);
        assert_eq!(found("11th edition ama"), ["american-medical-association"]);
        assert_eq!(found("edical"), Vec::<&str>::new());
        assert_eq!(found("ama chicago"), Vec::<&str>::new());
        assert_eq!(found("deutsche fur psychologie"), found("Deutsche für Psychologie"));
        assert!(found("vancouver").len() > 3);
        for (wrong, code) in
            [("", "nothing_to_search_for"), ("- !", "nothing_to_search_for"), (&*"a".repeat(201), "too_long")]
        {
            assert_eq!(StyleQuery::parse(wrong).unwrap_err().code, code, "{wrong}");
        }
    }
}
