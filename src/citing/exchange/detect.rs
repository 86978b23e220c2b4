//! Which format a file is in.

use super::Format;

impl Format {
    /// Tells the format from what is known of a file: the media type, the name, the first bytes (a few hundred are
    /// enough). What the bytes say weighs most, since names and media types are often wrong.
    pub fn detect(name: Option<&str>, media_type: Option<&str>, beginning: &[u8]) -> Option<Self> {
        Self::of_text(&decoded(beginning))
            .or_else(|| media_type.and_then(Self::of_media_type))
            .or_else(|| name.and_then(Self::of_name))
    }

    /// The format that files with this ending have.
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "json" | "jsonl" | "ndjson" | "csljson" => Some(Self::CslJson),
            "bib" | "bibtex" | "biblatex" => Some(Self::Bibtex),
            "ris" => Some(Self::Ris),
            "nbib" | "medline" => Some(Self::Nbib),
            "xml" => Some(Self::PubmedXml),
            _ => None,
        }
    }

    /// The format that a media type names; its parameters do not matter.
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        let bare = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match bare.as_str() {
            "application/vnd.citationstyles.csl+json" | "application/json" | "application/x-ndjson" => {
                Some(Self::CslJson)
            }
            "application/x-bibtex" | "text/x-bibtex" | "application/vnd.bibtex" => Some(Self::Bibtex),
            "application/x-research-info-systems" | "application/research-info-systems" => Some(Self::Ris),
            "application/nbib" | "application/x-nbib" => Some(Self::Nbib),
            "application/xml" | "text/xml" => Some(Self::PubmedXml),
            _ => None,
        }
    }

    /// The media type under which the format is served.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::CslJson => "application/vnd.citationstyles.csl+json",
            Self::Bibtex => "application/x-bibtex",
            Self::Ris => "application/x-research-info-systems",
            Self::Nbib => "application/nbib",
            Self::PubmedXml => "application/xml",
        }
    }

    fn of_text(text: &str) -> Option<Self> {
        let text = text.trim_start();
        if text.starts_with('{') || text.starts_with('[') {
            return Some(Self::CslJson);
        }
        if text.starts_with('<') {
            return ["<PubmedArticle", "<!DOCTYPE Pubmed", "<PubmedBookArticle"]
                .iter()
                .any(|mark| text.contains(mark))
                .then_some(Self::PubmedXml);
        }
        text.lines().find_map(Self::of_line)
    }

    fn of_line(line: &str) -> Option<Self> {
        let line = line.trim_start();
        let begins = |mark: &str| line.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark));
        if begins("TY  -") || begins("TY -") {
            return Some(Self::Ris);
        }
        if begins("PMID-") || begins("PMID -") {
            return Some(Self::Nbib);
        }
        let kind = line.strip_prefix('@')?.trim_start();
        let word = kind.find(|c: char| !c.is_ascii_alphanumeric())?;
        let opens = kind.get(word..)?.trim_start().starts_with(['{', '(']);
        (word > 0 && opens).then_some(Self::Bibtex)
    }
}

fn decoded(bytes: &[u8]) -> String {
    let bytes = bytes.get(..4096).unwrap_or(bytes);
    let (encoding, _) = encoding_rs::Encoding::for_bom(bytes).unwrap_or((encoding_rs::UTF_8, 0));
    encoding.decode_with_bom_removal(bytes).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_tells_the_format() {
        let told = |text: &str| Format::detect(Some("x.txt"), Some("text/plain"), text.as_bytes());
        assert_eq!(told("\u{FEFF}\n [{\"id\": 1}]"), Some(Format::CslJson));
        assert_eq!(told("% a library\n@article{a,"), Some(Format::Bibtex));
        assert_eq!(told("@comment{x}\n"), Some(Format::Bibtex));
        assert_eq!(told("Provider: X\r\n\r\nTY  - JOUR"), Some(Format::Ris));
        assert_eq!(told("\nPMID- 1\n"), Some(Format::Nbib));
        assert_eq!(told("<?xml version=\"1.0\"?>\n<PubmedArticleSet>"), Some(Format::PubmedXml));
        assert_eq!(told("<html>"), None);
        assert_eq!(told("me@x.example"), None);
        let utf16: Vec<u8> = "\u{FEFF}TY  - JOUR".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(Format::detect(None, None, &utf16), Some(Format::Ris));
    }

    #[test]
    fn else_the_media_type_and_the_name_do() {
        assert_eq!(Format::detect(Some("a.BIB"), None, b""), Some(Format::Bibtex));
        assert_eq!(
            Format::detect(Some("a.txt"), Some("application/x-research-info-systems; charset=x"), b""),
            Some(Format::Ris)
        );
        for format in [Format::CslJson, Format::Bibtex, Format::Ris, Format::Nbib, Format::PubmedXml] {
            assert_eq!(Format::of_media_type(format.media_type()), Some(format));
        }
    }
}
