//! Reads a body into Markdown events with the citation markers found among them.
//!
//! Markers in brackets are what the parser takes for links to undefined labels, so code, escapes and tables are respected
//! for free. Keys in running text are found afterwards, by [`narrative`].

use std::ops::Range;

use pulldown_cmark::{BrokenLink, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::{Warning, narrative};
use crate::citing::marker::{Cluster, MarkerFault, parse_cluster};

/// One thing in a body.
pub(super) enum Piece {
    /// What Markdown says.
    Event(Event<'static>),
    /// A citation marker.
    Cluster(Cluster),
}

/// A body taken apart.
pub(super) struct Source {
    /// Everything in document order, with its bytes in the body.
    pub pieces: Vec<(Piece, Range<usize>)>,
    /// What is doubtful about the markers.
    pub warnings: Vec<Warning>,
}

/// Takes a body apart. A key in running text is a marker if `is_study` says that it names a study; a key in brackets is one
/// anyway.
pub(super) fn read(body: &str, is_study: &dyn Fn(&str) -> bool) -> Source {
    let guarded = Guarded::new(body);
    let mut reader = Reader {
        body,
        guarded: &guarded,
        source: Source { pieces: Vec::new(), warnings: Vec::new() },
        open: Vec::new(),
        skip: 0,
    };
    reader.source.warnings.extend(guarded.definitions.iter().map(|at| Warning {
        code: "marker_like_definition",
        detail: "a marker followed by a colon at the start of a line looks like a link definition; it is read as a marker".to_owned(),
        at: at.clone(),
    }));
    let mut callback = |link: BrokenLink<'_>| {
        let cites = link_parts(body, &link.span).is_some_and(|parts| parts.cites());
        cites.then(|| ("#".into(), "".into()))
    };
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let parser = Parser::new_with_broken_link_callback(&guarded.text, options, Some(&mut callback));
    for (event, range) in parser.into_offset_iter() {
        reader.take(event, range);
    }
    let Source { pieces, mut warnings } = reader.source;
    let pieces = narrative::find(body, pieces, is_study);
    warnings.extend(pieces.iter().flat_map(|(piece, _)| faults(piece)));
    warnings.sort_by_key(|warning| warning.at.start);
    Source { pieces, warnings }
}

fn faults(piece: &Piece) -> Vec<Warning> {
    let Piece::Cluster(cluster) = piece else { return Vec::new() };
    let warning = |fault: &MarkerFault| Warning { code: fault.code(), detail: fault.detail(), at: fault.range() };
    cluster.faults.iter().map(warning).collect()
}

/// A body in which `[@a]: …` and `[^1]: …` cannot be link definitions: the colon is replaced by a character the body does not have,
/// of the same length, so that all offsets stay true.
struct Guarded {
    text: String,
    stand_in: Option<char>,
    definitions: Vec<Range<usize>>,
}

impl Guarded {
    fn new(body: &str) -> Self {
        let mut guarded = Self { text: body.to_owned(), stand_in: None, definitions: Vec::new() };
        if !body.contains("]:") {
            return guarded;
        }
        guarded.stand_in = ('\u{1}'..='\u{8}').find(|c| !body.contains(*c));
        let Some(stand_in) = guarded.stand_in else { return guarded };
        let colons: Vec<usize> =
            body.match_indices("]:").filter_map(|(at, _)| guarded.marker_before(body, at)).collect();
        guarded.text =
            body.char_indices().map(|(at, c)| if colons.binary_search(&at).is_ok() { stand_in } else { c }).collect();
        guarded
    }

    /// The offset of the colon if a marker, or a footnote's label as other dialects write it, ends at `close`.
    fn marker_before(&mut self, body: &str, close: usize) -> Option<usize> {
        const LONGEST_LABEL: usize = 1000;
        let start = (close.saturating_sub(LONGEST_LABEL)..close).find(|at| body.is_char_boundary(*at))?;
        let open = start + body.get(start..close)?.rfind('[')?;
        if body.get(open..close)?.starts_with("[^") {
            return Some(close + 1);
        }
        let cluster = cluster_in(body, open..close + 1)?;
        let begins_line = |c: char| c.is_whitespace() || c.is_ascii_digit() || ">*+-.)".contains(c);
        let before = body.get(..open)?.chars().rev().take_while(|c| *c != '\n');
        if before.take(LONGEST_LABEL).all(begins_line) {
            self.definitions.push(cluster.range);
        }
        Some(close + 1)
    }

    fn restored(&self, event: Event<'_>) -> Event<'static> {
        let Some(stand_in) = self.stand_in else { return event.into_static() };
        let mend = |text: &str| text.replace(stand_in, ":").into();
        match event {
            Event::Text(text) => Event::Text(mend(&text)),
            Event::Code(text) => Event::Code(mend(&text)),
            Event::Html(text) => Event::Html(mend(&text)),
            Event::InlineHtml(text) => Event::InlineHtml(mend(&text)),
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                Event::Start(Tag::Link { link_type, dest_url: mend(&dest_url), title: mend(&title), id: mend(&id) })
            }
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                Event::Start(Tag::Image { link_type, dest_url: mend(&dest_url), title: mend(&title), id: mend(&id) })
            }
            other => other.into_static(),
        }
    }
}

struct Reader<'b> {
    body: &'b str,
    guarded: &'b Guarded,
    source: Source,
    /// For each open link or image what replaces its end, if it was no link: the place of `]` and the marker behind it.
    open: Vec<Option<(Range<usize>, Option<Cluster>)>>,
    /// How many open tags of a marker's own content are to be passed over.
    skip: usize,
}

impl Reader<'_> {
    fn take(&mut self, event: Event<'_>, range: Range<usize>) {
        if self.skip > 0 {
            match event {
                Event::Start(_) => self.skip += 1,
                Event::End(_) => self.skip -= 1,
                _ => {}
            }
            return;
        }
        match &event {
            Event::Start(Tag::Link { link_type, .. }) => self.link(*link_type, false, &event, range),
            Event::Start(Tag::Image { link_type, .. }) => self.link(*link_type, true, &event, range),
            Event::End(TagEnd::Link | TagEnd::Image) => match self.open.pop().flatten() {
                Some((at, cluster)) => {
                    self.text("]", at);
                    cluster.into_iter().for_each(|cluster| self.cluster(cluster));
                }
                None => self.event(event, range),
            },
            _ => self.event(event, range),
        }
    }

    fn link(&mut self, kind: LinkType, image: bool, event: &Event<'_>, range: Range<usize>) {
        let by_label =
            !matches!(kind, LinkType::Inline | LinkType::Autolink | LinkType::Email | LinkType::WikiLink { .. });
        // Images with an address nest: reading each to its end would read the innermost ones again and again.
        let parts = if by_label || !image { link_parts(self.body, &range) } else { None };
        let parts = parts.filter(LinkParts::cites);
        let defined = kind == LinkType::Reference;
        match parts {
            Some(parts) if by_label && !(defined && parts.second_cluster.is_none()) => {
                self.markers(parts, image, range)
            }
            Some(parts) if parts.first_cluster.is_some() && !image => {
                self.source.warnings.push(Warning {
                    code: "marker_is_link",
                    detail: "Markdown reads this as a link, not as a citation; put a space before the parenthesis"
                        .to_owned(),
                    at: parts.first,
                });
                self.open.push(None);
                self.event(event.clone(), range);
            }
            _ => {
                self.open.push(None);
                self.event(event.clone(), range);
            }
        }
    }

    /// What looked like a link to a label is one marker, two, or bracketed text and a marker.
    fn markers(&mut self, parts: LinkParts, image: bool, range: Range<usize>) {
        if image {
            self.text("!", range.start..range.start + 1);
        }
        let Some(first) = parts.first_cluster else {
            let Range { start, end } = parts.first;
            self.text("[", start..start + 1);
            self.open.push(Some((end - 1..end, parts.second_cluster)));
            return;
        };
        self.cluster(first);
        match (parts.second_cluster, parts.second) {
            (Some(second), _) => self.cluster(second),
            (None, Some(second)) => {
                let rest = self.body.get(second.clone()).unwrap_or_default().replace('\\', "");
                self.text(&rest, second);
            }
            (None, None) => {}
        }
        self.skip = 1;
    }

    fn text(&mut self, text: &str, range: Range<usize>) {
        self.source.pieces.push((Piece::Event(Event::Text(text.to_owned().into())), range));
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        self.source.pieces.push((Piece::Event(self.guarded.restored(event)), range));
    }

    fn cluster(&mut self, cluster: Cluster) {
        let range = cluster.range.clone();
        self.source.pieces.push((Piece::Cluster(cluster), range));
    }
}

/// The bracketed halves of what the parser takes for a link: `[first]`, `[first][second]`, `[first](…)`.
struct LinkParts {
    first: Range<usize>,
    first_cluster: Option<Cluster>,
    second: Option<Range<usize>>,
    second_cluster: Option<Cluster>,
}

impl LinkParts {
    fn cites(&self) -> bool {
        self.first_cluster.is_some() || self.second_cluster.is_some()
    }
}

fn link_parts(body: &str, span: &Range<usize>) -> Option<LinkParts> {
    let source = body.get(span.clone())?;
    let start = span.start + usize::from(source.starts_with('!'));
    let source = body.get(start..span.end)?;
    if !source.starts_with('[') {
        return None;
    }
    let seam = source.rfind("][").or_else(|| source.rfind("]\\[")).filter(|_| source.ends_with(']'));
    let (first, second) = match seam {
        Some(seam) => (start..start + seam + 1, Some(start + seam + 1..span.end)),
        None => (start..start + closing(source)?, None),
    };
    let second_cluster = second.clone().and_then(|second| cluster_in(body, second));
    Some(LinkParts { first_cluster: cluster_in(body, first.clone()), first, second, second_cluster })
}

/// Offset behind the bracket that closes the one a text begins with.
fn closing(source: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut escaped = false;
    for (at, c) in source.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => depth += 1,
            ']' if depth <= 1 => return Some(at + 1),
            ']' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Reads the marker that fills these bytes, brackets included.
fn cluster_in(body: &str, range: Range<usize>) -> Option<Cluster> {
    let inner = body.get(range.clone())?.strip_prefix('[')?.strip_suffix(']')?;
    if has_bracket(inner) || !inner.contains('@') {
        return None;
    }
    parse_cluster(&without_line_starts(inner), range.start)
}

fn has_bracket(inner: &str) -> bool {
    let mut escaped = false;
    inner.chars().any(|c| {
        let live = !escaped;
        escaped = live && c == '\\';
        live && matches!(c, '[' | ']')
    })
}

/// Blanks out what block quotes put at the beginning of a marker's further lines; offsets stay true.
pub(super) fn without_line_starts(inner: &str) -> String {
    let mut at_start = false;
    inner
        .chars()
        .map(|c| match c {
            '\n' => {
                at_start = true;
                ' '
            }
            '>' | ' ' | '\t' if at_start => ' ',
            other => {
                at_start = false;
                other
            }
        })
        .collect()
}
