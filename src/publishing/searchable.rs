//! What search finds of a publication: made of its documents, so that it says what readers read.

use std::collections::BTreeSet;

use super::document::{Head, PublishedCitation, PublishedSection, PublishedStudy};
use crate::db::types::Instant;
use crate::ids::ArticleId;
use crate::text::search::{Index, Label, Labels, Part, PartKind, readable};

/// A publication, as search takes it.
pub struct Searchable {
    pub id: ArticleId,
    pub title: String,
    pub published_at: Instant,
    pub labels: Labels,
    /// In reading order.
    pub parts: Vec<Part>,
}

impl Searchable {
    pub fn of(head: &Head, sections: &[PublishedSection], citations: &[PublishedCitation]) -> Self {
        let plain = |kind, text: &str| Part { kind, name: None, heading: None, text: text.to_owned(), language: None };
        let mut parts = vec![plain(PartKind::Title, &head.title)];
        parts.extend(head.subtitle.iter().map(|text| plain(PartKind::Subtitle, text)));
        parts.extend(head.summary.iter().map(|text| plain(PartKind::Summary, text)));
        parts.extend(sections.iter().map(|section| Part {
            name: Some(section.anchor.clone()),
            heading: section.heading.clone(),
            ..plain(PartKind::Section, &readable(section.html()))
        }));
        parts.extend(citations.iter().map(|citation| of_study(&citation.study)));
        let designs: BTreeSet<&str> =
            citations.iter().filter_map(|citation| citation.study.design).map(|design| design.as_str()).collect();
        let label = |slug: &str, name: &str| Label { slug: slug.to_owned(), name: name.to_owned() };
        let labels = Labels {
            language: head.language.clone(),
            tags: head.tags.iter().map(|tag| label(&tag.slug, &tag.name)).collect(),
            authors: head.authors.iter().map(|author| label(&author.slug, &author.name)).collect(),
            year: head.published_at.get().year(),
            designs: designs.into_iter().map(str::to_owned).collect(),
        };
        Self { id: head.id, title: head.title.clone(), published_at: head.published_at, labels, parts }
    }

    /// Its words.
    pub fn index(&self) -> Index {
        Index::of(&self.labels.language, &self.parts)
    }
}

/// What search finds of a study: its names, where it came out, and its numbers. In English, unless its record says otherwise.
pub fn of_study(study: &PublishedStudy) -> Part {
    let record = study.record();
    let authors: Vec<String> = record.authors().iter().map(|name| name.display()).collect();
    let year = study.year.map(|year| year.to_string());
    let lines = [
        Some(authors.join(", ")).filter(|authors| !authors.is_empty()),
        study.title.clone(),
        record.container_title().map(str::to_owned),
        year,
        study.doi.clone(),
        study.pmid.clone(),
        study.pmcid.clone(),
        study.isbn.clone(),
        Some(study.key.clone()),
    ];
    Part {
        kind: PartKind::Study,
        name: Some(study.key.clone()),
        heading: None,
        text: lines.into_iter().flatten().collect::<Vec<_>>().join("\n"),
        language: Some(record.text("language").unwrap_or("en").to_owned()),
    }
}
