//! A reader's comment: a small part of Markdown; everything else is shown as the text it was written as.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd, html};

use super::plain::Plain;
use super::render::MAX_DEPTH;
use super::{Removed, Rendered, sanitize, snippet};
use crate::text::count;

/// Renders a comment: paragraphs, emphasis, code, lists, quotes and links (`rel="nofollow ugc noopener"`).
///
/// Headings become paragraphs, HTML is shown as text, a line end stays one. Images and links to anything but http, https
/// and mailto lose their address and are reported. Markers are plain text: comments never change an article's numbers.
pub fn render_comment(body: &str) -> Rendered {
    let mut writer =
        Writer { body, events: Vec::new(), plain: Plain::default(), open: Vec::new(), removed: Vec::new() };
    for (event, range) in Parser::new_ext(body, Options::empty()).into_offset_iter() {
        writer.event(event, range);
    }
    let mut raw = String::with_capacity(body.len() * 3 / 2);
    html::push_html(&mut raw, writer.events.into_iter());
    let (text, prose) = writer.plain.finish();
    Rendered {
        html: sanitize::comment(&raw),
        text,
        words: count::words(&prose),
        removed: writer.removed,
        ..Rendered::default()
    }
}

struct Writer<'b> {
    body: &'b str,
    events: Vec<Event<'b>>,
    plain: Plain,
    /// For each open tag how its end is written, if it is.
    open: Vec<Option<TagEnd>>,
    removed: Vec<Removed>,
}

impl<'b> Writer<'b> {
    fn event(&mut self, event: Event<'b>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => {
                self.plain.end(&tag);
                if let Some(tag) = self.open.pop().flatten() {
                    self.events.push(Event::End(tag));
                }
            }
            Event::Html(text) | Event::InlineHtml(text) | Event::Text(text) => {
                self.plain.words(&text);
                self.events.push(Event::Text(text));
            }
            Event::Code(text) => {
                self.plain.words(&text);
                self.events.push(Event::Code(text));
            }
            Event::SoftBreak | Event::HardBreak => {
                self.plain.words("\n");
                self.events.push(Event::HardBreak);
            }
            Event::Rule => self.rule(range),
            _ => {}
        }
    }

    fn rule(&mut self, range: Range<usize>) {
        let written = self.body.get(range).unwrap_or_default().trim();
        self.plain.words(written);
        self.plain.end(&TagEnd::Paragraph);
        self.events.extend([
            Event::Start(Tag::Paragraph),
            Event::Text(written.to_owned().into()),
            Event::End(TagEnd::Paragraph),
        ]);
    }

    fn start(&mut self, tag: Tag<'b>, range: Range<usize>) {
        self.plain.start(&tag);
        let written = self.allowed(tag, range);
        self.open.push(written.as_ref().map(Tag::to_end));
        self.events.extend(written.map(Event::Start));
    }

    /// How a tag is written in a comment, if it is.
    fn allowed(&mut self, tag: Tag<'b>, range: Range<usize>) -> Option<Tag<'b>> {
        let refusal = match &tag {
            Tag::Image { .. } => Some("image"),
            Tag::Link { dest_url, link_type, .. }
                if *link_type != pulldown_cmark::LinkType::Email && !sanitize::is_safe_comment_link(dest_url) =>
            {
                Some("unsafe_link")
            }
            _ if self.open.len() >= MAX_DEPTH => Some("too_deep"),
            _ => None,
        };
        if let Some(code) = refusal {
            let what = snippet(self.body.get(range.clone()).unwrap_or_default());
            self.removed.push(Removed { code, what, at: range });
            return None;
        }
        match tag {
            Tag::Heading { .. } | Tag::HtmlBlock => Some(Tag::Paragraph),
            Tag::CodeBlock(_) => Some(Tag::CodeBlock(CodeBlockKind::Indented)),
            Tag::BlockQuote(_) => Some(Tag::BlockQuote(None)),
            Tag::Paragraph | Tag::Emphasis | Tag::Strong | Tag::List(_) | Tag::Item | Tag::Link { .. } => Some(tag),
            _ => None,
        }
    }
}
