//! Rendering: a settled working copy as the frozen parts of its publication.

use std::collections::HashMap;

use super::document::{Byline, Formatted, Head, PublishedCitation, PublishedSection, PublishedStudy, Tag};
use crate::citing::bibliography::{self, Style};
use crate::citing::record::Record;
use crate::db::types::Instant;
use crate::editorial::store::Settled;
use crate::error::Problem;
use crate::ids::StudyId;
use crate::library::{Completeness, Csl, Study};
use crate::text::{count, markdown};

/// The sections and how many words they have.
pub fn sections(settled: &Settled) -> (Vec<PublishedSection>, usize) {
    let resolve = |key: &str| settled.names.get(key).and_then(|known| settled.numbering.number_of(known.id));
    let mut words = 0;
    let sections = (1..).zip(&settled.draft.sections).map(|(position, section)| {
        let heading_base = u8::try_from(section.level).unwrap_or(2);
        let prefix = format!("cite-{}", section.anchor);
        let context = markdown::RenderContext {
            id_prefix: Some(&prefix),
            ..markdown::RenderContext::new(&resolve, heading_base)
        };
        let rendered = markdown::render(&section.body, &context);
        words += rendered.words + section.heading.as_deref().map_or(0, count::words);
        PublishedSection {
            id: section.id,
            position,
            heading: section.heading.clone(),
            anchor: section.anchor.clone(),
            level: section.level,
            html: rendered.html,
            citations: rendered.citations,
        }
    });
    (sections.collect(), words)
}

/// What the head says beside the article's own words.
pub struct Publication {
    pub number: i32,
    pub published_at: Instant,
    pub updated_at: Instant,
    pub words: usize,
}

/// The head.
pub fn head(settled: &Settled, publication: &Publication) -> Head {
    let draft = &settled.draft;
    let article = &draft.article;
    let whole = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    Head {
        id: article.id,
        slug: article.slug.clone(),
        language: article.language.clone(),
        title: article.title.clone(),
        subtitle: article.subtitle.clone(),
        summary: article.summary.clone(),
        published_at: publication.published_at,
        updated_at: publication.updated_at,
        version: publication.number,
        authors: draft.authors.iter().cloned().map(Byline::from).collect(),
        tags: draft.tags.iter().cloned().map(Tag::from).collect(),
        word_count: whole(publication.words),
        reading_minutes: whole(count::reading_minutes(publication.words)),
    }
}

/// One citation as it stands in the article, whatever the library says of its study.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cited {
    pub number: u32,
    pub study: StudyId,
    pub cited_in: Vec<String>,
}

/// The numbered citations of a settled working copy.
pub fn cited(settled: &Settled) -> Vec<Cited> {
    let mut cited_in = settled.cited_in();
    let numbered = settled.numbering.list().iter();
    numbered
        .map(|entry| Cited {
            number: entry.number,
            study: entry.study,
            cited_in: cited_in.remove(&entry.study).unwrap_or_default(),
        })
        .collect()
}

/// The citations with their studies, as the library has them now. `cited` is in the order of the numbers.
pub fn citations(
    language: &str,
    cited: &[Cited],
    studies: &HashMap<StudyId, Study>,
) -> Result<Vec<PublishedCitation>, Problem> {
    let lost = |id| Problem::internal(format!("the cited study {id} is not in the library"));
    let mut published = Vec::with_capacity(cited.len());
    let mut records = Vec::with_capacity(cited.len());
    for entry in cited {
        let study = studies.get(&entry.study).ok_or_else(|| lost(entry.study))?;
        let record = study.record()?;
        published.push(self::study(study, &record)?);
        records.push((entry.number, record));
    }
    let numbered: Vec<(u32, &Record)> = records.iter().map(|(number, record)| (*number, record)).collect();
    // The style of every bibliography, until sites and articles can choose.
    let style = Style::vancouver();
    let formatted = bibliography::by_number(bibliography::format(&style, Some(language), &numbered));
    let citations = cited.iter().zip(published).zip(formatted).map(|((entry, study), formatted)| PublishedCitation {
        number: entry.number,
        key: study.key.clone(),
        study,
        formatted: Formatted { style: style.name().to_owned(), text: formatted.text, html: formatted.html },
        cited_in: entry.cited_in.clone(),
    });
    Ok(citations.collect())
}

/// A study as the public reads it.
fn study(study: &Study, record: &Record) -> Result<PublishedStudy, Problem> {
    let Some(csl) = study.csl.0.as_object().cloned() else {
        return Err(Problem::internal(format!("study {} is no record", study.id)));
    };
    Ok(PublishedStudy {
        id: study.id,
        key: study.key.clone(),
        title: record.title().map(str::to_owned),
        year: study.year,
        doi: study.doi.clone(),
        pmid: study.pmid.clone(),
        pmcid: study.pmcid.clone(),
        design: study.design,
        sample_size: study.sample_size,
        retraction: study.retraction()?,
        completeness: Completeness::of(record),
        csl: Csl(csl),
    })
}
