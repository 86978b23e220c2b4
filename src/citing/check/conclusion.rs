//! Conclusions: which blocks are one, and whether what they lean on is cited in the article.

use std::sync::LazyLock;

use regex::Regex;

use super::claims::{ReadBlock, Reading};
use super::finding::{Collector, Draft};
use super::rule::{Rule, Severity};

static STARTS: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(include_str!("words/en/conclusion_starts.txt"), "^"));
static HEADINGS: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(include_str!("words/en/conclusion_headings.txt"), r"\b"));

fn pattern(file: &str, before: &str) -> Option<Regex> {
    let lines: Vec<&str> = file.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    Regex::new(&format!(r"(?i){before}(?:{})\b", lines.join("|"))).ok()
}

fn is_match(pattern: &Option<Regex>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text.trim_start()))
}

/// Marks the blocks that conclude: those of a section whose heading says so (or that has none and begins so), those under
/// such a heading inside a body, and single paragraphs that begin so.
pub(super) fn mark(reading: &mut Reading<'_>) {
    if !reading.document.is_english() {
        return;
    }
    let sections = &reading.document.sections;
    let mut section = usize::MAX;
    let mut whole = false;
    for block in &mut reading.blocks {
        let begins = is_match(&STARTS, &block.block.text);
        if block.section != section {
            section = block.section;
            let heading = sections.get(section).and_then(|section| section.heading.as_deref());
            whole = heading.map_or(begins, |heading| is_match(&HEADINGS, heading));
        }
        if matches!(block.block.kind, super::BlockKind::Heading(_)) {
            whole = is_match(&HEADINGS, &block.block.text);
        }
        block.concludes = whole || begins;
    }
}

/// One finding for each conclusion that leans on research while the rest of the article cites none.
pub(super) fn check(reading: &Reading<'_>, found: &mut Collector<'_>) {
    if !found.wants(Rule::ConclusionWithoutSupport) || reading.cited_in_body() > 0 {
        return;
    }
    for conclusion in reading.blocks.chunk_by(|a, b| a.section == b.section && a.concludes == b.concludes) {
        lean(conclusion, found);
    }
}

fn lean(conclusion: &[ReadBlock<'_>], found: &mut Collector<'_>) {
    let blocks = conclusion.iter().filter(|block| block.concludes);
    let mut sentences = blocks.flat_map(|block| block.sentences.iter().map(move |sentence| (block, sentence)));
    let leans =
        sentences.find(|(_, sentence)| !sentence.cited && sentence.claim.as_ref().is_some_and(|c| c.of_research));
    let Some((block, sentence)) = leans else { return };
    found.add(Draft {
        rule: Rule::ConclusionWithoutSupport,
        most: Severity::Error,
        at: block.at(sentence),
        quote: block.text(sentence),
        detail: "the conclusion leans on research, and the article cites none before it".to_owned(),
        identity: &[block.text(sentence)],
        studies: Vec::new(),
    });
}
