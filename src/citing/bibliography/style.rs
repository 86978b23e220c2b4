//! The styles, mended where the engine misreads them, and parsed once.

use std::collections::BTreeSet;
use std::sync::{LazyLock, OnceLock};

use citationberg::{IndependentStyle, Locale, Style as CslStyle};
use hayagriva::archive::{self, ArchivedStyle};
use serde::Serialize;
use thiserror::Error;

mod mend;

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
        let title_case = mend::title_cased(&csl);
        mend::style(&mut csl);
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
