//! The closed list of rules, and what a site makes of them.

use std::collections::BTreeMap;

use serde::Serialize;

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth a look.
    Info,
    /// Should be mended.
    Warning,
    /// Must be mended, or acknowledged, before the article is published.
    Error,
}

macro_rules! rules {
    ($($name:ident, $code:literal, $severity:ident, $title:literal, $help:literal;)*) => {
        /// What the check looks for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Rule {
            $(#[doc = $title] $name,)*
        }

        impl Rule {
            /// Every rule, in the order in which findings at one place are listed.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable name, for API answers and settings.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What it finds, in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// Why it matters and what to do.
            pub fn help(self) -> &'static str {
                match self { $(Self::$name => $help,)* }
            }

            /// The severity without a setting.
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }
        }
    };
}

rules! {
    DanglingMarker, "dangling_marker", Error,
        "A marker names no study of the library.",
        "Readers would see a question mark instead of a number. Correct the key, or add the study to the library.";
    DoubtfulMarker, "doubtful_marker", Warning,
        "A marker may not be read as it was meant.",
        "Separate keys by semicolons, and put a space between a marker and a parenthesis or colon behind it.";
    RetractedStudy, "retracted_study", Error,
        "A retracted study is cited.",
        "Remove the citation and what rests on it, or say in the same sentence that the study was retracted.";
    ExpressionOfConcern, "expression_of_concern", Warning,
        "A study is cited about which its journal has expressed concern.",
        "Read the notice. If the study still bears the sentence, say so there or acknowledge the finding.";
    SameStudyTwice, "same_study_twice", Warning,
        "One study seems to be cited as two, or twice in one marker.",
        "Merge the two records in the library, or leave the repeated key out of the marker.";
    IncompleteStudy, "incomplete_study", Warning,
        "The record of a cited study lacks what a reader needs to find it.",
        "Add what is missing, by hand or by looking the study up by its DOI or PMID.";
    NoIdentifier, "no_identifier", Warning,
        "A cited study has no identifier.",
        "Add its DOI, PMID, PMCID, ISBN or address, so that a reader can look it up.";
    OutdatedStudy, "outdated_study", Info,
        "A cited study is older than the site allows for its articles.",
        "Look for newer evidence; if the old study still stands, acknowledge the finding.";
    EntryNeverMarked, "entry_never_marked", Warning,
        "A study is listed and no marker cites it.",
        "Put a marker where the text rests on the study, or take the study off the article's list.";
    UncitedClaim, "uncited_claim", Warning,
        "A sentence claims evidence and cites none.",
        "Put the marker of the study behind the claim. Without such a study, say less or leave the sentence out.";
    ConclusionWithoutSupport, "conclusion_without_support", Warning,
        "A conclusion leans on evidence that the article cites nowhere.",
        "Cite the studies where the article reports them; a conclusion can only sum up what stands above it.";
    SkippedHeadingLevel, "skipped_heading_level", Warning,
        "A heading is more than one level below the one before.",
        "Readers who move by headings miss a step. Give the heading the level that follows from its place.";
    EmptySection, "empty_section", Warning,
        "A section has no text.",
        "Write it or remove it.";
    BrokenInternalLink, "broken_internal_link", Warning,
        "A link leads to no section or reference of the article.",
        "Correct the anchor behind `#`; anchors follow a heading only until they are changed.";
}

impl Rule {
    /// The rule of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.name() == name)
    }
}

impl Severity {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What a site asks of its articles.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    /// For a rule another severity than its own, or `None`: not checked. What a rule finds less grave by the text around
    /// it stays so.
    pub severity: BTreeMap<Rule, Option<Severity>>,
    /// Studies more than so many years older than [`Rules::this_year`] are reported; `None`: age does not matter.
    pub outdated_after: Option<u16>,
    /// The current year.
    pub this_year: i16,
}

impl Rules {
    /// The severity of a rule here; `None` if it is switched off.
    pub fn severity_of(&self, rule: Rule) -> Option<Severity> {
        self.severity.get(&rule).copied().unwrap_or(Some(rule.severity()))
    }
}
