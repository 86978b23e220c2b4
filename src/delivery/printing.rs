//! References in another style or language than they were published in, for one answer.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde_json::value::RawValue;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::article::damaged;
use super::store::Publication;
use crate::citing::bibliography::{self, Entry, InTextKind, Style, choose_locale, find_locale, locales};
use crate::citing::record::Record;
use crate::db::Conn;
use crate::error::Problem;
use crate::http::fault::{Fault, Faults, Reason, suggestion, text};
use crate::http::query::invalid;
use crate::http::schema;
use crate::http::select::Sparse;
use crate::http::tag::Tag;
use crate::ids::ArticleId;
use crate::library::styles::{self, StyleName};
use crate::publishing::document::{Formatted, PublishedCitation};
use crate::text::references::{Numbers, without_label};

/// A language that references can be printed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocaleTag(&'static str);

impl LocaleTag {
    const PATTERN: &str = "^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}$";

    fn read(tag: &str) -> Result<Self, Reason> {
        let known = is_tag(tag).then(|| find_locale(tag)).flatten();
        known.map(Self).ok_or_else(|| {
            let shown = crate::http::fault::shortened(tag);
            let near = suggestion(&shown, &locales().collect::<Vec<_>>());
            Reason::new("unknown_locale", format!("There are no words for the language {shown:?}.{near}"))
        })
    }
}

/// As [`LocaleTag::PATTERN`] has it.
fn is_tag(text: &str) -> bool {
    let mut parts = text.split(['-', '_']);
    let language = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    (2..=3).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_alphabetic())
        && rest.len() <= 3
        && rest.iter().all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

impl Deserr<Faults> for LocaleTag {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, Self::read)
    }
}

impl PartialSchema for LocaleTag {
    fn schema() -> RefOr<Schema> {
        schema::formed(Self::PATTERN, 35)
    }
}

impl ToSchema for LocaleTag {}

/// How a reader wants the references.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// `None`: in the style that they were published in.
    pub style: Option<StyleName>,
    /// `None`: in the language of the article.
    pub locale: Option<LocaleTag>,
}

impl Wanted {
    /// Whether what was published is what is wanted.
    pub fn is_as_published(&self) -> bool {
        self.style.is_none() && self.locale.is_none()
    }

    /// What answers in another style have to be let go with.
    pub fn tag(&self) -> Option<Tag> {
        self.style.as_ref().map(|_| Tag::all("styles"))
    }

    /// What these wishes come to for a publication.
    ///
    /// # Errors
    /// `invalid_parameter` when there is no such style.
    pub fn printing(&self, conn: &mut Conn, publication: &Publication) -> Result<Printing, Problem> {
        let style = match &self.style {
            Some(name) => styles::style(conn, name.as_str())?
                .map_err(|reason| invalid(vec![Fault::of("style", reason.code, reason.detail)]))?,
            // As publishing does where a style is no longer there.
            None => styles::style(conn, &publication.style)?.unwrap_or_else(|_| Style::vancouver()),
        };
        let language = self.locale.map_or_else(|| publication.language.clone(), |locale| locale.0.to_owned());
        Ok(Printing { style, language, anew: !self.is_as_published() })
    }
}

/// A style and a language for references.
#[derive(Debug, Clone)]
pub struct Printing {
    style: Style,
    language: String,
    /// What was published is not what is wanted.
    anew: bool,
}

impl Printing {
    pub fn style(&self) -> &str {
        self.style.name()
    }

    /// The locale that the references are in.
    pub fn locale(&self) -> &'static str {
        choose_locale(Some(&self.language), self.style.info().default_locale.as_deref())
    }

    /// Whether the text shows the numbers of the references.
    pub fn numbers(&self) -> Numbers {
        if self.style.in_text_kind() == InTextKind::Numeric { Numbers::Shown } else { Numbers::Hidden }
    }

    /// The citations of a publication as they are wanted.
    ///
    /// # Errors
    /// `internal` when what is stored is not what publishing writes.
    pub fn citations(&self, article: ArticleId, stored: &str) -> Result<Vec<PublishedCitation>, Problem> {
        let mut citations = as_published(article, stored)?;
        if self.anew {
            self.print(&mut citations);
        }
        Ok(citations)
    }

    /// The same as JSON.
    ///
    /// # Errors
    /// As [`Self::citations`].
    pub fn citations_text(&self, article: ArticleId, stored: &str) -> Result<String, Problem> {
        serde_json::to_string(&self.citations(article, stored)?).map_err(Problem::internal)
    }

    /// The same within an article that has them.
    ///
    /// # Errors
    /// As [`Self::citations`].
    pub fn raw(&self, article: ArticleId, stored: Option<Box<RawValue>>) -> Result<Option<Box<RawValue>>, Problem> {
        let Some(stored) = stored else { return Ok(None) };
        let text = self.citations_text(article, stored.get())?;
        RawValue::from_string(text).map(Some).map_err(Problem::internal)
    }

    /// As [`Self::raw`], where something else than what was published is wanted.
    ///
    /// # Errors
    /// As [`Self::citations`].
    pub fn raw_if_anew(
        &self,
        article: ArticleId,
        stored: Option<Box<RawValue>>,
    ) -> Result<Option<Box<RawValue>>, Problem> {
        if self.anew { self.raw(article, stored) } else { Ok(stored) }
    }

    /// One record by itself, as text and as HTML, without a number.
    pub fn alone(&self, record: &Record) -> (String, String) {
        let entry = bibliography::format(&self.style, Some(&self.language), &[(1, record)]).pop();
        let Some(Entry { label, text, html, .. }) = entry else { return (String::new(), String::new()) };
        let text = text.strip_prefix(&label).unwrap_or(&text).trim_start().to_owned();
        (text, without_label(&html, &label).to_owned())
    }

    fn print(&self, citations: &mut [PublishedCitation]) {
        let records: Vec<Record> = citations.iter().map(|citation| citation.study.record()).collect();
        let numbered: Vec<(u32, &Record)> = citations.iter().map(|citation| citation.number).zip(&records).collect();
        let entries = bibliography::format(&self.style, Some(&self.language), &numbered);
        let mut formatted = Formatted::by_number(self.style.name(), entries);
        for citation in citations {
            if let Some(formatted) = formatted.remove(&citation.number) {
                citation.formatted = formatted;
            }
        }
    }
}

/// The citations of a publication as they were published.
///
/// # Errors
/// `internal` when what is stored is not what publishing writes.
pub fn as_published(article: ArticleId, stored: &str) -> Result<Vec<PublishedCitation>, Problem> {
    serde_json::from_str(stored).map_err(|error| damaged(article, error))
}

impl Sparse for PublishedCitation {
    const FIELDS: &'static [&'static str] = &[
        "number",
        "key",
        "study",
        "study.id",
        "study.key",
        "study.title",
        "study.year",
        "study.doi",
        "study.pmid",
        "study.pmcid",
        "study.isbn",
        "study.design",
        "study.review",
        "study.sample_size",
        "study.follow_up",
        "study.funding",
        "study.conflicts_of_interest",
        "study.open_access_url",
        "study.retraction",
        "study.completeness",
        "study.completeness.complete",
        "study.completeness.missing",
        "study.csl",
        "evidence_level",
        "evidence_level_default",
        "formatted",
        "formatted.style",
        "formatted.position",
        "formatted.label",
        "formatted.text",
        "formatted.html",
        "cited_in",
        "places",
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_one_that_there_are_words_for() {
        assert_eq!(LocaleTag::read("de"), Ok(LocaleTag("de-DE")));
        assert_eq!(LocaleTag::read("pt-br"), Ok(LocaleTag("pt-BR")));
        for unknown in ["tlh", "", "d", "de-", "de--DE", "german", "de-Latn-DE-x-more"] {
            assert_eq!(LocaleTag::read(unknown).map_err(|reason| reason.code), Err("unknown_locale"), "{unknown}");
        }
        assert!(LocaleTag::read("de-DEE-").unwrap_err().detail.contains("\"de-DE\""));
    }
}
