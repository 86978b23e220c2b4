//! Writes what the engine formatted, as text and as HTML, escaping everything.

use citationberg::{Display, FontStyle, FontVariant, FontWeight, TextDecoration, VerticalAlign};
use hayagriva::{BibliographyItem, Elem, ElemChild, ElemChildren, ElemMeta, Formatting};

use super::case;
use crate::citing::identifiers::doi_address;

/// Text of one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub text: String,
    pub form: Form,
    pub link: Option<String>,
}

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Form {
    pub italic: bool,
    pub bold: bool,
    pub small_caps: bool,
    pub underline: bool,
    pub sup: bool,
    pub sub: bool,
}

impl Run {
    /// Unformatted text.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), form: Form::default(), link: None }
    }
}

/// Markup that titles may have, and the private-use characters that carry it through the engine.
const MARKUP: [(&str, &str, char, char); 6] = [
    ("<i>", "</i>", '\u{F0001}', '\u{F0011}'),
    ("<b>", "</b>", '\u{F0002}', '\u{F0012}'),
    ("<sup>", "</sup>", '\u{F0003}', '\u{F0013}'),
    ("<sub>", "</sub>", '\u{F0004}', '\u{F0014}'),
    ("<span style=\"font-variant:small-caps;\">", "</span>", '\u{F0005}', '\u{F0015}'),
    ("<span style=\"font-variant: small-caps;\">", "</span>", '\u{F0005}', '\u{F0015}'),
];

/// Begins a text in title case, which ends with the engine's element or with [`TITLE_ENDS`].
pub(super) const TITLE: char = '\u{F0006}';
/// Ends a text in title case.
pub(super) const TITLE_ENDS: char = '\u{F0016}';
/// Stands in a text that has no title case, because it is in another language than English.
pub(super) const FOREIGN: char = '\u{F0007}';

/// A blank of the record's own before a stop, which stays.
pub(super) const KEPT_BLANK: char = '\u{F0008}';
/// A hyphen that the engine must not take for a range of pages.
pub(super) const HYPHEN: char = '\u{F0009}';
/// Stands before a number that the engine must not complete.
pub(super) const SHORT: char = '\u{F000A}';

/// A stop of the record's own behind another one, which stays: stands before it.
pub(super) const STAYS: char = '\u{F000C}';
/// Stands between the ends of a range that the engine must not read.
pub(super) const RANGE: char = '\u{F000D}';

/// Begins a DOI.
pub(super) const DOI: char = '\u{F000E}';

/// Stands behind the first part of a family name that is no particle.
pub(super) const NO_PARTICLE: char = '\u{F000B}';

/// Letters that the engine does not part from the one before them: tag characters, which have no other use here.
const ATTACHED: std::ops::RangeInclusive<char> = '\u{E0020}'..='\u{E007E}';

/// An ASCII letter as a part of the one before it.
pub(super) fn attached(letter: char) -> char {
    letter.is_ascii_graphic().then(|| char::from_u32(0xE0000 + u32::from(letter))).flatten().unwrap_or(letter)
}

fn detached(c: char) -> Option<char> {
    ATTACHED.contains(&c).then(|| char::from_u32(u32::from(c) - 0xE0000)).flatten()
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{F0000}'..='\u{F001F}') || ATTACHED.contains(&c)
}

/// Text without characters that we use as marks.
pub(super) fn without_marks(text: &str) -> String {
    text.chars().filter(|c| !is_mark(*c)).collect()
}

/// Text with its markup as marks; a tag without its partner stays text.
pub(super) fn marked(text: &str) -> String {
    let mut text = without_marks(text);
    for (open, close, on, off) in MARKUP {
        while let Some(start) = text.find(open) {
            let inside = start + open.len();
            let Some(length) = text.get(inside..).and_then(|rest| rest.find(close)) else { break };
            text.replace_range(inside + length..inside + length + close.len(), off.encode_utf8(&mut [0; 4]));
            text.replace_range(start..inside, on.encode_utf8(&mut [0; 4]));
        }
    }
    text
}

/// Takes the printed number out of an entry.
pub(super) fn take_label(first: Option<ElemChild>, mut content: ElemChildren) -> (ElemChildren, ElemChildren) {
    match first {
        Some(field) if holds_number(&field) => (ElemChildren(vec![field]), content),
        other => {
            content.0.splice(0..0, other);
            let number = content.0.iter().position(holds_number);
            let end = number.map_or(0, |at| at + 1);
            let body = content.0.split_off(end);
            (content, ElemChildren(body))
        }
    }
}

fn holds_number(child: &ElemChild) -> bool {
    match child {
        ElemChild::Elem(elem) => {
            elem.meta == Some(ElemMeta::CitationNumber) || elem.children.0.iter().any(holds_number)
        }
        _ => false,
    }
}

/// Gives the printed number the digits back that the engine takes for a repetition of what comes next: of "11" and "1".
pub(super) fn complete_number(entry: &mut BibliographyItem, number: u32) {
    let fields = entry.first_field.iter_mut().chain(&mut entry.content.0);
    fields.for_each(|field| complete(field, &number.to_string()));
}

fn complete(child: &mut ElemChild, number: &str) {
    let ElemChild::Elem(elem) = child else { return };
    if elem.meta != Some(ElemMeta::CitationNumber) {
        return elem.children.0.iter_mut().for_each(|child| complete(child, number));
    }
    if let [ElemChild::Text(printed)] = elem.children.0.as_mut_slice()
        && number.starts_with(printed.text.as_str())
    {
        number.clone_into(&mut printed.text);
    }
}

/// Flattens what the engine formatted, resolving the marks.
pub(super) fn runs(children: &ElemChildren) -> Vec<Run> {
    let mut flat = Flat { runs: Vec::new(), marks: Vec::new(), title: None, foreign: false };
    flat.children(children);
    flat.end_title();
    let mut runs: Vec<Run> = Vec::with_capacity(flat.runs.len());
    for run in flat.runs {
        match runs.last_mut() {
            Some(last) if last.form == run.form && last.link == run.link => last.text.push_str(&run.text),
            _ => runs.push(run),
        }
    }
    runs
}

struct Flat {
    runs: Vec<Run>,
    marks: Vec<char>,
    /// The first run of a text in title case.
    title: Option<usize>,
    foreign: bool,
}

impl Flat {
    fn children(&mut self, children: &ElemChildren) {
        for child in &children.0 {
            match child {
                ElemChild::Text(text) => self.text(&text.text, form(&text.formatting), None),
                ElemChild::Elem(elem) => self.elem(elem),
                ElemChild::Markup(text) => self.text(text, Form::default(), None),
                ElemChild::Link { text, url } => self.text(&text.text, form(&text.formatting), safe_link(url)),
                ElemChild::Transparent { .. } => {}
            }
        }
    }

    fn elem(&mut self, elem: &Elem) {
        if matches!(elem.display, Some(Display::Block | Display::Indent)) && !self.runs.is_empty() {
            self.text(" ", Form::default(), None);
        }
        let outer = self.title;
        self.children(&elem.children);
        if self.title != outer {
            self.end_title();
        }
    }

    fn end_title(&mut self) {
        let runs = self.title.take().and_then(|first| self.runs.get_mut(first..));
        if let Some(runs) = runs.filter(|_| !self.foreign) {
            case::title(runs);
        }
        self.foreign = false;
    }

    fn text(&mut self, text: &str, form: Form, link: Option<String>) {
        for c in text.chars() {
            match MARKUP.iter().find(|(_, _, on, off)| c == *on || c == *off) {
                Some((_, _, on, _)) if c == *on => self.marks.push(c),
                Some((_, _, on, _)) => {
                    if let Some(at) = self.marks.iter().rposition(|mark| mark == on) {
                        self.marks.remove(at);
                    }
                }
                None if c == TITLE => {
                    self.end_title();
                    self.title = Some(self.runs.len());
                }
                None if c == TITLE_ENDS => self.end_title(),
                None if c == FOREIGN => self.foreign = self.title.is_some(),
                None if c == HYPHEN => self.push('-', form, link.clone()),
                None if c == RANGE => self.push('–', form, link.clone()),
                None if c == KEPT_BLANK || c == STAYS => self.push(c, self.overlaid(form), link.clone()),
                None if ATTACHED.contains(&c) => self.push(detached(c).unwrap_or(c), form, link.clone()),
                None if is_mark(c) => {}
                None => self.push(c, self.overlaid(form), link.clone()),
            }
        }
    }

    /// The form with the open marks applied: italics inside italics are upright.
    fn overlaid(&self, mut form: Form) -> Form {
        for mark in &self.marks {
            match mark {
                '\u{F0001}' => form.italic = !form.italic,
                '\u{F0002}' => form.bold = !form.bold,
                '\u{F0003}' => form.sup = true,
                '\u{F0004}' => form.sub = true,
                _ => form.small_caps = true,
            }
        }
        form
    }

    fn push(&mut self, c: char, form: Form, link: Option<String>) {
        let begins = self.title == Some(self.runs.len());
        match self.runs.last_mut() {
            Some(run) if !begins && run.form == form && run.link == link => run.text.push(c),
            _ => self.runs.push(Run { text: c.to_string(), form, link }),
        }
    }
}

fn form(formatting: &Formatting) -> Form {
    Form {
        italic: formatting.font_style == FontStyle::Italic,
        bold: formatting.font_weight == FontWeight::Bold,
        small_caps: formatting.font_variant == FontVariant::SmallCaps,
        underline: formatting.text_decoration == TextDecoration::Underline,
        sup: formatting.vertical_align == VerticalAlign::Sup,
        sub: formatting.vertical_align == VerticalAlign::Sub,
    }
}

/// An address that readers may follow, normalised; `None` for any other. The engine puts the resolver before a DOI and leaves
/// it as it is otherwise.
pub(super) fn safe_link(url: &str) -> Option<String> {
    if let Some((_, doi)) = url.split_once(DOI) {
        return Some(doi_address(&without_marks(doi)));
    }
    let url = url::Url::parse(url.trim()).ok()?;
    matches!(url.scheme(), "http" | "https" | "mailto").then(|| url.to_string())
}

/// The runs as plain text.
pub(super) fn text(runs: &[Run]) -> String {
    let chars = runs.iter().flat_map(|run| run.text.chars()).filter(|c| *c != STAYS);
    chars.map(|c| if c == KEPT_BLANK { ' ' } else { c }).collect()
}

/// The runs as HTML.
pub(super) fn html(runs: &[Run]) -> String {
    runs.iter().map(run_html).collect()
}

fn run_html(run: &Run) -> String {
    let mut html = escape(&run.text);
    let form = run.form;
    for (on, open, close) in [
        (form.sub, "<sub>", "</sub>"),
        (form.sup, "<sup>", "</sup>"),
        (form.small_caps, "<span class=\"csl-small-caps\">", "</span>"),
        (form.underline, "<span class=\"csl-underline\">", "</span>"),
        (form.bold, "<b>", "</b>"),
        (form.italic, "<i>", "</i>"),
    ] {
        if on {
            html = format!("{open}{html}{close}");
        }
    }
    match &run.link {
        Some(link) => format!("<a href=\"{}\">{html}</a>", escape(link)),
        None => html,
    }
}

/// Escapes text for HTML, attributes included.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            KEPT_BLANK => escaped.push(' '),
            STAYS => {}
            other => escaped.push(other),
        }
    }
    escaped
}
