use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::citing::StudyKey;

fn faults(value: Value) -> Vec<(String, &'static str)> {
    Record::parse(&value).err().unwrap_or_default().into_iter().map(|f| (f.pointer, f.code)).collect()
}

fn record(value: Value) -> Record {
    Record::parse(&value).unwrap_or_else(|faults| panic!("{faults:?}"))
}

#[test]
fn a_whole_record_passes() {
    let record = record(json!({
        "id": "majid2009", "type": "article-journal", "title": " Microneedling therapy ",
        "author": [{"family": "Majid", "given": "Imran", "comma-suffix": true}, {"literal": "WHO"}],
        "container-title": "J", "container-title-short": "J.", "issued": {"date-parts": [[2009, 1]], "circa": true},
        "volume": 2, "issue": "1", "page": "26-30", "DOI": "https://doi.org/10.4103/0974-2077.53096",
        "PMID": "20300368", "custom": {"any": [1]}, "categories": ["skin"], "note": "n", "ISBN": "x 978-3-16-148410-0"
    }));
    assert_eq!(record.title(), Some("Microneedling therapy"));
    assert_eq!(record.year(), Some(2009));
    assert_eq!(record.first_author_family(), Some("Majid"));
    assert_eq!(record.authors().iter().map(Name::display).collect::<Vec<_>>(), ["Imran Majid", "WHO"]);
    assert_eq!(record.doi().map(|d| d.as_str().to_owned()).as_deref(), Some("10.4103/0974-2077.53096"));
    assert_eq!(record.isbn().map(|d| d.as_str().to_owned()).as_deref(), Some("9783161484100"));
    assert!(completeness(&record).complete);
}

#[test]
fn all_faults_are_found_at_once() {
    let found = faults(json!({
        "type": "article-jurnal", "titel": "x", "container_title": "y", "title": 3, "volume": 1.5, "author": {"family": "A"},
        "editor": [{"fam": "A"}, "B", {"family": 3}], "issued": {"date-parts": [[]]}, "accessed": {"date-parts": [[2020, 2, 30]]},
        "submitted": "2020", "DOI": "none", "URL": "javascript:alert(1)", "custom": 3, "categories": [1], "a/b": 1
    }));
    for want in [
        ("/type", "unknown_type"),
        ("/titel", "unknown_variable"),
        ("/container_title", "unknown_variable"),
        ("/title", "expected_string"),
        ("/volume", "expected_number"),
        ("/author", "expected_names"),
        ("/editor/0/fam", "unknown_name_member"),
        ("/editor/0", "empty_name"),
        ("/editor/1", "expected_name"),
        ("/editor/2/family", "expected_string"),
        ("/issued/date-parts/0", "invalid_date"),
        ("/accessed/date-parts/0", "invalid_date"),
        ("/submitted", "expected_date"),
        ("/DOI", "invalid_identifier"),
        ("/URL", "unsafe_url"),
        ("/custom", "expected_object"),
        ("/categories/0", "expected_string"),
        ("/a~1b", "unknown_variable"),
    ] {
        assert!(found.contains(&(want.0.to_owned(), want.1)), "{want:?} not in {found:?}");
    }
    assert_eq!(faults(json!({"title": "x"})), [("/type".to_owned(), "required")]);
    assert_eq!(faults(json!([])), [(String::new(), "expected_object")]);
}

#[test]
fn unknown_names_get_a_suggestion() {
    let detail = |value| Record::parse(&value).err().unwrap_or_default().remove(0).detail;
    assert!(detail(json!({"type": "book", "titel": "x"})).contains("\"title\""));
    assert!(detail(json!({"type": "book", "doi": "x"})).contains("\"DOI\""));
    assert!(detail(json!({"type": "book", "container_title": "x"})).contains("\"container-title\""));
    assert!(!detail(json!({"type": "book", "zzz": "x"})).contains("did you mean"));
}

#[test]
fn limits_hold() {
    let long = "x".repeat(vocabulary::MAX_TEXT + 1);
    assert_eq!(faults(json!({"type": "book", "title": long})), [("/title".to_owned(), "too_long")]);
    assert!(faults(json!({"type": "book", "abstract": long})).is_empty());
    let many = vec![json!({"family": "A"}); vocabulary::MAX_NAMES + 1];
    assert_eq!(faults(json!({"type": "book", "author": many})), [("/author".to_owned(), "too_many")]);
    assert_eq!(faults(json!({"type": "book", "title": "a\u{202E}b"})), [("/title".to_owned(), "control_character")]);
    assert!(faults(json!({"type": "book", "abstract": "a\nb"})).is_empty());
}

#[test]
fn what_could_not_be_kept_or_linked_is_refused() {
    let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!({ "a": inner }));
    assert!(faults(json!({"type": "book", "custom": nested(vocabulary::MAX_CUSTOM_DEPTH)})).is_empty());
    let deep = faults(json!({"type": "book", "custom": nested(vocabulary::MAX_CUSTOM_DEPTH + 1)}));
    assert_eq!(deep.iter().map(|(_, code)| *code).collect::<Vec<_>>(), ["too_deep"]);
    for (custom, code) in [
        (json!({"a": [{"b": "\u{202E}"}]}), ("/custom/a/0/b", "control_character")),
        (json!({"\u{7}": 1}), ("/custom/\u{7}", "control_character")),
        (json!({"a": 1e300}), ("/custom/a", "out_of_range")),
        (json!({"a": u64::MAX}), ("/custom/a", "out_of_range")),
    ] {
        assert_eq!(faults(json!({"type": "book", "custom": custom})), [(code.0.to_owned(), code.1)]);
    }
    assert!(faults(json!({"type": "book", "custom": {"a": [1.5, null, true, {"b": "c"}]}})).is_empty());
    assert_eq!(faults(json!({"type": "book", "volume": i64::MIN})), [("/volume".to_owned(), "out_of_range")]);
    for url in ["javascript:x", "java\nscript:x", " data:x", "\u{2003}vbscript:x", "x:y"] {
        assert_eq!(faults(json!({"type": "book", "URL": url})), [("/URL".to_owned(), "unsafe_url")], "{url:?}");
    }
    for url in ["https://x.org/a:b", " HTTP://x.org", "ftp://x.org", "mailto:a@x.org", "www.x.org/a", ""] {
        assert!(faults(json!({"type": "book", "URL": url})).is_empty(), "{url:?}");
    }
}

#[test]
fn dates() {
    let year = |issued: Value| record(json!({"type": "book", "issued": issued})).year();
    assert_eq!(year(json!({"date-parts": [[2009, 2, 28], [2010]]})), Some(2009));
    assert_eq!(year(json!({"date-parts": [["2009", "02"]]})), Some(2009));
    assert_eq!(year(json!({"raw": "2016-05-03T10:00"})), Some(2016));
    assert_eq!(year(json!({"literal": "Spring 1998, revised"})), Some(1998));
    assert_eq!(year(json!({"literal": "n.d."})), None);
    for bad in [
        json!({"date-parts": []}),
        json!({"date-parts": [[2009, 13]]}),
        json!({"date-parts": [[2009, 0]]}),
        json!({"date-parts": [[0]]}),
        json!({"date-parts": [[40000]]}),
        json!({"date-parts": [[2009], [2008]]}),
        json!({"date-parts": [[2009], [2010], [2011]]}),
        json!({"date-parts": [[2009, 1, 1, 1]]}),
        json!({"date-parts": [[2023, 2, 29]]}),
        json!({"season": 1}),
        json!({"raw": "2009", "season": 9}),
        json!({"raw": "2009", "season": "\u{7}"}),
        json!({"date-parts": [["+2009"]]}),
        json!({"date-parts": [[" 2009"]]}),
        json!({"date-parts": [["02009"]]}),
        json!({"date-parts": [["2009", "001"]]}),
        json!({"raw": "2009", "day": 9}),
    ] {
        assert!(!faults(json!({"type": "book", "issued": bad})).is_empty(), "{bad}");
    }
}

#[test]
fn completeness_names_what_is_missing() {
    let missing = |value| completeness(&record(value)).missing;
    assert_eq!(
        missing(json!({"type": "article-journal"})),
        ["title", "author", "issued", "container-title", "identifier"]
    );
    let book = json!({"type": "book", "title": "T", "editor": [{"literal": "E"}], "issued": {"raw": "2001"}, "URL": "https://x.org"});
    assert!(missing(book).is_empty());
}

#[test]
fn proposed_keys() {
    let key = |value| propose_key(&record(value));
    let author = |family: &str| json!({"type": "book", "author": [{"family": family}], "issued": {"raw": "2009"}});
    assert_eq!(key(author("Majid")), "majid2009");
    assert_eq!(key(author("van der Berg")), "vanderberg2009");
    assert_eq!(key(author("Müller-Łąk")), "mullerlak2009");
    assert_eq!(key(author("李")), "li2009");
    assert_eq!(key(author("!")), "study2009");
    assert_eq!(key(json!({"type": "book", "title": "The Treatment of Large Pores"})), "treatmentlargepores");
    assert_eq!(key(json!({"type": "book", "container-title": "Dermatologic Surgery"})), "dermatologicsurgery");
    assert_eq!(key(json!({"type": "book"})), "study");
    assert_eq!(key(json!({"type": "book", "title": "A"})), "study");
}

#[test]
fn the_lists_are_disjoint() {
    let all: Vec<&str> = vocabulary::variables().collect();
    let unique: std::collections::HashSet<&str> = all.iter().copied().collect();
    assert_eq!(all.len(), unique.len());
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec(("family|literal|date-parts|raw|[a-z]{1,3}", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_is_checked_without_panic(members in proptest::collection::vec((proptest::sample::select(vocabulary::variables().collect::<Vec<_>>()), any_json()), 0..8)) {
        let value = Value::Object(members.into_iter().map(|(k, v)| (k.to_owned(), v)).collect());
        if let Ok(record) = Record::parse(&value) {
            prop_assert!(StudyKey::parse(&propose_key(&record)).is_ok());
        }
    }

    #[test]
    fn proposed_keys_are_valid(family in any::<String>(), title in any::<String>(), year in 1i64..9999) {
        let value = json!({"type": "book", "author": [{"family": family}], "title": title, "issued": {"date-parts": [[year]]}});
        if let Ok(record) = Record::parse(&value) {
            let key = propose_key(&record);
            prop_assert!(StudyKey::parse(&key).is_ok(), "{}", key);
        }
    }
}
