//! Where in a study: the part of a citation after its key, `, pp. 3-5` or ` chap. 2`.

use serde::Serialize;

use super::unescaped;

/// A place within the cited study.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Locator {
    /// The CSL locator label, one of [`LABELS`], e.g. `page`.
    pub label: String,
    /// The place as written, e.g. `3-5`.
    pub value: String,
}

impl Locator {
    /// The locator as readers see it, e.g. `p. 3`, `pp. 3–5`, `chap. 2`.
    pub fn display(&self) -> String {
        let value = self.value.replace("--", "–").replace('-', "–");
        let several = value.contains(['–', ',', '&']);
        let (one, many) = SHORT
            .iter()
            .find(|(label, ..)| *label == self.label)
            .map_or((self.label.as_str(), self.label.as_str()), |(_, one, many)| (*one, *many));
        format!("{} {value}", if several { many } else { one })
    }
}

/// The locator labels of CSL 1.0.2 that a marker may use.
pub const LABELS: [&str; 19] = [
    "page",
    "chapter",
    "section",
    "paragraph",
    "figure",
    "table",
    "volume",
    "issue",
    "line",
    "note",
    "part",
    "book",
    "column",
    "folio",
    "opus",
    "supplement",
    "sub-verbo",
    "verse",
    "appendix",
];

/// How a label is shown: label, for one place, for several.
const SHORT: [(&str, &str, &str); 19] = [
    ("page", "p.", "pp."),
    ("chapter", "chap.", "chaps."),
    ("section", "sec.", "secs."),
    ("paragraph", "para.", "paras."),
    ("figure", "fig.", "figs."),
    ("table", "tbl.", "tbls."),
    ("volume", "vol.", "vols."),
    ("issue", "no.", "nos."),
    ("line", "l.", "ll."),
    ("note", "n.", "nn."),
    ("part", "pt.", "pts."),
    ("book", "bk.", "bks."),
    ("column", "col.", "cols."),
    ("folio", "fol.", "fols."),
    ("opus", "op.", "opp."),
    ("supplement", "suppl.", "suppls."),
    ("sub-verbo", "s.v.", "s.vv."),
    ("verse", "v.", "vv."),
    ("appendix", "app.", "apps."),
];

/// Words that introduce a locator, as written by editors, and the label they mean.
const WORDS: [(&str, &[&str]); 19] = [
    ("page", &["pages", "page", "pp.", "pp", "p.", "p"]),
    ("chapter", &["chapters", "chapter", "chaps.", "chap.", "chaps", "chap", "ch."]),
    ("section", &["sections", "section", "secs.", "sec.", "sec", "§§", "§"]),
    ("paragraph", &["paragraphs", "paragraph", "paras.", "para.", "para", "¶¶", "¶"]),
    ("figure", &["figures", "figure", "figs.", "fig.", "fig"]),
    ("table", &["tables", "table", "tbls.", "tbl.", "tab."]),
    ("volume", &["volumes", "volume", "vols.", "vol.", "vol"]),
    ("issue", &["issues", "issue", "numbers", "number", "nos.", "no."]),
    ("line", &["lines", "line", "ll.", "l."]),
    ("note", &["notes", "note", "nn.", "n."]),
    ("part", &["parts", "part", "pts.", "pt."]),
    ("book", &["books", "book", "bks.", "bk."]),
    ("column", &["columns", "column", "cols.", "col."]),
    ("folio", &["folios", "folio", "fols.", "fol."]),
    ("opus", &["opera", "opus", "opp.", "op."]),
    ("supplement", &["supplements", "supplement", "suppls.", "suppl."]),
    ("sub-verbo", &["sub verbo", "s.vv.", "s.v."]),
    ("verse", &["verses", "verse", "vv.", "v."]),
    ("appendix", &["appendices", "appendix", "apps.", "app."]),
];

/// Splits what follows a key into its locator and the rest.
///
/// Pandoc's rules: `{…}` marks a locator explicitly (`{}` says that there is none); a label without braces takes the
/// numbers behind it; a number without a label is a page.
pub(super) fn split(after: &str) -> (Option<Locator>, &str) {
    let text = after.trim_start_matches([',', ' ', '\t', '\n', '\r']);
    if let Some((inside, rest)) = text.strip_prefix('{').and_then(|t| t.split_once('}')) {
        return (explicit(inside), rest);
    }
    let (label, rest) = leading_label(text).map_or((None, text), |(label, rest)| (Some(label), rest));
    let length = value_length(rest, label.is_some());
    let (value, suffix) = rest.split_at_checked(length).unwrap_or(("", rest));
    if value.is_empty() {
        return (None, after);
    }
    let locator = Locator { label: label.unwrap_or("page").to_owned(), value: one_line(value) };
    (Some(locator), suffix)
}

fn explicit(inside: &str) -> Option<Locator> {
    let (label, value) = leading_label(inside.trim()).unwrap_or(("page", inside.trim()));
    let value = one_line(value);
    (!value.is_empty()).then(|| Locator { label: label.to_owned(), value })
}

fn one_line(text: &str) -> String {
    unescaped(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The label a text begins with and what follows it; the word must end there (`p. 3`, `p.3`, `§3`, not `pore`).
fn leading_label(text: &str) -> Option<(&'static str, &str)> {
    WORDS.iter().find_map(|(label, words)| {
        words.iter().find_map(|word| {
            let head = text.get(..word.len())?;
            let rest = text.get(word.len()..)?;
            let ends = word.ends_with(['.', '§', '¶']) || rest.starts_with(char::is_whitespace);
            (ends && head.eq_ignore_ascii_case(word)).then(|| (*label, rest.trim_start()))
        })
    })
}

/// Length of the numbers at the start: `33-35, 38 & 40`, with a label also Roman numerals.
fn value_length(text: &str, labelled: bool) -> usize {
    let mut end = 0;
    let mut at = 0;
    loop {
        let word = text[at..].split([' ', '\t', '\n', '\r', ',', ';', '&']).next().unwrap_or_default();
        let word = word.trim_end_matches(['.', ':', '!', '?']);
        if !is_place(word, labelled) {
            return end;
        }
        end = at + word.len();
        let rest = &text[end..];
        let gap = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r', ',', '&']).len();
        if gap == 0 || !rest[..gap].contains([',', '&']) {
            return end;
        }
        at = end + gap;
    }
}

fn is_place(word: &str, labelled: bool) -> bool {
    let roman = |w: &str| !w.is_empty() && w.chars().all(|c| "ivxlcdmIVXLCDM-–".contains(c));
    let starts_with_digit = word.starts_with(|c: char| c.is_ascii_digit());
    starts_with_digit || (labelled && (word.contains(|c: char| c.is_ascii_digit()) || roman(word)))
}
