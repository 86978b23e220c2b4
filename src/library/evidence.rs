//! How strong a study is for a question, and what its design alone suggests.

use super::model::Design;
use crate::http::fault::Reason;
use crate::http::query::ParseText;

crate::words! {
    /// The level of evidence by the table of the Oxford Centre for Evidence-Based Medicine (2011), from 1, the strongest, to 5.
    EvidenceLevel {
        /// For a treatment: a systematic review of randomised trials.
        One = "1",
        /// For a treatment: a randomised trial, or an observational study with a dramatic effect.
        Two = "2",
        /// For a treatment: a controlled cohort or follow-up study without assignment by chance.
        Three = "3",
        /// For a treatment: case series, case-control studies, or historical controls.
        Four = "4",
        /// For a treatment: reasoning from mechanisms.
        Five = "5",
    }
}

impl ParseText for EvidenceLevel {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text).ok_or_else(|| Reason::unknown_word(text, Self::WORDS))
    }
}

impl Design {
    /// The level of a study of this design, when the question is whether a treatment helps: the row "Does this intervention
    /// help? (Treatment Benefits)" of the OCEBM Levels of Evidence Working Group's table (Oxford 2011 Levels of Evidence).
    ///
    /// A case report counts as a case series of one, and a look at one moment as a study without a follow-up, level 4.
    /// Experiments on animals and outside the body are what reasoning from mechanisms rests on; the opinion of an expert,
    /// which the edition of 2011 no longer names, is put beside them as in that of 2009. Narrative reviews, guidelines and
    /// qualitative studies have no place in the row: they are as strong as what they rest on, and an editor has to say.
    pub fn default_level(self) -> Option<EvidenceLevel> {
        match self {
            Self::MetaAnalysis | Self::SystematicReview => Some(EvidenceLevel::One),
            Self::RandomizedTrial => Some(EvidenceLevel::Two),
            Self::ControlledTrial | Self::Cohort => Some(EvidenceLevel::Three),
            Self::CaseControl | Self::CrossSectional | Self::CaseSeries | Self::CaseReport => Some(EvidenceLevel::Four),
            Self::Animal | Self::InVitro | Self::ExpertOpinion => Some(EvidenceLevel::Five),
            Self::NarrativeReview | Self::Guideline | Self::Qualitative | Self::Other => None,
        }
    }
}

crate::words! {
    /// How certain a body of evidence makes a claim (GRADE).
    Certainty {
        /// Further research is very unlikely to change the confidence in it.
        High = "high",
        /// Further research is likely to have an important impact.
        Moderate = "moderate",
        /// Further research is very likely to change the estimate.
        Low = "low",
        /// Any estimate is very uncertain.
        VeryLow = "very_low",
    }
}
