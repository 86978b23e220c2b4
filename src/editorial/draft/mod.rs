//! The working copy in memory: what requests change, and what must hold before it is kept.

mod citations;

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

pub use self::citations::{all_keys, check_markers};
use super::model::{
    ArticlePatch, ClaimInput, MOST_CLAIMS, MOST_SECTIONS, NewArticle, NewByline, NewSection, Origin, SectionInput,
    SectionPatch, State, StudyName,
};
use super::review;
use crate::citing::marker::Cluster;
use crate::comments::CommentPolicy;
use crate::db::day::Day;
use crate::db::schema::articles;
use crate::db::types::Instant;
use crate::error::{Code, Problem};
use crate::http::fault::Fault;
use crate::http::list::AtMost;
use crate::ids::{ArticleId, CitationId, ClaimId, EditorId, GroupId, SectionId, StudyId, TagId};
use crate::library::store::Names;
use crate::library::{Certainty, EvidenceLevel};
use crate::publishing::document::{Reviewed, Reviewer};
use crate::text::{anchor, markdown};

/// The row of an article.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = articles, treat_none_as_null = true)]
pub struct Article {
    pub id: ArticleId,
    pub owner_id: Option<EditorId>,
    pub slug: String,
    pub language: String,
    pub title: String,
    pub subtitle: Option<String>,
    pub summary: Option<String>,
    pub comment_policy: CommentPolicy,
    pub published_at: Option<Instant>,
    pub first_published_at: Option<Instant>,
    pub version: i32,
    pub published_version: Option<i32>,
    pub publication_count: i32,
    pub created_at: Instant,
    pub updated_at: Instant,
    /// The citation style; `None`: the site's.
    pub style: Option<String>,
    /// The day on which experts reviewed it; `None`: nobody did.
    pub reviewed_at: Option<Day>,
    /// The day by which they should do so again.
    pub review_due: Option<Day>,
    /// The group of its translations; by itself it is a group too.
    pub translation_group: GroupId,
    /// When it was put into the trash; `None`: it is not there.
    pub trashed_at: Option<Instant>,
    /// Who put it there.
    pub trashed_by: Option<EditorId>,
}

impl Article {
    /// How the working copy stands to what the public reads.
    pub fn state(&self) -> State {
        match self.published_version {
            Some(published) if published == self.version => State::Published,
            Some(_) => State::Changed,
            None if self.publication_count > 0 => State::Unpublished,
            None => State::Draft,
        }
    }

    /// That these experts reviewed it; `None` when nobody did.
    pub fn reviewed(&self, by: &[Reviewer]) -> Option<Reviewed> {
        Some(Reviewed { by: by.to_vec(), at: self.reviewed_at?, next_due: self.review_due })
    }
}

/// One author, as the article names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Byline {
    pub slug: String,
    pub name: String,
    pub credentials: Option<String>,
    pub orcid: Option<String>,
}

/// A tag; without an id it is still to be found or made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    pub id: Option<TagId>,
    pub slug: String,
    pub name: String,
}

/// One section; its place is its place in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub id: SectionId,
    pub heading: Option<String>,
    pub level: i32,
    pub anchor: String,
    pub body: String,
}

/// One citation; its place is its place in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    pub id: CitationId,
    pub study: StudyId,
    pub origin: Origin,
    /// As an editor gave it; `None`: what the design suggests.
    pub evidence_level: Option<EvidenceLevel>,
}

/// What the article claims, and the studies that speak for it and against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub id: ClaimId,
    pub statement: String,
    pub certainty: Option<Certainty>,
    pub supporting: Vec<StudyId>,
    pub against: Vec<StudyId>,
}

impl Claim {
    /// All studies that it names.
    pub fn studies(&self) -> impl Iterator<Item = StudyId> {
        self.supporting.iter().chain(&self.against).copied()
    }
}

/// A working copy: the article with everything that its version covers.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub article: Article,
    pub authors: Vec<Byline>,
    /// In their order; none of an article that nobody reviewed.
    pub reviewers: Vec<Reviewer>,
    pub tags: Vec<Tag>,
    pub sections: Vec<Section>,
    pub citations: Vec<Citation>,
    pub claims: Vec<Claim>,
}

/// The markers of one section.
#[derive(Debug, Clone)]
pub struct Marked {
    pub section: SectionId,
    pub clusters: Vec<Cluster>,
    pub warnings: Vec<markdown::Warning>,
}

/// What a new article needs to know beside the request.
#[derive(Debug, Clone, Copy)]
pub struct Birth<'a> {
    pub owner: EditorId,
    pub language: &'a str,
    pub now: Instant,
}

impl Draft {
    /// An empty article of that title.
    pub fn new(new: &NewArticle, birth: Birth<'_>) -> Self {
        let id = ArticleId::new();
        let article = Article {
            id,
            owner_id: Some(birth.owner),
            slug: String::new(),
            language: birth.language.to_owned(),
            title: new.title.as_str().to_owned(),
            subtitle: None,
            summary: None,
            comment_policy: CommentPolicy::Open,
            published_at: None,
            first_published_at: None,
            version: 1,
            published_version: None,
            publication_count: 0,
            created_at: birth.now,
            updated_at: birth.now,
            style: None,
            reviewed_at: None,
            review_due: None,
            translation_group: GroupId(id.0),
            trashed_at: None,
            trashed_by: None,
        };
        Self {
            article,
            authors: vec![],
            reviewers: vec![],
            tags: vec![],
            sections: vec![],
            citations: vec![],
            claims: vec![],
        }
    }

    /// Replaces everything that a request can set on this day in UTC; what it does not name gets its default. The slug of
    /// an article that has one stays unless another is given.
    pub fn replace(&mut self, new: NewArticle, site_language: &str, names: &Names, today: Day) -> Result<(), Problem> {
        let mut faults = Vec::new();
        let article = &mut self.article;
        article.title = new.title.into_string();
        article.language = new.language.map_or_else(|| site_language.to_owned(), |language| language.into_string());
        if let Some(slug) = new.slug {
            article.slug = slug.into_string();
        }
        article.subtitle = new.subtitle.map(|text| text.into_string());
        article.summary = new.summary.map(|text| text.into_string());
        article.published_at = new.published_at.map(|at| at.0);
        article.comment_policy = new.comment_policy.unwrap_or(CommentPolicy::Open);
        article.style = new.style.map(|style| style.into_string());
        self.set_tags(new.tags.unwrap_or_default(), &mut faults);
        self.set_authors(new.authors.unwrap_or_default(), &mut faults);
        self.set_review(new.reviewed.map(Reviewed::from), today, &mut faults);
        self.set_sections(new.sections.unwrap_or_default(), &mut faults);
        self.set_entries(new.citations.unwrap_or_default(), names, &mut faults);
        self.set_claims(new.claims.unwrap_or_default(), names, &mut faults);
        checked(faults)
    }

    /// Changes what the patch names, on this day in UTC.
    pub fn patch(&mut self, patch: ArticlePatch, names: &Names, today: Day) -> Result<(), Problem> {
        let mut faults = Vec::new();
        let article = &mut self.article;
        if let Some(title) = patch.title.into_option() {
            article.title = title.into_string();
        }
        if let Some(slug) = patch.slug.into_option() {
            article.slug = slug.into_string();
        }
        if let Some(language) = patch.language.into_option() {
            article.language = language.into_string();
        }
        if let Some(subtitle) = patch.subtitle.into_option() {
            article.subtitle = subtitle.map(|text| text.into_string());
        }
        if let Some(summary) = patch.summary.into_option() {
            article.summary = summary.map(|text| text.into_string());
        }
        if let Some(at) = patch.published_at.into_option() {
            article.published_at = at.map(|at| at.0);
        }
        patch.comment_policy.apply(&mut article.comment_policy);
        if let Some(style) = patch.style.into_option() {
            article.style = style.map(|style| style.into_string());
        }
        if let Some(tags) = patch.tags.into_option() {
            self.set_tags(tags, &mut faults);
        }
        if let Some(authors) = patch.authors.into_option() {
            self.set_authors(authors, &mut faults);
        }
        if let Some(change) = patch.reviewed.into_option() {
            match change.map(|change| change.merged(self.article.reviewed(&self.reviewers))).transpose() {
                Ok(review) => self.set_review(review, today, &mut faults),
                Err(missing) => faults.extend(missing),
            }
        }
        if let Some(sections) = patch.sections.into_option() {
            self.set_sections(sections, &mut faults);
        }
        if let Some(citations) = patch.citations.into_option() {
            self.set_entries(citations, names, &mut faults);
        }
        if let Some(claims) = patch.claims.into_option() {
            self.set_claims(claims, names, &mut faults);
        }
        checked(faults)
    }

    fn set_tags(&mut self, tags: AtMost<super::model::TagName, 50>, faults: &mut Vec<Fault>) {
        self.tags.clear();
        for (index, name) in tags.0.into_iter().enumerate() {
            let slug = anchor::slug(name.as_str());
            if self.tags.iter().any(|tag| tag.slug == slug) {
                faults.push(Fault::at(
                    format!("/tags/{index}"),
                    "duplicate",
                    format!("The tag {slug} is there twice."),
                ));
            }
            self.tags.push(Tag { id: None, slug, name: name.into_string() });
        }
    }

    fn set_authors(&mut self, authors: AtMost<NewByline, 50>, faults: &mut Vec<Fault>) {
        self.authors.clear();
        for (index, author) in authors.0.into_iter().enumerate() {
            let slug = author.slug.map_or_else(|| anchor::slug(author.name.as_str()), |slug| slug.into_string());
            if self.authors.iter().any(|other| other.slug == slug) {
                let detail = format!("The author {slug} is there twice.");
                faults.push(Fault::at(format!("/authors/{index}"), "duplicate", detail));
            }
            self.authors.push(Byline {
                slug,
                name: author.name.into_string(),
                credentials: author.credentials.map(|text| text.into_string()),
                orcid: author.orcid.map(|text| text.into_string()),
            });
        }
    }

    fn set_review(&mut self, review: Option<Reviewed>, today: Day, faults: &mut Vec<Fault>) {
        faults.extend(review.iter().flat_map(|review| review::faults(review, today)));
        self.article.reviewed_at = review.as_ref().map(|review| review.at);
        self.article.review_due = review.as_ref().and_then(|review| review.next_due);
        self.reviewers = review.map(|review| review.by).unwrap_or_default();
    }

    fn set_sections(&mut self, sections: AtMost<SectionInput, MOST_SECTIONS>, faults: &mut Vec<Fault>) {
        let before: HashMap<SectionId, Section> =
            self.sections.drain(..).map(|section| (section.id, section)).collect();
        let mut given: BTreeSet<String> = BTreeSet::new();
        for (index, input) in sections.0.iter().enumerate() {
            if let Some(anchor) = &input.anchor
                && !given.insert(anchor.as_str().to_owned())
            {
                let detail = format!("The anchor {} is there twice.", anchor.as_str());
                faults.push(Fault::at(format!("/sections/{index}/anchor"), "duplicate", detail));
            }
        }
        for (index, input) in sections.0.into_iter().enumerate() {
            let known = input.id.and_then(|id| before.get(&id));
            if let Some(id) = input.id
                && (known.is_none() || self.sections.iter().any(|section| section.id == id))
            {
                let detail = "The article has no such section (left); leave the id out for a new one.";
                faults.push(Fault::at(format!("/sections/{index}/id"), "unknown_section", detail));
            }
            // A kept anchor yields to one that the request gives to another section.
            let kept = known.map(|section| &section.anchor).filter(|anchor| !given.contains(*anchor));
            let anchor = match (&input.anchor, kept) {
                (Some(anchor), _) => anchor.as_str().to_owned(),
                (None, Some(kept)) if !self.has_anchor(kept) => kept.clone(),
                (None, _) => {
                    let base = self.anchor_base(input.heading.as_ref().map(|heading| heading.as_str()), index);
                    anchor::unique(&base, &|anchor| given.contains(anchor) || self.has_anchor(anchor))
                }
            };
            self.sections.push(Section {
                id: known.map_or_else(SectionId::new, |section| section.id),
                heading: input.heading.map(|text| text.into_string()),
                level: input.level.unwrap_or_default().0,
                anchor,
                body: input.body.into_string(),
            });
        }
    }

    fn has_anchor(&self, anchor: &str) -> bool {
        self.sections.iter().any(|section| section.anchor == anchor)
    }

    fn anchor_base(&self, heading: Option<&str>, index: usize) -> String {
        match heading {
            Some(heading) => anchor::anchor(heading),
            None if index == 0 => "lead".to_owned(),
            None => "section".to_owned(),
        }
    }

    fn set_claims(&mut self, claims: AtMost<ClaimInput, MOST_CLAIMS>, names: &Names, faults: &mut Vec<Fault>) {
        let before: BTreeSet<ClaimId> = self.claims.drain(..).map(|claim| claim.id).collect();
        for (index, input) in claims.0.into_iter().enumerate() {
            if let Some(id) = input.id
                && (!before.contains(&id) || self.claims.iter().any(|claim| claim.id == id))
            {
                let detail = "The article has no such claim (left); leave the id out for a new one.";
                faults.push(Fault::at(format!("/claims/{index}/id"), "unknown_claim", detail));
            }
            let mut named = BTreeSet::new();
            let mut studies = |given: Option<AtMost<StudyName, _>>, member: &str| {
                let given = given.unwrap_or_default().0.into_iter().enumerate();
                let study = given.filter_map(|(place, name)| {
                    let pointer = format!("/claims/{index}/{member}/{place}");
                    match names.get(name.as_str()) {
                        None => faults.push(unknown_study(&pointer, name.as_str())),
                        Some(study) if !named.insert(study.id) => {
                            let detail = format!("The claim names the study {} twice.", study.key);
                            faults.push(Fault::at(pointer, "duplicate", detail));
                        }
                        Some(study) => return Some(study.id),
                    }
                    None
                });
                study.collect::<Vec<_>>()
            };
            let (supporting, against) = (studies(input.supporting, "for"), studies(input.against, "against"));
            self.claims.push(Claim {
                id: input.id.unwrap_or_else(ClaimId::new),
                statement: input.statement.into_string(),
                certainty: input.certainty,
                supporting,
                against,
            });
        }
    }

    /// Adds a section; answers its id.
    pub fn add_section(&mut self, new: NewSection) -> Result<SectionId, Problem> {
        if self.sections.len() >= MOST_SECTIONS {
            let detail = format!("At most {MOST_SECTIONS} sections.");
            return Err(Problem::validation(vec![Fault::at("", "too_many", detail)]));
        }
        let end = self.sections.len();
        let at = new.position.map_or(end, |position| (position.0 as usize - 1).min(end));
        let anchor = match new.anchor {
            Some(anchor) if self.has_anchor(anchor.as_str()) => return Err(anchor_taken(anchor.as_str())),
            Some(anchor) => anchor.into_string(),
            None => {
                let base = self.anchor_base(new.heading.as_ref().map(|heading| heading.as_str()), at);
                anchor::unique(&base, &|anchor| self.has_anchor(anchor))
            }
        };
        let section = Section {
            id: SectionId::new(),
            heading: new.heading.map(|text| text.into_string()),
            level: new.level.unwrap_or_default().0,
            anchor,
            body: new.body.into_string(),
        };
        let id = section.id;
        self.sections.insert(at, section);
        Ok(id)
    }

    /// Changes what the patch names of one section.
    pub fn patch_section(&mut self, id: SectionId, patch: SectionPatch) -> Result<(), Problem> {
        let at = self.index_of(id)?;
        if let Some(anchor) = patch.anchor.into_option() {
            if self.sections.iter().any(|other| other.id != id && other.anchor == anchor.as_str()) {
                return Err(anchor_taken(anchor.as_str()));
            }
            self.sections[at].anchor = anchor.into_string();
        }
        let section = &mut self.sections[at];
        if let Some(heading) = patch.heading.into_option() {
            section.heading = heading.map(|text| text.into_string());
        }
        if let Some(level) = patch.level.into_option() {
            section.level = level.0;
        }
        if let Some(body) = patch.body.into_option() {
            section.body = body.into_string();
        }
        if let Some(position) = patch.position.into_option() {
            let section = self.sections.remove(at);
            let to = (position.0 as usize - 1).min(self.sections.len());
            self.sections.insert(to, section);
        }
        Ok(())
    }

    /// Takes a section out.
    pub fn remove_section(&mut self, id: SectionId) -> Result<(), Problem> {
        let at = self.index_of(id)?;
        self.sections.remove(at);
        Ok(())
    }

    fn index_of(&self, id: SectionId) -> Result<usize, Problem> {
        self.sections.iter().position(|section| section.id == id).ok_or_else(|| Problem::not_found("section"))
    }

    /// Puts the sections in this order, which has to name each of them once.
    pub fn order_sections(&mut self, order: &[SectionId]) -> Result<(), Problem> {
        self.sections = ordered(std::mem::take(&mut self.sections), order, |section| section.id)?;
        Ok(())
    }
}

fn checked(faults: Vec<Fault>) -> Result<(), Problem> {
    if faults.is_empty() { Ok(()) } else { Err(Problem::validation(faults)) }
}

fn unknown_study(pointer: &str, name: &str) -> Fault {
    Fault::at(pointer, "unknown_study", format!("The library has no study {name:?}."))
}

fn anchor_taken(anchor: &str) -> Problem {
    Problem::new(Code::AnchorTaken, format!("Another section has the anchor {anchor}."))
}

fn ordered<T, I: Copy + Eq + std::hash::Hash + std::fmt::Display>(
    items: Vec<T>,
    order: &[I],
    id_of: impl Fn(&T) -> I,
) -> Result<Vec<T>, Problem> {
    let mut by_id: HashMap<I, T> = items.into_iter().map(|item| (id_of(&item), item)).collect();
    let mut sorted = Vec::with_capacity(order.len());
    let mut faults = Vec::new();
    for (index, id) in order.iter().enumerate() {
        match by_id.remove(id) {
            Some(item) => sorted.push(item),
            None => faults.push(Fault::at(format!("/{index}"), "unknown_id", "The article has no such item (left).")),
        }
    }
    if !by_id.is_empty() {
        let missing = by_id.keys().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        faults.push(Fault::at("", "incomplete_order", format!("The order has to name all items; it lacks {missing}.")));
    }
    if faults.is_empty() { Ok(sorted) } else { Err(Problem::validation(faults)) }
}
