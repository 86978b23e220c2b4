//! Articles to write, for tests: a small one, and one in which everything is awkward.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::Whole;
use super::site::Site;
use crate::citing::bibliography::{Style, format};
use crate::citing::record::Record;
use crate::comments::Comment;
use crate::db::types::Instant;
use crate::ids::{ArticleId, CommentId, SectionId, StudyId};
use crate::library::{Completeness, Csl, NoticeSource, Retraction, RetractionStatus};
use crate::publishing::document::{
    Byline, Evidence, Formatted, Head, PublishedCitation, PublishedSection, PublishedStudy, Reviewed, Tag,
};
use crate::text::markdown::{RenderContext, markers, render};
use crate::text::references::Numbers;

const NASTY: &str = include_str!("../../tests/articles/nasty.json");

#[derive(Deserialize)]
struct Input {
    studies: Vec<Study>,
    article: Article,
}

#[derive(Deserialize)]
struct Study {
    key: String,
    csl: serde_json::Map<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct Article {
    title: String,
    slug: String,
    language: String,
    subtitle: Option<String>,
    summary: Option<String>,
    authors: Vec<Author>,
    reviewed: Option<Reviewed>,
    tags: Vec<String>,
    sections: Vec<Section>,
}

#[derive(Deserialize)]
struct Author {
    name: String,
    slug: String,
    credentials: Option<String>,
    orcid: Option<String>,
}

#[derive(Deserialize)]
struct Section {
    heading: Option<String>,
    anchor: Option<String>,
    #[serde(default = "two")]
    level: i32,
    body: String,
}

fn two() -> i32 {
    2
}

pub fn site() -> Site<'static> {
    Site::new(
        "The Site",
        "What is known & what is not.",
        "en",
        "https://cms.example.org",
        "https://www.example.org/{slug}",
    )
}

/// The one in which everything is awkward.
pub fn nasty() -> Whole {
    made(serde_json::from_str(NASTY).unwrap())
}

/// The small one.
pub fn whole() -> Whole {
    let input = serde_json::json!({
        "studies": [
            {"key": "majid2009", "csl": {
                "type": "article-journal", "title": "Microneedling therapy in scars", "container-title": "J Cutan",
                "author": [{"family": "Majid", "given": "Imran"}], "issued": {"date-parts": [[2009, 1]]}, "volume": "2",
                "issue": "1", "page": "26-30", "DOI": "10.4103/0974-2077.53096", "PMID": "20300368",
            }},
            {"key": "who2020", "csl": {
                "type": "report", "title": "Skin", "author": [{"literal": "World Health Organization"}],
                "issued": {"date-parts": [[2020]]}, "URL": "https://www.who.int/skin",
            }},
        ],
        "article": {
            "title": "Needles & <pores>", "slug": "needles", "language": "en", "subtitle": "A look",
            "summary": "What \"two\" studies say.", "tags": ["Skin"],
            "authors": [{"name": "Ada Example", "slug": "ada-example", "credentials": "MD", "orcid": "0000-0002-1825-0097"}],
            "reviewed": {
                "by": [
                    {"name": "Grace <Example>", "credentials": "MD & PhD", "orcid": "0000-0002-1694-233X"},
                    {"name": "Alan Example", "credentials": null, "orcid": null},
                ],
                "at": "2024-06-20",
                "next_due": "2025-06-20",
            },
            "sections": [
                {"body": "A *lead* with a [link](/more) [@majid2009]."},
                {"heading": "What was found", "body": "- one [@who2020]\n- two [@majid2009; @who2020]"},
            ],
        },
    });
    made(serde_json::from_value(input).unwrap())
}

pub fn retract(whole: &mut Whole, number: u32) {
    let citation = whole.citations.iter_mut().find(|citation| citation.number == number).unwrap();
    citation.study.retraction = Some(Retraction {
        status: RetractionStatus::Retracted,
        date: None,
        reasons: Vec::new(),
        notice_doi: None,
        notice_pmid: None,
        source: NoticeSource::Crossref,
        disputed: false,
    });
}

pub fn comment(reply: Option<Comment>) -> Comment {
    Comment {
        id: CommentId::parse("0190493e-7d2c-7c4a-9b58-2f1d6a0c9e11").unwrap(),
        parent_id: None,
        name: "Grace <&>".into(),
        url: Some("https://grace.example.org/?a=1&b=2".into()),
        html: "<p>So <em>few</em>?</p>\n<p>Yes.</p>\n".into(),
        created_at: at("2024-07-01T10:00:00Z"),
        depth: 0,
        replies: reply.into_iter().collect(),
        more_replies: false,
    }
}

pub fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn made(input: Input) -> Whole {
    let Input { studies, article } = input;
    let mut seen: Vec<String> = Vec::new();
    for key in article.sections.iter().flat_map(|section| markers(&section.body)).flat_map(|cluster| cluster.items) {
        if !seen.contains(&key.key) && studies.iter().any(|study| study.key == key.key) {
            seen.push(key.key);
        }
    }
    let number = |key: &str| seen.iter().position(|seen| seen == key).map(|at| at as u32 + 1);
    let mut places: Vec<(u32, String, String)> = Vec::new();
    let mut sections = Vec::new();
    for (position, section) in (1..).zip(&article.sections) {
        let anchor = section
            .anchor
            .clone()
            .unwrap_or_else(|| if position == 1 { "lead".into() } else { format!("s-{position}") });
        let prefix = format!("cite-{anchor}");
        let context = RenderContext { id_prefix: Some(&prefix), ..RenderContext::new(&number, section.level as u8) };
        let rendered = render(&section.body, &context);
        places.extend(rendered.places.iter().map(|place| (place.number, anchor.clone(), place.id.clone())));
        sections.push(PublishedSection {
            id: SectionId::new(),
            position,
            heading: section.heading.clone(),
            anchor,
            level: section.level,
            html: Some(rendered.html),
            markdown: None,
            text: None,
            blocks: None,
            citations: rendered.citations,
        });
    }
    let records: Vec<(u32, Record)> = seen
        .iter()
        .map(|key| {
            let study = studies.iter().find(|study| study.key == *key).unwrap();
            (number(key).unwrap(), Record::parse(&serde_json::Value::Object(study.csl.clone())).unwrap())
        })
        .collect();
    let numbered: Vec<(u32, &Record)> = records.iter().map(|(number, record)| (*number, record)).collect();
    let style = Style::vancouver();
    let mut formatted = Formatted::by_number(style.name(), format(&style, Some(&article.language), &numbered));
    let citations = seen.iter().zip(&records).map(|(key, (number, record))| PublishedCitation {
        number: *number,
        key: key.clone(),
        study: study(key, record),
        evidence_level: None,
        evidence_level_default: true,
        formatted: formatted.remove(number).unwrap(),
        cited_in: places
            .iter()
            .filter(|(own, ..)| own == number)
            .map(|(_, anchor, _)| anchor.clone())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
        places: places.iter().filter(|(own, ..)| own == number).map(|(.., id)| id.clone()).collect(),
    });
    let citations: Vec<PublishedCitation> = citations.collect();
    let head = Head {
        id: ArticleId::parse("01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11").unwrap(),
        slug: article.slug,
        language: article.language,
        title: article.title,
        subtitle: article.subtitle,
        summary: article.summary,
        published_at: at("2024-06-24T00:00:00Z"),
        updated_at: at("2024-06-25T09:30:00Z"),
        version: 3,
        authors: article
            .authors
            .into_iter()
            .map(|Author { name, slug, credentials, orcid }| Byline { name, slug, credentials, orcid })
            .collect(),
        reviewed: article.reviewed,
        tags: article.tags.into_iter().map(|name| Tag { slug: "skin".into(), name }).collect(),
        word_count: 12,
        reading_minutes: 1,
        evidence: Evidence { citations: citations.len(), ..Evidence::default() },
        claims: Vec::new(),
    };
    Whole { head, sections, citations, numbers: Numbers::Shown, translations: Vec::new() }
}

fn study(key: &str, record: &Record) -> PublishedStudy {
    PublishedStudy {
        id: StudyId::new(),
        key: key.into(),
        title: record.title().map(str::to_owned),
        year: record.year().map(i32::from),
        doi: record.doi().map(|doi| doi.to_string()),
        pmid: record.pmid().map(|pmid| pmid.to_string()),
        pmcid: record.pmcid().map(|pmcid| pmcid.to_string()),
        isbn: record.isbn().map(|isbn| isbn.to_string()),
        design: None,
        review: None,
        sample_size: None,
        follow_up: None,
        funding: Vec::new(),
        conflicts_of_interest: None,
        open_access_url: None,
        retraction: None,
        completeness: Completeness { complete: true, missing: Vec::new() },
        csl: Csl(record.members().clone()),
    }
}
