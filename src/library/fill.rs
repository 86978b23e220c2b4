//! What one description of a study lacks and another has: filled in, never overwritten.

use serde::Serialize;
use serde_json::{Map, Value as Json};
use utoipa::ToSchema;

use super::model::{Design, Review, Study};
use super::sources::BESIDE;
use crate::citing::identifiers::{Doi, Pmcid, Pmid};
use crate::citing::record::Record;
use crate::db::types;
use crate::http::fault::shortened;

/// A field of which two descriptions of one study say different things.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Difference {
    /// A variable of the record, or a member beside it.
    #[schema(max_length = 100, pattern = "^[A-Za-z][A-Za-z_-]*$", example = "volume")]
    pub field: String,
    /// The beginning of what stands.
    #[schema(max_length = 101, example = "2")]
    pub kept: String,
    /// The beginning of what the other one says.
    #[schema(max_length = 101, example = "3")]
    pub other: String,
}

/// A study after the gaps were filled.
#[derive(Debug, Clone, PartialEq)]
pub struct Filled {
    pub study: Study,
    /// What was missing and is there now.
    pub fields: Vec<String>,
    /// What both have, and not the same.
    pub differing: Vec<Difference>,
}

/// Fills what `study` lacks and `other` has. The version is the same.
pub fn fill(study: &Study, other: &Study) -> Filled {
    let (has, offered) = (study.facts(), other.facts());
    let mut fields: Vec<String> = offered.keys().filter(|field| !has.contains_key(*field)).cloned().collect();
    fields.sort_by_key(|field| order(field));
    let differs = |(field, theirs): (&String, &Json)| {
        let ours = has.get(field)?;
        let difference = || Difference { field: field.clone(), kept: shown(ours), other: shown(theirs) };
        (!same(field, ours, theirs)).then(difference)
    };
    let mut differing: Vec<Difference> = offered.iter().filter_map(differs).collect();
    differing.sort_by_key(|difference| order(&difference.field));
    let mut filled = study.clone();
    if !fields.is_empty() {
        let added = fields.iter().filter_map(|field| Some((field.clone(), offered.get(field)?.clone())));
        set(&mut filled, added.collect());
        filled.sources = study.sources().with(&fields, &other.sources()).stored();
    }
    Filled { study: filled, fields, differing }
}

/// The variables of the record by their names, then what stands beside it; databases keep no order.
fn order(field: &str) -> (Option<usize>, String) {
    (BESIDE.iter().position(|name| *name == field), field.to_lowercase())
}

fn set(study: &mut Study, added: Map<String, Json>) {
    let mut members = study.csl().0;
    for (field, value) in added {
        if BESIDE.contains(&field.as_str()) {
            set_beside(study, &field, value);
        } else {
            members.insert(field, value);
        }
    }
    study.set_record(&Record::stored(members));
}

fn set_beside(study: &mut Study, field: &str, value: Json) {
    let text = value.as_str().map(str::to_owned);
    match field {
        "design" => study.design = text.as_deref().and_then(Design::parse),
        "review" => study.review = text.as_deref().and_then(Review::parse),
        "sample_size" => study.sample_size = value.as_i64().and_then(|size| i32::try_from(size).ok()),
        "follow_up" => study.follow_up = text,
        "funding" => study.funding = types::Json(value),
        "conflicts_of_interest" => study.conflicts_of_interest = text,
        "open_access_url" => study.open_access_url = text,
        "notes" => study.notes = text,
        _ => {}
    }
}

/// Whether two values say the same. How a text is written, a number as a text, or an identifier in another form, is no
/// difference.
fn same(field: &str, ours: &Json, theirs: &Json) -> bool {
    let (a, b) = (plain(ours), plain(theirs));
    let identifier = |text: &str| match field {
        "DOI" => Doi::parse(text).ok().map(|id| id.as_str().to_owned()),
        "PMID" => Pmid::parse(text).ok().map(|id| id.as_str().to_owned()),
        "PMCID" => Pmcid::parse(text).ok().map(|id| id.as_str().to_owned()),
        _ => None,
    };
    let letters =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    match (a, b) {
        (Some(a), Some(b)) => {
            let known = identifier(&a).zip(identifier(&b)).map(|(a, b)| a == b);
            known.unwrap_or_else(|| letters(&a) == letters(&b))
        }
        _ => ours == theirs,
    }
}

fn plain(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn shown(value: &Json) -> String {
    shortened(&plain(value).unwrap_or_else(|| value.to_string())).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::types::Instant;
    use crate::library::NewStudy;
    use crate::library::sources::Source;
    use serde_json::json;

    fn study(csl: Json, source: Source) -> Study {
        let now = Instant::parse("2026-01-01T00:00:00Z").unwrap();
        Study::new("a1".into(), NewStudy::of(Record::parse(&csl).unwrap()), source, now)
    }

    #[test]
    fn gaps_are_filled_and_nothing_is_overwritten() {
        let mut kept =
            study(json!({"type": "book", "title": "A Title.", "volume": 2, "DOI": "10.1000/X"}), Source::Editor);
        kept.sample_size = Some(3);
        let mut other = study(
            json!({"type": "report", "title": "A title", "volume": "2", "DOI": "https://doi.org/10.1000/x", "page": "1-2", "PMID": "7"}),
            Source::Ris,
        );
        other.design = Some(Design::Cohort);
        other.sample_size = Some(4);
        let filled = fill(&kept, &other);
        assert_eq!(filled.fields, ["page", "PMID", "design"]);
        let differing: Vec<_> =
            filled.differing.iter().map(|d| (d.field.as_str(), d.kept.as_str(), d.other.as_str())).collect();
        assert_eq!(differing, [("type", "book", "report"), ("sample_size", "3", "4")]);
        let csl = json!({"id": "a1", "type": "book", "title": "A Title.", "volume": 2, "DOI": "10.1000/X", "page": "1-2", "PMID": "7"});
        assert_eq!(filled.study.csl.0, csl);
        assert_eq!((filled.study.pmid.as_deref(), filled.study.design), (Some("7"), Some(Design::Cohort)));
        let from = |field: &str| filled.study.sources().list().into_iter().find(|s| s.field == field).map(|s| s.source);
        assert_eq!((from("page"), from("title")), (Some(Source::Ris), Some(Source::Editor)));
        assert_eq!(
            fill(&filled.study, &other).fields,
            Vec::<String>::new(),
            "the second time there is nothing to fill"
        );
    }
}
