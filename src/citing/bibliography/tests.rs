use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

mod as_citeproc;

fn record(value: Value) -> Record {
    Record::parse(&value).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn named(name: &str) -> Style {
    Style::parse(name).unwrap_or_else(|error| panic!("{error}"))
}

/// The bundled styles that say how references look.
fn styles() -> Vec<Style> {
    bundled().filter(|info| info.has_bibliography).map(|info| named(&info.name)).collect()
}

fn one(style: Style, value: Value) -> Entry {
    format(&style, Some("en-US"), &[(1, &record(value))]).remove(0)
}

fn vancouver(value: Value) -> String {
    one(Style::vancouver(), value).text
}

fn samples() -> Option<Vec<Record>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/samples/microneedling-studies.csl.json");
    let Ok(file) = std::fs::read_to_string(path) else {
        eprintln!("SKIPPED: the sample records are not at {path}");
        return None;
    };
    let list: Vec<Value> = serde_json::from_str(&file).expect("the samples are JSON");
    Some(list.into_iter().map(record).collect())
}

/// What the seven samples are in NLM style.
const SAMPLES: [&str; 7] = [
    "Alster TS, Graham PM. Microneedling: A Review and Practical Guide. Dermatol Surg. 2018 Mar;44(3):397–404. doi:10.1097/DSS.0000000000001248 PubMed PMID: 28796657.",
    "Majid I. Microneedling therapy in atrophic facial scars: an objective assessment. J Cutan Aesthet Surg. 2009 Jan;2(1):26–30. doi:10.4103/0974-2077.53096 PubMed PMID: 20300368.",
    "Juhasz MLW, Cohen JL. Microneedling for the Treatment of Scars: An Update for Clinicians. Clin Cosmet Investig Dermatol. 2020 Dec 22;13:997–1003. doi:10.2147/CCID.S267192 PubMed PMID: 33376377; PubMed Central PMCID: PMC7764156.",
    "Singh A, Yadav S. Microneedling: Advances and widening horizons. Indian Dermatol Online J. 2016;7(4):244–54. doi:10.4103/2229-5178.185468",
    "Salem RM, Salah SAE, Ibrahim SE. Microbotox injection versus its topical application following microneedling in the treatment of wide facial pores: A split face comparative study. J Cosmet Dermatol. 2022 Dec. doi:10.1111/jocd.15590",
    "Alam M, Han S, Pongprutthipan M, Disphanurat W, Kakar R, Nodzenski M, et al. Efficacy of a Needling Device for the Treatment of Acne Scars: A Randomized Clinical Trial. JAMA Dermatol. 2014.",
    "Harris AG, Naidoo C, Murrell DF. Skin needling as a treatment for acne scarring: An up-to-date review of the literature. Int J Womens Dermatol. 2015;1:77–81.",
];

#[test]
fn the_samples_in_vancouver() {
    let Some(records) = samples() else { return };
    let numbered: Vec<_> = (1..).zip(&records).collect();
    let entries = format(&Style::vancouver(), Some("en-US"), &numbered);
    assert_eq!(entries.len(), SAMPLES.len());
    for (i, (entry, want)) in entries.iter().zip(SAMPLES).enumerate() {
        assert_eq!(entry.text, format!("{}. {want}", i + 1));
        assert!(!entry.degraded);
    }
    assert!(
        entries[1].html.contains("<a href=\"https://doi.org/10.4103/0974-2077.53096\">10.4103/0974-2077.53096</a>")
    );
}

#[test]
fn an_entry_under_another_number_is_what_the_style_would_print() {
    let record = record(json!({
        "type": "article-journal", "title": "1. What is 1?", "container-title": "J", "volume": "1", "page": "1-9",
        "author": [{"family": "Majid", "given": "Imran"}], "issued": {"date-parts": [[2009, 1]]},
    }));
    for style in styles() {
        let of = |number| format(&style, Some("en-US"), &[(number, &record)]).remove(0);
        for (from, to) in [(1, 9), (9, 137), (5_000, 1)] {
            match renumbered(&style, &of(from), to) {
                Some(entry) => assert_eq!(entry, of(to), "{style:?}"),
                None => assert!(style.class() != StyleClass::Numeric || of(from).label.is_empty(), "{style:?}"),
            }
        }
    }
}

#[test]
fn the_numbers_printed_are_ours() {
    let record = record(json!({"type": "article-journal", "title": "T", "container-title": "J"}));
    for style in styles().iter().filter(|style| style.class() == StyleClass::Numeric) {
        let prepared = style.prepared().expect("the style can be read");
        assert!(style.is_numeric(), "{style:?}");
        for number in [1, 2, 9, 10, 137, 5_000] {
            let item = item::convert(&record, prepared, locale::spoken("en-US").habit);
            let (label, _) = engine::alone(prepared, "en-US", number, engine::Dated::plain(&item)).unwrap_or_default();
            assert_eq!(label, prepared.plain_label(number), "{style:?}");
        }
    }
    let entries = format(&Style::vancouver(), Some("en-US"), &[(3, &record), (1, &record), (2, &record)]);
    assert_eq!(entries.iter().map(|e| e.number).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(entries[0].text.starts_with("1. T. J."));
}

#[test]
fn incomplete_records_say_what_they_have() {
    assert_eq!(
        vancouver(json!({"type": "article-journal", "container-title": "Dermatologic Surgery"})),
        "1. Dermatologic Surgery."
    );
    for style in styles() {
        for value in [
            json!({"type": "article-journal", "container-title": "Dermatologic Surgery"}),
            json!({"type": "book"}),
            json!({"type": "book", "note": "A leaflet"}),
            json!({"type": "webpage", "URL": "https://x.example/"}),
            json!({"type": "article-journal", "DOI": "10.1000/x"}),
            json!({"type": "book", "issued": {"literal": "n.d."}}),
        ] {
            let entry = one(style.clone(), value.clone());
            assert!(
                entry.text.trim_start_matches(&entry.label).chars().any(char::is_alphanumeric),
                "{style:?} {value} {}",
                entry.text
            );
        }
    }
    let blank = one(Style::vancouver(), json!({"type": "article-journal"}));
    assert_eq!((blank.text.as_str(), blank.degraded), ("1. Untitled article journal.", true));
}

#[test]
fn kinds_of_works_in_vancouver() {
    for (value, want) in [
        (
            json!({"type": "webpage", "title": "Microneedling", "container-title": "AAD", "URL": "https://aad.org/x?a=1&b=2", "accessed": {"date-parts": [[2024, 6, 24]]}, "issued": {"date-parts": [[2020]]}}),
            "1. AAD [Internet]. 2020 [cited 2024 Jun 24]. Microneedling. Available from: https://aad.org/x?a=1&b=2",
        ),
        (
            json!({"type": "book", "title": "Skin", "author": [{"family": "Roe", "given": "R"}], "publisher": "Springer", "publisher-place": "Berlin", "edition": "2", "issued": {"literal": "c1999"}, "number-of-pages": "300"}),
            "1. Roe R. Skin. 2nd ed. Berlin: Springer; c1999. 300 p.",
        ),
        (
            json!({"type": "chapter", "title": "Needles", "author": [{"family": "Roe", "given": "R"}], "editor": [{"family": "Ed", "given": "I"}], "container-title": "Skin", "publisher": "Springer", "page": "10-20", "issued": {"date-parts": [[2001]]}}),
            "1. Roe R. Needles. In: Ed I, editor. Skin. Springer; 2001. p. 10–20.",
        ),
        (
            json!({"type": "article-journal", "title": "T", "container-title": "J", "issued": {"date-parts": [[2001]], "season": 1}, "volume": 12, "issue": "Suppl 1", "page": "e1234"}),
            "1. T. J. 2001 Spring;12(Suppl 1):e1234.",
        ),
        (
            json!({"type": "article-journal", "title": "T", "container-title": "J", "issued": {"date-parts": [[2001, 1], [2001, 2]]}, "page": "539-539"}),
            "1. T. J. 2001 Jan–Feb;539–539.",
        ),
        (
            json!({"type": "thesis", "title": "T", "author": [{"given": "Plato"}], "genre": "PhD thesis", "issued": {"date-parts": [[-380]]}}),
            "1. Plato. T [PhD thesis]. 380 BC.",
        ),
    ] {
        assert_eq!(vancouver(value), want);
    }
}

#[test]
fn names_keep_all_their_parts() {
    for (name, want) in [
        (json!({"family": "van der Berg", "given": "J.V."}), "van der Berg JV"),
        (json!({"family": "Berg", "given": "J. V.", "non-dropping-particle": "van der"}), "van der Berg JV"),
        (json!({"family": "de Gaulle", "given": "Charles", "non-dropping-particle": "de"}), "de Gaulle C"),
        (json!({"family": "Garcia y Lopez", "given": "A.B."}), "Garcia y Lopez AB"),
        (json!({"family": "Ben Ali", "given": "Y"}), "Ben Ali Y"),
        (json!({"family": "Forbes", "given": "LJ"}), "Forbes L"),
        (json!({"family": "Doe", "given": "Jean-Luc", "suffix": "Jr."}), "Doe JL Jr"),
        (json!({"family": "O'Neil", "given": "Se\u{e1}n-Óg P"}), "O’Neil SÓP"),
        (json!({"literal": "the DPP Research Group"}), "the DPP Research Group"),
        (json!({"given": "World Health Organization"}), "World Health Organization"),
        (json!({"family": "Plato"}), "Plato"),
        (json!({"family": "李", "given": "明"}), "李明"),
    ] {
        let text = vancouver(json!({"type": "book", "title": "T", "author": [name]}));
        assert_eq!(text, format!("1. {want}. T."), "{name}");
    }
}

#[test]
fn a_style_prints_the_same_under_another_name() {
    let renamed = named("ieee").named("house");
    assert_eq!((renamed.name(), renamed.hash()), ("house", named("ieee").hash()));
    let value = json!({"type": "book", "title": "T", "author": [{"family": "Roe", "given": "R"}]});
    assert_eq!(one(renamed, value.clone()).text, one(named("ieee"), value).text);
}

#[test]
fn titles_keep_their_markup_and_nothing_else() {
    let entry = one(
        named("ieee"),
        json!({"type": "article-journal", "title": "Is <i>in vivo</i> H<sub>2</sub>O \"good\"? <script>x</script> </i> & <b>\u{F0001}", "container-title": "PLoS <b>one</b>", "URL": "https://x.example/\"><script>"}),
    );
    assert!(
        entry.html.contains(
            "“Is <i>in vivo</i> H<sub>2</sub>O ‘good’? &lt;script&gt;x&lt;/script&gt; &lt;/i&gt; &amp; &lt;b&gt;,”"
        ),
        "{}",
        entry.html
    );
    assert!(!entry.html.contains("<script"));
    assert!(entry.html.contains("<a href=\"https://x.example/%22%3E%3Cscript%3E\">"));
    assert!(entry.text.contains("Is in vivo H2O ‘good’? <script>"));
    let bad = one(Style::vancouver(), json!({"type": "webpage", "title": "T", "URL": "ftp://x.example/"}));
    assert!(!bad.html.contains("<a "));
}

#[test]
fn title_case_is_for_english_titles() {
    let article = |language: &str| json!({"type": "article-journal", "title": "is <i>in vivo</i> use safe? a study of bioRxiv and R<sub>ab</sub>", "language": language, "container-title": "journal of tests", "author": [{"family": "Roe", "given": "R"}], "issued": {"date-parts": [[2001]]}});
    let english = one(named("chicago-author-date"), article("en")).text;
    assert_eq!(english, "Roe, R. 2001. “Is in Vivo Use Safe? A Study of bioRxiv and Rab.” Journal of Tests.");
    let german = one(named("chicago-author-date"), article("de")).text;
    assert_eq!(german, "Roe, R. 2001. “is in vivo use safe? a study of bioRxiv and Rab.” journal of tests.");
}

#[test]
fn variables_are_read_from_the_note() {
    let noted =
        |note: &str| vancouver(json!({"type": "article-journal", "title": "T", "container-title": "J", "note": note}));
    assert_eq!(noted("PMID: 28796657"), "1. T. J. PubMed PMID: 28796657.");
    assert_eq!(noted("volume: 3\nPMID: 28796657\nmore"), "1. T. J. 3. PubMed PMID: 28796657.");
    assert_eq!(noted("Read it first.\nPMID: 28796657"), "1. T. J.");
}

#[test]
fn punctuation_of_the_record_stays() {
    let ieee = |title: &str, page: &str| {
        one(named("ieee"), json!({"type": "article-journal", "title": title, "container-title": "A : b", "page": page}))
            .text
    };
    assert_eq!(ieee("Is it so?", "273-81"), "[1] “Is it so?,” A : b, pp. 273–81.");
    assert_eq!(ieee("It is.", "273-281"), "[1] “It is.,” A : b, pp. 273–281.");
    assert_eq!(ieee("Epicor™", "1-2.e1"), "[1] “EpicorTM,” A : b, pp. 1-2.e1.");
    assert_eq!(ieee("It", "E204-8"), "[1] “It,” A : b, pp. E204-8.");
    let ama = json!({"type": "article-journal", "title": "T", "container-title": "J", "volume": 4, "issue": "3-4", "page": "284-29"});
    assert_eq!(one(named("ama"), ama).text, "1. T. J. 4(3-4):284-29.");
    let chicago = json!({"type": "book", "title": "T", "author": [{"family": "Van Swol", "given": "R"}]});
    assert!(one(named("chicago-author-date"), chicago).text.starts_with("Van Swol, R."));
    let bmj = one(named("bmj"), json!({"type": "book", "title": "A \"good\" one"}));
    assert!(bmj.text.contains("A “good” one"), "{}", bmj.text);
    let british = format(&named("bmj"), None, &[(1, &record(json!({"type": "book", "title": "A \"good\" one"})))]);
    assert!(british[0].text.contains("A ‘good’ one"), "{}", british[0].text);
}

#[test]
fn locales_and_names_of_styles() {
    let value =
        json!({"type": "chapter", "title": "T", "container-title": "C", "editor": [{"family": "A", "given": "B"}]});
    let record = record(value);
    let german = format(&Style::vancouver(), Some("de-DE"), &[(1, &record)]).remove(0).text;
    assert!(german.contains("Herausgeber"), "{german}");
    let unknown = format(&Style::vancouver(), Some("xx-not a locale"), &[(1, &record)]).remove(0).text;
    assert!(unknown.contains("editor"), "{unknown}");
}

#[test]
fn a_doi_is_an_address_whatever_signs_it_has() {
    let csl = json!({"type": "article-journal", "title": "T", "DOI": "10.1002/(A)1:2<3::B>4#5?6%7é;8-9"});
    let doi = record(csl.clone()).doi().map(|doi| doi.display().to_owned()).unwrap();
    assert_eq!(doi, "10.1002/(A)1:2<3::B>4#5?6%7é;8-9");
    let address = "https://doi.org/10.1002/(A)1:2%3C3::B%3E4%235%3F6%257%C3%A9;8-9";
    let mut links = 0;
    for style in styles() {
        let name = style.name().to_owned();
        let entry = one(style, csl.clone());
        assert!(!entry.degraded && !entry.html.contains('\u{F000E}') && !entry.text.contains('\u{F000E}'), "{name}");
        let hrefs: Vec<&str> = entry.html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(hrefs.iter().all(|href| *href == address), "{name}: {}", entry.html);
        assert!(hrefs.is_empty() || entry.text.contains(&doi), "{name}: {}", entry.text);
        links += hrefs.len();
    }
    assert!(links > 20, "{links}");
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9 .,:;?<>&\"'()-]{0,20}",
        any::<String>(),
        Just("<i>a</i>".to_owned()),
        Just("12-14, 3–9".to_owned())
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_record_gives_an_entry(
        kind in prop::sample::select(crate::citing::record::vocabulary::TYPES.to_vec()),
        texts in proptest::collection::vec((prop::sample::select(crate::citing::record::vocabulary::variables().collect::<Vec<_>>()), any_text()), 0..10),
        names in proptest::collection::vec((any_text(), any_text()), 0..9),
        date in proptest::collection::vec(1i64..30, 1..4),
        style in prop::sample::select(styles()),
        number in 1u32..3000,
    ) {
        let mut members: serde_json::Map<String, Value> = texts.into_iter().map(|(k, v)| (k.to_owned(), Value::from(v))).collect();
        members.insert("type".to_owned(), kind.into());
        members.insert("author".to_owned(), names.into_iter().map(|(f, g)| json!({"family": f, "given": g})).collect());
        members.insert("issued".to_owned(), json!({"date-parts": [date]}));
        if let Ok(record) = Record::parse(&Value::Object(members)) {
            let entry = format(&style, Some("en-US"), &[(number, &record)]).remove(0);
            prop_assert!(entry.text.chars().any(char::is_alphanumeric));
            prop_assert_eq!(entry.number, number);
            if !entry.label.is_empty() {
                prop_assert!(entry.label.contains(&number.to_string()), "{entry:?}");
            }
            let tags = entry.html.split('<').skip(1).filter_map(|tag| tag.split('>').next());
            for tag in tags {
                let known = ["i", "b", "sup", "sub", "span", "a"].contains(&tag.trim_start_matches('/').split(' ').next().unwrap_or_default());
                prop_assert!(known, "{}", entry.html);
                prop_assert!(!tag.starts_with("a ") || tag.starts_with("a href=\"http") || tag.starts_with("a href=\"mailto:"), "{}", entry.html);
            }
        }
    }
}

#[test]
fn a_number_keeps_all_its_digits() {
    let record = record(json!({
        "type": "article-journal", "title": "T", "author": [{"family": "A", "given": "12-14, 3–9"}],
        "issued": {"date-parts": [[1]]},
    }));
    for style in styles() {
        for number in [1, 11, 111, 1111, 2222] {
            let entry = format(&style, Some("en-US"), &[(number, &record)]).remove(0);
            assert!(entry.label.is_empty() || entry.label.contains(&number.to_string()), "{style:?} {entry:?}");
        }
    }
}
