//! A section's body as HTML and text.

use std::collections::HashSet;
use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd, html};

use super::plain::Plain;
use super::source::{self, Piece};
use super::tree::{Builder, CitationItem, CitationLocator};
use super::{Place, Removed, RenderContext, Rendered, citation, sanitize, snippet};
use crate::citing::in_text::InText;
use crate::citing::marker::Cluster;
use crate::text::count;

/// Blocks and spans nested deeper than this lose their tags, not their text.
pub(super) const MAX_DEPTH: usize = 48;

/// Renders a section's body.
///
/// Raw HTML, unsafe links and images are left out and reported. Markers become links to `#ref-{number}`; a number is
/// whatever `context.resolve` says, so that the same body renders with any numbering. A `@key` in running text that names
/// no study stays text.
pub fn render(body: &str, context: &RenderContext<'_>) -> Rendered {
    let source = source::read(body, &|key| (context.resolve)(key).is_some());
    let mut renderer = Renderer {
        body,
        context,
        shift: heading_shift(&source.pieces, context.heading_base),
        events: Vec::with_capacity(source.pieces.len()),
        plain: Plain::default(),
        tree: Builder::new(),
        open: Vec::new(),
        images: 0,
        next_id: 0,
        next_printed: 0,
        cited: HashSet::new(),
        rendered: Rendered::default(),
    };
    for (piece, range) in source.pieces {
        match piece {
            Piece::Cluster(cluster) => renderer.cluster(&cluster),
            Piece::Event(event) => renderer.event(event, range),
        }
    }
    renderer.finish()
}

struct Renderer<'a> {
    body: &'a str,
    context: &'a RenderContext<'a>,
    /// How many levels headings go down.
    shift: usize,
    events: Vec<Event<'static>>,
    plain: Plain,
    tree: Builder,
    /// For each open tag whether it is written.
    open: Vec<bool>,
    images: usize,
    next_id: usize,
    /// Which of the context's printed markers comes next.
    next_printed: usize,
    cited: HashSet<u32>,
    rendered: Rendered,
}

impl<'a> Renderer<'a> {
    fn finish(mut self) -> Rendered {
        let mut raw = String::with_capacity(self.body.len() * 3 / 2);
        html::push_html(&mut raw, self.events.into_iter());
        self.rendered.html = sanitize::article(&raw);
        let (text, prose) = self.plain.finish();
        self.rendered.text = text;
        self.rendered.blocks = self.tree.finish();
        self.rendered.words = count::words(&prose);
        self.rendered
    }

    fn cluster(&mut self, cluster: &Cluster) {
        let in_alt = RenderContext { id_prefix: None, ..*self.context };
        let context = if self.images > 0 { &in_alt } else { self.context };
        let in_text = self.in_text(cluster);
        let printed = citation::print(cluster, context, in_text, &mut self.next_id);
        self.plain.marker(&printed.text);
        match self.images {
            0 => self.tree.citation(&printed.text, cluster.narrative, self.items(cluster, &printed.places)),
            _ => self.tree.text(&printed.text),
        }
        for number in printed.numbers {
            if self.cited.insert(number) {
                self.rendered.citations.push(number);
            }
        }
        self.rendered.unknown.extend(printed.unknown);
        self.rendered.places.extend(printed.places);
        self.events.push(match self.images {
            0 => Event::InlineHtml(printed.html.into()),
            _ => Event::Text(printed.text.into()),
        });
    }

    /// What the cluster cites, for the tree.
    fn items(&self, cluster: &Cluster, places: &[Place]) -> Vec<CitationItem> {
        let items = cluster.items.iter().filter_map(|item| {
            let number = (self.context.resolve)(&item.key)?;
            let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            Some(CitationItem {
                number,
                key: (self.context.study_key)(&item.key).unwrap_or_else(|| item.key.clone()),
                prefix: some(&item.prefix),
                locator: item
                    .locator
                    .as_ref()
                    .map(|locator| CitationLocator { label: locator.label.clone(), value: locator.value.clone() }),
                suffix: some(&item.suffix),
                suppress_author: item.suppress_author,
                id: places.iter().find(|place| place.number == number).map(|place| place.id.clone()),
            })
        });
        items.collect()
    }

    /// The cluster as the style prints it, if it cites a study.
    fn in_text(&mut self, cluster: &Cluster) -> Option<&'a InText> {
        let printed = self.context.printed?;
        let cites = cluster.items.iter().any(|item| (self.context.resolve)(&item.key).is_some());
        let at = self.next_printed;
        self.next_printed += usize::from(cites);
        printed.get(at).filter(|_| cites)
    }

    fn event(&mut self, event: Event<'static>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag),
            Event::Html(_) => {}
            Event::InlineHtml(_) => self.removed("raw_html", range),
            Event::Text(ref text) => {
                self.plain.words(text);
                self.tree.text(text);
                self.events.push(event);
            }
            Event::Code(ref text) => {
                self.plain.words(text);
                self.tree.code_span(text);
                self.events.push(event);
            }
            Event::SoftBreak => {
                self.plain.words("\n");
                self.tree.text("\n");
                self.events.push(event);
            }
            Event::HardBreak => {
                self.plain.words("\n");
                self.tree.line_break();
                self.events.push(event);
            }
            Event::Rule => {
                self.plain.begin();
                self.tree.rule();
                self.events.push(event);
            }
            other => self.events.push(other),
        }
    }

    fn start(&mut self, tag: Tag<'static>, range: Range<usize>) {
        let refused = self.refusal(&tag);
        if let Some(code) = refused {
            self.removed(code, range);
        }
        self.open.push(refused.is_none());
        self.images += usize::from(matches!(tag, Tag::Image { .. }));
        self.plain.start(&tag);
        if refused.is_none() {
            let tag = self.lowered(tag);
            self.tree.start(&tag);
            self.events.push(Event::Start(tag));
        } else if is_block(&tag) {
            self.tree.boundary();
        }
    }

    fn end(&mut self, tag: TagEnd) {
        self.images -= usize::from(tag == TagEnd::Image && self.images > 0);
        self.plain.end(&tag);
        if self.open.pop().unwrap_or(false) {
            let tag = match tag {
                TagEnd::Heading(level) => TagEnd::Heading(self.lower(level)),
                other => other,
            };
            self.tree.end(&tag);
            self.events.push(Event::End(tag));
        } else if !is_inline(&tag) {
            self.tree.boundary();
        }
    }

    /// Why a tag is not written, if it is not.
    fn refusal(&self, tag: &Tag<'_>) -> Option<&'static str> {
        match tag {
            Tag::HtmlBlock => Some("raw_html"),
            Tag::Link { dest_url, .. } if !sanitize::is_safe_link(dest_url) => Some("unsafe_link"),
            Tag::Image { dest_url, .. } if !sanitize::is_safe_image(dest_url) => Some("unsafe_image"),
            _ if self.open.len() + least_within(tag) >= MAX_DEPTH => Some("too_deep"),
            // A part of a list or a table is nothing without it.
            Tag::Item | Tag::TableHead | Tag::TableRow | Tag::TableCell if self.open.last() == Some(&false) => {
                Some("too_deep")
            }
            _ => None,
        }
    }

    fn removed(&mut self, code: &'static str, at: Range<usize>) {
        let what = snippet(self.body.get(at.clone()).unwrap_or_default());
        self.rendered.removed.push(Removed { code, what, at });
    }

    fn lowered(&self, tag: Tag<'static>) -> Tag<'static> {
        match tag {
            Tag::Heading { level, .. } => {
                Tag::Heading { level: self.lower(level), id: None, classes: Vec::new(), attrs: Vec::new() }
            }
            other => other,
        }
    }

    fn lower(&self, level: HeadingLevel) -> HeadingLevel {
        HeadingLevel::try_from((level as usize + self.shift).min(6)).unwrap_or(HeadingLevel::H6)
    }
}

/// How deep at least that is which has to stand in a tag.
fn least_within(tag: &Tag<'_>) -> usize {
    match tag {
        Tag::Table(_) => 2,
        Tag::List(_) | Tag::TableHead | Tag::TableRow => 1,
        _ => 0,
    }
}

fn is_block(tag: &Tag<'_>) -> bool {
    !is_inline(&tag.to_end())
}

pub(super) fn is_inline(tag: &TagEnd) -> bool {
    matches!(tag, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image)
}

/// How many levels a body's headings must go down for the highest to stand one below the section's.
fn heading_shift(pieces: &[(Piece, Range<usize>)], base: u8) -> usize {
    let highest = pieces.iter().filter_map(|(piece, _)| match piece {
        Piece::Event(Event::Start(Tag::Heading { level, .. })) => Some(*level as usize),
        _ => None,
    });
    let wanted = usize::from(base.clamp(1, 6)) + 1;
    highest.min().map_or(0, |highest| wanted.saturating_sub(highest))
}
