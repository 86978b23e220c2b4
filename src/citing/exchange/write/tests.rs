use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::citing::exchange::{Format, read};
use crate::citing::record::Record;

fn record(value: &Value) -> Record {
    Record::parse(value).unwrap_or_else(|faults| panic!("{value}: {faults:#?}"))
}

/// What a file with one study is read as.
fn read_back(format: Format, written: &str) -> Value {
    let mut entries: Vec<_> = read(format, written.as_bytes()).collect();
    assert_eq!(entries.len(), 1, "{written}");
    let entry = entries.remove(0).unwrap_or_else(|refused| panic!("{refused:#?}\n{written}"));
    entry.record.to_value()
}

/// The members that differ.
fn differences(before: &Value, after: &Value) -> Vec<String> {
    let (before, after) = (before.as_object().unwrap(), after.as_object().unwrap());
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    let different = names.filter(|name| before.get(*name) != after.get(*name));
    different.map(|name| format!("{name}: {:?} became {:?}", before.get(name), after.get(name))).collect()
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[A-Za-z][a-zäéøß]{0,9}",
        2 => "[A-Z0-9]{1,5}",
        1 => prop::sample::select(vec!["and", "And", "A&B", "5%", "#1", "a_b", "$x$", "~", "^", "\\", "{", "}", "{}", "--", "``", "''",
            "(b)", "@c", "\"q\"", "a=b", "van", "Łódź", "日本語", "α-β", "<", ">", "p<0.05", "o'clock", "CO2", "!?", "e.g.:"]).prop_map(str::to_owned),
    ]
}

/// Text of one line, without white space at its ends.
fn line() -> impl Strategy<Value = String> {
    vec(word(), 1..7).prop_map(|words| words.join(" "))
}

fn title() -> impl Strategy<Value = String> {
    let tags = [("<i>", "</i>"), ("<b>", "</b>"), ("<sup>", "</sup>"), ("<sub>", "</sub>"), ("", "")];
    (line(), prop::sample::select(tags.to_vec()), line(), line())
        .prop_map(|(before, (open, close), marked, after)| format!("{before} {open}{marked}{close} {after}"))
}

/// A date as RIS holds it as well: one day.
fn day() -> impl Strategy<Value = Value> {
    prop_oneof![
        (1000..2100).prop_map(|year| json!({"date-parts": [[year]]})),
        (1000..2100, 1..13).prop_map(|(year, month)| json!({"date-parts": [[year, month]]})),
        (1000..2100, 1..13, 1..29).prop_map(|(year, month, day)| json!({"date-parts": [[year, month, day]]})),
        (1000..2100, 1..5).prop_map(|(year, season)| json!({"date-parts": [[year]], "season": season})),
    ]
}

fn date() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => day(),
        1 => (-900..2100).prop_filter("there is no year 0", |year| *year != 0).prop_map(|year| json!({"date-parts": [[year]], "circa": true})),
        1 => (1000..1900, 1..13, 1..13).prop_map(|(year, a, b)| json!({"date-parts": [[year, a], [year + 1, b]]})),
    ]
}

fn plain_name() -> impl Strategy<Value = Value> {
    let family = "[A-Z][a-zäé]{1,8}(-[A-Z][a-z]{1,5})?";
    // Four letters at least: RIS cannot tell the given name `Jr` from a suffix.
    let given = "[A-Z][a-zé]{3,8}( [A-Z]\\.)?";
    prop_oneof![
        4 => (family, given).prop_map(|(family, given)| json!({"family": family, "given": given})),
        1 => (family, given).prop_map(|(family, given)| json!({"family": family, "given": given, "suffix": "Jr."})),
        1 => (family, given).prop_map(|(family, given)| json!({"family": family, "given": given, "non-dropping-particle": "van der"})),
    ]
}

fn any_name() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => plain_name(),
        1 => line().prop_map(|literal| json!({"literal": literal})),
        2 => (line(), option::of(line()), option::of(line()), 0..3_u8, line()).prop_map(|(family, given, suffix, kind, particle)| {
            let mut name = Map::new();
            name.insert("family".to_owned(), family.into());
            name.extend(given.map(|given| ("given".to_owned(), given.into())));
            name.extend(suffix.map(|suffix| ("suffix".to_owned(), suffix.into())));
            match kind {
                0 => drop(name.insert("dropping-particle".to_owned(), particle.into())),
                1 => drop(name.insert("non-dropping-particle".to_owned(), particle.into())),
                _ => {}
            }
            Value::Object(name)
        }),
    ]
}

const TYPES: [&str; 8] =
    ["article-journal", "book", "chapter", "paper-conference", "report", "thesis", "webpage", "dataset"];

/// A record of what both formats are said to hold, with names and dates of these kinds.
fn study(name: BoxedStrategy<Value>, date: BoxedStrategy<Value>) -> impl Strategy<Value = Value> {
    let texts = ["container-title", "publisher", "publisher-place", "note", "keyword", "abstract"]
        .map(|name| (name, line().boxed()));
    let numbers = [
        ("volume", "[1-9][0-9]{0,3}"),
        ("issue", "[1-9][0-9]?"),
        ("page", "[1-9][0-9]{0,3}-[1-9][0-9]{4}"),
        ("DOI", "10\\.[1-9][0-9]{3}/[a-z0-9]{1,8}"),
        ("PMID", "[1-9][0-9]{5,7}"),
        ("URL", "https://example\\.org/[a-zA-Z0-9_~%/-]{0,9}"),
    ];
    let numbers = numbers.map(|(name, pattern)| (name, proptest::string::string_regex(pattern).unwrap().boxed()));
    let texts = texts.into_iter().chain(numbers).map(|(name, text)| {
        let member = text.prop_map(move |text| (name.to_owned(), Value::from(text)));
        option::of(member)
    });
    let names = ["author", "editor", "translator"].map(|role| {
        vec(name.clone(), 0..4)
            .prop_map(move |names| (!names.is_empty()).then(|| (role.to_owned(), Value::from(names))))
    });
    let dates = ["issued", "accessed"].map(|of| option::of(date.clone().prop_map(move |date| (of.to_owned(), date))));
    (prop::sample::select(TYPES.to_vec()), title(), texts.collect::<Vec<_>>(), names, dates).prop_map(
        |(kind, title, texts, names, dates)| {
            let mut members = Map::from_iter([("type".to_owned(), kind.into()), ("title".to_owned(), title.into())]);
            members.extend(texts.into_iter().chain(names).chain(dates).flatten());
            if !["article-journal", "chapter", "paper-conference"].contains(&kind) {
                members.remove("container-title");
            }
            if kind != "article-journal" {
                members.remove("issue");
            }
            Value::Object(members)
        },
    )
}

proptest! {
    #[test]
    fn what_bibtex_holds_comes_back(before in study(any_name().boxed(), date().boxed())) {
        let written = to_bibtex(&[("key", &record(&before))]);
        prop_assert_eq!(differences(&before, &read_back(Format::Bibtex, &written)), Vec::<String>::new(), "{}", written);
    }

    #[test]
    fn what_ris_holds_comes_back(before in study(plain_name().boxed(), day().boxed())) {
        let written = to_ris(&[("key", &record(&before))]);
        prop_assert_eq!(differences(&before, &read_back(Format::Ris, &written)), Vec::<String>::new(), "{}", written);
    }

    #[test]
    fn all_comes_back_from_json(before in study(any_name().boxed(), date().boxed())) {
        let written = to_csl_json(&[("key", &record(&before))]).to_string();
        prop_assert_eq!(read_back(Format::CslJson, &written), before);
    }
}

#[test]
fn keys_are_made_valid_and_different() {
    let one = record(&json!({"type": "book", "title": "T"}));
    let written = to_bibtex(&[("Müller 2009", &one), ("muller2009", &one), ("日", &one), ("{}", &one)]);
    let keys: Vec<_> = read(Format::Bibtex, written.as_bytes()).map(|entry| entry.unwrap().key.unwrap()).collect();
    assert_eq!(keys, ["Muller2009", "muller2009-2", "Ri", "study"]);
}
