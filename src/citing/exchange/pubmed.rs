//! PubMed's records: the tagged format (NBIB, MEDLINE) and XML.

use super::Correction;
use super::draft::Draft;

mod nbib;
mod tree;
mod xml;

pub(super) use nbib::Reader as NbibReader;
pub(super) use xml::Reader as XmlReader;

/// PubMed's names for what became of an article: of the XML, of the tagged format, and ours.
const CORRECTIONS: [(&str, &str, &str); 16] = [
    ("RetractionIn", "RIN", "retraction_in"),
    ("RetractionOf", "ROF", "retraction_of"),
    ("PartialRetractionIn", "PRIN", "retraction_in"),
    ("PartialRetractionOf", "PROF", "retraction_of"),
    ("ErratumIn", "EIN", "erratum_in"),
    ("ErratumFor", "EFR", "erratum_for"),
    ("ExpressionOfConcernIn", "ECI", "concern_in"),
    ("ExpressionOfConcernFor", "ECF", "concern_for"),
    ("CorrectedandRepublishedIn", "CRI", "republished_in"),
    ("CorrectedandRepublishedFrom", "CRF", "republished_from"),
    ("RetractedandRepublishedIn", "RRI", "retracted_republished_in"),
    ("RetractedandRepublishedFrom", "RRF", "retracted_republished_from"),
    ("UpdateIn", "UIN", "update_in"),
    ("UpdateOf", "UOF", "update_of"),
    ("CommentIn", "CIN", "comment_in"),
    ("CommentOn", "CON", "comment_on"),
];

fn correction_kind(name: &str) -> Option<&'static str> {
    CORRECTIONS.iter().find(|(xml, tag, _)| *xml == name || *tag == name).map(|(_, _, kind)| *kind)
}

fn correct(draft: &mut Draft, kind: &'static str, source: &str, pmid: Option<String>, doi: Option<String>) {
    if matches!(kind, "retraction_in" | "retracted_republished_in") {
        draft.evidence.retracted = true;
    }
    let source = source.trim().to_owned();
    draft.evidence.corrections.push(Correction { kind, source, pmid, doi });
}

/// The CSL type of what PubMed lists.
fn item_type(draft: &mut Draft, book: bool, chapter: bool) {
    let preprint = draft.evidence.preprint;
    draft.item_type(match (book, chapter) {
        (true, true) => "chapter",
        (true, false) => "book",
        _ if preprint => "article",
        _ => "article-journal",
    });
}

/// A title without the full stop and the brackets of a translated one, as reference lists print it.
fn title(text: &str) -> String {
    let text = text.trim();
    let bare = text.strip_suffix('.').filter(|bare| !bare.ends_with('.')).unwrap_or(text);
    match bare.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        Some(inner) if !inner.contains(['[', ']']) => inner.trim_end_matches('.').to_owned(),
        _ => bare.to_owned(),
    }
}

/// `397-404` of PubMed's `397-404`, `397-9` or `397-9; quiz 400`.
fn pages(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    let (main, rest) = text.split_once([';', ',']).map_or((text, ""), |(main, rest)| (main, rest));
    let Some((first, last)) = main.split_once('-') else { return text.to_owned() };
    let (first, last) = (first.trim(), last.trim());
    let digits = |page: &str| !page.is_empty() && page.bytes().all(|b| b.is_ascii_digit());
    let whole = match digits(first) && digits(last) && last.len() < first.len() {
        true => format!("{first}-{}{last}", first.get(..first.len() - last.len()).unwrap_or_default()),
        false => format!("{first}-{last}"),
    };
    if rest.is_empty() { whole } else { format!("{whole},{}", rest.trim_end()) }
}

/// PubMed's three letters of a language.
fn language(code: &str) -> &str {
    match code {
        "eng" => "en",
        "ger" => "de",
        "fre" => "fr",
        "spa" => "es",
        "ita" => "it",
        "por" => "pt",
        "dut" => "nl",
        "rus" => "ru",
        "jpn" => "ja",
        "chi" => "zh",
        "kor" => "ko",
        "pol" => "pl",
        "cze" => "cs",
        "dan" => "da",
        "swe" => "sv",
        "nor" => "no",
        "fin" => "fi",
        "hun" => "hu",
        "tur" => "tr",
        "heb" => "he",
        "ara" => "ar",
        "per" => "fa",
        "gre" => "el",
        "ukr" => "uk",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_and_pages() {
        assert_eq!(title("[Scars and their treatment]."), "Scars and their treatment");
        assert_eq!(title("A [2+2] study."), "A [2+2] study");
        assert_eq!(title("Is it so?"), "Is it so?");
        assert_eq!(pages("397-404"), "397-404");
        assert_eq!(pages("1397-9"), "1397-1399");
        assert_eq!(pages("397-9; quiz 400"), "397-399, quiz 400");
        assert_eq!(pages("e1001"), "e1001");
        assert_eq!(pages("S12-S15"), "S12-S15");
    }
}
