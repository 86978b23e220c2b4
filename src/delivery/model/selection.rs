//! Which parts of a thing are to be given, and in which forms.

use super::{ArticleFields, Bodies, Includes, StudyFields, StudyIncludes};
use crate::http::fault::Reason;
use crate::http::query::ParseText;
use crate::http::select::Fields;

crate::words! {
    /// What an article can have with it.
    Include {
        /// The sections.
        Sections = "sections",
        /// The citations.
        Citations = "citations",
        /// The approved comments.
        Comments = "comments",
        /// How many published articles each author has.
        Authors = "authors",
        /// The same in other languages; a single article always has them.
        Translations = "translations",
    }
}

impl ParseText for Include {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text).ok_or_else(|| {
            let detail = format!("There is no part {text:?}.{}", crate::http::fault::suggestion(text, Self::WORDS));
            Reason::new("unknown_value", detail)
        })
    }
}

impl Include {
    /// The paths of what it adds.
    fn paths(self) -> &'static [&'static str] {
        match self {
            Self::Sections => &["sections"],
            Self::Citations => &["citations"],
            Self::Comments => &["comments.data", "comments.next"],
            Self::Authors => &["authors.published_articles"],
            Self::Translations => &["translations"],
        }
    }
}

crate::words! {
    /// What a study can have with it.
    StudyInclude {
        /// The published articles that cite it.
        Articles = "articles",
    }
}

impl ParseText for StudyInclude {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text).ok_or_else(|| {
            let detail = format!("There is no part {text:?}.{}", crate::http::fault::suggestion(text, Self::WORDS));
            Reason::new("unknown_value", detail)
        })
    }
}

crate::words! {
    /// A form of the text of a section.
    Body {
        /// Sanitised HTML, its markers links to the numbered references.
        Html = "html",
        /// As it was written, with `[@key]` markers that have the present keys of the studies.
        Markdown = "markdown",
        /// Plain text with the printed markers.
        Text = "text",
        /// A tree of blocks.
        Blocks = "blocks",
    }
}

impl ParseText for Body {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text).ok_or_else(|| {
            let detail = format!("There is no form {text:?}.{}", crate::http::fault::suggestion(text, Self::WORDS));
            Reason::new("unknown_value", detail)
        })
    }
}

/// The forms in which the text of sections is to be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Formats {
    pub html: bool,
    pub markdown: bool,
    pub text: bool,
    pub blocks: bool,
}

impl Default for Formats {
    fn default() -> Self {
        Self { html: true, markdown: false, text: false, blocks: false }
    }
}

impl Formats {
    /// Those that are asked for, else those that `fields` names, else HTML. `within`: where sections stand in the answer.
    pub fn new(bodies: Option<&Bodies>, fields: Option<&Fields>, within: &str) -> Self {
        let of = |wants: &dyn Fn(Body) -> bool| Self {
            html: wants(Body::Html),
            markdown: wants(Body::Markdown),
            text: wants(Body::Text),
            blocks: wants(Body::Blocks),
        };
        let named = |body: Body| fields.is_some_and(|fields| fields.names(&format!("{within}{}", body.as_str())));
        match bodies {
            Some(bodies) => of(&|body| bodies.0.contains(&body)),
            None if of(&named).any() => of(&named),
            None => Self::default(),
        }
    }

    fn any(self) -> bool {
        self.html || self.markdown || self.text || self.blocks
    }

    /// Whether any form but HTML is to be given.
    pub fn beyond_html(self) -> bool {
        self.markdown || self.text || self.blocks
    }
}

/// Which parts of a study are to be given.
#[derive(Debug, Default)]
pub struct StudySelection {
    include: Vec<StudyInclude>,
    pub fields: Option<Fields>,
}

impl StudySelection {
    pub fn new(include: Option<StudyIncludes>, fields: Option<StudyFields>) -> Self {
        Self { include: include.map(|any| any.0).unwrap_or_default(), fields: fields.map(|fields| fields.0) }
    }

    /// Whether the articles are to be read.
    pub fn wants_articles(&self) -> bool {
        match &self.fields {
            None => self.include.contains(&StudyInclude::Articles),
            Some(fields) => fields.reaches("articles"),
        }
    }
}

/// Which parts of an article are to be given.
#[derive(Debug, Default)]
pub struct Selection {
    include: Vec<Include>,
    pub fields: Option<Fields>,
    pub formats: Formats,
}

impl Selection {
    pub fn new(include: Option<Includes>, fields: Option<ArticleFields>, bodies: Option<Bodies>) -> Self {
        let fields = fields.map(|fields| fields.0);
        let formats = Formats::new(bodies.as_ref(), fields.as_ref(), "sections.");
        Self { include: include.map(|any| any.0).unwrap_or_default(), fields, formats }
    }

    /// Whether the part is to be read: it is included, or something of it is named by `fields`, which leaves out the rest.
    pub fn wants(&self, part: Include) -> bool {
        match &self.fields {
            None => self.include.contains(&part),
            Some(fields) => part.paths().iter().any(|path| fields.reaches(path)),
        }
    }

    /// Whether anything about comments is to be given.
    pub fn wants_discussion(&self) -> bool {
        self.fields.as_ref().is_none_or(|fields| fields.reaches("comments"))
    }

    /// Whether nothing but a new publication can change the answer.
    pub fn is_frozen(&self) -> bool {
        !self.wants_discussion() && !self.wants(Include::Authors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_include_agree() {
        let selection = |include: &[Include], fields: &str| {
            let fields = (!fields.is_empty()).then(|| {
                deserr::deserialize::<Fields, _, crate::http::fault::Faults>(serde_json::json!(fields)).unwrap()
            });
            Selection { include: include.to_vec(), fields, formats: Formats::default() }
        };
        assert!(!selection(&[], "").wants(Include::Sections));
        assert!(selection(&[Include::Sections], "").wants(Include::Sections));
        assert!(selection(&[], "sections.heading").wants(Include::Sections));
        assert!(!selection(&[Include::Sections], "title").wants(Include::Sections));
        assert!(selection(&[], "comments").wants(Include::Comments));
        assert!(selection(&[], "authors").wants(Include::Authors));
        assert!(!selection(&[Include::Comments], "comments.count").wants(Include::Comments));
        assert!(!selection(&[Include::Authors], "authors.name").wants(Include::Authors));
        assert!(selection(&[], "comments.data.name").wants(Include::Comments));
        assert!(selection(&[], "title").is_frozen() && !selection(&[], "comments.count").is_frozen());
        assert!(!selection(&[], "").is_frozen() && !selection(&[], "authors.published_articles").is_frozen());
    }

    #[test]
    fn forms_are_those_asked_for_or_named() {
        let fields =
            |text: &str| deserr::deserialize::<Fields, _, crate::http::fault::Faults>(serde_json::json!(text)).unwrap();
        let only = |body: &str| Formats {
            html: body == "html",
            markdown: body == "markdown",
            text: body == "text",
            blocks: body == "blocks",
        };
        assert_eq!(Formats::new(None, None, "sections."), only("html"));
        assert_eq!(Formats::new(None, Some(&fields("title,sections.heading")), "sections."), only("html"));
        assert_eq!(Formats::new(None, Some(&fields("sections.text")), "sections."), only("text"));
        assert_eq!(Formats::new(None, Some(&fields("blocks.type")), ""), only("blocks"));
        let asked = crate::http::query::AnyOf(vec![Body::Markdown]);
        assert_eq!(Formats::new(Some(&asked), Some(&fields("sections.text")), "sections."), only("markdown"));
        assert!(only("text").beyond_html() && !only("html").beyond_html());
    }
}
