//! Prints a marker for readers: `[1]`, `[1,3–5]`, `[1, p. 3; 2]`, `Majid [1]`, `[?key]`, or what a style makes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Place, RenderContext};
use crate::citing::in_text::InText;
use crate::citing::marker::{CiteItem, Cluster};
use crate::citing::numbering::runs;

/// A printed marker.
pub(super) struct Printed {
    pub html: String,
    pub text: String,
    /// Numbers in the order written.
    pub numbers: Vec<u32>,
    pub unknown: Vec<(String, Range<usize>)>,
    pub places: Vec<Place>,
}

/// Prints a marker, as a style does or as numbers in brackets; `next_id` counts the ids given in this body.
pub(super) fn print(
    cluster: &Cluster,
    context: &RenderContext<'_>,
    in_text: Option<&InText>,
    next_id: &mut usize,
) -> Printed {
    let mut cited: BTreeMap<u32, Vec<Note>> = BTreeMap::new();
    let mut printer = Printer { context, next_id, alone: false, printed: Printed::empty() };
    for item in &cluster.items {
        match (context.resolve)(&item.key) {
            Some(number) => {
                printer.printed.numbers.push(number);
                cited.entry(number).or_default().extend(Note::of(item));
            }
            None => printer.printed.unknown.push((item.key.clone(), item.range.clone())),
        }
    }
    match in_text.filter(|it| it.parts.iter().any(|part| printer.is_cited(part.number))) {
        Some(in_text) => printer.in_text(in_text),
        None => {
            let named = cluster.narrative_item().filter(|item| !item.suppress_author);
            if let Some(author) = named.and_then(|item| (context.author)(&item.key)) {
                printer.printed.both(&format!("{author} "));
            }
            printer.write(&cited);
        }
    }
    printer.printed
}

impl Printed {
    fn empty() -> Self {
        Self { html: String::new(), text: String::new(), numbers: Vec::new(), unknown: Vec::new(), places: Vec::new() }
    }

    fn both(&mut self, text: &str) {
        self.html.push_str(&escape(text));
        self.text.push_str(text);
    }
}

/// What is written around a key: `see`, `p. 3`, `for a review`.
struct Note {
    prefix: String,
    after: String,
}

impl Note {
    fn of(item: &CiteItem) -> Option<Self> {
        let locator = item.locator.as_ref().map(|locator| locator.display());
        let suffix = Some(item.suffix.clone()).filter(|suffix| !suffix.is_empty());
        let after = locator.into_iter().chain(suffix).collect::<Vec<_>>().join(", ");
        let bare = item.prefix.is_empty() && after.is_empty();
        (!bare).then(|| Self { prefix: item.prefix.clone(), after })
    }
}

/// One stretch of a group: numbers from first to last, or one number with its notes.
struct Stretch<'n> {
    first: u32,
    last: u32,
    notes: &'n [Note],
}

struct Printer<'a, 'c> {
    context: &'a RenderContext<'c>,
    next_id: &'a mut usize,
    /// One study only: the brackets belong to its link.
    alone: bool,
    printed: Printed,
}

impl Printer<'_, '_> {
    fn write(&mut self, cited: &BTreeMap<u32, Vec<Note>>) {
        let stretches = stretches(cited);
        let noted = cited.values().any(|notes| !notes.is_empty());
        self.alone = cited.len() == 1 && self.printed.unknown.is_empty();
        match (self.alone, stretches.as_slice()) {
            (true, [only]) => self.link(only.first, only.notes, &[only.first]),
            (_, []) => self.only_unknown(),
            _ => self.group(&stretches, if noted { "; " } else { "," }),
        }
    }

    fn group(&mut self, stretches: &[Stretch<'_>], separator: &str) {
        self.printed.html.push_str("<span class=\"citation-group\">");
        self.printed.both("[");
        for (i, stretch) in stretches.iter().enumerate() {
            if i > 0 {
                self.printed.both(separator);
            }
            if stretch.first == stretch.last {
                self.link(stretch.first, stretch.notes, &[stretch.first]);
            } else {
                let covered: Vec<u32> = (stretch.first..stretch.last).collect();
                self.link(stretch.first, &[], &covered);
                self.printed.both("–");
                self.link(stretch.last, &[], &[stretch.last]);
            }
        }
        for (key, _) in self.printed.unknown.clone() {
            self.printed.both(separator);
            self.unknown(&format!("?{key}"));
        }
        self.printed.both("]");
        self.printed.html.push_str("</span>");
    }

    /// What the style prints, its numbers as links, and then what it knows nothing of.
    fn in_text(&mut self, in_text: &InText) {
        let grouped = in_text.parts.len() > 1;
        if grouped {
            self.printed.html.push_str("<span class=\"citation-group\">");
        }
        let cited: BTreeSet<u32> = self.printed.numbers.iter().copied().collect();
        let linked: BTreeSet<u32> =
            in_text.parts.iter().filter_map(|part| part.number).filter(|n| cited.contains(n)).collect();
        for part in &in_text.parts {
            match part.number.filter(|number| linked.contains(number)) {
                Some(number) => {
                    let covered = covered(number, &linked, &cited);
                    let name = format!("{} ({})", part.text.trim(), self.context.words.reference(number));
                    self.open_link(number, &covered, &name);
                    self.printed.html.push_str(&part.html);
                    self.printed.html.push_str("</a>");
                }
                None => self.printed.html.push_str(&part.html),
            }
            self.printed.text.push_str(&part.text);
        }
        if grouped {
            self.printed.html.push_str("</span>");
        }
        if !self.printed.unknown.is_empty() {
            self.printed.both(" ");
            self.only_unknown();
        }
    }

    fn is_cited(&self, number: Option<u32>) -> bool {
        number.is_some_and(|number| self.printed.numbers.contains(&number))
    }

    fn only_unknown(&mut self) {
        let keys: Vec<String> = self.printed.unknown.iter().map(|(key, _)| format!("?{key}")).collect();
        self.unknown(&format!("[{}]", keys.join(",")));
    }

    fn unknown(&mut self, shown: &str) {
        self.printed.html.push_str("<span class=\"citation-unknown\">");
        self.printed.both(shown);
        self.printed.html.push_str("</span>");
    }

    fn link(&mut self, number: u32, notes: &[Note], covered: &[u32]) {
        self.open_link(number, covered, &with_notes(&self.context.words.reference(number), notes));
        let shown = with_notes(&number.to_string(), notes);
        self.printed.both(&if self.alone { format!("[{shown}]") } else { shown });
        self.printed.html.push_str("</a>");
    }

    /// Begins a link to a reference. Its name, for those who do not see it, says that it leads to one.
    fn open_link(&mut self, number: u32, covered: &[u32], name: &str) {
        let id = self.place(covered);
        let id = id.map(|id| format!(" id=\"{}\"", escape(&id))).unwrap_or_default();
        let name = escape(name);
        self.printed.html.push_str(&format!(
            "<a class=\"citation\" href=\"#ref-{number}\" role=\"doc-biblioref\"{id} aria-label=\"{name}\">"
        ));
    }

    fn place(&mut self, covered: &[u32]) -> Option<String> {
        let prefix = self.context.id_prefix?;
        *self.next_id += 1;
        let id = format!("{prefix}-{}", self.next_id);
        self.printed.places.extend(covered.iter().map(|number| Place { number: *number, id: id.clone() }));
        Some(id)
    }
}

/// The numbers that a link stands for: its own, and cited ones that have no link between it and the next (`1–3`) or
/// before the first.
fn covered(number: u32, linked: &BTreeSet<u32>, cited: &BTreeSet<u32>) -> Vec<u32> {
    let from = if linked.first() == Some(&number) { 0 } else { number };
    let to = linked.range(number.saturating_add(1)..).next().copied();
    cited.range(from..).copied().take_while(|cited| to.is_none_or(|to| *cited < to)).collect()
}

/// Numbers with notes stand alone; the others collapse into runs between them.
fn stretches(cited: &BTreeMap<u32, Vec<Note>>) -> Vec<Stretch<'_>> {
    let mut stretches = Vec::new();
    let mut plain: Vec<u32> = Vec::new();
    let flush = |plain: &mut Vec<u32>, stretches: &mut Vec<Stretch<'_>>| {
        stretches.extend(runs(plain).into_iter().map(|(first, last)| Stretch { first, last, notes: &[] }));
        plain.clear();
    };
    for (number, notes) in cited {
        if notes.is_empty() {
            plain.push(*number);
        } else {
            flush(&mut plain, &mut stretches);
            stretches.push(Stretch { first: *number, last: *number, notes });
        }
    }
    flush(&mut plain, &mut stretches);
    stretches
}

/// `see 1, p. 3`; the same study twice: `1, p. 3 and p. 5`.
fn with_notes(number: &str, notes: &[Note]) -> String {
    let prefixes: Vec<&str> = notes.iter().map(|n| n.prefix.as_str()).filter(|p| !p.is_empty()).collect();
    let afters: Vec<&str> = notes.iter().map(|n| n.after.as_str()).filter(|a| !a.is_empty()).collect();
    let mut shown = String::new();
    if !prefixes.is_empty() {
        shown = format!("{} ", prefixes.join(", "));
    }
    shown.push_str(number);
    if !afters.is_empty() {
        shown.push_str(&format!(", {}", afters.join(" and ")));
    }
    shown
}

/// Escapes text for HTML, attributes included.
pub(in crate::text) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}
