//! Rules about sections, headings and internal links.

use std::collections::HashSet;

use super::document::{BlockKind, Document, SectionText};
use super::finding::{At, Collector, Draft};
use super::rule::{Rule, Severity};

/// The level of an article's title; its sections begin one below.
const TITLE_LEVEL: u8 = 1;

pub(super) fn check(document: &Document, references: usize, found: &mut Collector<'_>) {
    levels(document, found);
    empty(document, found);
    links(document, references, found);
}

fn levels(document: &Document, found: &mut Collector<'_>) {
    let mut above = TITLE_LEVEL;
    for (index, section) in document.sections.iter().enumerate() {
        if let Some(heading) = &section.heading {
            let at = At { section: Some(index), span: None };
            level(above, section.level, (heading, at), found);
            above = section.level;
        }
        above = levels_inside(index, section, above, found);
    }
}

/// Headings inside a body are set as far down as the section asks, so that only the steps between them count.
fn levels_inside(index: usize, section: &SectionText, above: u8, found: &mut Collector<'_>) -> u8 {
    let headings = section.blocks.iter().filter_map(|block| match block.kind {
        BlockKind::Heading(level) => Some((level, block)),
        _ => None,
    });
    let headings: Vec<_> = headings.collect();
    let Some(highest) = headings.iter().map(|(level, _)| *level).min() else { return above };
    let base = section.level.clamp(1, 6);
    let mut last = if section.heading.is_some() { base } else { above.max(base) };
    let first = last;
    for (written, block) in headings {
        let level_here = first.saturating_add(1).saturating_add(written - highest);
        let span = block.in_body(0..block.text.len());
        level(last, level_here, (&block.text, At { section: Some(index), span }), found);
        last = level_here;
    }
    above
}

fn level(above: u8, here: u8, (heading, at): (&str, At), found: &mut Collector<'_>) {
    if here <= above.saturating_add(1) {
        return;
    }
    found.add(Draft {
        rule: Rule::SkippedHeadingLevel,
        most: Severity::Error,
        at,
        quote: heading,
        detail: format!("a heading of level {here} follows one of level {above}"),
        identity: &[heading],
        studies: Vec::new(),
    });
}

/// Sections without text; a heading may stand above its subsections without any.
fn empty(document: &Document, found: &mut Collector<'_>) {
    for (index, section) in document.sections.iter().enumerate() {
        let next = document.sections.get(index + 1);
        let has_subsections =
            section.heading.is_some() && next.is_some_and(|next| next.heading.is_some() && next.level > section.level);
        let has_text = section.blocks.iter().any(|block| {
            !matches!(block.kind, BlockKind::Heading(_)) && (!block.text.trim().is_empty() || !block.marks.is_empty())
        });
        if has_text || has_subsections {
            continue;
        }
        found.add(Draft {
            rule: Rule::EmptySection,
            most: Severity::Error,
            at: At { section: Some(index), span: None },
            quote: section.heading.as_deref().unwrap_or_default(),
            detail: "the section has no text".to_owned(),
            identity: &[&section.id],
            studies: Vec::new(),
        });
    }
}

fn links(document: &Document, references: usize, found: &mut Collector<'_>) {
    let anchors = document.sections.iter().map(|section| &section.anchor).chain(&document.anchors);
    let anchors: HashSet<&str> = anchors.map(String::as_str).collect();
    for (index, section) in document.sections.iter().enumerate() {
        for link in section.blocks.iter().flat_map(|block| &block.links) {
            let Some(anchor) = link.target.strip_prefix('#') else { continue };
            // `#` and `#top` lead to the beginning of any page.
            if anchor.is_empty() || anchor.eq_ignore_ascii_case("top") || anchors.contains(anchor) {
                continue;
            }
            if reference(anchor).is_some_and(|number| (1..=references).contains(&number)) {
                continue;
            }
            found.add(Draft {
                rule: Rule::BrokenInternalLink,
                most: Severity::Error,
                at: At::body(index, link.body.clone()),
                quote: &link.target,
                detail: format!("the article has nothing with the anchor {anchor:?}"),
                identity: &[&section.id, anchor],
                studies: Vec::new(),
            });
        }
    }
}

/// The number in the anchor of a reference, `ref-3`.
fn reference(anchor: &str) -> Option<usize> {
    let number = anchor.strip_prefix("ref-")?;
    (!number.starts_with(['0', '+'])).then(|| number.parse().ok())?
}
