//! What editors get to see.

use serde::Serialize;
use utoipa::ToSchema;

use super::draft::{Article, Byline, Claim, Tag, all_keys};
use super::model::{Origin, State, StudyName};
use super::schedule::{Action, Planned};
use super::store::{Named, Settled};
use crate::citing::marker::Cluster;
use crate::comments::CommentPolicy;
use crate::db::types::Instant;
use crate::http::page::PageInfo;
use crate::ids::{ArticleId, CitationId, ClaimId, EditorId, GroupId, SectionId, StudyId};
use crate::library::styles::StyleName;
use crate::library::{Certainty, Design, EvidenceLevel};
use crate::publishing::document;
use crate::text::markdown;

/// An article's working copy without its text.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorkingArticle {
    pub id: ArticleId,
    /// Names the article in addresses.
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "microneedling-for-large-pores")]
    pub slug: String,
    /// BCP 47.
    #[schema(max_length = 11, pattern = "^[A-Za-z0-9-]+$", example = "en")]
    pub language: String,
    /// The same for all translations of the article, and for no other.
    pub translation_group: GroupId,
    #[schema(max_length = 300, example = "Microneedling for large pores")]
    pub title: String,
    #[schema(max_length = 300)]
    pub subtitle: Option<String>,
    #[schema(max_length = 2000)]
    pub summary: Option<String>,
    pub state: State,
    pub schedule: WorkingSchedule,
    /// Counts the changes; the ETag names it.
    #[schema(minimum = 1, maximum = 2147483647, example = 4)]
    pub version: i32,
    /// The version that the public reads; null when it reads none.
    #[schema(minimum = 1, maximum = 2147483647, example = 3)]
    pub published_version: Option<i32>,
    /// The date that readers see, if the editors gave one.
    #[schema(value_type = Option<String>, format = DateTime, max_length = 35, example = "2024-06-24T00:00:00Z")]
    pub published_at: Option<Instant>,
    pub comment_policy: CommentPolicy,
    /// The citation style; null for the site's.
    #[schema(value_type = Option<StyleName>)]
    pub style: Option<String>,
    #[schema(max_items = 50)]
    pub authors: Vec<document::Byline>,
    /// That experts reviewed it; null when nobody did.
    pub reviewed: Option<document::Reviewed>,
    #[schema(max_items = 50)]
    pub tags: Vec<document::Tag>,
    /// The editor who made it; null when the account is gone.
    pub owner: Option<EditorId>,
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-24T08:00:00Z")]
    pub created_at: Instant,
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-25T09:30:00Z")]
    pub updated_at: Instant,
}

/// What is to happen to an article by itself.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct WorkingSchedule {
    /// When it is published; null when it is not by itself.
    #[schema(value_type = Option<String>, format = DateTime, max_length = 35, example = "2030-06-24T06:00:00Z")]
    pub publish_at: Option<Instant>,
    /// When it is taken down; null when it is not by itself.
    #[schema(value_type = Option<String>, format = DateTime, max_length = 35)]
    pub unpublish_at: Option<Instant>,
    /// What could not be done when it was due; null when all went well.
    pub failed: Option<Action>,
}

impl From<Planned> for WorkingSchedule {
    fn from(Planned { publish_at, unpublish_at, failed }: Planned) -> Self {
        Self { publish_at, unpublish_at, failed }
    }
}

/// An article's working copy, whole.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorkingCopy {
    #[serde(flatten)]
    pub article: WorkingArticle,
    /// The same in other languages, by language; of authors only those that they may see.
    #[schema(max_items = 50)]
    pub translations: Vec<WorkingTranslation>,
    /// In order.
    #[schema(max_items = 500)]
    pub sections: Vec<WorkingSection>,
    /// In the order of their numbers.
    #[schema(max_items = 5000)]
    pub citations: Vec<WorkingCitation>,
    /// In order.
    #[schema(max_items = 200)]
    pub claims: Vec<WorkingClaim>,
    /// Markers of studies that are not in the library. They stop a publication.
    #[schema(max_items = 20000)]
    pub dangling: Vec<DanglingMarker>,
    /// What an editor should look at; nothing here stops a publication.
    #[schema(max_items = 20000)]
    pub warnings: Vec<Warning>,
}

/// The working copy of a translation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorkingTranslation {
    pub id: ArticleId,
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "microneedling-bei-grossen-poren")]
    pub slug: String,
    /// BCP 47.
    #[schema(max_length = 11, pattern = "^[A-Za-z0-9-]+$", example = "de")]
    pub language: String,
    #[schema(max_length = 300, example = "Microneedling bei großen Poren")]
    pub title: String,
    pub state: State,
}

impl From<Article> for WorkingTranslation {
    fn from(article: Article) -> Self {
        let state = article.state();
        let Article { id, slug, language, title, .. } = article;
        Self { id, slug, language, title, state }
    }
}

/// One section of a working copy.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorkingSection {
    pub id: SectionId,
    /// 1 for the first.
    #[schema(minimum = 1, maximum = 500, example = 1)]
    pub position: i32,
    /// Null for the lead.
    #[schema(max_length = 300)]
    pub heading: Option<String>,
    #[schema(minimum = 2, maximum = 6, example = 2)]
    pub level: i32,
    #[schema(max_length = 80, pattern = "^[a-z0-9]+(?:-[a-z0-9]+)*$", example = "lead")]
    pub anchor: String,
    /// Markdown with markers.
    #[schema(max_length = 500000, example = "It helped most patients [@majid2009, p. 28].")]
    pub body: String,
    /// The numbers cited in the section, in the order of their first appearance in it.
    #[schema(max_items = 5000, value_type = Vec<document::Number>)]
    pub citations: Vec<u32>,
}

/// One citation of a working copy.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorkingCitation {
    pub id: CitationId,
    /// 1…n by first appearance; entries without a marker follow.
    #[schema(value_type = i32, minimum = 1, maximum = 5000, example = 1)]
    pub number: u32,
    pub study: CitedStudy,
    pub origin: Origin,
    /// How strong the study is for the question of this article; null when nobody said and its design suggests nothing.
    pub evidence_level: Option<EvidenceLevel>,
    /// The level follows from the design: no editor gave one.
    pub evidence_level_default: bool,
    /// The anchors of the sections whose markers cite it.
    #[schema(max_items = 500, value_type = Vec<document::SectionAnchor>, example = json!(["lead"]))]
    pub cited_in: Vec<String>,
}

/// The study that a citation is of.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CitedStudy {
    pub id: StudyId,
    #[schema(max_length = 64, pattern = "^[a-z0-9][a-z0-9_:.-]{1,63}$", example = "majid2009")]
    pub key: String,
    /// Null when it is not known.
    #[schema(max_length = 10000)]
    pub title: Option<String>,
    /// How the study was made; null when nobody said.
    pub design: Option<Design>,
}

/// Something that the article claims.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorkingClaim {
    pub id: ClaimId,
    /// Plain text.
    #[schema(max_length = 2000, example = "Microneedling makes atrophic acne scars less deep.")]
    pub statement: String,
    /// How certain the evidence makes it (GRADE); null when nobody said.
    pub certainty: Option<Certainty>,
    /// The keys of the studies that speak for it.
    #[serde(rename = "for")]
    #[schema(max_items = 500, value_type = Vec<StudyName>, example = json!(["majid2009"]))]
    pub supporting: Vec<String>,
    /// The keys of the studies that speak against it.
    #[schema(max_items = 500, value_type = Vec<StudyName>, example = json!([]))]
    pub against: Vec<String>,
}

/// A marker of a study that is not in the library.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DanglingMarker {
    pub section: SectionId,
    /// As it is written.
    #[schema(max_length = 500000, example = "majid2008")]
    pub key: String,
    /// From 1.
    #[schema(value_type = i32, minimum = 1, maximum = 500000, example = 3)]
    pub line: usize,
    /// In characters, from 1.
    #[schema(value_type = i32, minimum = 1, maximum = 500000, example = 17)]
    pub column: usize,
}

/// Something in a section's text that an editor should look at.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Warning {
    pub section: SectionId,
    /// Stable: what readers will not see (`raw_html`, `unsafe_link` …) or a doubtful marker (`marker_…`).
    #[schema(max_length = 60, pattern = "^[a-z][a-z0-9_]*$", example = "raw_html")]
    pub code: String,
    #[schema(max_length = 500500, example = "Raw HTML is not shown: <script>")]
    pub detail: String,
    /// From 1.
    #[schema(value_type = i32, minimum = 1, maximum = 500000, example = 3)]
    pub line: usize,
    /// In characters, from 1.
    #[schema(value_type = i32, minimum = 1, maximum = 500000, example = 17)]
    pub column: usize,
}

/// A page of working copies.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorkingArticles {
    #[schema(max_items = 100)]
    pub data: Vec<WorkingArticle>,
    pub page: PageInfo,
}

/// All sections of a working copy.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorkingSections {
    /// In order.
    #[schema(max_items = 500)]
    pub data: Vec<WorkingSection>,
}

/// All citations of a working copy.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorkingCitations {
    /// In the order of their numbers.
    #[schema(max_items = 5000)]
    pub data: Vec<WorkingCitation>,
}

impl WorkingArticle {
    pub fn new(article: Article, named: Named) -> Self {
        let Named { authors, reviewers, tags, planned } = named;
        Self {
            state: article.state(),
            schedule: planned.into(),
            reviewed: article.reviewed(&reviewers),
            id: article.id,
            slug: article.slug,
            language: article.language,
            translation_group: article.translation_group,
            title: article.title,
            subtitle: article.subtitle,
            summary: article.summary,
            version: article.version,
            published_version: article.published_version,
            published_at: article.published_at,
            comment_policy: article.comment_policy,
            style: article.style,
            authors: authors.into_iter().map(document::Byline::from).collect(),
            tags: tags.into_iter().map(document::Tag::from).collect(),
            owner: article.owner_id,
            created_at: article.created_at,
            updated_at: article.updated_at,
        }
    }
}

impl From<Byline> for document::Byline {
    fn from(byline: Byline) -> Self {
        Self { name: byline.name, slug: byline.slug, credentials: byline.credentials, orcid: byline.orcid }
    }
}

impl From<Tag> for document::Tag {
    fn from(tag: Tag) -> Self {
        Self { slug: tag.slug, name: tag.name }
    }
}

impl WorkingCopy {
    /// `studies`: the cited ones, by id. `translations`: the other articles of the group. `planned`: what happens by itself.
    pub fn new(
        settled: Settled,
        studies: &std::collections::HashMap<StudyId, CitedStudy>,
        translations: Vec<Article>,
        planned: Planned,
    ) -> Self {
        let citations = citations(&settled, studies);
        let (sections, warnings) = sections(&settled);
        let dangling = dangling(&settled);
        let claims = claims(&settled, studies);
        let draft = settled.draft;
        let named = Named { authors: draft.authors, reviewers: draft.reviewers, tags: draft.tags, planned };
        Self {
            article: WorkingArticle::new(draft.article, named),
            translations: translations.into_iter().map(WorkingTranslation::from).collect(),
            sections,
            citations,
            claims,
            dangling,
            warnings,
        }
    }
}

/// The most warnings about one section that are told one by one.
const MOST_WARNINGS: usize = 30;

fn sections(settled: &Settled) -> (Vec<WorkingSection>, Vec<Warning>) {
    let resolve = |key: &str| settled.names.get(key).and_then(|known| settled.numbering.number_of(known.id));
    let mut warnings = Vec::new();
    let mut sections = Vec::new();
    for (position, (section, marked)) in (1..).zip(settled.draft.sections.iter().zip(&settled.marked)) {
        let heading_base = u8::try_from(section.level).unwrap_or(2);
        let rendered = markdown::render(&section.body, &markdown::RenderContext::new(&resolve, heading_base));
        let places = markdown::Places::of(&section.body);
        let warn = |code: &str, detail: String, at: usize| {
            let (line, column) = places.line_column(at);
            Warning { section: section.id, code: code.to_owned(), detail, line, column }
        };
        let removed = rendered.removed.iter();
        let removed = removed.map(|it| (it.code, format!("Readers do not get: {}", it.what), it.at.start));
        let unknown = markdown::unknown_narrative_keys(&marked.clusters, &|key| settled.names.get(key).is_some());
        let doubtful = marked.warnings.iter().chain(&unknown).map(|it| (it.code, it.detail.clone(), it.at.start));
        let found = rendered.removed.len() + marked.warnings.len() + unknown.len();
        warnings.extend(removed.chain(doubtful).take(MOST_WARNINGS).map(|(code, detail, at)| warn(code, detail, at)));
        if found > MOST_WARNINGS {
            let detail = format!("{} more of the kind in this section.", found - MOST_WARNINGS);
            warnings.push(warn("more_warnings", detail, 0));
        }
        sections.push(WorkingSection {
            id: section.id,
            position,
            heading: section.heading.clone(),
            level: section.level,
            anchor: section.anchor.clone(),
            body: section.body.clone(),
            citations: rendered.citations,
        });
    }
    (sections, warnings)
}

fn citations(settled: &Settled, studies: &std::collections::HashMap<StudyId, CitedStudy>) -> Vec<WorkingCitation> {
    let cited_in = settled.cited_in();
    let mut citations: Vec<WorkingCitation> = settled
        .draft
        .citations
        .iter()
        .filter_map(|citation| {
            let study = studies.get(&citation.study)?.clone();
            Some(WorkingCitation {
                id: citation.id,
                number: settled.numbering.number_of(citation.study)?,
                evidence_level: citation.evidence_level.or(study.design.and_then(Design::default_level)),
                evidence_level_default: citation.evidence_level.is_none(),
                study,
                origin: citation.origin,
                cited_in: cited_in.get(&citation.study).cloned().unwrap_or_default(),
            })
        })
        .collect();
    citations.sort_by_key(|citation| citation.number);
    citations
}

fn claims(settled: &Settled, studies: &std::collections::HashMap<StudyId, CitedStudy>) -> Vec<WorkingClaim> {
    let keys = |ids: &[StudyId]| ids.iter().filter_map(|id| Some(studies.get(id)?.key.clone())).collect();
    let claim = |claim: &Claim| WorkingClaim {
        id: claim.id,
        statement: claim.statement.clone(),
        certainty: claim.certainty,
        supporting: keys(&claim.supporting),
        against: keys(&claim.against),
    };
    settled.draft.claims.iter().map(claim).collect()
}

impl Settled {
    /// The keys of all markers, in document order.
    pub fn marker_keys(&self) -> impl Iterator<Item = &str> {
        all_keys(&self.marked)
    }

    /// The anchors of the sections that cite each study, in order.
    pub fn cited_in(&self) -> std::collections::HashMap<StudyId, Vec<String>> {
        let mut cited_in: std::collections::HashMap<StudyId, Vec<String>> = std::collections::HashMap::new();
        for (section, marked) in self.draft.sections.iter().zip(&self.marked) {
            for item in marked.clusters.iter().flat_map(|cluster| &cluster.items) {
                if let Some(known) = self.names.get(&item.key) {
                    let anchors = cited_in.entry(known.id).or_default();
                    if anchors.last() != Some(&section.anchor) {
                        anchors.push(section.anchor.clone());
                    }
                }
            }
        }
        cited_in
    }
}

/// The markers of studies that are not in the library, in document order. A `@name` in running text is none: it is shown
/// as it is written.
pub fn dangling(settled: &Settled) -> Vec<DanglingMarker> {
    let mut dangling = Vec::new();
    for (section, marked) in settled.draft.sections.iter().zip(&settled.marked) {
        let mut unknown = marked
            .clusters
            .iter()
            .flat_map(Cluster::bracketed_items)
            .filter(|item| settled.names.get(&item.key).is_none())
            .peekable();
        if unknown.peek().is_some() {
            let places = markdown::Places::of(&section.body);
            for item in unknown {
                let (line, column) = places.line_column(item.range.start);
                dangling.push(DanglingMarker { section: section.id, key: item.key.clone(), line, column });
            }
        }
    }
    dangling
}
