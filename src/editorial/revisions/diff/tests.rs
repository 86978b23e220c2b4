use std::time::{Duration, Instant};

use super::super::document::{self, Document};
use super::{Change, Differences, Given};
use crate::comments::CommentPolicy;
use crate::editorial::model::Origin;
use crate::ids::{CitationId, ClaimId, GroupId, SectionId, StudyId};
use crate::library::EvidenceLevel;
use crate::publishing::document::{Byline, Reviewer, Tag};

fn section(body: &str) -> document::Section {
    document::Section { id: SectionId::new(), heading: None, level: 2, anchor: "lead".into(), body: body.into() }
}

fn citation(key: &str, number: u32) -> document::Citation {
    let (id, study) = (CitationId::new(), StudyId::new());
    document::Citation { id, study, key: key.into(), number, origin: Origin::Marker, evidence_level: None }
}

fn document() -> Document {
    let byline = |name: &str| Byline { name: name.into(), slug: name.to_lowercase(), credentials: None, orcid: None };
    let citations = vec![citation("one", 1), citation("two", 2), citation("three", 3)];
    let claim = document::Claim {
        id: ClaimId::new(),
        statement: "It helps.".into(),
        certainty: None,
        supporting: vec![citations[0].study],
        against: vec![],
    };
    Document {
        slug: "pores".into(),
        language: "en".into(),
        translation_group: GroupId::new(),
        title: "Pores".into(),
        subtitle: None,
        summary: None,
        published_at: None,
        comment_policy: CommentPolicy::Open,
        style: None,
        reviewed_at: None,
        review_due: None,
        authors: vec![byline("Ada"), byline("Grace")],
        reviewers: vec![Reviewer { name: "Hedy".into(), credentials: None, orcid: None }],
        tags: vec![Tag { slug: "skin".into(), name: "Skin".into() }],
        sections: vec![section("One.\n"), section("Two.\n"), section("Three.\n")],
        citations,
        claims: vec![claim],
    }
}

fn between(from: &Document, to: &Document) -> Differences {
    Differences::between(from, to, Instant::now() + Duration::from_secs(5))
}

#[test]
fn nothing_differs_from_itself() {
    let document = document();
    assert!(between(&document, &document).is_empty());
}

#[test]
fn fields_say_what_they_had() {
    let from = document();
    let to = Document { title: "Large pores".into(), subtitle: Some("What helps".into()), ..from.clone() };
    let found = between(&from, &to);
    let fields: Vec<_> = found.article.iter().map(|diff| (diff.field, diff.from.clone(), diff.to.clone())).collect();
    assert_eq!(
        fields,
        [("title", "Pores".into(), "Large pores".into()), ("subtitle", Given::Nothing, "What helps".into())]
    );
    assert!(found.sections.is_empty() && found.authors.is_empty());
}

#[test]
fn a_move_is_a_move() {
    let from = document();
    let mut to = from.clone();
    to.sections.rotate_right(1);
    let found = between(&from, &to);
    assert_eq!(found.sections.len(), 1, "{found:?}");
    let moved = &found.sections[0];
    assert_eq!((moved.change, moved.moved, moved.from, moved.to), (Change::Moved, true, Some(3), Some(1)));
    assert_eq!((moved.id.clone(), moved.fields.len()), (from.sections[2].id.to_string(), 0));
    assert_eq!(moved.unified, None);
    // Moved and changed is one entry too.
    to.sections[0].body = "Three, now first.\n".into();
    let found = between(&from, &to);
    let changed = &found.sections[0];
    assert_eq!((found.sections.len(), changed.change, changed.moved), (1, Change::Changed, true));
    assert_eq!(changed.unified.as_deref(), Some("@@ -1 +1 @@\n-Three.\n+Three, now first.\n"));
    assert_eq!(changed.fields.len(), 1);
}

#[test]
fn what_came_and_went_is_told_whole() {
    let from = document();
    let mut to = from.clone();
    to.sections.remove(0);
    to.sections.push(section("Four.\n"));
    let found = between(&from, &to);
    let told: Vec<_> = found.sections.iter().map(|diff| (diff.change, diff.from, diff.to)).collect();
    assert_eq!(told, [(Change::Removed, Some(1), None), (Change::Added, None, Some(3))]);
    assert!(found.sections[0].fields.iter().any(|field| field.field == "body" && field.to == Given::Nothing));
    assert_eq!(found.sections[1].unified.as_deref(), Some("@@ -0,0 +1 @@\n+Four.\n"));
}

#[test]
fn citations_are_known_by_their_studies() {
    let from = document();
    let mut to = from.clone();
    // The text cites the third first now: its number changed, the others made room.
    for (citation, number) in to.citations.iter_mut().zip([2, 3, 1]) {
        citation.number = number;
    }
    to.citations[0].evidence_level =
        Some(EvidenceLevel::WORDS.first().and_then(|word| EvidenceLevel::parse(word)).unwrap());
    // Taken out and put in again it has another id and is the same.
    to.citations[1].id = CitationId::new();
    let found = between(&from, &to);
    let told: Vec<_> =
        found.citations.iter().map(|diff| (diff.label.as_str(), diff.change, diff.from, diff.to)).collect();
    assert_eq!(told, [("three", Change::Moved, Some(3), Some(1)), ("one", Change::Changed, Some(1), Some(2))]);
    // Its study became one with another.
    let mut to = from.clone();
    to.citations[1].study = StudyId::new();
    to.citations[1].key = "survivor".into();
    let found = between(&from, &to);
    assert_eq!(found.citations.len(), 1);
    let became = &found.citations[0].fields[0];
    assert_eq!((became.field, &became.from, &became.to), ("study", &"two".into(), &"survivor".into()));
}

#[test]
fn people_tags_and_claims_have_their_changes() {
    let from = document();
    let mut to = from.clone();
    to.authors.swap(0, 1);
    to.reviewers.push(Reviewer { name: "Hedy".into(), credentials: None, orcid: None });
    to.tags.clear();
    to.claims[0].against = std::mem::take(&mut to.claims[0].supporting);
    let found = between(&from, &to);
    let told = |list: &[super::ItemDiff]| list.iter().map(|diff| diff.change).collect::<Vec<_>>();
    assert_eq!(told(&found.authors), [Change::Moved]);
    assert_eq!(told(&found.reviewers), [Change::Added]);
    assert_eq!(told(&found.tags), [Change::Removed]);
    assert_eq!(told(&found.claims), [Change::Changed]);
    let fields: Vec<_> = found.claims[0].fields.iter().map(|field| (field.field, field.to.clone())).collect();
    assert_eq!(fields, [("for", Given::List(vec![])), ("against", Given::List(vec!["one".into()]))]);
}
