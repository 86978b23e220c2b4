//! Publications, written straight into the tables that publishing fills.

use diesel::prelude::*;
use ibid::db::Conn;
use ibid::db::schema::{
    articles, comments, publication_authors, publication_citations, publication_tags, publications, published_authors,
    published_studies, published_tags, slug_redirects, studies, study_keys,
};
use ibid::db::types::{Instant, Json};
use ibid::error::Problem;
use ibid::ids::{ArticleId, CommentId, SectionId, StudyId};
use ibid::library::{Completeness, Csl};
use ibid::on;
use ibid::publishing::document::{
    Byline, Evidence, Formatted, Head, PublishedCitation, PublishedSection, PublishedStudy, SectionBody, Tag,
};
use ibid::text::markdown::{Block, Inline};
use serde_json::json;

use crate::support::Site;

/// A moment.
pub fn at(text: &str) -> Instant {
    Instant::parse(text).expect("a timestamp")
}

/// An article to publish.
#[derive(Debug, Clone)]
pub struct Story {
    pub slug: String,
    pub title: String,
    pub language: &'static str,
    pub published_at: &'static str,
    pub updated_at: &'static str,
    pub tags: &'static [&'static str],
    pub authors: &'static [&'static str],
    /// Keys of studies, in the order of their numbers.
    pub cites: &'static [&'static str],
    pub old_slug: Option<&'static str>,
}

impl Story {
    pub fn new(slug: impl Into<String>) -> Self {
        let slug = slug.into();
        Self {
            title: format!("About {slug}"),
            slug,
            language: "en",
            published_at: "2024-06-24T00:00:00Z",
            updated_at: "2024-06-25T09:30:00Z",
            tags: &[],
            authors: &["ada"],
            cites: &[],
            old_slug: None,
        }
    }

    fn head(&self, id: ArticleId) -> Head {
        let byline =
            |slug: &&str| Byline { name: slug.to_uppercase(), slug: (*slug).into(), credentials: None, orcid: None };
        Head {
            id,
            slug: self.slug.clone(),
            language: self.language.into(),
            title: self.title.clone(),
            subtitle: None,
            summary: None,
            published_at: at(self.published_at),
            updated_at: at(self.updated_at),
            version: 1,
            authors: self.authors.iter().map(byline).collect(),
            reviewed: None,
            tags: self.tags.iter().map(|slug| Tag { slug: (*slug).into(), name: slug.to_uppercase() }).collect(),
            word_count: 12,
            reading_minutes: 1,
            evidence: Evidence { citations: self.cites.len(), ..Evidence::default() },
            claims: Vec::new(),
        }
    }

    /// The text of its sections in other forms.
    fn bodies(&self) -> Vec<SectionBody> {
        let body = |section: PublishedSection| {
            let text = format!("{} {}", self.slug, section.anchor);
            let blocks = vec![Block::Paragraph { content: vec![Inline::Text { text: text.clone() }] }];
            SectionBody { markdown: text.clone(), text, blocks }
        };
        self.sections().into_iter().map(body).collect()
    }

    /// A lead without a heading, and a section that cites everything.
    fn sections(&self) -> Vec<PublishedSection> {
        let section = |position: i32, heading: Option<&str>, anchor: &str| PublishedSection {
            id: SectionId::new(),
            position,
            heading: heading.map(str::to_owned),
            anchor: anchor.into(),
            level: 2,
            html: Some(format!("<p>{} {anchor}</p>", self.slug)),
            markdown: None,
            text: None,
            blocks: None,
            citations: if position == 2 { (1..).take(self.cites.len()).collect() } else { Vec::new() },
        };
        vec![section(1, None, "lead"), section(2, Some("Findings"), "findings")]
    }
}

/// The study of this key, always the same: `s2009` is of 2009, `s` is of no known year.
pub fn study(id: StudyId, key: &str) -> PublishedStudy {
    let year = key.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().ok();
    PublishedStudy {
        id,
        key: key.into(),
        title: Some(format!("Study {key}")),
        year,
        doi: Some(format!("10.5555/{key}")),
        pmid: None,
        pmcid: None,
        isbn: None,
        design: None,
        review: None,
        sample_size: Some(37),
        follow_up: None,
        funding: Vec::new(),
        conflicts_of_interest: None,
        open_access_url: None,
        retraction: None,
        completeness: Completeness { complete: true, missing: Vec::new() },
        csl: Csl(json!({"id": "other", "type": "book", "title": key}).as_object().expect("an object").clone()),
    }
}

fn citation(number: u32, study: PublishedStudy) -> PublishedCitation {
    let text = format!("{number}. Author A. {}.", study.title.as_deref().unwrap_or_default());
    PublishedCitation {
        number,
        key: study.key.clone(),
        formatted: Formatted {
            style: "vancouver".into(),
            position: number,
            label: format!("{number}."),
            html: format!("<p>{text}</p>"),
            text,
        },
        cited_in: vec!["findings".into()],
        places: vec![format!("cite-findings-{number}")],
        evidence_level: None,
        evidence_level_default: true,
        study,
    }
}

/// Publishes the stories, as publishing would.
pub async fn publish(site: &Site, stories: impl IntoIterator<Item = Story>) -> Vec<ArticleId> {
    let stories: Vec<Story> = stories.into_iter().collect();
    let all = move |conn: &mut Conn| stories.iter().map(|story| publish_one(conn, story)).collect();
    let ids = site.state.db.write(all).await.expect("the fixture fits the tables");
    // It wrote no log.
    site.state.cache.touch_all();
    ids
}

fn publish_one(conn: &mut Conn, story: &Story) -> Result<ArticleId, Problem> {
    let id = draft_row(conn, &story.slug)?;
    let citations = (1..).zip(story.cites).map(|(number, key)| Ok(citation(number, study_row(conn, key)?)));
    let citations = citations.collect::<Result<Vec<_>, Problem>>()?;
    on!(conn, c => diesel::insert_into(publications::table)
        .values((
            publications::article_id.eq(id),
            publications::number.eq(1),
            publications::slug.eq(&story.slug),
            publications::language.eq(story.language),
            publications::title.eq(&story.title),
            publications::published_at.eq(at(story.published_at)),
            publications::updated_at.eq(at(story.updated_at)),
            publications::word_count.eq(12),
            publications::comment_policy.eq("open"),
            publications::head.eq(json!(story.head(id)).to_string()),
            publications::sections.eq(json!(story.sections()).to_string()),
            publications::citations.eq(json!(citations).to_string()),
            publications::bodies.eq(json!(story.bodies()).to_string()),
            publications::translation_group.eq(id),
        ))
        .execute(c))?;
    for (position, slug) in (1..).zip(story.authors) {
        use publication_authors::{article_id, position as place, slug as name};
        on!(conn, c => diesel::insert_into(publication_authors::table)
            .values((
                article_id.eq(id),
                place.eq(position),
                name.eq(slug),
                publication_authors::name.eq(slug.to_uppercase()),
                publication_authors::published_at.eq(at(story.published_at)),
            ))
            .execute(c))?;
        on!(conn, c => diesel::insert_into(published_authors::table)
            .values((
                published_authors::slug.eq(slug),
                published_authors::name.eq(slug.to_uppercase()),
                published_authors::articles.eq(1),
            ))
            .on_conflict(published_authors::slug)
            .do_update()
            .set(published_authors::articles.eq(published_authors::articles + 1))
            .execute(c))?;
    }
    for (position, slug) in (1..).zip(story.tags) {
        use publication_tags::{article_id, position as place, slug as name};
        on!(conn, c => diesel::insert_into(publication_tags::table)
            .values((
                article_id.eq(id),
                place.eq(position),
                name.eq(slug),
                publication_tags::name.eq(slug.to_uppercase()),
                publication_tags::published_at.eq(at(story.published_at)),
            ))
            .execute(c))?;
        on!(conn, c => diesel::insert_into(published_tags::table)
            .values((
                published_tags::slug.eq(slug),
                published_tags::name.eq(slug.to_uppercase()),
                published_tags::articles.eq(1),
            ))
            .on_conflict(published_tags::slug)
            .do_update()
            .set(published_tags::articles.eq(published_tags::articles + 1))
            .execute(c))?;
    }
    for (place, citation) in (1..).zip(&citations) {
        use publication_citations::{article_id, number, study_id};
        on!(conn, c => diesel::insert_into(publication_citations::table)
            .values((article_id.eq(id), study_id.eq(citation.study.id), number.eq(place)))
            .execute(c))?;
    }
    if let Some(old) = story.old_slug {
        redirect_row(conn, old, id)?;
    }
    Ok(id)
}

/// The working copy that every publication has, and a draft has alone.
fn draft_row(conn: &mut Conn, slug: &str) -> Result<ArticleId, Problem> {
    let id = ArticleId::new();
    let now = at("2024-01-01T00:00:00Z");
    on!(conn, c => diesel::insert_into(articles::table)
        .values((
            articles::id.eq(id),
            articles::slug.eq(slug),
            articles::language.eq("en"),
            articles::title.eq(format!("Draft of {slug}")),
            articles::comment_policy.eq("open"),
            articles::version.eq(1),
            articles::publication_count.eq(0),
            articles::created_at.eq(now),
            articles::updated_at.eq(now),
            articles::translation_group.eq(id),
        ))
        .execute(c))?;
    Ok(id)
}

fn redirect_row(conn: &mut Conn, slug: &str, article: ArticleId) -> Result<(), Problem> {
    on!(conn, c => diesel::insert_into(slug_redirects::table)
        .values((
            slug_redirects::slug.eq(slug),
            slug_redirects::article_id.eq(article),
            slug_redirects::created_at.eq(at("2024-01-01T00:00:00Z")),
        ))
        .execute(c))?;
    Ok(())
}

/// The study of the library and what is published of it.
fn study_row(conn: &mut Conn, key: &str) -> Result<PublishedStudy, Problem> {
    let known: Option<StudyId> =
        on!(conn, c => studies::table.filter(studies::key.eq(key)).select(studies::id).first(c).optional())?;
    let study = study(known.unwrap_or_else(StudyId::new), key);
    if known.is_some() {
        return Ok(study);
    }
    let now = at("2024-01-01T00:00:00Z");
    on!(conn, c => diesel::insert_into(studies::table)
        .values((
            studies::id.eq(study.id),
            studies::key.eq(key),
            studies::csl.eq(Json(json!(study.csl))),
            studies::title.eq(study.title.as_deref().unwrap_or_default()),
            studies::version.eq(1),
            studies::created_at.eq(now),
            studies::updated_at.eq(now),
        ))
        .execute(c))?;
    on!(conn, c => diesel::insert_into(study_keys::table)
        .values((study_keys::key.eq(key), study_keys::study_id.eq(study.id), study_keys::created_at.eq(now)))
        .execute(c))?;
    on!(conn, c => diesel::insert_into(published_studies::table)
        .values((
            published_studies::study_id.eq(study.id),
            published_studies::key.eq(key),
            published_studies::title.eq(study.title.as_deref().unwrap_or_default()),
            published_studies::year.eq(study.year),
            published_studies::doi.eq(&study.doi),
            published_studies::document.eq(json!(study).to_string()),
            published_studies::updated_at.eq(now),
        ))
        .execute(c))?;
    Ok(study)
}

/// An article that is not published, with an old slug.
pub async fn draft(site: &Site, slug: &'static str, old_slug: &'static str) -> ArticleId {
    let write = move |conn: &mut Conn| {
        let id = draft_row(conn, slug)?;
        redirect_row(conn, old_slug, id)?;
        Ok(id)
    };
    site.state.db.write(write).await.expect("the fixture fits the tables")
}

/// A comment, some seconds after the first possible moment.
pub async fn comment(
    site: &Site,
    article: ArticleId,
    status: &'static str,
    parent: Option<CommentId>,
    seconds: i64,
) -> CommentId {
    let id = CommentId::new();
    let write = move |conn: &mut Conn| {
        on!(conn, c => diesel::insert_into(comments::table)
            .values((
                comments::id.eq(id),
                comments::article_id.eq(article),
                comments::parent_id.eq(parent),
                comments::depth.eq(i32::from(parent.is_some())),
                comments::name.eq(format!("Reader {seconds}")),
                comments::email.eq("secret@example.org"),
                comments::body.eq("Hi"),
                comments::html.eq("<p>Hi</p>"),
                comments::status.eq(status),
                comments::ip.eq("192.0.2.77"),
                comments::created_at.eq(at("2024-07-01T00:00:00Z").plus_seconds(seconds)),
            ))
            .execute(c))?;
        Ok(())
    };
    site.state.db.write(write).await.expect("the fixture fits the tables");
    site.state.cache.touch_all();
    id
}
