//! Every query about the parts of working copies: bylines, reviewers, tags, sections, citations and claims.

use std::collections::HashMap;

use diesel::prelude::*;

use super::super::draft::{Byline, Citation, Claim, Draft, Section, Tag};
use super::super::model::Origin;
use super::super::schedule::{self, Planned};
use crate::db::Conn;
use crate::db::schema::{
    article_authors, article_reviewers, article_tags, citations, claim_studies, claims, sections, tags,
};
use crate::error::Problem;
use crate::ids::{ArticleId, CitationId, ClaimId, SectionId, StudyId, TagId};
use crate::library::{Certainty, EvidenceLevel};
use crate::on;
use crate::publishing::document::Reviewer;

/// The sections of an article, in their order.
pub(super) fn sections_of(conn: &mut Conn, article: ArticleId) -> Result<Vec<Section>, Problem> {
    type Row = (SectionId, Option<String>, i32, String, String);
    let rows: Vec<Row> = on!(conn, c => sections::table
        .filter(sections::article_id.eq(article))
        .order(sections::position)
        .select((sections::id, sections::heading, sections::level, sections::anchor, sections::body))
        .load(c))?;
    let section = |(id, heading, level, anchor, body)| Section { id, heading, level, anchor, body };
    Ok(rows.into_iter().map(section).collect())
}

/// The citations of an article, in their order.
pub(super) fn citations_of(conn: &mut Conn, article: ArticleId) -> Result<Vec<Citation>, Problem> {
    type Row = (CitationId, StudyId, Origin, Option<EvidenceLevel>);
    let rows: Vec<Row> = on!(conn, c => citations::table
        .filter(citations::article_id.eq(article))
        .order(citations::position)
        .select((citations::id, citations::study_id, citations::origin, citations::evidence_level))
        .load(c))?;
    let citation = |(id, study, origin, evidence_level)| Citation { id, study, origin, evidence_level };
    Ok(rows.into_iter().map(citation).collect())
}

const FOR: &str = "for";
const AGAINST: &str = "against";

/// The claims of an article, with two statements.
pub(super) fn claims_of(conn: &mut Conn, article: ArticleId) -> Result<Vec<Claim>, Problem> {
    type ClaimRow = (ClaimId, String, Option<Certainty>);
    let rows: Vec<ClaimRow> = on!(conn, c => claims::table
        .filter(claims::article_id.eq(article))
        .order(claims::position)
        .select((claims::id, claims::statement, claims::certainty))
        .load(c))?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let named: Vec<(ClaimId, StudyId, String)> = on!(conn, c => claim_studies::table
        .inner_join(claims::table)
        .filter(claims::article_id.eq(article))
        .order((claim_studies::claim_id, claim_studies::position))
        .select((claim_studies::claim_id, claim_studies::study_id, claim_studies::stance))
        .load(c))?;
    let claim = |(id, statement, certainty): ClaimRow| {
        let studies = |stance: &str| {
            let of_it = named.iter().filter(|(claim, _, at)| *claim == id && at == stance);
            of_it.map(|(_, study, _)| *study).collect()
        };
        Claim { id, statement, certainty, supporting: studies(FOR), against: studies(AGAINST) }
    };
    Ok(rows.into_iter().map(claim).collect())
}

/// The people and tags of an article, in their orders, and what is to happen to it by itself.
#[derive(Debug, Clone, Default)]
pub struct Named {
    pub authors: Vec<Byline>,
    pub reviewers: Vec<Reviewer>,
    pub tags: Vec<Tag>,
    pub planned: Planned,
}

/// The people, the tags and the schedule of each article.
pub(super) type Around = HashMap<ArticleId, Named>;

/// The people, the tags and the schedules of articles, with four statements.
pub(super) fn around(conn: &mut Conn, ids: &[ArticleId]) -> Result<Around, Problem> {
    let mut around: Around = HashMap::new();
    type AuthorRow = (ArticleId, String, String, Option<String>, Option<String>);
    let authors: Vec<AuthorRow> = on!(conn, c => article_authors::table
        .filter(article_authors::article_id.eq_any(ids))
        .order((article_authors::article_id, article_authors::position))
        .select((
            article_authors::article_id,
            article_authors::slug,
            article_authors::name,
            article_authors::credentials,
            article_authors::orcid,
        ))
        .load(c))?;
    for (article, slug, name, credentials, orcid) in authors {
        around.entry(article).or_default().authors.push(Byline { slug, name, credentials, orcid });
    }
    type ReviewerRow = (ArticleId, String, Option<String>, Option<String>);
    let reviewers: Vec<ReviewerRow> = on!(conn, c => article_reviewers::table
        .filter(article_reviewers::article_id.eq_any(ids))
        .order((article_reviewers::article_id, article_reviewers::position))
        .select((
            article_reviewers::article_id,
            article_reviewers::name,
            article_reviewers::credentials,
            article_reviewers::orcid,
        ))
        .load(c))?;
    for (article, name, credentials, orcid) in reviewers {
        around.entry(article).or_default().reviewers.push(Reviewer { name, credentials, orcid });
    }
    let rows: Vec<(ArticleId, TagId, String, String)> = on!(conn, c => article_tags::table
        .inner_join(tags::table)
        .filter(article_tags::article_id.eq_any(ids))
        .order((article_tags::article_id, article_tags::position))
        .select((article_tags::article_id, tags::id, tags::slug, tags::name))
        .load(c))?;
    for (article, id, slug, name) in rows {
        around.entry(article).or_default().tags.push(Tag { id: Some(id), slug, name });
    }
    for (article, planned) in schedule::planned(conn, ids)? {
        around.entry(article).or_default().planned = planned;
    }
    Ok(around)
}

/// Finds the tags by slug and makes those that are not there.
pub(super) fn keep_tags(conn: &mut Conn, draft: &mut Draft) -> Result<(), Problem> {
    if draft.tags.iter().all(|tag| tag.id.is_some()) {
        return Ok(());
    }
    // In the order of their slugs: on PostgreSQL two writers that make the same tags would else wait for each other.
    let mut new: Vec<_> = draft.tags.iter().filter(|tag| tag.id.is_none()).collect();
    new.sort_by(|a, b| a.slug.cmp(&b.slug));
    let new: Vec<_> = new
        .into_iter()
        .map(|tag| (tags::id.eq(TagId::new()), tags::slug.eq(tag.slug.clone()), tags::name.eq(tag.name.clone())))
        .collect();
    for tag in new {
        on!(conn, c => diesel::insert_into(tags::table).values(tag).on_conflict(tags::slug).do_nothing().execute(c))?;
    }
    let slugs: Vec<&str> = draft.tags.iter().map(|tag| tag.slug.as_str()).collect();
    let rows: Vec<(TagId, String, String)> = on!(conn, c => tags::table
        .filter(tags::slug.eq_any(&slugs))
        .select((tags::id, tags::slug, tags::name))
        .load(c))?;
    for tag in &mut draft.tags {
        if let Some((id, _, name)) = rows.iter().find(|(_, slug, _)| *slug == tag.slug) {
            tag.id = Some(*id);
            tag.name = name.clone();
        }
    }
    Ok(())
}

/// Writes the parts that changed: each list whole, since places and anchors have to stay unique at every moment.
pub(super) fn keep_parts(conn: &mut Conn, before: Option<&Draft>, after: &Draft) -> Result<(), Problem> {
    let id = after.article.id;
    if before.is_none_or(|before| before.authors != after.authors) {
        on!(conn, c => diesel::delete(article_authors::table.filter(article_authors::article_id.eq(id))).execute(c))?;
        let rows: Vec<_> = (1..)
            .zip(&after.authors)
            .map(|(position, author): (i32, _)| {
                (
                    article_authors::article_id.eq(id),
                    article_authors::position.eq(position),
                    article_authors::slug.eq(&author.slug),
                    article_authors::name.eq(&author.name),
                    article_authors::credentials.eq(&author.credentials),
                    article_authors::orcid.eq(&author.orcid),
                )
            })
            .collect();
        on!(conn, c => diesel::insert_into(article_authors::table).values(rows).execute(c))?;
    }
    if before.is_none_or(|before| before.reviewers != after.reviewers) {
        on!(conn, c => diesel::delete(article_reviewers::table.filter(article_reviewers::article_id.eq(id)))
            .execute(c))?;
        let rows: Vec<_> = (1..)
            .zip(&after.reviewers)
            .map(|(position, reviewer): (i32, _)| {
                (
                    article_reviewers::article_id.eq(id),
                    article_reviewers::position.eq(position),
                    article_reviewers::name.eq(&reviewer.name),
                    article_reviewers::credentials.eq(&reviewer.credentials),
                    article_reviewers::orcid.eq(&reviewer.orcid),
                )
            })
            .collect();
        on!(conn, c => diesel::insert_into(article_reviewers::table).values(rows).execute(c))?;
    }
    if before.is_none_or(|before| before.tags != after.tags) {
        on!(conn, c => diesel::delete(article_tags::table.filter(article_tags::article_id.eq(id))).execute(c))?;
        let rows: Vec<_> = (1..)
            .zip(&after.tags)
            .filter_map(|(position, tag): (i32, _)| {
                Some((
                    article_tags::article_id.eq(id),
                    article_tags::position.eq(position),
                    article_tags::tag_id.eq(tag.id?),
                ))
            })
            .collect();
        on!(conn, c => diesel::insert_into(article_tags::table).values(rows).execute(c))?;
    }
    if before.is_none_or(|before| before.sections != after.sections) {
        on!(conn, c => diesel::delete(sections::table.filter(sections::article_id.eq(id))).execute(c))?;
        let rows: Vec<_> = (1..)
            .zip(&after.sections)
            .map(|(position, section): (i32, _)| {
                (
                    sections::id.eq(section.id),
                    sections::article_id.eq(id),
                    sections::position.eq(position),
                    sections::heading.eq(&section.heading),
                    sections::level.eq(section.level),
                    sections::anchor.eq(&section.anchor),
                    sections::body.eq(&section.body),
                )
            })
            .collect();
        on!(conn, c => diesel::insert_into(sections::table).values(rows).execute(c))?;
    }
    if before.is_none_or(|before| before.citations != after.citations) {
        on!(conn, c => diesel::delete(citations::table.filter(citations::article_id.eq(id))).execute(c))?;
        let rows: Vec<_> = (1..)
            .zip(&after.citations)
            .map(|(position, citation): (i32, _)| {
                (
                    citations::id.eq(citation.id),
                    citations::article_id.eq(id),
                    citations::study_id.eq(citation.study),
                    citations::position.eq(position),
                    citations::origin.eq(citation.origin),
                    citations::evidence_level.eq(citation.evidence_level),
                )
            })
            .collect();
        // PostgreSQL takes 65,535 bound values in one statement.
        for rows in rows.chunks(5_000) {
            on!(conn, c => diesel::insert_into(citations::table).values(rows.to_vec()).execute(c))?;
        }
    }
    if before.is_none_or(|before| before.claims != after.claims) {
        keep_claims(conn, id, &after.claims)?;
    }
    Ok(())
}

fn keep_claims(conn: &mut Conn, article: ArticleId, kept: &[Claim]) -> Result<(), Problem> {
    on!(conn, c => diesel::delete(claims::table.filter(claims::article_id.eq(article))).execute(c))?;
    let rows: Vec<_> = (1..)
        .zip(kept)
        .map(|(position, claim): (i32, _)| {
            (
                claims::id.eq(claim.id),
                claims::article_id.eq(article),
                claims::position.eq(position),
                claims::statement.eq(&claim.statement),
                claims::certainty.eq(claim.certainty),
            )
        })
        .collect();
    on!(conn, c => diesel::insert_into(claims::table).values(rows).execute(c))?;
    let studies = kept.iter().flat_map(|claim| {
        let supporting = claim.supporting.iter().map(|study| (FOR, study));
        let against = claim.against.iter().map(|study| (AGAINST, study));
        (1..).zip(supporting.chain(against)).map(|(position, (stance, study)): (i32, _)| {
            (
                claim_studies::claim_id.eq(claim.id),
                claim_studies::study_id.eq(*study),
                claim_studies::stance.eq(stance),
                claim_studies::position.eq(position),
            )
        })
    });
    for rows in studies.collect::<Vec<_>>().chunks(5_000) {
        on!(conn, c => diesel::insert_into(claim_studies::table).values(rows.to_vec()).execute(c))?;
    }
    Ok(())
}
