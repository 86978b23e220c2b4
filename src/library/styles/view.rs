//! What the API tells of a citation style.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::StyleName;
use crate::citing::bibliography::{StyleClass, StyleInfo};
use crate::http::select::Sparse;

crate::words! {
    /// How a style cites in running text.
    CitationClass {
        /// By number.
        Numeric = "numeric",
        /// By author and year.
        AuthorDate = "author_date",
        /// By author.
        Author = "author",
        /// By a label made of name and year.
        Label = "label",
        /// In a note; ibid shows the number of the reference where the note would be.
        Note = "note",
    }
}

impl From<StyleClass> for CitationClass {
    fn from(class: StyleClass) -> Self {
        match class {
            StyleClass::Numeric => Self::Numeric,
            StyleClass::AuthorDate => Self::AuthorDate,
            StyleClass::Author => Self::Author,
            StyleClass::Label => Self::Label,
            StyleClass::Note => Self::Note,
        }
    }
}

crate::words! {
    /// Where a style comes from.
    StyleSource {
        /// It comes with ibid.
        Bundled = "bundled",
        /// An editor uploaded it.
        Uploaded = "uploaded",
    }
}

/// A citation style.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StyleView {
    /// Names it in `style` and in addresses.
    #[schema(max_length = 100, pattern = "^[a-z0-9]+(?:[-_.][a-z0-9]+)*$", example = "american-medical-association")]
    pub name: String,
    /// As its authors give it.
    #[schema(max_length = 500, example = "American Medical Association 11th edition")]
    pub title: String,
    /// A shorter title or an abbreviation.
    #[schema(max_length = 500, example = "AMA")]
    pub short_title: Option<String>,
    /// Other names that it has in `style`.
    #[schema(max_items = 100, value_type = Vec<StyleAlias>, example = json!(["ama"]))]
    pub aliases: Vec<String>,
    pub class: CitationClass,
    pub source: StyleSource,
    pub licence: StyleLicence,
    /// The language that it is meant for; null when it is for any.
    #[schema(max_length = 500, example = "en-US")]
    pub default_locale: Option<String>,
    /// Whether it says how references look; those of a style without are plain.
    pub has_bibliography: bool,
    /// The bundled style that formats for it, when it only names another one.
    #[schema(max_length = 100, example = "apa")]
    pub parent: Option<String>,
    /// The id inside the style.
    #[schema(max_length = 500, example = "http://www.zotero.org/styles/american-medical-association")]
    pub id: String,
}

impl Sparse for StyleView {
    const FIELDS: &'static [&'static str] = &[
        "name",
        "title",
        "short_title",
        "aliases",
        "class",
        "source",
        "licence",
        "licence.name",
        "licence.url",
        "default_locale",
        "has_bibliography",
        "parent",
        "id",
    ];
}

/// Under which terms a style may be used and passed on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StyleLicence {
    /// Its name or its words; null when the style says none.
    #[schema(max_length = 500, example = "Creative Commons Attribution-ShareAlike 3.0 Unported")]
    pub name: Option<String>,
    /// Where it can be read.
    #[schema(max_length = 500, example = "https://creativecommons.org/licenses/by-sa/3.0/")]
    pub url: Option<String>,
}

/// Another name of a style.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 100, pattern = "^[a-z0-9]+(?:[-_.][a-z0-9]+)*$", example = "ama")]
pub struct StyleAlias(#[expect(dead_code, reason = "only its schema is used")] String);

impl StyleView {
    pub fn of(info: &StyleInfo, source: StyleSource) -> Self {
        Self {
            name: info.name.clone(),
            title: info.title.clone(),
            short_title: info.short_title.clone(),
            aliases: info.aliases.iter().filter(|alias| StyleName::parse(alias).is_ok()).cloned().collect(),
            class: info.class.into(),
            source,
            licence: StyleLicence {
                name: Some(info.licence.text.clone()).filter(|name| !name.is_empty()),
                url: info.licence.url.clone(),
            },
            default_locale: info.default_locale.clone(),
            has_bibliography: info.has_bibliography,
            parent: info.parent.clone(),
            id: info.id.clone(),
        }
    }
}
