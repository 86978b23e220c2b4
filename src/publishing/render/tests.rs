use std::collections::BTreeSet;
use std::rc::Rc;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::citing::record::Record;
use crate::editorial::model::Origin;
use crate::ids::{ArticleId, ClaimId, SectionId};
use crate::library::{Completeness, Csl};
use crate::publishing::document::PublishedStudy;
use crate::publishing::source::SourceEntry;

const STUDIES: u8 = 6;

fn key(n: u8) -> String {
    format!("k{n}")
}

fn shelved(n: u8, title: &str) -> Rc<Shelved> {
    let csl = json!({
        "type": "article-journal", "title": title, "author": [{"family": format!("Author{}", n % 3), "given": "Ada"}],
        "issued": {"date-parts": [[2015]]}, "DOI": format!("10.5555/{n}"),
    });
    let record = Record::parse(&csl).expect("a record");
    let study = PublishedStudy {
        id: StudyId(uuid::Uuid::from_u128(u128::from(n) + 1)),
        key: key(n),
        title: Some(title.to_owned()),
        year: Some(2015),
        doi: Some(format!("10.5555/{n}")),
        pmid: None,
        pmcid: None,
        isbn: None,
        design: [Some(Design::Cohort), Some(Design::CaseSeries), None][usize::from(n % 3)],
        review: None,
        sample_size: None,
        follow_up: None,
        funding: Vec::new(),
        conflicts_of_interest: None,
        open_access_url: None,
        retraction: None,
        completeness: Completeness::of(&record),
        csl: Csl(csl.as_object().cloned().unwrap_or_default()),
    };
    Rc::new(Shelved { study, record })
}

fn title(n: u8) -> String {
    format!("Study {n}")
}

fn library() -> Shelf {
    Shelf::of((0..STUDIES).map(|n| (key(n), shelved(n, &title(n)))))
}

fn facts() -> Facts {
    let at = Instant::parse("2024-06-24T00:00:00Z").expect("a moment");
    Facts { number: 1, published_at: at, updated_at: at }
}

type Piece = (u8, u8, u8);

fn written((kind, a, b): Piece) -> String {
    let (a, b) = (key(a), key(b));
    match kind {
        0 => format!("One thing [@{a}]."),
        1 => format!("Two things [see @{a}, p. 3; @{b}]."),
        2 => format!("@{a} found it."),
        3 => format!("@{a} [chap. 2; @{b}] found it too."),
        4 => format!("A year only [-@{a}]."),
        5 => "Ask @somebody about `[@nothing]`.".to_owned(),
        _ => "\n\nAnother *paragraph*.".to_owned(),
    }
}

fn source(bodies: &[Vec<Piece>], entries: &[u8], claims: &[(Vec<u8>, Vec<u8>)], style: &str) -> Source {
    let section = |(n, pieces): (u128, &Vec<Piece>)| SourceSection {
        id: SectionId(uuid::Uuid::from_u128(n)),
        heading: (n > 1).then(|| format!("Part {n}")),
        level: 2,
        anchor: format!("part-{n}"),
        body: pieces.iter().map(|piece| written(*piece)).collect::<Vec<_>>().join(" "),
    };
    let keys = |studies: &[u8]| studies.iter().map(|n| key(*n)).collect();
    let claim = |(n, (supporting, against)): (u128, &(Vec<u8>, Vec<u8>))| SourceClaim {
        id: ClaimId(uuid::Uuid::from_u128(n)),
        statement: format!("Claim {n}."),
        certainty: None,
        supporting: keys(supporting),
        against: keys(against),
    };
    let claimed = claims.iter().flat_map(|(supporting, against)| supporting.iter().chain(against));
    let entry = |n: &u8| SourceEntry {
        study: key(*n),
        origin: Origin::Entry,
        evidence_level: [None, Some(EvidenceLevel::Two)][usize::from(n % 2)],
    };
    Source {
        id: ArticleId(uuid::Uuid::from_u128(77)),
        slug: "pores".into(),
        language: "en".into(),
        title: "Pores".into(),
        subtitle: None,
        summary: None,
        authors: Vec::new(),
        reviewed: None,
        tags: Vec::new(),
        sections: (1..).zip(bodies).map(section).collect(),
        names: (0..STUDIES).map(|n| (key(n), key(n))).collect(),
        entries: entries.iter().chain(claimed).map(entry).collect(),
        claims: (1..).zip(claims).map(claim).collect(),
        style: style.to_owned(),
        acknowledged: Vec::new(),
        unsupported_claims: None,
    }
}

/// The source with one key in the place of another.
fn renamed(source: &Source, gone: &str, kept: &str) -> Source {
    let mut source = source.clone();
    if gone == kept {
        return source;
    }
    let rename = |key: &mut String| {
        if key == gone {
            kept.clone_into(key);
        }
    };
    for section in &mut source.sections {
        section.body = section.body.replace(&format!("@{gone}"), &format!("@{kept}"));
    }
    source.names.retain(|name, _| name != gone);
    source.entries.iter_mut().for_each(|entry| rename(&mut entry.study));
    for claim in &mut source.claims {
        claim.supporting.iter_mut().chain(&mut claim.against).for_each(rename);
    }
    source
}

fn sources() -> impl Strategy<Value = Source> {
    let claim = || (vec(0..STUDIES, 0..3), vec(0..STUDIES, 0..3));
    let style = prop_oneof![Just("vancouver"), Just("apa"), Just("ieee")];
    (vec(vec((0u8..7, 0..STUDIES, 0..STUDIES), 0..8), 0..4), vec(0..STUDIES, 0..4), vec(claim(), 0..3), style)
        .prop_map(|(bodies, entries, claims, style)| source(&bodies, &entries, &claims, style))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_same_source_and_library_make_the_same_documents(source in sources()) {
        let kept: Source = serde_json::from_str(&serde_json::to_string(&source).unwrap()).unwrap();
        prop_assert_eq!(&kept, &source);
        let (once, again) = (publication(&source, facts(), &library()), publication(&kept, facts(), &library()));
        prop_assert_eq!(once.unwrap(), again.unwrap());
    }

    #[test]
    fn merging_two_studies_is_renaming_one_key(source in sources(), gone in 0..STUDIES, kept in 0..STUDIES) {
        let merged = Shelf::of((0..STUDIES).map(|n| {
            let present = if n == gone { kept } else { n };
            (key(n), shelved(present, &title(present)))
        }));
        let followed = publication(&source, facts(), &merged).unwrap();
        let mut written = publication(&renamed(&source, &key(gone), &key(kept)), facts(), &library()).unwrap();
        // What the merge makes twice in one marker is there once.
        for (body, section) in written.bodies.iter_mut().zip(&source.sections) {
            let renamed = markdown::rename_key(&section.body, &|name| name == key(gone), &key(kept));
            body.markdown = renamed.unwrap_or_else(|| section.body.clone());
        }
        prop_assert_eq!(followed, written);
    }

    #[test]
    fn a_mended_title_changes_the_references_to_it_and_no_number(source in sources(), mended in 0..STUDIES) {
        let before = publication(&source, facts(), &library()).unwrap();
        let studies = (0..STUDIES).map(|n| {
            let title = if n == mended { "Mended".to_owned() } else { title(n) };
            (key(n), shelved(n, &title))
        });
        let after = publication(&source, facts(), &Shelf::of(studies)).unwrap();
        let numbers = |it: &Rendered| -> Vec<_> {
            it.citations.iter().map(|c| (c.number, c.key.clone(), c.places.clone())).collect()
        };
        prop_assert_eq!(numbers(&before), numbers(&after));
        for (before, after) in before.citations.iter().zip(&after.citations) {
            if before.key == key(mended) {
                prop_assert!(after.formatted.text.contains("Mended"));
            } else {
                prop_assert_eq!(&before.study, &after.study);
            }
        }
    }

    #[test]
    fn every_place_is_an_element_and_every_number_has_one_study(source in sources()) {
        let made = publication(&source, facts(), &library()).unwrap();
        let html: String = made.sections.iter().map(|section| section.html.as_deref().unwrap_or_default()).collect();
        let mut studies = BTreeSet::new();
        for (number, citation) in (1..).zip(&made.citations) {
            prop_assert_eq!(citation.number, number);
            prop_assert!(studies.insert(citation.study.id));
            prop_assert_eq!(citation.places.is_empty(), citation.cited_in.is_empty());
            for place in &citation.places {
                let id = format!("id=\"{place}\"");
                prop_assert_eq!(html.matches(&id).count(), 1);
            }
        }
        let mut positions: Vec<u32> = made.citations.iter().map(|citation| citation.formatted.position).collect();
        positions.sort_unstable();
        prop_assert_eq!(positions, (1..).take(made.citations.len()).collect::<Vec<_>>());
        prop_assert_eq!(made.head.evidence.citations, made.citations.len());
    }
}

#[test]
fn a_source_whose_study_is_gone_is_not_rendered_half() {
    let source = source(&[vec![(0, 1, 1)]], &[], &[], "vancouver");
    let shelf = Shelf::of([(key(0), shelved(0, &title(0)))]);
    assert!(publication(&source, facts(), &shelf).is_err());
}
