//! The JSON Schema of a record, made from the vocabulary that the validator checks with.
//!
//! Schema and validator agree but for what a schema cannot say: that a range of dates does not run backwards, that
//! `custom` is bounded as a whole. Of identifiers it names the forms that one should send; a few more are understood.

use serde_json::{Value, json};
use utoipa::openapi::schema::{
    AnyOfBuilder, ArrayBuilder, KnownFormat, Object, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, SchemaType,
    Type,
};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::model::{Csl, Key};
use crate::citing::record::vocabulary::{self as csl, Kind};

/// No control characters but white space, none that turn the direction of the text around them.
const TEXT: &str = r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\u202A-\u202E\u2066-\u2069]*$";
/// The same with something to see in it.
const FILLED: &str = concat!(
    r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\u202A-\u202E\u2066-\u2069]*",
    r"[^\x00-\x20\x7F-\xA0\u1680\u2000-\u200A\u2028-\u202F\u205F\u2066-\u2069\u3000]",
    r"[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\u202A-\u202E\u2066-\u2069]*$",
);
/// Begins as [`csl::URL_SCHEMES`] has it, or has no colon.
const URL: &str = concat!(
    "^(?: *(?:[Hh][Tt][Tt][Pp][Ss]?|[Ff][Tt][Pp]|[Mm][Aa][Ii][Ll][Tt][Oo]):",
    r"[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\u202A-\u202E\u2066-\u2069]*",
    r"|[^\x00-\x08\x0B\x0C\x0E-\x1F:\x7F-\x9F\u202A-\u202E\u2066-\u2069]*)$",
);
/// Bare, with `doi:` or as the resolver's address; the name has a letter or a digit.
const DOI: &str = concat!(
    r"^(?:https?://(?:dx\.|www\.)?doi\.org/|(?:doi|DOI): ?)?10\.[0-9]{4,9}(?:\.[0-9]{1,9}){0,3}/",
    r#"[!"$'->@-~]*[A-Za-z0-9][!"$'->@-~]*$"#,
);
const PMID: &str =
    r"^(?:(?:(?:PMID|pmid):? ?)?0{0,9}[1-9][0-9]{0,8}|https://pubmed\.ncbi\.nlm\.nih\.gov/[1-9][0-9]{0,8}/?)$";
const PMCID: &str = concat!(
    r"^(?:(?:(?:PMCID|pmcid):? ?)?(?:PMC|pmc)?0{0,9}[1-9][0-9]{0,9}(?:\.[0-9]{1,3})?",
    r"|https://(?:www\.ncbi\.nlm\.nih\.gov/pmc|pmc\.ncbi\.nlm\.nih\.gov)/articles/PMC[1-9][0-9]{0,9}/?)$",
);

macro_rules! components {
    ($($(#[$doc:meta])* $name:ident: $schema:expr;)+) => {
        $(
            $(#[$doc])*
            pub struct $name;

            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    RefOr::T($schema)
                }
            }

            impl ToSchema for $name {}
        )+

        /// The schemas that the record's refers to.
        fn parts() -> Vec<(String, RefOr<Schema>)> {
            vec![$(($name::name().into_owned(), $name::schema())),+]
        }
    };
}

components! {
    /// A text.
    CslText: text(TEXT, csl::MAX_TEXT, "A text: no control characters but line breaks and tabs.");
    /// The abstract.
    CslAbstract: text(TEXT, csl::MAX_ABSTRACT, "A long text: no control characters but line breaks and tabs.");
    /// A DOI.
    CslDoi: text(DOI, 500, "A DOI: bare, with `doi:`, or as an address of doi.org. It is compared in lower case and \
        without closing punctuation.");
    /// A PubMed id.
    CslPmid: text(PMID, 100, "A PubMed id: up to nine digits, or an address of PubMed.");
    /// A PubMed Central id.
    CslPmcid: text(PMCID, 100, "A PubMed Central id: `PMC` and digits, or an address of PubMed Central.");
    /// An address.
    CslUrl: text(URL, csl::MAX_TEXT, "An address: http, https, ftp or mailto.");
    /// A text or an integer.
    CslNumber: one_of("A number: a text such as `12–14` or an integer.", [
        text(TEXT, csl::MAX_TEXT, "As it is printed."),
        integer(-(csl::MAX_INTEGER as i64), csl::MAX_INTEGER as i64),
    ]);
    /// A name.
    CslName: name();
    /// A date.
    CslDate: date();
    /// A day, or the month or year that is known of it.
    CslDay: day();
    /// A change of a date.
    CslDatePatch: closed(date_members().map(|(name, schema)| (name, nullable(schema))), &[],
        "A change of a date: null removes a member.").into();
    /// Anything that CSL has no variable for.
    CslCustom: custom();
    /// What stands in `custom`.
    CslCustomValue: custom_value();
}

/// A text, as [`CslText`] has it.
pub use CslText as Text;

impl PartialSchema for Csl {
    fn schema() -> RefOr<Schema> {
        let about = "A record in CSL-JSON (CSL 1.0.2, `csl-data.json`). Its `id` is the study's key.";
        let example = json!({
            "id": "majid2009", "type": "article-journal",
            "title": "Microneedling therapy in atrophic facial scars: an objective assessment",
            "author": [{"family": "Majid", "given": "Imran"}],
            "container-title": "Journal of Cutaneous and Aesthetic Surgery",
            "issued": {"date-parts": [[2009, 1]]}, "volume": "2", "issue": "1", "page": "26-30",
            "DOI": "10.4103/0974-2077.53096", "PMID": "20300368",
        });
        let members = csl::variables().map(|name| (name, variable(name)));
        let mut schema = closed(members, &["type"], about);
        schema.examples = vec![example];
        schema.into()
    }
}

impl ToSchema for Csl {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.extend(parts());
    }
}

/// A change of a record (JSON Merge Patch, RFC 7396): null removes a variable, dates and `custom` are merged, all
/// else is replaced.
pub struct CslPatch;

impl PartialSchema for CslPatch {
    fn schema() -> RefOr<Schema> {
        let about = "A change of a record (JSON Merge Patch, RFC 7396): null removes a variable, the members of dates \
                     and of `custom` are merged, all else is replaced. What comes of it has to be a whole record.";
        // The `id` may stand there as it is, so that what was read can be sent back; there is nothing to choose.
        let members = csl::variables().filter(|name| *name != "id").map(|name| match csl::kind(name) {
            _ if name == "type" => (name, variable(name)),
            Some(Kind::Date) => (name, nullable(refer::<CslDatePatch>())),
            _ => (name, nullable(variable(name))),
        });
        closed(members, &[], about).into()
    }
}

impl ToSchema for CslPatch {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.extend(parts());
    }
}

fn variable(name: &str) -> RefOr<Schema> {
    match (name, csl::kind(name)) {
        ("id", _) => Key::schema(),
        ("type", _) => RefOr::T(words(csl::TYPES.into_iter())),
        ("abstract", _) => refer::<CslAbstract>(),
        ("DOI", _) => refer::<CslDoi>(),
        ("PMID", _) => refer::<CslPmid>(),
        ("PMCID", _) => refer::<CslPmcid>(),
        ("URL", _) => refer::<CslUrl>(),
        (_, Some(Kind::Number)) => refer::<CslNumber>(),
        (_, Some(Kind::Names)) => RefOr::T(list(refer::<CslName>(), 0, csl::MAX_NAMES)),
        (_, Some(Kind::Date)) => refer::<CslDate>(),
        (_, Some(Kind::Categories)) => RefOr::T(list(refer::<CslText>(), 0, csl::MAX_CATEGORIES)),
        (_, Some(Kind::Custom)) => refer::<CslCustom>(),
        _ => refer::<CslText>(),
    }
}

fn refer<T: ToSchema>() -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name(T::name()))
}

fn text(pattern: &str, most: usize, about: &str) -> Schema {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(most))
        .pattern(Some(pattern))
        .description(Some(about))
        .into()
}

fn words<'a>(words: impl Iterator<Item = &'a str>) -> Schema {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.map(Value::from))).into()
}

fn integer(least: i64, most: i64) -> Schema {
    bounded(least, most).into()
}

fn bounded(least: i64, most: i64) -> ObjectBuilder {
    let format = if i32::try_from(most).is_ok() { KnownFormat::Int32 } else { KnownFormat::Int64 };
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(format)))
        .minimum(Some(least as isize))
        .maximum(Some(most as isize))
}

fn one_of<const N: usize>(about: &str, shapes: [Schema; N]) -> Schema {
    let shapes = shapes.into_iter().fold(OneOfBuilder::new(), OneOfBuilder::item);
    shapes.description((!about.is_empty()).then_some(about)).into()
}

fn any_of(about: &str, shapes: impl IntoIterator<Item = Schema>) -> Schema {
    shapes.into_iter().fold(AnyOfBuilder::new(), AnyOfBuilder::item).description(Some(about)).into()
}

fn nullable(schema: RefOr<Schema>) -> RefOr<Schema> {
    let null = ObjectBuilder::new().schema_type(Type::Null);
    RefOr::T(OneOfBuilder::new().item(null).item(schema).into())
}

fn list(items: RefOr<Schema>, least: usize, most: usize) -> Schema {
    ArrayBuilder::new().items(items).min_items((least > 0).then_some(least)).max_items(Some(most)).into()
}

fn closed<'a>(members: impl IntoIterator<Item = (&'a str, RefOr<Schema>)>, required: &[&str], about: &str) -> Object {
    let members =
        members.into_iter().fold(ObjectBuilder::new(), |object, (name, schema)| object.property(name, schema));
    let object = required.iter().fold(members, |object, name| object.required(*name));
    object
        .additional_properties(Some(utoipa::openapi::schema::AdditionalProperties::FreeForm(false)))
        .description(Some(about))
        .build()
}

/// A boolean in one of the forms that the CSL schema allows.
fn switch() -> RefOr<Schema> {
    let bit = bounded(0, 1).into();
    let boolean = ObjectBuilder::new().schema_type(Type::Boolean).into();
    RefOr::T(one_of("A boolean.", [boolean, words(["true", "false", "0", "1"].into_iter()), bit]))
}

/// At least one of the members that make it a name has something in it.
fn name() -> Schema {
    let shape = |filled: &'static str| {
        let strings = csl::NAME_STRINGS.into_iter().map(move |member| {
            let filled = member == filled;
            (member, if filled { RefOr::T(text(FILLED, csl::MAX_TEXT, "Not blank.")) } else { refer::<CslText>() })
        });
        let switches = csl::NAME_SWITCHES.into_iter().map(|member| (member, switch()));
        closed(strings.chain(switches), &[filled], &format!("A name with `{filled}`.")).into()
    };
    any_of(
        "A name: of a person in parts, or of an institution in one piece (`literal`).",
        [shape("family"), shape("given"), shape("literal")],
    )
}

fn date() -> Schema {
    let shape = |given: &'static str| closed(date_members(), &[given], &format!("A date with `{given}`.")).into();
    any_of(
        "A date: in parts, in words (`literal`), or as found (`raw`).",
        [shape("date-parts"), shape("literal"), shape("raw")],
    )
}

fn date_members() -> impl Iterator<Item = (&'static str, RefOr<Schema>)> {
    csl::DATE_MEMBERS.into_iter().map(|member| match member {
        "date-parts" => (member, RefOr::T(list(refer::<CslDay>(), 1, 2))),
        "season" => {
            let season = one_of(
                "1 (spring) to 4 (winter), or in words.",
                [text(TEXT, csl::MAX_SEASON, "In words."), integer(1, 4)],
            );
            (member, RefOr::T(season))
        }
        "circa" => (member, switch()),
        _ => (member, refer::<CslText>()),
    })
}

/// Year, month and day, as precise as they are known; each an integer or its digits.
fn day() -> Schema {
    let month = || part([bounded(1, 12)], "^(?:0?[1-9]|1[0-2])$");
    let year = || {
        let digits = "^-?(?:[1-9][0-9]{0,3}|0[1-9][0-9]{0,2}|00[1-9][0-9]?|000[1-9])$";
        part([bounded(1, 9999), bounded(-9999, -1)], digits)
    };
    let months = |of: &[i32], digits: &str| {
        part([bounded(1, 12).enum_values(Some(of.iter().copied().map(Value::from)))], digits)
    };
    let leap_year = || {
        // The years around 1800, 1900 and 2100 are not evenly spaced; earlier leap days are not worth the words.
        let leap = |least, most| bounded(least, most).multiple_of(Some(4));
        part(
            [leap(1804, 1896), leap(1904, 2096), leap(2104, 2196)],
            "^(?:(?:1[89]|2[01])(?:0[48]|[2468][048]|[13579][26])|2000)$",
        )
    };
    let shapes = [
        vec![year()],
        vec![year(), month()],
        vec![year(), month(), part([bounded(1, 28)], "^(?:0?[1-9]|1[0-9]|2[0-8])$")],
        vec![
            year(),
            months(&[1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], "^(?:0?[13-9]|1[0-2])$"),
            part([bounded(29, 30)], "^(?:29|30)$"),
        ],
        vec![year(), months(&[1, 3, 5, 7, 8, 10, 12], "^(?:0?[13578]|1[02])$"), part([bounded(31, 31)], "^31$")],
        vec![leap_year(), months(&[2], "^0?2$"), part([bounded(29, 29)], "^29$")],
    ];
    any_of(
        "Year, month, day.",
        shapes.map(|parts| {
            let length = parts.len();
            ArrayBuilder::new()
                .prefix_items(parts)
                // There is none beyond the prefix; linters want to know the type all the same.
                .items(bounded(1, 31))
                .min_items(Some(length))
                .max_items(Some(length))
                .into()
        }),
    )
}

fn part<const N: usize>(integers: [ObjectBuilder; N], digits: &str) -> Schema {
    let text = ObjectBuilder::new().schema_type(Type::String).max_length(Some(5)).pattern(Some(digits));
    let shapes = integers.into_iter().fold(OneOfBuilder::new(), |shapes, integer| shapes.item(integer));
    shapes.item(text).into()
}

fn custom() -> Schema {
    let mut object = ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(refer::<CslCustomValue>()))
        .max_properties(Some(csl::MAX_CUSTOM))
        .description(Some("Whatever CSL has no variable for; at most 32 levels and 100,000 characters in all."))
        .build();
    object.property_names = Some(Box::new(text(TEXT, csl::MAX_CUSTOM, "No control characters.")));
    object.into()
}

fn custom_value() -> Schema {
    let plain = |kind| ObjectBuilder::new().schema_type(SchemaType::new(kind));
    let most = csl::MAX_INTEGER as isize;
    OneOfBuilder::new()
        .item(plain(Type::Null))
        .item(plain(Type::Boolean))
        .item(plain(Type::Number).minimum(Some(-most)).maximum(Some(most)))
        .item(text(TEXT, csl::MAX_CUSTOM, "No control characters but line breaks and tabs."))
        .item(list(refer::<CslCustomValue>(), 0, csl::MAX_CUSTOM))
        .item(refer::<CslCustom>())
        .description(Some("Any JSON."))
        .into()
}

#[cfg(test)]
mod tests;
