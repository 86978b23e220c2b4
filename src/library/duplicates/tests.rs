use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn print(csl: Value) -> Print {
    let record = Record::parse(&csl).unwrap_or_else(|faults| panic!("{faults:?}"));
    Print::of(&record, false)
}

fn article(title: &str, author: &str, year: i32) -> Value {
    json!({
        "type": "article-journal", "title": title, "author": [{"family": author}],
        "issued": {"date-parts": [[year]]}, "container-title": "Dermatologic Surgery",
    })
}

fn with(mut csl: Value, variable: &str, value: &str) -> Value {
    csl[variable] = json!(value);
    csl
}

const TITLE: &str = "Microneedling therapy in atrophic facial scars: an objective assessment";

fn related(a: Value, b: Value) -> Option<Relation> {
    compare(&print(a), &print(b)).map(|(_, relation)| relation)
}

#[test]
fn slips_do_not_hide_a_duplicate() {
    let one = || article(TITLE, "Majid", 2009);
    for (title, author, year) in [
        (TITLE, "Majid", 2009),
        ("MICRONEEDLING THERAPY IN ATROPHIC FACIAL SCARS – AN OBJECTIVE ASSESSMENT.", "Majid", 2010),
        ("Microneedling therapy in atrophic facial scars: An objective assesment", "MAJID", 2008),
        ("<i>Microneedling</i> therapy in atrophic facial scars: an objective assessment", "van Majid", 2009),
        ("Microneedling therapy in atrophic facial scars", "Majid", 2009),
        ("Retracted: Microneedling therapy in atrophic facial scars: an objective assessment", "Majid", 2009),
    ] {
        assert_eq!(related(one(), article(title, author, year)), Some(Relation::Same), "{title} {author} {year}");
    }
}

#[test]
fn other_studies_are_no_duplicates() {
    let one = || article(TITLE, "Majid", 2009);
    for (title, author, year) in [
        (TITLE, "Majid", 2012),
        (TITLE, "Alster", 2009),
        ("Microneedling for melasma: a randomised trial", "Majid", 2009),
    ] {
        assert_eq!(related(one(), article(title, author, year)), None, "{title} {author} {year}");
    }
    let part =
        |n: &str| article(&format!("Guidelines of care for acne vulgaris management, part {n}"), "Zaenglein", 2016);
    assert_eq!(related(part("1"), part("2")), None);
    assert_eq!(related(part("I"), part("II")), None);
    let short = |journal: &str| with(article("Acne", "Majid", 2009), "container-title", journal);
    assert_eq!(related(short("JAMA"), short("BMJ")), None);
    assert_eq!(related(short("JAMA"), short("JAMA")), Some(Relation::Same));
    let placed = |volume: &str, page: &str| with(with(one(), "volume", volume), "page", page);
    assert_eq!(related(placed("2", "26-30"), placed("3", "99")), None);
    assert_eq!(related(placed("2", "26-30"), placed("2", "26")), Some(Relation::Same));
}

#[test]
fn what_only_looks_alike_says_so() {
    let one = || with(article(TITLE, "Majid", 2009), "DOI", "10.4103/0974-2077.53096");
    let preprint = with(article(TITLE, "Majid", 2007), "DOI", "10.1101/2007.01.02.003");
    assert_eq!(related(one(), preprint), Some(Relation::Preprint));
    for begin in [
        "Retraction:",
        "Erratum to:",
        "Corrigendum:",
        "Comment on",
        "Reply:",
        "Expression of concern:",
        "Retraction notice to",
    ] {
        let notice = article(&format!("{begin} {TITLE}"), "The Editors", 2012);
        assert_eq!(related(one(), notice), Some(Relation::Notice), "{begin}");
    }
    let review = |doi: &str| with(article("Lasers for scars", "Leszczynski", 2022), "DOI", doi);
    for (a, b) in [
        ("10.1002/14651858.CD011946.pub2", "10.1002/14651858.CD011946.pub3"),
        ("10.1002/14651858.CD011946", "10.1002/14651858.CD011946.pub2"),
        ("10.21203/rs.3.rs-1/v1", "10.21203/rs.3.rs-1/v2"),
        ("10.12688/f1000research.1.1", "10.12688/f1000research.1.2"),
    ] {
        assert_eq!(related(review(a), review(b)), Some(Relation::Version), "{a} {b}");
    }
    assert_ne!(unversioned("10.4103/0974-2077.53096"), unversioned("10.4103/0974-2077.53097"));
}

#[test]
fn one_book_is_known_by_its_number() {
    let book = |title: &str, isbn: &str| json!({"type": "book", "title": title, "ISBN": isbn});
    let (a, b) = ("Dermatology: principles", "Dermatology: principles and practice");
    assert_eq!(
        related(book(a, "978-0-443-10676-7"), book(b, "0443106762")),
        related(book(b, "0443106762"), book(a, "9780443106767"))
    );
    let chapter = |title: &str| json!({"type": "chapter", "title": title, "ISBN": "9780306406157"});
    assert_eq!(related(chapter("Acne and what follows it"), chapter("Scars and how they form")), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn comparing_is_symmetric_and_bounded(
        a in "[A-Za-z:é ]{0,60}", b in "[A-Za-z:é ]{0,60}", years in (1990i32..2020, 1990i32..2020), same: bool,
    ) {
        let b = if same { a.clone() } else { b };
        let (a, b) = (print(article(&a, "Majid", years.0)), print(article(&b, "Majid", years.1)));
        let (one, other) = (compare(&a, &b), compare(&b, &a));
        prop_assert_eq!(one.map(|x| x.1), other.map(|x| x.1));
        if let (Some((s, _)), Some((t, _))) = (one, other) {
            prop_assert!((0.0..=1.0).contains(&s) && (s - t).abs() < 1e-9);
        }
    }

    #[test]
    fn no_text_makes_it_panic(title in any::<String>()) {
        let words = words_of(&title);
        prop_assert_eq!(words_of(&words.join(" ")), words.clone());
        let (_, rest) = without_notice(words.clone());
        prop_assert!(rest.len() <= words.len());
        prop_assert!(title.starts_with(unversioned(&title)));
    }

    /// A letter that is dropped, doubled or changed anywhere in a title of some length leaves the pair in the list,
    /// among many others.
    #[test]
    fn a_slip_is_found_among_many(at in 0usize..68, how in 0u8..3) {
        let mut slipped: Vec<char> = TITLE.chars().collect();
        match how {
            0 => { slipped.remove(at); }
            1 => slipped.insert(at, 'x'),
            _ => slipped[at] = 'q',
        }
        let slipped: String = slipped.into_iter().collect();
        let mut all: Vec<Print> = (0..50)
            .map(|n| print(article(&format!("{} trial of {}", ["Laser", "Peel", "Drug"][n % 3], "abcdefghij".repeat(n % 5 + 1)), "Else", 2009)))
            .collect();
        all.push(print(article(TITLE, "Majid", 2009)));
        all.push(print(article(&slipped, "Majid", 2009)));
        let found = likely(&all);
        prop_assert!(found.iter().any(|pair| pair.places == (50, 51)), "{slipped}: {:?}", compare(&all[50], &all[51]));
        prop_assert!(found.windows(2).all(|two| two[0].score >= two[1].score));
    }
}

/// Three thousand studies with one beginning are not compared each with each.
#[test]
fn many_alike_are_compared_with_neighbours_only() {
    let all: Vec<Print> = (0..3_000)
        .map(|n| {
            print(article(
                &format!("A randomised controlled trial of treatment {}", "z".repeat(n % 90 + 1)),
                "Else",
                1900 + n as i32 % 90,
            ))
        })
        .collect();
    assert!(likely(&all).len() <= 3_000 * REACH * 4);
}
