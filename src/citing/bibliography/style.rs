//! The styles: those that are bundled, by name, and uploaded ones; each mended where the engine misreads it.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use citationberg::IndependentStyle;
use hayagriva::archive::ArchivedStyle;
use serde::{Serialize, Serializer};
use thiserror::Error;

mod mend;
mod prepared;
mod registry;
mod upload;
mod weight;
mod xml;

#[cfg(test)]
mod tests;

pub(super) use prepared::Prepared;
pub use upload::{MOST_BYTES, StyleFault};

/// A CSL style that ibid can format in: a handle that is cheap to clone.
#[derive(Clone)]
pub struct Style(Arc<Held>);

struct Held {
    info: StyleInfo,
    source: Source,
}

enum Source {
    /// Parsed when first used.
    Archive(ArchivedStyle, Box<OnceLock<Option<Prepared>>>),
    Upload(Box<Prepared>),
    /// The formatting of another style under a title of its own.
    Parent(Style),
}

/// What one can know of a style without formatting in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StyleInfo {
    /// The name in addresses and answers; of an uploaded style the last part of its id.
    pub name: String,
    /// Other names that [`Style::parse`] knows it by.
    pub aliases: Vec<String>,
    /// The title as its authors give it.
    pub title: String,
    /// A shorter title or an abbreviation, if the style has one.
    pub short_title: Option<String>,
    /// The id inside the style, usually an address.
    pub id: String,
    /// How it cites.
    pub class: StyleClass,
    /// Under which terms the style may be used and passed on.
    pub licence: Licence,
    /// The language it is meant for, if it says one.
    pub default_locale: Option<String>,
    /// Whether it says how references look; entries of a style without are plain ones (see [`super::Entry::degraded`]).
    pub has_bibliography: bool,
    /// SHA-256 of the style's content, in hexadecimal digits.
    pub hash: String,
    /// The style that formats for it, if it only names another one.
    pub parent: Option<String>,
}

/// How a style cites in running text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StyleClass {
    /// By number: `[1]`.
    Numeric,
    /// By author and year: `(Majid, 2009)`.
    AuthorDate,
    /// By author: `(Majid)`.
    Author,
    /// By a label made of name and year: `[Maj09]`.
    Label,
    /// In a note.
    Note,
}

/// The terms of use of a style.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Licence {
    /// Its name or its words; empty if the style says none.
    pub text: String,
    /// Where it can be read.
    pub url: Option<String>,
}

/// What stands in running text where something is cited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InTextKind {
    /// The number of the entry. Note styles are among these: where a footnote would stand, ibid shows the entry's number.
    Numeric,
    /// Words, from [`super::in_text`].
    Words,
}

/// There is no style of this name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no style {name:?}{}", nearest.map(|n| format!("; did you mean {n:?}?")).unwrap_or_default())]
pub struct UnknownStyle {
    /// The name asked for.
    pub name: String,
    /// The likeliest meant.
    pub nearest: Option<&'static str>,
}

/// The bundled styles, in alphabetical order of their names.
pub fn bundled() -> impl Iterator<Item = &'static StyleInfo> {
    registry::all().iter().map(|style| &style.0.info)
}

/// Every name that a bundled style has, aliases among them, in no order.
pub fn bundled_names() -> impl Iterator<Item = &'static str> {
    registry::names()
}

impl Style {
    /// The default: National Library of Medicine, citation-sequence (*Citing Medicine*, ICMJE).
    pub fn vancouver() -> Self {
        registry::named("vancouver").cloned().unwrap_or_else(registry::fallback)
    }

    /// The bundled style of a name, e.g. `vancouver`, or of an alias, e.g. `ama`.
    ///
    /// # Errors
    /// [`UnknownStyle`], with the nearest name.
    pub fn parse(name: &str) -> Result<Self, UnknownStyle> {
        registry::named(name)
            .cloned()
            .ok_or_else(|| UnknownStyle { name: name.to_owned(), nearest: registry::nearest(name) })
    }

    /// Reads a `.csl` file: an independent style, or one that names a bundled style as its parent. A style without a
    /// bibliography is one whose entries are plain (see [`StyleInfo::has_bibliography`]).
    ///
    /// Takes bounded time and memory, and what it accepts formats in bounded time, whatever the file holds.
    ///
    /// # Errors
    /// What is wrong with the file, as far as could be read.
    pub fn upload(xml: &str) -> Result<Self, Vec<StyleFault>> {
        upload::read(xml)
    }

    /// The same style under another name.
    pub fn named(self, name: &str) -> Self {
        let info = StyleInfo { name: name.to_owned(), ..self.info().clone() };
        let source = match Arc::try_unwrap(self.0) {
            Ok(held) => held.source,
            Err(shared) => Source::Parent(Self(shared)),
        };
        Self(Arc::new(Held { info, source }))
    }

    /// What one can know of the style without formatting in it.
    pub fn info(&self) -> &StyleInfo {
        &self.0.info
    }

    /// The name in addresses and answers.
    pub fn name(&self) -> &str {
        &self.0.info.name
    }

    /// What the style is called by those who use it.
    pub fn title(&self) -> &str {
        &self.0.info.title
    }

    /// SHA-256 of the style's content, in hexadecimal digits.
    ///
    /// What a record looks like follows from this, the record, the locale and the version of ibid.
    pub fn hash(&self) -> &str {
        &self.0.info.hash
    }

    /// How it cites.
    pub fn class(&self) -> StyleClass {
        self.0.info.class
    }

    /// What stands in running text where something is cited.
    pub fn in_text_kind(&self) -> InTextKind {
        match self.class() {
            StyleClass::Numeric | StyleClass::Note => InTextKind::Numeric,
            StyleClass::AuthorDate | StyleClass::Author | StyleClass::Label => InTextKind::Words,
        }
    }

    /// Whether entries carry their number.
    pub fn is_numeric(&self) -> bool {
        self.prepared().is_some_and(|prepared| prepared.label.is_some())
    }

    /// The style ready for the engine; `None` if it cannot be read, which a test excludes for bundled ones.
    pub(super) fn prepared(&self) -> Option<&Prepared> {
        match &self.0.source {
            Source::Archive(archived, cell) => {
                cell.get_or_init(|| prepared::prepared(&archived.get(), self.class())).as_ref()
            }
            Source::Upload(prepared) => Some(prepared),
            Source::Parent(parent) => parent.prepared(),
        }
    }

    fn archived(info: StyleInfo, archived: ArchivedStyle) -> Self {
        Self(Arc::new(Held { info, source: Source::Archive(archived, Box::default()) }))
    }

    fn uploaded(info: StyleInfo, prepared: Prepared) -> Self {
        Self(Arc::new(Held { info, source: Source::Upload(Box::new(prepared)) }))
    }

    fn dependent(info: StyleInfo, parent: Self) -> Self {
        Self(Arc::new(Held { info, source: Source::Parent(parent) }))
    }
}

/// How a style cites, from what it says of itself or, failing that, from what it prints.
fn class(csl: &IndependentStyle) -> StyleClass {
    use citationberg::{CitationFormat, StyleCategory};
    let said = csl.info.category.iter().find_map(|category| match category {
        StyleCategory::CitationFormat { format } => Some(*format),
        StyleCategory::Field { .. } => None,
    });
    match said {
        Some(CitationFormat::Numeric) => StyleClass::Numeric,
        Some(CitationFormat::AuthorDate) => StyleClass::AuthorDate,
        Some(CitationFormat::Author) => StyleClass::Author,
        Some(CitationFormat::Label) => StyleClass::Label,
        Some(CitationFormat::Note) => StyleClass::Note,
        None if csl.settings.class == citationberg::StyleClass::Note => StyleClass::Note,
        None => printed_class(csl),
    }
}

fn printed_class(csl: &IndependentStyle) -> StyleClass {
    use citationberg::taxonomy::{DateVariable, NumberVariable, StandardVariable, Variable};
    let prints = |variable: Variable| {
        csl.citation.layout.elements.iter().any(|e| e.find_variable_element(variable, &csl.macros).is_some())
    };
    if prints(Variable::Number(NumberVariable::CitationNumber)) {
        StyleClass::Numeric
    } else if prints(Variable::Standard(StandardVariable::CitationLabel)) {
        StyleClass::Label
    } else if prints(Variable::Date(DateVariable::Issued)) {
        StyleClass::AuthorDate
    } else {
        StyleClass::Author
    }
}

impl PartialEq for Style {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name() && self.hash() == other.hash()
    }
}

impl Eq for Style {}

impl Hash for Style {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.info.hash.hash(state);
    }
}

impl fmt::Debug for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Style").field(&self.name()).finish()
    }
}

impl Serialize for Style {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
