//! Schema and validator are asked about the same records.

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::Map;

use super::*;
use crate::citing::identifiers::{Doi, Pmcid, Pmid};
use crate::http::fault::Faults;
use crate::library::csl::GivenRecord;

fn validator<T: ToSchema>() -> Validator {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    schemas.extend(parts());
    let schemas: Map<String, Value> =
        schemas.into_iter().map(|(name, schema)| (name, serde_json::to_value(schema).unwrap())).collect();
    let document = json!({"$ref": format!("#/components/schemas/{}", T::name()), "components": {"schemas": schemas}});
    jsonschema::draft202012::new(&document).unwrap()
}

fn accepted(record: &Value) -> bool {
    deserr::deserialize::<GivenRecord, _, Faults>(record.clone()).is_ok()
}

/// Values of every kind, right and wrong in every way that the validator knows.
fn values() -> Vec<Value> {
    let texts = [
        "",
        " ",
        "a",
        "a\nb",
        "a\u{7}b",
        "a\u{85}",
        "\u{202E}",
        "\u{2067}",
        "\u{2003}",
        "\u{A0}",
        "\u{3000}x",
        "12-14",
        "book",
        "majid2009",
        "doi:x1",
        "pmid:12",
        "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11",
        "Majid",
        "x",
        "10.4103/0974-2077.53096",
        "https://doi.org/10.4103/0974-2077.53096",
        "doi: 10.1000.10/x",
        "10.1000/",
        "10.12/x",
        "10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2",
        "20300368",
        "PMID: 20300368",
        "0",
        "https://pubmed.ncbi.nlm.nih.gov/20300368/",
        "PMC7764156",
        "pmcid:PMC7764156.1",
        "PMC0",
        "http://x.org/a:b",
        " HTTPS://x.org",
        "ftp://x",
        "mailto:a@x",
        "javascript:alert(1)",
        "java\nscript:x",
        "\thttp://x",
        "www.x.org",
    ];
    let mut values: Vec<Value> = texts.into_iter().map(Value::from).collect();
    values.extend(
        [100, 101, csl::MAX_TEXT, csl::MAX_TEXT + 1, csl::MAX_ABSTRACT, csl::MAX_ABSTRACT + 1]
            .map(|n| json!("é".repeat(n))),
    );
    values.extend([
        json!(null),
        json!(true),
        json!(0),
        json!(-3),
        json!(1.5),
        json!(csl::MAX_INTEGER),
        json!(csl::MAX_INTEGER + 1),
        json!(-(csl::MAX_INTEGER as i64)),
        json!(i64::MIN),
        json!(1e300),
        json!([]),
        json!({}),
        json!([null]),
        json!(["a"]),
        json!(["a\u{7}"]),
        json!(vec!["a"; csl::MAX_CATEGORIES]),
        json!(vec!["a"; csl::MAX_CATEGORIES + 1]),
        json!({"a": {"b": [null, 1.5, {"c": "d"}]}}),
        json!({"a\u{7}": 1}),
        json!({"a": "\u{7}"}),
        json!({"a": [1e300]}),
    ]);
    let parts: Vec<Value> = names().chain(dates()).collect();
    values.extend(parts.iter().map(|part| json!([part])));
    values.extend(parts);
    let name = json!({"family": "A"});
    values.extend([json!([name, "B"]), json!([name, {}]), json!(vec![name.clone(); csl::MAX_NAMES])]);
    values.push(json!(vec![name; csl::MAX_NAMES + 1]));
    values
}

fn names() -> impl Iterator<Item = Value> {
    let members = csl::NAME_STRINGS.into_iter().chain(csl::NAME_SWITCHES).chain(["name"]);
    let texts = ["", " ", "\u{2003}\n", "\u{200B}", "\u{202E}", "A", "true", "1", "2"].map(Value::from);
    let others = [json!(null), json!(true), json!(0), json!(1), json!(2), json!(-1), json!([])];
    members.flat_map(move |member| {
        texts.clone().into_iter().chain(others.clone()).flat_map(move |value| {
            [json!({member: value}), json!({"literal": "L", member: value}), json!({"given": " ", member: value})]
        })
    })
}

fn dates() -> impl Iterator<Item = Value> {
    let years = [-10_000, -9999, -1, 0, 1, 1900, 2000, 2023, 2024, 9999, 10_000].map(Value::from);
    let years = years
        .into_iter()
        .chain(["2024", "0005", "-43", "0", "000", "12345", "+1", " 1", "2023", "1.5", ""].map(Value::from));
    let months = || {
        [-1, 0, 1, 2, 3, 4, 11, 12, 13]
            .map(Value::from)
            .into_iter()
            .chain(["1", "02", "12", "13", "002", "x"].map(Value::from))
    };
    let days = || {
        [0, 1, 28, 29, 30, 31, 32]
            .map(Value::from)
            .into_iter()
            .chain(["1", "09", "29", "31", "32", "031"].map(Value::from))
    };
    let full = years.flat_map(move |year| {
        let day = year.clone();
        let by_month = months().flat_map(move |month| {
            let year = day.clone();
            days().map(move |day| json!([year, month, day])).collect::<Vec<_>>()
        });
        let year_month = year.clone();
        let by_year = months().map(move |month| json!([year_month, month]));
        by_month.chain(by_year).chain([json!([year]), json!([year, 1, 1, 1]), json!([year, null])]).collect::<Vec<_>>()
    });
    let parts = full.map(|date| json!({"date-parts": [date]}));
    let members = csl::DATE_MEMBERS.into_iter().chain(["day"]);
    let values = [
        json!(null),
        json!(""),
        json!("a\u{7}"),
        json!("1"),
        json!("true"),
        json!(0),
        json!(1),
        json!(4),
        json!(5),
        json!([]),
    ];
    let others = members.flat_map(move |member| {
        values
            .clone()
            .into_iter()
            .flat_map(move |value| [json!({member: value}), json!({"raw": "2009", member: value})])
    });
    let ranges = [
        json!({"date-parts": [[2009], [2010, 1]]}),
        json!({"date-parts": [[1], [2], [3]]}),
        json!({"date-parts": [[]]}),
    ];
    parts.chain(others).chain(ranges)
}

#[test]
fn every_variable_takes_the_same_values() {
    let validator = validator::<Csl>();
    let (all, mut seen) = (values(), Vec::new());
    // What the last signs of ISBN and ISSN have to be no schema can say.
    let checked = |name: &&str| ["ISBN", "ISSN"].contains(name);
    for name in csl::variables().filter(|name| !checked(name)).chain(["titel"]) {
        // One of a kind is asked thoroughly, the others only whether they are of that kind.
        let kind = (variable_kind(name), csl::kind(name));
        let thoroughly = !seen.contains(&kind);
        seen.push(kind);
        for value in all.iter().step_by(if thoroughly { 1 } else { 17 }) {
            let record = if name == "type" { json!({"type": value}) } else { json!({"type": "book", name: value}) };
            let (schema, server) = (validator.is_valid(&record), accepted(&record));
            assert_eq!(schema, server, "the schema says {schema}: {:.300}", record.to_string());
        }
    }
    assert!(!validator.is_valid(&json!({"title": "x"})));
    assert!(!validator.is_valid(&json!([])));
}

/// The texts and numbers that have rules of their own.
fn variable_kind(name: &str) -> Option<&str> {
    ["id", "type", "abstract", "DOI", "PMID", "PMCID", "URL"].into_iter().find(|special| *special == name)
}

#[test]
fn what_a_schema_cannot_say_is_refused_all_the_same() {
    let validator = validator::<Csl>();
    let deep = (0..csl::MAX_CUSTOM_DEPTH + 1).fold(json!(1), |inner, _| json!({ "a": inner }));
    for (variable, value) in [
        ("issued", json!({"date-parts": [[2010], [2009]]})),
        ("ISBN", json!("0-306-40615-3")),
        ("ISSN", json!("1234-5678")),
        ("custom", json!({"a": "x".repeat(60_000), "b": "x".repeat(60_000)})),
        ("custom", deep),
    ] {
        let record = json!({"type": "book", variable: value});
        assert!(validator.is_valid(&record) && !accepted(&record), "{:.300}", record.to_string());
    }
}

#[test]
fn a_change_may_say_what_a_record_may_and_null() {
    let validator = validator::<CslPatch>();
    for change in [
        json!({}),
        json!({"title": null, "volume": 3, "issued": {"literal": null, "circa": true}, "author": [{"literal": "A"}]}),
        json!({"issued": null, "custom": {"a": null}, "type": "book", "DOI": null}),
    ] {
        assert!(validator.is_valid(&change), "{change}");
    }
    for change in [
        json!(null),
        json!({"type": null}),
        json!({"id": null}),
        json!({"titel": null}),
        json!({"author": [null]}),
        json!({"issued": {"month": null}}),
    ] {
        assert!(!validator.is_valid(&change), "{change}");
    }
}

/// A pattern as proptest takes it.
fn bare(pattern: &str) -> &str {
    pattern.trim_start_matches('^').trim_end_matches('$')
}

proptest! {
    #[test]
    fn identifiers_of_the_documented_forms_are_understood(doi in bare(DOI), pmid in bare(PMID), pmcid in bare(PMCID)) {
        prop_assume!(doi.chars().count() <= 500);
        prop_assert!(Doi::parse(&doi).is_ok(), "{}", doi);
        prop_assert!(Pmid::parse(&pmid).is_ok(), "{}", pmid);
        prop_assert!(Pmcid::parse(&pmcid).is_ok(), "{}", pmcid);
    }

    #[test]
    fn texts_are_judged_alike(text in any::<String>(), filled in "[ \\x00-\\x20\u{80}-\u{A0}\u{2000}-\u{2070}\u{3000}\u{FEFF}a]{0,4}") {
        let (record, name) = (validator::<CslText>(), validator::<CslName>());
        for text in [text, filled] {
            let server = accepted(&json!({"type": "book", "title": text}));
            prop_assert_eq!(record.is_valid(&json!(text)), server);
            let server = accepted(&json!({"type": "book", "author": [{"family": text}]}));
            prop_assert_eq!(name.is_valid(&json!({"family": text})), server);
        }
    }
}
