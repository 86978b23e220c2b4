//! The styles, mended where the engine misreads them, and parsed once.

use std::collections::BTreeSet;
use std::sync::{LazyLock, OnceLock};

use citationberg::{IndependentStyle, Locale, Style as CslStyle};
use hayagriva::archive::{self, ArchivedStyle};
use serde::Serialize;
use serde_json::{Map, Value, json};
use thiserror::Error;

/// A CSL style that ibid can format in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Style {
    /// National Library of Medicine, citation-sequence (*Citing Medicine*, ICMJE).
    Vancouver,
    /// American Medical Association, 11th edition.
    AmericanMedicalAssociation,
    /// American Psychological Association, 7th edition. Author-date: entries are formatted one by one, without year suffixes.
    Apa,
    /// Nature.
    Nature,
    /// Institute of Electrical and Electronics Engineers.
    Ieee,
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

/// A style ready for the engine.
pub(super) struct Prepared {
    /// `None` for a style that only names another one; no archived style that we offer does (a test holds it).
    pub csl: Option<IndependentStyle>,
    /// Variables that the style puts in title case wherever it prints them.
    pub title_case: BTreeSet<String>,
    /// Whether the engine prints seasons correctly in this style.
    pub seasons: bool,
    /// The number as the style prints it, with `#` for the number; empty in styles without numbers.
    label: &'static str,
}

impl Style {
    /// All styles.
    pub const ALL: [Self; 5] = [Self::Vancouver, Self::AmericanMedicalAssociation, Self::Apa, Self::Nature, Self::Ieee];

    /// The style of a name, e.g. `vancouver`; `ama` is read as `american-medical-association`.
    ///
    /// # Errors
    /// [`UnknownStyle`], with the nearest name.
    pub fn parse(name: &str) -> Result<Self, UnknownStyle> {
        if name == "ama" {
            return Ok(Self::AmericanMedicalAssociation);
        }
        Self::ALL.into_iter().find(|style| style.name() == name).ok_or_else(|| {
            let scored = Self::ALL.into_iter().map(|s| (strsim::jaro_winkler(name, s.name()), s.name()));
            let best = scored.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|best| best.0 > 0.8);
            UnknownStyle { name: name.to_owned(), nearest: best.map(|best| best.1) }
        })
    }

    /// The name in addresses and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vancouver => "vancouver",
            Self::AmericanMedicalAssociation => "american-medical-association",
            Self::Apa => "apa",
            Self::Nature => "nature",
            Self::Ieee => "ieee",
        }
    }

    /// What the style is called by those who use it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Vancouver => "NLM/Vancouver: Citing Medicine 2nd edition (citation-sequence)",
            Self::AmericanMedicalAssociation => "American Medical Association 11th edition",
            Self::Apa => "American Psychological Association 7th edition",
            Self::Nature => "Nature",
            Self::Ieee => "IEEE",
        }
    }

    /// Whether entries carry their number.
    pub fn is_numeric(self) -> bool {
        !self.label().is_empty()
    }

    fn label(self) -> &'static str {
        match self {
            Self::Vancouver | Self::AmericanMedicalAssociation | Self::Nature => "#.",
            Self::Ieee => "[#]",
            Self::Apa => "",
        }
    }

    /// The others want the year alone and get the season with it.
    fn prints_seasons(self) -> bool {
        matches!(self, Self::Vancouver | Self::Apa | Self::Ieee)
    }

    fn archived(self) -> ArchivedStyle {
        match self {
            Self::Vancouver => ArchivedStyle::NlmCitationSequence,
            Self::AmericanMedicalAssociation => ArchivedStyle::AmericanMedicalAssociation,
            Self::Apa => ArchivedStyle::AmericanPsychologicalAssociation,
            Self::Nature => ArchivedStyle::Nature,
            Self::Ieee => ArchivedStyle::InstituteOfElectricalAndElectronicsEngineers,
        }
    }

    pub(super) fn prepared(self) -> &'static Prepared {
        static CACHE: [OnceLock<Prepared>; Style::ALL.len()] = [const { OnceLock::new() }; Style::ALL.len()];
        CACHE[self as usize].get_or_init(|| self.prepare())
    }

    fn prepare(self) -> Prepared {
        let original = self.archived().get();
        let mut csl = serde_json::to_value(&original).unwrap_or_default();
        let title_case = title_cased(&csl);
        mend(&mut csl, Place::Body);
        let csl = match serde_json::from_value(csl).unwrap_or(original) {
            CslStyle::Independent(style) => Some(style),
            CslStyle::Dependent(_) => None,
        };
        Prepared { csl, title_case, seasons: self.prints_seasons(), label: self.label() }
    }
}

impl Prepared {
    /// The label of an entry that the engine did not format.
    pub fn plain_label(&self, number: u32) -> String {
        self.label.replace('#', &number.to_string())
    }
}

/// The locales that styles may be printed in.
pub(super) fn locales() -> &'static [Locale] {
    static LOCALES: LazyLock<Vec<Locale>> = LazyLock::new(archive::locales);
    &LOCALES
}

/// Where an element stands: `<names>` inside `<substitute>` inherits its names' form if it has none.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Body,
    Substitute,
}

/// Walks a style (as the engine serialises it: elements are members, attributes begin with `@`) and mends it.
fn mend(element: &mut Value, place: Place) {
    match element {
        Value::Array(items) => {
            for item in items {
                singular_page(item);
                mend(item, place);
            }
        }
        Value::Object(members) => {
            for (name, child) in members.iter_mut() {
                match name.as_str() {
                    "names" => name_the_names(child, place),
                    "text" => mend_text(child),
                    _ => {}
                }
                mend(child, if name == "substitute" { Place::Substitute } else { place });
            }
        }
        _ => {}
    }
}

/// Without a `<name/>` the engine takes names that have other children for empty.
fn name_the_names(names: &mut Value, place: Place) {
    let Some(children) = names.get_mut("$value").and_then(Value::as_array_mut) else { return };
    let has = |child: &str| children.iter().any(|c| c.get(child).is_some());
    let inherits = place == Place::Substitute && !has("et-al") && !has("substitute");
    if !has("name") && !inherits {
        children.insert(0, json!({"name": {}}));
    }
}

/// The engine prints `pp.` for a range even where the style wants `p.` always: then the bare term stands instead.
fn singular_page(item: &mut Value) {
    let Some(label) = item.get("label").and_then(Value::as_object) else { return };
    let is = |name: &str, value: &str| label.get(name).and_then(Value::as_str) == Some(value);
    if is("@variable", "page") && is("@plural", "never") {
        let mut term = label.clone();
        term.remove("@variable");
        term.insert("@term".to_owned(), json!("page"));
        term.insert("@plural".to_owned(), json!(false));
        let branch = json!({"@variable": ["page"], "@match": "all", "$value": [{"text": term}]});
        *item = json!({"choose": {"if": branch, "else-if": []}});
    }
}

/// Title case is applied to the data instead ([`super::case`]); the short container title is a variable of its own.
fn mend_text(text: &mut Value) {
    let Some(text) = text.as_object_mut() else { return };
    if is_title_cased(text) {
        text.remove("@text-case");
    }
    let is = |name: &str, value: &str| text.get(name).and_then(Value::as_str) == Some(value);
    if is("@variable", "container-title") && is("@form", "short") {
        text.insert("@variable".to_owned(), json!("container-title-short"));
        text.insert("@form".to_owned(), json!("long"));
    }
}

fn is_title_cased(text: &Map<String, Value>) -> bool {
    text.get("@text-case").and_then(Value::as_str) == Some("title")
}

/// The variables that a style prints in title case and never otherwise.
fn title_cased(csl: &Value) -> BTreeSet<String> {
    let mut uses = Vec::new();
    collect_texts(csl, &mut uses);
    let (title, other): (Vec<_>, Vec<_>) = uses.into_iter().partition(|(_, title)| *title);
    let other: BTreeSet<String> = other.into_iter().map(|(variable, _)| variable).collect();
    title.into_iter().map(|(variable, _)| variable).filter(|variable| !other.contains(variable)).collect()
}

fn collect_texts(element: &Value, uses: &mut Vec<(String, bool)>) {
    match element {
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, uses)),
        Value::Object(members) => {
            if let Some(text) = members.get("text").and_then(Value::as_object)
                && let Some(variable) = text.get("@variable").and_then(Value::as_str)
                && text.get("@form").and_then(Value::as_str) != Some("short")
            {
                uses.push((variable.to_owned(), is_title_cased(text)));
            }
            members.values().for_each(|child| collect_texts(child, uses));
        }
        _ => {}
    }
}
