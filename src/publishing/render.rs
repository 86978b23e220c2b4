//! Rendering: a source and the library as it is now become the documents of a publication. Publishing and following the
//! library both go through [`publication`], so that they cannot come to differ.

use std::collections::HashMap;

use super::document::{
    ByDesign, ByLevel, Evidence, Formatted, Head, PublishedCitation, PublishedClaim, PublishedSection, SectionBody,
};
use super::shelf::{Shelf, Shelved, records};
use super::source::{Source, SourceClaim, SourceSection};
use crate::citing::author::short_author;
use crate::citing::bibliography::{self, InTextKind, Style};
use crate::citing::fold_key;
use crate::citing::in_text::{CitedCluster, InText};
use crate::citing::marker::Cluster;
use crate::citing::numbering::{Numbering, number};
use crate::db::types::Instant;
use crate::error::Problem;
use crate::ids::StudyId;
use crate::library::{Design, EvidenceLevel, RetractionStatus};
use crate::text::{count, markdown};

#[cfg(test)]
mod tests;

/// Which form the documents have that this code makes. Whoever changes what it makes of the same source counts on:
/// publications of an earlier rendition are rendered anew when ibid starts.
pub const RENDITION: i32 = 6;

/// What a publication says of itself beside its source.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    pub number: i32,
    pub published_at: Instant,
    pub updated_at: Instant,
}

/// The documents of a publication.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    pub head: Head,
    pub sections: Vec<PublishedSection>,
    /// One for each section.
    pub bodies: Vec<SectionBody>,
    /// In the order of their numbers.
    pub citations: Vec<PublishedCitation>,
    /// The name of the style that they are in.
    pub style: String,
}

/// Renders a publication. The shelf has to be stocked with [`Source::keys`] and the style.
///
/// # Errors
/// `internal` when a study of the source is not in the library: what is published keeps its studies there.
pub fn publication(source: &Source, facts: Facts, shelf: &Shelf) -> Result<Rendered, Problem> {
    let article = Article::of(source, shelf)?;
    let Sections { sections, bodies, words, traces } = article.sections();
    let citations = article.citations(&traces);
    let head = Head {
        id: source.id,
        slug: source.slug.clone(),
        language: source.language.clone(),
        title: source.title.clone(),
        subtitle: source.subtitle.clone(),
        summary: source.summary.clone(),
        published_at: facts.published_at,
        updated_at: facts.updated_at,
        version: facts.number,
        authors: source.authors.clone(),
        reviewed: source.reviewed.clone(),
        tags: source.tags.clone(),
        word_count: whole(words),
        reading_minutes: whole(count::reading_minutes(words)),
        evidence: evidence(&citations, source.unsupported_claims),
        claims: source.claims.iter().map(|claim| article.claim(claim)).collect(),
    };
    Ok(Rendered { head, sections, bodies, citations, style: article.style.name().to_owned() })
}

fn whole(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// Where a study is cited.
#[derive(Default)]
struct Trace {
    /// Anchors of sections.
    anchors: Vec<String>,
    /// Ids of elements.
    places: Vec<String>,
}

/// The sections of an article, and what follows from them.
struct Sections {
    sections: Vec<PublishedSection>,
    bodies: Vec<SectionBody>,
    /// How many words all have.
    words: usize,
    /// Where each number is cited.
    traces: HashMap<u32, Trace>,
}

/// A source with its studies and their numbers.
struct Article<'a> {
    source: &'a Source,
    shelf: &'a Shelf,
    style: Style,
    numbering: Numbering<StudyId>,
    /// In the order of the numbers.
    studies: Vec<&'a Shelved>,
}

impl<'a> Article<'a> {
    fn of(source: &'a Source, shelf: &'a Shelf) -> Result<Self, Problem> {
        let mut studies: HashMap<StudyId, &Shelved> = HashMap::new();
        for key in source.keys() {
            let lost =
                || Problem::internal(format!("the publication of {} cites {key:?}, which is no study", source.id));
            let shelved = shelf.get(key).ok_or_else(lost)?;
            studies.insert(shelved.study.id, shelved);
        }
        let clusters: Vec<Cluster> =
            source.sections.iter().flat_map(|section| markdown::markers(&section.body)).collect();
        let markers = clusters.iter().flat_map(|cluster| &cluster.items).map(|item| item.key.as_str());
        let entries: Vec<StudyId> =
            source.entries.iter().filter_map(|entry| Some(shelf.get(&entry.study)?.study.id)).collect();
        let known = |name: &str| Some(named(source, shelf, name)?.study.id);
        let numbering = number(markers, known, &entries);
        let studies = numbering.list().iter().filter_map(|numbered| studies.get(&numbered.study).copied()).collect();
        Ok(Self { source, shelf, style: shelf.style(&source.style), numbering, studies })
    }

    /// The study that a marker names.
    fn study(&self, name: &str) -> Option<&'a Shelved> {
        named(self.source, self.shelf, name)
    }

    fn number_of(&self, name: &str) -> Option<u32> {
        self.numbering.number_of(self.study(name)?.study.id)
    }

    fn sections(&self) -> Sections {
        let mut words = 0;
        let mut traces: HashMap<u32, Trace> = HashMap::new();
        let mut sections = Vec::with_capacity(self.source.sections.len());
        let mut bodies = Vec::with_capacity(self.source.sections.len());
        for ((position, section), printed) in (1..).zip(&self.source.sections).zip(self.printed()) {
            let rendered = self.body(section, printed.as_deref());
            words += rendered.words + section.heading.as_deref().map_or(0, count::words);
            for number in &rendered.citations {
                traces.entry(*number).or_default().anchors.push(section.anchor.clone());
            }
            for place in rendered.places {
                traces.entry(place.number).or_default().places.push(place.id);
            }
            sections.push(PublishedSection {
                id: section.id,
                position,
                heading: section.heading.clone(),
                anchor: section.anchor.clone(),
                level: section.level,
                html: Some(rendered.html),
                markdown: None,
                text: None,
                blocks: None,
                citations: rendered.citations,
            });
            bodies.push(SectionBody { markdown: self.markdown(section), text: rendered.text, blocks: rendered.blocks });
        }
        Sections { sections, bodies, words, traces }
    }

    /// The markers of each section as the style prints them; nothing in styles that print numbers.
    fn printed(&self) -> Vec<Option<Vec<InText>>> {
        if self.style.in_text_kind() == InTextKind::Numeric {
            return vec![None; self.source.sections.len()];
        }
        let known = |name: &str| self.study(name).is_some();
        let resolved = |cluster: &Cluster| CitedCluster::resolve(cluster, |name| self.number_of(name));
        let clusters = self.source.sections.iter().map(|section| {
            let clusters = markdown::cited_clusters(&section.body, &known);
            clusters.iter().filter_map(resolved).collect::<Vec<CitedCluster>>()
        });
        let clusters: Vec<Vec<CitedCluster>> = clusters.collect();
        let records = records(&self.cited());
        // All sections at once: what a style prints can depend on what was cited before.
        let mut printed =
            bibliography::in_text(&self.style, Some(&self.source.language), &records, &clusters.concat()).into_iter();
        clusters.iter().map(|of_section| Some(printed.by_ref().take(of_section.len()).collect())).collect()
    }

    /// The studies with their numbers.
    fn cited(&self) -> Vec<(u32, &'a Shelved)> {
        (1..).zip(self.studies.iter().copied()).collect()
    }

    fn body(&self, section: &SourceSection, printed: Option<&[InText]>) -> markdown::Rendered {
        let resolve = |name: &str| self.number_of(name);
        let author = |name: &str| short_author(&self.study(name)?.record, &self.source.language);
        let study_key = |name: &str| Some(self.study(name)?.study.key.clone());
        let prefix = format!("cite-{}", section.anchor);
        let context = markdown::RenderContext {
            id_prefix: Some(&prefix),
            author: &author,
            printed,
            study_key: &study_key,
            ..markdown::RenderContext::new(&resolve, u8::try_from(section.level).unwrap_or(2))
        };
        markdown::render(&section.body, &context)
    }

    /// The body as it was written, its markers with the keys that the citations have.
    fn markdown(&self, section: &SourceSection) -> String {
        let key = |name: &str| Some(self.study(name)?.study.key.as_str());
        markdown::rename_keys(&section.body, &key).unwrap_or_else(|| section.body.clone())
    }

    fn citations(&self, traces: &HashMap<u32, Trace>) -> Vec<PublishedCitation> {
        let cited = self.cited();
        let formatted = formatted(self.shelf, &self.style, &self.source.language, &cited);
        let levels = self.levels();
        let citation = |((number, shelved), formatted): ((u32, &Shelved), Formatted)| {
            let trace = traces.get(&number);
            let given = levels.get(&shelved.study.id).copied();
            PublishedCitation {
                number,
                key: shelved.study.key.clone(),
                study: shelved.study.clone(),
                evidence_level: given.or(shelved.study.design.and_then(Design::default_level)),
                evidence_level_default: given.is_none(),
                formatted,
                cited_in: trace.map(|trace| trace.anchors.clone()).unwrap_or_default(),
                places: trace.map(|trace| trace.places.clone()).unwrap_or_default(),
            }
        };
        cited.into_iter().zip(formatted).map(citation).collect()
    }

    /// The levels that editors gave; of two entries that came to be one study, the first counts.
    fn levels(&self) -> HashMap<StudyId, EvidenceLevel> {
        let mut levels = HashMap::new();
        for entry in &self.source.entries {
            if let (Some(level), Some(shelved)) = (entry.evidence_level, self.shelf.get(&entry.study)) {
                levels.entry(shelved.study.id).or_insert(level);
            }
        }
        levels
    }

    /// Two studies that came to be one are named once, and for the claim if they were on both sides: first come.
    fn claim(&self, claim: &SourceClaim) -> PublishedClaim {
        let mut seen = Vec::new();
        let mut numbers = |keys: &[String]| {
            let numbers = keys.iter().filter_map(|key| self.numbering.number_of(self.shelf.get(key)?.study.id));
            let new = numbers.filter(|number| {
                let new = !seen.contains(number);
                seen.push(*number);
                new
            });
            new.collect::<Vec<u32>>()
        };
        let (supporting, against) = (numbers(&claim.supporting), numbers(&claim.against));
        PublishedClaim {
            id: claim.id,
            statement: claim.statement.clone(),
            certainty: claim.certainty,
            supporting,
            against,
        }
    }
}

fn named<'a>(source: &Source, shelf: &'a Shelf, name: &str) -> Option<&'a Shelved> {
    shelf.get(source.names.get(&fold_key(name))?)
}

/// The references of numbered studies, in the order given.
pub fn formatted(shelf: &Shelf, style: &Style, language: &str, cited: &[(u32, &Shelved)]) -> Vec<Formatted> {
    let mut by_number = Formatted::by_number(style.name(), shelf.entries(style, language, cited));
    let none = |number| Formatted {
        style: style.name().to_owned(),
        position: number,
        label: String::new(),
        text: String::new(),
        html: String::new(),
    };
    cited.iter().map(|(number, _)| by_number.remove(number).unwrap_or_else(|| none(*number))).collect()
}

/// What citations come to, in figures.
pub fn evidence(citations: &[PublishedCitation], unsupported_claims: Option<usize>) -> Evidence {
    let with = |status| citations.iter().filter(|citation| citation.study.status() == Some(status)).count();
    let mut evidence = Evidence {
        citations: citations.len(),
        retracted: with(RetractionStatus::Retracted),
        concerns: with(RetractionStatus::ExpressionOfConcern),
        unsupported_claims,
        ..Evidence::default()
    };
    let (ByDesign(designs), ByLevel(levels)) = (&mut evidence.by_design, &mut evidence.by_level);
    for citation in citations {
        if let Some(design) = citation.study.design {
            *designs.entry(design).or_default() += 1;
        }
        let Some(level) = citation.evidence_level else { continue };
        *levels.entry(level).or_default() += 1;
        if citation.study.status() != Some(RetractionStatus::Retracted) {
            evidence.best_level = evidence.best_level.into_iter().chain([level]).min();
        }
    }
    evidence
}
