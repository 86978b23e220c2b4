//! Which sentences claim evidence, and which of those cite none.
//!
//! A sentence is compared with families of expressions (`words/en/families.txt`, and [`findings`] and [`effects`], which
//! look at words one by one). A strong family, or two weak ones, make a claim; one weak family makes a hint. Questions,
//! short sentences, advice and the authors' own work are passed over.

use std::ops::Range;

use super::document::{Block, BlockKind, Document, Mark};
use super::finding::{At, Collector, Draft};
use super::rule::{Rule, Severity};
use super::sentence::Sentences;

mod effects;
mod families;
mod findings;
mod plain;
mod skip;
mod words;

use families::Strength;

/// Fewer words claim nothing.
const FEWEST_WORDS: usize = 6;

/// How much a sentence claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// One weak family.
    Hint,
    /// A strong family, or two weak ones.
    Claim,
}

/// What a sentence claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    pub weight: Weight,
    /// The families met.
    pub families: Vec<&'static str>,
    /// Whether it speaks of research as such, as a conclusion does that leans on it.
    pub of_research: bool,
    /// Whether it goes on about studies named before: `these studies`, `the researchers`.
    pub refers_back: bool,
    /// Whether it speaks of many studies.
    pub of_many: bool,
}

/// What an English sentence claims, if anything.
pub(super) fn claim(sentence: &str) -> Option<Claim> {
    let plain = plain::of(sentence);
    if plain.words < FEWEST_WORDS || skip::whole(&plain.text) {
        return None;
    }
    let text = words::unmask(&plain.text);
    let tokens = plain::tokens(&text);
    let finding = findings::find(&tokens);
    let mut met = families::met(&text);
    met.extend(finding.as_ref().map(|_| families::Met::FINDING));
    met.extend(effects::find(&tokens));
    skip::excuse(&plain.text, &mut met);
    let weight = weight(&met)?;
    let finding = finding.unwrap_or_default();
    Some(Claim {
        weight,
        of_research: met.iter().any(|family| family.of_research),
        families: met.into_iter().map(|family| family.name).collect(),
        refers_back: finding.refers_back,
        of_many: finding.of_many,
    })
}

fn weight(met: &[families::Met]) -> Option<Weight> {
    let strong = met.iter().any(|family| family.strength == Strength::Strong);
    match met {
        [] => None,
        [alone] if alone.strength == Strength::Aid => None,
        [_] if !strong => Some(Weight::Hint),
        _ => Some(Weight::Claim),
    }
}

/// An article taken apart into sentences.
pub(super) struct Reading<'d> {
    pub document: &'d Document,
    pub blocks: Vec<ReadBlock<'d>>,
}

/// One block with its sentences.
pub(super) struct ReadBlock<'d> {
    /// The index of its section.
    pub section: usize,
    pub block: &'d Block,
    pub sentences: Vec<Sentence>,
    /// For each marker the index of the sentence it belongs to.
    marked: Vec<Option<usize>>,
    /// Whether it belongs to a conclusion.
    pub concludes: bool,
}

/// One sentence of a block.
pub(super) struct Sentence {
    /// Its bytes in the block's text.
    pub range: Range<usize>,
    /// Whether a marker belongs to it.
    pub cited: bool,
    pub claim: Option<Claim>,
}

impl<'d> Reading<'d> {
    pub fn of(document: &'d Document) -> Self {
        let english = document.is_english();
        let sections = document.sections.iter().enumerate();
        let blocks =
            sections.flat_map(|(index, section)| section.blocks.iter().map(move |block| (index, section, block)));
        let blocks = blocks.map(|(index, section, block)| {
            let claims =
                english && !section.own_results && !matches!(block.kind, BlockKind::Heading(_) | BlockKind::Code);
            ReadBlock::of(index, block, claims)
        });
        let mut reading = Self { document, blocks: blocks.collect() };
        super::conclusion::mark(&mut reading);
        reading
    }

    /// How many different studies are cited outside the conclusion.
    pub fn cited_in_body(&self) -> usize {
        let marks = self.blocks.iter().filter(|block| !block.concludes).flat_map(|block| &block.block.marks);
        let studies = marks.flat_map(|mark| &mark.items).filter_map(|item| item.study.as_deref());
        studies.collect::<std::collections::HashSet<_>>().len()
    }
}

impl<'d> ReadBlock<'d> {
    fn of(section: usize, block: &'d Block, claims: bool) -> Self {
        let split = Sentences::of(&block.text);
        let read = |range: &Range<usize>| {
            let text = block.text.get(range.clone()).unwrap_or_default();
            Sentence { range: range.clone(), cited: false, claim: claims.then(|| claim(text)).flatten() }
        };
        let mut sentences: Vec<Sentence> = split.ranges().iter().map(read).collect();
        let marked: Vec<_> = block.marks.iter().map(|mark| split.index_of(mark)).collect();
        for index in marked.iter().flatten() {
            if let Some(sentence) = sentences.get_mut(*index) {
                sentence.cited = true;
            }
        }
        Self { section, block, sentences, marked, concludes: false }
    }

    /// Its markers, each with the text of the sentence it belongs to.
    pub fn marked_sentences(&self) -> impl Iterator<Item = (&'d Mark, &'d str)> {
        self.block.marks.iter().zip(&self.marked).map(|(mark, index)| {
            let sentence = index.and_then(|index| self.sentences.get(index));
            (mark, sentence.map(|sentence| self.text(sentence)).unwrap_or_default())
        })
    }

    pub fn text(&self, sentence: &Sentence) -> &'d str {
        self.block.text.get(sentence.range.clone()).unwrap_or_default()
    }

    pub fn at(&self, sentence: &Sentence) -> At {
        At { section: Some(self.section), span: self.block.in_body(sentence.range.clone()) }
    }

    pub fn is_cited(&self) -> bool {
        !self.block.marks.is_empty()
    }
}

pub(super) fn check(reading: &Reading<'_>, found: &mut Collector<'_>) {
    if !found.wants(Rule::UncitedClaim) {
        return;
    }
    let body = reading.cited_in_body();
    for (index, block) in reading.blocks.iter().enumerate() {
        for (nth, sentence) in block.sentences.iter().enumerate() {
            let Some(claim) = sentence.claim.as_ref().filter(|_| !sentence.cited) else { continue };
            let support = support(reading, (index, nth), claim, body);
            if support.is_some() && claim.weight == Weight::Hint {
                continue;
            }
            let grave = claim.weight == Weight::Claim && support.is_none();
            found.add(Draft {
                rule: Rule::UncitedClaim,
                most: if grave { Severity::Error } else { Severity::Info },
                at: block.at(sentence),
                quote: block.text(sentence),
                detail: detail(claim, support),
                identity: &[block.text(sentence)],
                studies: Vec::new(),
            });
        }
    }
}

fn detail(claim: &Claim, support: Option<&str>) -> String {
    let families = claim.families.iter().map(|name| families::meaning(name)).collect::<Vec<_>>().join(" and ");
    match support {
        Some(support) => format!("{families}; {support}"),
        None => format!("{families}, and no marker says where it comes from"),
    }
}

/// What near the sentence may support it without a marker in it.
fn support(reading: &Reading<'_>, (index, nth): (usize, usize), claim: &Claim, body: usize) -> Option<&'static str> {
    const FEW: usize = 3;
    let block = reading.blocks.get(index)?;
    let neighbours = [nth.checked_sub(1), nth.checked_add(1)];
    if neighbours.into_iter().flatten().filter_map(|i| block.sentences.get(i)).any(|sentence| sentence.cited) {
        return Some("a neighbouring sentence cites a study");
    }
    let same_section = |other: &&ReadBlock<'_>| other.section == block.section;
    let sentence = block.sentences.get(nth)?;
    let next = reading.blocks.get(index + 1).filter(same_section);
    if block.text(sentence).ends_with(':') && next.is_some_and(|next| next.is_cited()) {
        return Some("what it introduces cites a study");
    }
    let before = index.checked_sub(1).and_then(|before| reading.blocks.get(before)).filter(same_section);
    let cited_before = block.sentences.iter().take(nth).any(|sentence| sentence.cited)
        || before.is_some_and(|before| before.is_cited());
    if claim.refers_back && cited_before {
        return Some("it goes on about studies that are cited before it");
    }
    let sums_up = block.concludes && claim.of_research && body > 0 && !(claim.of_many && body < FEW);
    sums_up.then_some("it sums up what the article cites above")
}
