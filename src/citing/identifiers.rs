//! Identifiers of studies and people: read in any of the forms people paste, kept in one.

use serde::Serialize;
use thiserror::Error;

mod doi;

pub use doi::{Doi, doi_address};

/// Why a text is not an identifier of the kind asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IdentifierError {
    /// Nothing in the text has the shape.
    #[error("this does not look like {0}")]
    Shape(&'static str),
    /// The shape is right and the check digit is not: most likely a typing error.
    #[error("the check digit of this {0} is wrong")]
    CheckDigit(&'static str),
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The normalised form.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

identifier! {
    /// A PubMed id: up to nine digits without leading zeros.
    Pmid
}
identifier! {
    /// A PubMed Central id: `PMC` and digits, no version.
    Pmcid
}
identifier! {
    /// An ISSN with a correct check digit: `1234-567X`.
    Issn
}
identifier! {
    /// A book number as ISBN-13 digits without hyphens, check digit correct.
    Isbn
}
identifier! {
    /// An ORCID iD in four groups, check digit correct: `0000-0002-1825-0097`.
    Orcid
}

impl Pmid {
    /// Reads `20300368`, `PMID: 20300368` or a PubMed address.
    ///
    /// # Errors
    /// [`IdentifierError::Shape`] for anything else.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let shape = IdentifierError::Shape("a PMID");
        let text = compact(text);
        let digits =
            after_last(&text, &["pubmed.ncbi.nlm.nih.gov/", "nlm.nih.gov/pubmed/", "pubmed/", "pmid:", "pmid"]);
        let digits = cut_page(&text, digits).trim_start_matches('0');
        let usable = (1..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if usable { Ok(Self(digits.to_owned())) } else { Err(shape) }
    }
}

impl Pmcid {
    /// Reads `PMC7764156`, `pmcid: PMC7764156.1`, bare digits or a PubMed Central address.
    ///
    /// # Errors
    /// [`IdentifierError::Shape`] for anything else.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let shape = IdentifierError::Shape("a PMCID");
        let text = compact(text);
        let digits = after_last(&text, &["/articles/", "pmcid:", "pmcid"]);
        let digits = digits.strip_prefix("pmc").unwrap_or(digits);
        let digits = cut_page(&text, digits);
        let (digits, version) = digits.split_once('.').unwrap_or((digits, ""));
        let digits = digits.trim_start_matches('0');
        let usable = version.bytes().all(|b| b.is_ascii_digit())
            && (1..=10).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit());
        if usable { Ok(Self(format!("PMC{digits}"))) } else { Err(shape) }
    }
}

impl Issn {
    /// Reads an ISSN with or without hyphen or prefix; the check is ISO 3297's.
    ///
    /// # Errors
    /// [`IdentifierError`] for another shape or a wrong check digit.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let text = compact(text);
        let symbols = symbols(after_last(&text, &["issn:", "issn"])).ok_or(IdentifierError::Shape("an ISSN"))?;
        let (digits, check) = body_and_check::<8>(&symbols).ok_or(IdentifierError::Shape("an ISSN"))?;
        let sum: u32 = digits.iter().zip((2..=8).rev()).map(|(d, weight)| d * weight).sum();
        if !(sum + check).is_multiple_of(11) {
            return Err(IdentifierError::CheckDigit("ISSN"));
        }
        let (left, right) = symbols.split_at(4);
        Ok(Self(format!("{left}-{right}")))
    }
}

impl Isbn {
    /// Reads an ISBN-10 or ISBN-13 with any hyphens; an ISBN-10 becomes its ISBN-13 (ISO 2108).
    ///
    /// # Errors
    /// [`IdentifierError`] for another shape or a wrong check digit.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let text = compact(text);
        let rest =
            after_last(&text, &["isbn-13:", "isbn-10:", "isbn13:", "isbn10:", "isbn-13", "isbn-10", "isbn:", "isbn"]);
        let symbols = symbols(rest).ok_or(IdentifierError::Shape("an ISBN"))?;
        match symbols.len() {
            13 if symbols.starts_with("978") || symbols.starts_with("979") => Self::from_13(symbols),
            10 => Self::from_10(&symbols),
            _ => Err(IdentifierError::Shape("an ISBN")),
        }
    }

    fn from_13(symbols: String) -> Result<Self, IdentifierError> {
        let (digits, check) = body_and_check::<13>(&symbols).ok_or(IdentifierError::Shape("an ISBN"))?;
        match check == ean_check(&digits) {
            true => Ok(Self(symbols)),
            false => Err(IdentifierError::CheckDigit("ISBN")),
        }
    }

    fn from_10(symbols: &str) -> Result<Self, IdentifierError> {
        let (digits, check) = body_and_check::<10>(symbols).ok_or(IdentifierError::Shape("an ISBN"))?;
        let sum: u32 = digits.iter().zip((2..=10).rev()).map(|(d, weight)| d * weight).sum();
        if !(sum + check).is_multiple_of(11) {
            return Err(IdentifierError::CheckDigit("ISBN"));
        }
        let body = [&[9, 7, 8], digits.as_slice()].concat();
        let check = ean_check(&body);
        Ok(Self(body.iter().chain([&check]).map(u32::to_string).collect()))
    }
}

impl Orcid {
    /// Reads an ORCID iD, its address or its sixteen symbols; the check is ISO 7064 MOD 11-2.
    ///
    /// # Errors
    /// [`IdentifierError`] for another shape or a wrong check digit.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let text = compact(text);
        let rest = after_last(&text, &["orcid.org/", "orcid:", "orcid"]);
        let symbols = symbols(rest.trim_end_matches('/')).ok_or(IdentifierError::Shape("an ORCID iD"))?;
        let (digits, check) = body_and_check::<16>(&symbols).ok_or(IdentifierError::Shape("an ORCID iD"))?;
        let total = digits.iter().fold(0, |total, digit| (total + digit) * 2 % 11);
        if (12 - total) % 11 != check {
            return Err(IdentifierError::CheckDigit("ORCID iD"));
        }
        let groups: Vec<&str> = (0..4).filter_map(|i| symbols.get(i * 4..i * 4 + 4)).collect();
        Ok(Self(groups.join("-")))
    }
}

/// Lower case, without white space and invisible characters, full-width digits and dashes made plain.
fn compact(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let visible = text.nfkc().filter(|c| !c.is_whitespace() && !is_invisible(*c));
    visible.map(|c| if is_dash(c) { '-' } else { c }).collect::<String>().to_lowercase()
}

/// Zero-width characters that copying leaves in identifiers.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{202A}'..='\u{202E}')
}

fn is_dash(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// What follows the first of these marks that the text has, else the text.
fn after_last<'a>(text: &'a str, marks: &[&str]) -> &'a str {
    marks.iter().find_map(|mark| text.rfind(mark).and_then(|at| text.get(at + mark.len()..))).unwrap_or(text)
}

/// An address goes on behind the identifier; nothing else does, a DOI's `10.` least of all.
fn cut_page<'a>(text: &str, identifier: &'a str) -> &'a str {
    match text.contains("nlm.nih.gov/") {
        true => identifier.split(['/', '?', '#']).next().unwrap_or_default(),
        false => identifier,
    }
}

/// Digits and a final X without hyphens; `None` if there is anything else.
fn symbols(text: &str) -> Option<String> {
    let text = text.trim_start_matches(':');
    let usable = |c: char| c.is_ascii_digit() || c == 'x' || c == '-';
    text.chars().all(usable).then(|| text.replace('-', "").to_ascii_uppercase())
}

/// Splits `LENGTH` symbols into digits and the value of the check symbol (X is 10).
fn body_and_check<const LENGTH: usize>(symbols: &str) -> Option<(Vec<u32>, u32)> {
    if symbols.len() != LENGTH {
        return None;
    }
    let (body, last) = symbols.split_at_checked(LENGTH - 1)?;
    let digits = body.chars().map(|c| c.to_digit(10)).collect::<Option<Vec<_>>>()?;
    let check = if last == "X" { 10 } else { last.parse().ok()? };
    Some((digits, check))
}

/// The EAN-13 check digit of twelve digits.
fn ean_check(digits: &[u32]) -> u32 {
    let sum: u32 = digits.iter().enumerate().map(|(i, d)| d * (1 + 2 * (i as u32 % 2))).sum();
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests;
