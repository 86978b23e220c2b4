//! BibTeX's and BibLaTeX's types and fields to CSL's.

use super::Raw;
use super::latex::{Markup, decode, verbatim};
use super::names;
use crate::citing::exchange::draft::Draft;
use crate::citing::exchange::input::Piece;
use crate::citing::exchange::{Entry, Refused, date};
use crate::citing::record::vocabulary::TYPES;

/// Fields of the program that wrote the file, and of BibLaTeX's own doings.
const INTERNAL: [&str; 24] = [
    "file",
    "timestamp",
    "owner",
    "groups",
    "date-added",
    "date-modified",
    "creationdate",
    "modificationdate",
    "mendeley-groups",
    "mendeley-tags",
    "priority",
    "ranking",
    "readstatus",
    "__markedentry",
    "username",
    "citeulike-article-id",
    "biburl",
    "bibsource",
    "options",
    "presort",
    "sortkey",
    "sorttitle",
    "sortname",
    "label",
];

/// Fields whose value is kept letter by letter.
const VERBATIM: [&str; 9] = ["doi", "url", "eprint", "pmid", "pmcid", "pmc", "isbn", "issn", "file"];

pub(super) fn entry(raw: Raw, piece: &Piece) -> Result<Entry, Refused> {
    if raw.kind == "set" {
        let detail = "a set of entries is no study; its members are entries of their own";
        return Err(Refused { key: raw.key, ..Refused::new(piece.place, "not_a_record", detail) });
    }
    let mut fields = Fields::of(&raw, Draft::of(piece));
    fields.item_type(&raw.kind);
    fields.titles();
    fields.people();
    fields.dates();
    fields.numbers();
    fields.identifiers();
    fields.rest();
    fields.draft.key = raw.key;
    fields.draft.finish(piece)
}

/// The fields of an entry, taken out one after the other.
struct Fields {
    left: Vec<(String, String)>,
    draft: Draft,
    kind: String,
}

impl Fields {
    fn of(raw: &Raw, mut draft: Draft) -> Self {
        raw.notes.iter().for_each(|note| draft.note(note));
        let mut left: Vec<(String, String)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for (name, value) in &raw.fields {
            if seen.insert(name.as_str()) {
                left.push((name.clone(), value.clone()));
            } else {
                draft.drop(name, value, "the entry has this field twice");
            }
        }
        Self { left, draft, kind: raw.kind.clone() }
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.left.iter().position(|(known, _)| known == name)?;
        Some(self.left.remove(at).1).filter(|value| !value.trim().is_empty())
    }

    fn has(&self, name: &str) -> bool {
        self.left.iter().any(|(known, value)| known == name && !value.trim().is_empty())
    }

    /// A field as plain text or with markup; what was not understood is noted.
    fn read(&mut self, name: &str, markup: Markup) -> Option<String> {
        let value = self.take(name)?;
        Some(self.decoded(&value, markup))
    }

    fn decoded(&mut self, value: &str, markup: Markup) -> String {
        let decoded = decode(value, markup);
        for command in decoded.unknown {
            self.draft.note(format!("the LaTeX command \\{command} is not known and was left out"));
        }
        decoded.text
    }

    /// Moves a field to a variable.
    fn text(&mut self, name: &str, variable: &str) {
        if let Some(text) = self.read(name, Markup::Left) {
            self.draft.text(variable, name, &text);
        }
    }

    fn texts(&mut self, pairs: &[(&str, &str)]) {
        pairs.iter().for_each(|(name, variable)| self.text(name, variable));
    }

    fn item_type(&mut self, kind: &str) {
        let subtype = self.read("entrysubtype", Markup::Left).unwrap_or_default();
        let subtype = subtype.trim();
        let preprint = self.has("eprint") && !self.has("journal") && !self.has("journaltitle");
        let known = match kind {
            _ if TYPES.contains(&subtype) => subtype,
            "article" | "suppperiodical" => match subtype {
                "magazine" => "article-magazine",
                "newspaper" => "article-newspaper",
                _ if preprint => "article",
                _ => "article-journal",
            },
            "preprint" => "article",
            "book" | "mvbook" | "collection" | "mvcollection" | "reference" | "mvreference" | "proceedings"
            | "mvproceedings" | "manual" => "book",
            "booklet" => "pamphlet",
            "inbook" | "incollection" | "bookinbook" | "suppbook" | "suppcollection" => "chapter",
            "inreference" => "entry-encyclopedia",
            "inproceedings" | "conference" => "paper-conference",
            "report" | "techreport" => "report",
            "thesis" | "phdthesis" | "mastersthesis" => "thesis",
            "unpublished" => "manuscript",
            "patent" => "patent",
            "online" | "electronic" | "www" | "webpage" => "webpage",
            "periodical" => "periodical",
            "dataset" | "data" => "dataset",
            "software" => "software",
            "artwork" => "graphic",
            "image" => "figure",
            "audio" | "music" => "song",
            "video" | "movie" => "motion_picture",
            "performance" => "performance",
            "letter" => "personal_communication",
            "legislation" => "legislation",
            "jurisdiction" => "legal_case",
            "legal" => "treaty",
            "standard" => "standard",
            "review" => "review",
            "misc" if preprint => "article",
            "misc" if self.has("url") && !self.has("publisher") => "webpage",
            "misc" => "document",
            other => {
                self.draft.note(format!("the type @{other} is not known and was read as a document"));
                "document"
            }
        };
        if !subtype.is_empty() && known != subtype && !matches!(subtype, "magazine" | "newspaper") {
            self.draft.drop("entrysubtype", subtype, "CSL has no such type");
        }
        self.draft.evidence.preprint = known == "article" && preprint || kind == "preprint";
        self.draft.item_type(known);
        let degree = match kind {
            "phdthesis" => "PhD thesis",
            "mastersthesis" => "Master’s thesis",
            _ => return,
        };
        if !self.has("type") {
            self.draft.text("genre", "type", degree);
        }
    }

    fn joined(&mut self, title: &str, subtitle: &str, variable: &str) {
        let Some(title_text) = self.read(title, Markup::Kept) else { return };
        let whole = match self.read(subtitle, Markup::Kept) {
            Some(subtitle) => {
                let joint = if title_text.trim_end().ends_with(['.', '?', '!', ':']) { " " } else { ": " };
                format!("{}{joint}{}", title_text.trim_end(), subtitle.trim_start())
            }
            None => title_text,
        };
        self.draft.text(variable, title, &whole);
    }

    fn titles(&mut self) {
        self.joined("title", "subtitle", "title");
        if self.has("maintitle") {
            self.joined("maintitle", "mainsubtitle", "container-title");
            self.joined("booktitle", "booksubtitle", "volume-title");
        }
        for (title, subtitle) in [
            ("journaltitle", "journalsubtitle"),
            ("journal", ""),
            ("booktitle", "booksubtitle"),
            ("issuetitle", "issuesubtitle"),
        ] {
            let variable = if title == "issuetitle" { "volume-title" } else { "container-title" };
            self.joined(title, subtitle, variable);
        }
        for (name, variable) in [
            ("shortjournal", "container-title-short"),
            ("shorttitle", "title-short"),
            ("series", "collection-title"),
            ("eventtitle", "event-title"),
            ("origtitle", "original-title"),
        ] {
            if let Some(text) = self.read(name, Markup::Kept) {
                self.draft.text(variable, name, &text);
            }
        }
    }

    fn people(&mut self) {
        for (name, variable) in [
            ("author", "author"),
            ("translator", "translator"),
            ("bookauthor", "container-author"),
            ("origauthor", "original-author"),
            ("illustrator", "illustrator"),
            ("reviewedauthor", "reviewed-author"),
        ] {
            self.names(name, variable);
        }
        for (name, role) in [
            ("editor", "editortype"),
            ("editora", "editoratype"),
            ("editorb", "editorbtype"),
            ("editorc", "editorctype"),
        ] {
            let role = self.read(role, Markup::Left).unwrap_or_default();
            let variable = match role.trim() {
                "" | "editor" => "editor",
                "compiler" => "compiler",
                "director" => "director",
                "producer" => "producer",
                "organizer" => "organizer",
                "performer" => "performer",
                "seriescreator" => "series-creator",
                "serieseditor" => "collection-editor",
                "editorialdirector" => "editorial-director",
                "chair" => "chair",
                "composer" => "composer",
                "contributor" => "contributor",
                "curator" => "curator",
                "executiveproducer" => "executive-producer",
                "guest" => "guest",
                "host" => "host",
                "interviewer" => "interviewer",
                "narrator" => "narrator",
                "recipient" => "recipient",
                "scriptwriter" => "script-writer",
                _ => {
                    if let Some(names) = self.take(name) {
                        self.draft.drop(name, &names, format!("CSL has no names for the role {role:?}"));
                    }
                    continue;
                }
            };
            self.names(name, variable);
        }
    }

    fn names(&mut self, name: &str, variable: &str) {
        let Some(value) = self.take(name) else { return };
        let (list, others) = names::list(&value);
        list.into_iter().for_each(|one| self.draft.name(variable, name, Some(one)));
        if others {
            self.draft.drop(name, "and others", "a record lists the names it knows");
        }
    }

    fn dates(&mut self) {
        let day = [self.read("year", Markup::Left), self.read("month", Markup::Left), self.read("day", Markup::Left)];
        let [year, month, day] = day.map(|part| part.unwrap_or_default().replace('\u{A0}', " ").replace('–', "-"));
        if let Some(date) = self.edtf("date") {
            self.date("issued", "date", &date);
            if year.trim().get(..4).is_some_and(|year| !date.contains(year)) {
                self.draft.drop("year", &year, "the record has another issued");
            }
        } else if !year.trim().is_empty() {
            // `month = "10~" # jan` holds a day as well.
            let (month, day) = match month.split_once(' ') {
                Some((one, other)) if day.is_empty() && one.trim().bytes().all(|b| b.is_ascii_digit()) => (other, one),
                Some((one, other)) if day.is_empty() && other.trim().bytes().all(|b| b.is_ascii_digit()) => {
                    (one, other)
                }
                _ => (month.as_str(), day.as_str()),
            };
            if let Some(date) = date::of_fields(&year, month, day) {
                self.draft.set("issued", "year", date);
            }
        } else if !month.trim().is_empty() {
            self.draft.drop("month", &month, "there is no year");
        }
        for (name, variable) in [
            ("origdate", "original-date"),
            ("origyear", "original-date"),
            ("eventdate", "event-date"),
            ("urldate", "accessed"),
            ("lastchecked", "accessed"),
            ("lastaccessed", "accessed"),
            ("accessed", "accessed"),
        ] {
            if let Some(date) = self.edtf(name) {
                self.date(variable, name, &date);
            }
        }
    }

    /// A date as BibLaTeX writes it, in which LaTeX's sign for a space says "about" at either end.
    fn edtf(&mut self, name: &str) -> Option<String> {
        let text = self.read(name, Markup::Left)?.replace('–', "-");
        let text = text.trim_matches([' ', '\n', '\t']);
        let about = text.starts_with('\u{A0}') || text.ends_with('\u{A0}');
        let text = text.trim();
        Some(if about && !text.is_empty() { format!("{text}~") } else { text.to_owned() })
    }

    fn date(&mut self, variable: &str, name: &str, text: &str) {
        let open = text.trim().trim_end_matches("..").strip_suffix('/');
        if let Some(date) = date::read(open.unwrap_or(text)) {
            if open.is_some() {
                self.draft.note(format!("{name} has no end; its beginning was taken"));
            }
            self.draft.set(variable, name, date);
        }
    }

    fn numbers(&mut self) {
        let in_series = matches!(
            self.kind.as_str(),
            "book"
                | "mvbook"
                | "collection"
                | "mvcollection"
                | "proceedings"
                | "mvproceedings"
                | "reference"
                | "mvreference"
                | "inbook"
                | "incollection"
                | "inproceedings"
                | "conference"
                | "inreference"
                | "manual"
        );
        let article = matches!(self.kind.as_str(), "article" | "suppperiodical" | "periodical" | "review");
        let number = match (article, in_series) {
            (true, _) => "issue",
            (_, true) => "collection-number",
            _ => "number",
        };
        self.text("number", number);
        if article && self.draft.has("issue") {
            // BibLaTeX: the issue has a number and a name of its own (`Summer`).
            if let Some(issue) = self.read("issue", Markup::Left) {
                self.draft.drop("issue", &issue, "the record has another issue");
            }
        }
        if let Some(pages) = self.read("pages", Markup::Left) {
            self.draft.text("page", "pages", &page_range(&pages));
        }
        let article_number = if self.draft.has("page") { "number" } else { "page" };
        self.texts(&[
            ("issue", "issue"),
            ("volume", "volume"),
            ("volumes", "number-of-volumes"),
            ("edition", "edition"),
            ("pagetotal", "number-of-pages"),
            ("numpages", "number-of-pages"),
            ("eid", article_number),
            ("article-number", article_number),
            ("articleno", article_number),
            ("chapter", "chapter-number"),
            ("part", "part-number"),
            ("version", "version"),
        ]);
    }

    fn identifiers(&mut self) {
        for name in VERBATIM {
            let Some(value) = self.left.iter_mut().find(|(known, _)| known == name) else { continue };
            value.1 = verbatim(&value.1);
        }
        for name in ["doi", "pmid", "pmcid", "pmc", "isbn", "issn"] {
            let Some(value) = self.take(name) else { continue };
            match name {
                "doi" => self.draft.doi(name, &value),
                "pmid" => self.draft.pmid(name, &value),
                "isbn" => self.draft.isbn(name, &value),
                "issn" => self.draft.issn(name, &value),
                _ => self.draft.pmcid(name, &value),
            }
        }
        if let Some(url) = self.take("url") {
            self.draft.url("url", &url);
        }
        self.eprint();
        if let Some(how) = self.take("howpublished") {
            let bare = verbatim(&how);
            if how.contains("\\url") || bare.starts_with("http") {
                self.draft.url("howpublished", &bare);
            } else {
                let how = self.decoded(&how, Markup::Left);
                self.draft.text("medium", "howpublished", &how);
            }
        }
    }

    fn eprint(&mut self) {
        let class = self.read("eprintclass", Markup::Left).or_else(|| self.read("primaryclass", Markup::Left));
        let kind = self.read("eprinttype", Markup::Left).or_else(|| self.read("archiveprefix", Markup::Left));
        let Some(id) = self.take("eprint") else { return };
        let id = id.trim();
        let looks_like_arxiv = id.to_lowercase().starts_with("arxiv:")
            || id.split_once('.').is_some_and(|(a, b)| a.len() == 4 && b.len() >= 4);
        let kind = kind.map(|kind| kind.trim().to_lowercase()).filter(|kind| !kind.is_empty());
        let kind = kind.unwrap_or_else(|| if looks_like_arxiv { "arxiv".to_owned() } else { String::new() });
        match kind.as_str() {
            "arxiv" => {
                let id = id.trim_start_matches("arXiv:").trim_start_matches("arxiv:");
                let class = class.map(|class| format!(" [{}]", class.trim())).unwrap_or_default();
                self.draft.text("number", "eprint", &format!("arXiv:{id}{class}"));
                self.address(&format!("https://arxiv.org/abs/{id}"));
                if !self.has("publisher") && !self.draft.has("container-title") {
                    self.draft.text("publisher", "archiveprefix", "arXiv");
                }
            }
            "pubmed" | "medline" | "pmid" => self.draft.pmid("eprint", id),
            "pmc" | "pmcid" | "europepmc" => self.draft.pmcid("eprint", id),
            "jstor" => self.address(&format!("https://www.jstor.org/stable/{id}")),
            "hdl" => self.address(&format!("https://hdl.handle.net/{id}")),
            _ => self.draft.drop("eprint", id, format!("the archive {kind:?} is not known")),
        }
    }

    fn address(&mut self, url: &str) {
        if !self.draft.has("URL") {
            self.draft.url("eprint", url);
        }
    }

    fn rest(&mut self) {
        self.texts(&[
            ("publisher", "publisher"),
            ("institution", "publisher"),
            ("school", "publisher"),
            (
                "organization",
                if self.draft.has("publisher") || self.has("publisher") { "authority" } else { "publisher" },
            ),
            ("holder", "authority"),
            ("location", "publisher-place"),
            ("address", "publisher-place"),
            ("venue", "event-place"),
            ("origlocation", "original-publisher-place"),
            ("origpublisher", "original-publisher"),
            ("type", "genre"),
            ("pubstate", "status"),
            ("library", "call-number"),
            ("lccn", "call-number"),
            ("titleaddon", "note"),
        ]);
        for (name, variable) in [
            ("abstract", "abstract"),
            ("annotation", "annote"),
            ("annote", "annote"),
            ("note", "note"),
            ("addendum", "note"),
        ] {
            if let Some(text) = self.read(name, Markup::Left) {
                self.draft.add(variable, ". ", name, &text);
            }
        }
        for name in ["keywords", "keyword"] {
            if let Some(text) = self.read(name, Markup::Left) {
                self.draft.add("keyword", ", ", name, &text);
            }
        }
        for name in ["langid", "language"] {
            if let Some(text) = self.read(name, Markup::Left) {
                let text = language(text.trim());
                if self.draft.get("language").is_none() {
                    self.draft.text("language", name, text);
                }
            }
        }
        for name in ["funding", "funding-acknowledgement"] {
            if let Some(text) = self.read(name, Markup::Left) {
                self.draft.evidence.grant(crate::citing::exchange::Grant { funder: Some(text), ..Default::default() });
            }
        }
        for (name, value) in std::mem::take(&mut self.left) {
            if value.trim().is_empty() {
                continue;
            }
            let reason = match name.as_str() {
                name if name.starts_with("bdsk-") || INTERNAL.contains(&name) => {
                    "it is of the program that wrote the file"
                }
                name if name.ends_with("(not in the file)") => "the entry it names is not in the file",
                "subtitle" | "booksubtitle" | "journalsubtitle" | "mainsubtitle" => "there is no title for it",
                _ => "CSL has no variable for it",
            };
            self.draft.drop(&name, &value, reason);
        }
    }
}

/// Pages with one hyphen between first and last.
fn page_range(pages: &str) -> String {
    let mut range = String::new();
    for part in pages.split(['–', '—', '-', '\u{2012}', '\u{2212}']).map(str::trim).filter(|part| !part.is_empty())
    {
        if !range.is_empty() {
            range.push('-');
        }
        range.push_str(part);
    }
    range
}

/// BibLaTeX's names of languages to their tags.
fn language(name: &str) -> &str {
    match name.to_lowercase().as_str() {
        "english" | "eng" => "en",
        "american" | "usenglish" => "en-US",
        "british" | "ukenglish" => "en-GB",
        "german" | "ngerman" => "de",
        "austrian" | "naustrian" => "de-AT",
        "french" | "francais" => "fr",
        "spanish" => "es",
        "italian" => "it",
        "dutch" => "nl",
        "portuguese" => "pt",
        "brazilian" | "brazil" => "pt-BR",
        "russian" => "ru",
        "polish" => "pl",
        "swedish" => "sv",
        "danish" => "da",
        "norwegian" | "norsk" => "no",
        "finnish" => "fi",
        "japanese" => "ja",
        "chinese" => "zh",
        "korean" => "ko",
        "arabic" => "ar",
        "turkish" => "tr",
        "czech" => "cs",
        "greek" => "el",
        _ => name,
    }
}
