use proptest::prelude::*;
use serde_json::json;

use super::*;

fn day(year: i16, month: u8, day: u8) -> Option<PartialDate> {
    let known = |part: u8| Some(part).filter(|part| *part > 0);
    Some(PartialDate { year, month: known(month), day: known(day) })
}

fn notice(source: u8, kind: Kind, day: Option<PartialDate>) -> Notice<u8> {
    Notice { source, kind, day }
}

/// Kind and whether it is disputed.
fn said(notices: &[Notice<u8>]) -> Option<(Kind, bool)> {
    verdict(notices).map(|verdict| (verdict.kind, verdict.disputed))
}

use Kind::{Correction, ExpressionOfConcern, Reinstatement, Retraction};

#[test]
fn the_newest_that_is_more_than_a_correction_counts() {
    assert_eq!(said(&[]), None);
    assert_eq!(said(&[notice(0, Correction, day(2020, 1, 1))]), Some((Correction, false)));
    let concern = notice(0, ExpressionOfConcern, day(2018, 5, 1));
    let retraction = notice(0, Retraction, day(2019, 1, 1));
    let corrected = notice(0, Correction, day(2021, 1, 1));
    assert_eq!(said(&[concern]), Some((ExpressionOfConcern, false)));
    assert_eq!(said(&[retraction, concern, corrected]), Some((Retraction, false)));
    let reinstated = notice(0, Reinstatement, day(2020, 1, 1));
    assert_eq!(said(&[retraction, reinstated, concern, corrected]), Some((Reinstatement, false)));
    // A concern that was cleared.
    assert_eq!(said(&[concern, reinstated]), Some((Reinstatement, false)));
    let again = notice(0, Retraction, day(2022, 1, 1));
    assert_eq!(said(&[retraction, reinstated, again]), Some((Retraction, false)));
    assert_eq!(verdict(&[retraction, reinstated, again]).unwrap().notice, 2);
}

#[test]
fn where_sources_differ_the_strictest_stands_and_is_disputed() {
    let retraction = notice(0, Retraction, day(2019, 1, 1));
    let reinstated = notice(1, Reinstatement, day(2020, 1, 1));
    let concern = notice(1, ExpressionOfConcern, day(2020, 1, 1));
    assert_eq!(said(&[retraction, reinstated]), Some((Retraction, true)));
    assert_eq!(said(&[retraction, concern]), Some((Retraction, true)));
    assert_eq!(said(&[retraction, notice(1, Retraction, day(2020, 1, 1))]), Some((Retraction, false)));
    // A source that tells of corrections alone says nothing against it.
    assert_eq!(said(&[retraction, notice(1, Correction, day(2020, 1, 1))]), Some((Retraction, false)));
}

#[test]
fn days_that_are_not_known_hide_no_retraction() {
    let retraction = notice(0, Retraction, None);
    assert_eq!(said(&[retraction, notice(0, Reinstatement, day(2020, 1, 1))]), Some((Retraction, false)));
    let march = notice(0, Retraction, day(2020, 3, 0));
    assert_eq!(said(&[march, notice(0, Reinstatement, day(2020, 3, 15))]), Some((Retraction, false)));
    assert_eq!(said(&[march, notice(0, Reinstatement, day(2020, 4, 1))]), Some((Reinstatement, false)));
    assert_eq!(said(&[march, notice(0, Reinstatement, day(2020, 0, 0))]), Some((Retraction, false)));
    assert_eq!(said(&[march, notice(0, Reinstatement, day(2021, 0, 0))]), Some((Reinstatement, false)));
}

#[test]
fn notices_are_told_from_studies_by_their_titles() {
    let kind = |title: &str| is_notice(&Record::parse(&json!({"type": "article-journal", "title": title})).unwrap());
    for (title, expected) in [
        ("Retraction: Microneedling in acne scars", Some(Retraction)),
        ("RETRACTION NOTICE TO: A study", Some(Retraction)),
        ("Retraction Note to: Mediators of inflammation", Some(Retraction)),
        ("Notice of Retraction. A trial", Some(Retraction)),
        ("Statement of Retraction: A trial", Some(Retraction)),
        ("Retraction", Some(Retraction)),
        ("[Retraction]", Some(Retraction)),
        ("Withdrawal notice: x", Some(Retraction)),
        ("Editorial Expression of Concern: x", Some(ExpressionOfConcern)),
        ("Expression of concern on two papers", None),
        ("Erratum to: x", Some(Correction)),
        ("Erratum.", Some(Correction)),
        ("Author Correction: x", Some(Correction)),
        ("Correction to “Freckles”", Some(Correction)),
        ("Correction of refractive error in children", None),
        ("Correction to the mean free path", None),
        ("Retraction of the gingiva before impressions", None),
        ("RETRACTED: Hydroxychloroquine in COVID-19", None),
        ("Retracted article: x", None),
        ("Removal of tattoos by laser", None),
        ("", None),
    ] {
        assert_eq!(kind(title), expected, "{title}");
    }
    let erratum = json!({"type": "article-journal", "title": "x", "genre": "Published Erratum"});
    assert_eq!(is_notice(&Record::parse(&erratum).unwrap()), Some(Correction));
}

fn any_notice() -> impl Strategy<Value = Notice<u8>> {
    let kinds = prop::sample::select(vec![Correction, Reinstatement, ExpressionOfConcern, Retraction]);
    let days = prop::option::of((2018_i16..2022, 0_u8..4, 0_u8..4)).prop_map(|day| {
        day.map(|(year, month, day)| {
            let month = Some(month).filter(|month| *month > 0);
            PartialDate { year, month, day: month.and(Some(day).filter(|day| *day > 0)) }
        })
    });
    (0_u8..3, kinds, days).prop_map(|(source, kind, day)| Notice { source, kind, day })
}

proptest! {
    #[test]
    fn the_order_of_the_notices_does_not_matter(notices in prop::collection::vec(any_notice(), 0..8), seed in 0_usize..100) {
        let mut turned = notices.clone();
        if !turned.is_empty() {
            let by = seed % turned.len();
            turned.rotate_left(by);
        }
        turned.reverse();
        prop_assert_eq!(said(&notices), said(&turned));
    }

    #[test]
    fn the_verdict_is_what_its_notice_says(notices in prop::collection::vec(any_notice(), 1..8)) {
        let verdict = verdict(&notices).unwrap();
        prop_assert_eq!(notices[verdict.notice].kind, verdict.kind);
    }

    #[test]
    fn corrections_change_no_weightier_verdict(notices in prop::collection::vec(any_notice(), 1..8), other in any_notice()) {
        let before = said(&notices);
        prop_assume!(before.is_some_and(|(kind, _)| kind > Correction));
        let mut more = notices;
        more.push(Notice { kind: Correction, ..other });
        prop_assert_eq!(said(&more), before);
    }

    #[test]
    fn no_source_alone_is_stricter_than_all_together(notices in prop::collection::vec(any_notice(), 1..8)) {
        let (all, disputed) = said(&notices).unwrap();
        for source in 0..3 {
            let own: Vec<_> = notices.iter().copied().filter(|notice| notice.source == source).collect();
            if let Some((kind, own_disputed)) = said(&own) {
                prop_assert!(kind <= all);
                prop_assert!(!own_disputed);
                prop_assert!(disputed || kind == all || kind == Correction);
            }
        }
    }

    #[test]
    fn a_later_notice_of_the_same_source_decides_it(notices in prop::collection::vec(any_notice(), 0..8), later in any_notice()) {
        prop_assume!(later.kind > Correction);
        let later = Notice { day: day(2030, 1, 1), ..later };
        let mut own: Vec<_> = notices.into_iter().filter(|n| n.source == later.source && n.day.is_some()).collect();
        own.push(later);
        prop_assert_eq!(said(&own), Some((later.kind, false)));
    }
}
