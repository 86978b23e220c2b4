//! A finding, and the gathering of them: severity by the settings, a fingerprint, a fixed order.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::document::Document;
use super::rule::{Rule, Rules, Severity};

/// Something an editor should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked for.
    pub rule: Rule,
    /// How grave it is here.
    pub severity: Severity,
    /// The id of the section concerned; `None`: the article as a whole.
    pub section: Option<String>,
    /// Bytes concerned in the section's body.
    pub span: Option<Range<usize>>,
    /// The sentence, marker, heading or title concerned, shortened.
    pub quote: String,
    /// What is wrong just here.
    pub detail: String,
    /// Why it matters and what to do.
    pub help: &'static str,
    /// Stays the same while the sentence (or the study) does, wherever it moves: an acknowledgement refers to it.
    pub fingerprint: String,
    /// Keys of the studies concerned.
    pub studies: Vec<String>,
}

/// Where a finding is: the section by its index, and bytes of its body.
#[derive(Debug, Clone, Default)]
pub(super) struct At {
    pub section: Option<usize>,
    pub span: Option<Range<usize>>,
}

impl At {
    pub fn body(section: usize, span: Range<usize>) -> Self {
        Self { section: Some(section), span: Some(span) }
    }
}

/// What a rule says of one place, before the settings are applied.
pub(super) struct Draft<'a> {
    pub rule: Rule,
    /// No graver than this.
    pub most: Severity,
    pub at: At,
    pub quote: &'a str,
    pub detail: String,
    /// What the fingerprint is made of beside the rule.
    pub identity: &'a [&'a str],
    pub studies: Vec<String>,
}

/// Gathers findings.
pub(super) struct Collector<'a> {
    document: &'a Document,
    rules: &'a Rules,
    found: Vec<((usize, usize), Finding)>,
}

impl<'a> Collector<'a> {
    pub fn new(document: &'a Document, rules: &'a Rules) -> Self {
        Self { document, rules, found: Vec::new() }
    }

    pub fn rules(&self) -> &'a Rules {
        self.rules
    }

    /// Whether anybody wants to know.
    pub fn wants(&self, rule: Rule) -> bool {
        self.rules.severity_of(rule).is_some()
    }

    pub fn add(&mut self, draft: Draft<'_>) {
        let Some(severity) = self.rules.severity_of(draft.rule) else { return };
        let section = draft.at.section.and_then(|index| self.document.sections.get(index));
        let start = draft.at.span.as_ref().map_or(0, |span| span.start);
        let place = (draft.at.section.unwrap_or(usize::MAX), start);
        self.found.push((
            place,
            Finding {
                rule: draft.rule,
                severity: severity.min(draft.most),
                section: section.map(|section| section.id.clone()),
                span: draft.at.span,
                quote: shortened(draft.quote),
                detail: draft.detail,
                help: draft.rule.help(),
                fingerprint: fingerprint(draft.rule, draft.identity),
                studies: draft.studies,
            },
        ));
    }

    pub fn finish(mut self) -> Vec<Finding> {
        self.found.sort_by(|(a, one), (b, other)| (a, one.rule).cmp(&(b, other.rule)));
        self.found.into_iter().map(|(_, finding)| finding).collect()
    }
}

/// Sixteen hexadecimal digits of a hash: enough to tell the findings of one article apart.
fn fingerprint(rule: Rule, identity: &[&str]) -> String {
    let mut hash = Sha256::new();
    hash.update(rule.name());
    for part in identity {
        hash.update([0]);
        hash.update(normalised(part));
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The words of a text in lower case: markup, punctuation and white space do not change a fingerprint.
fn normalised(text: &str) -> String {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

fn shortened(text: &str) -> String {
    const MOST: usize = 160;
    let mut short = String::new();
    for word in text.split_whitespace() {
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
        if let Some((end, _)) = short.char_indices().nth(MOST) {
            short.truncate(end);
            short.push('…');
            break;
        }
    }
    short
}
