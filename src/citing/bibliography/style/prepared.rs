//! A style mended and parsed, with what formatting needs to know of it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use citationberg::taxonomy::{NumberVariable, OtherTerm, Term, Variable};
use citationberg::{Formatting, IndependentStyle, Layout, Style as CslStyle, TermForm};
use serde_json::{Value, json};

use super::{StyleClass, mend};
use crate::citing::bibliography::{engine, item, locale};
use crate::citing::record::Record;

/// A style ready for the engine.
pub(in crate::citing::bibliography) struct Prepared {
    pub csl: IndependentStyle,
    /// The same without its bibliography, and with nothing that one citation does to another beside it.
    pub apart: IndependentStyle,
    /// The order of the bibliography and nothing to print; `None` if it has the order of citation.
    pub order: Option<IndependentStyle>,
    /// Whether the style says how ranges of pages look.
    pub expands_pages: bool,
    /// Whether ranges have a hyphen in the style's own words; the engine knows it for pages alone.
    pub hyphen_ranges: bool,
    /// Whether the engine prints seasons correctly in this style.
    pub seasons: bool,
    /// Whether given names are printed whole.
    pub keeps_given: bool,
    /// Whether initials have stops; `None` if there are none.
    pub stops_initials: Option<bool>,
    /// Whether entries that would be cited alike are told apart.
    pub tells_apart: bool,
    /// Whether what is printed depends on what was cited before (`ibid.`).
    pub has_positions: bool,
    /// What stands before and after the number of an entry; `None` in styles without numbers.
    pub label: Option<(String, String)>,
    /// Each entry is formatted by itself, in the order of the numbers.
    pub one_by_one: bool,
}

/// The style of a CSL document; `None` if it only names another style.
pub(super) fn prepared(original: &CslStyle, class: StyleClass) -> Option<Prepared> {
    let mut json = serde_json::to_value(original).unwrap_or_default();
    let seasons = prints_seasons(&json);
    let has_positions = mentions(&json, "@position") || mentions_subsequent(&json);
    let keeps_given = keeps_given(&json);
    let stops_initials = initials(&json).map(|with| with.contains('.'));
    let by_condition = mentions(&json, "@disambiguate");
    mend::style(&mut json);
    let mended: Option<CslStyle> = serde_json::from_value(json).ok();
    let CslStyle::Independent(csl) = mended.unwrap_or_else(|| original.clone()) else { return None };
    let citation = &csl.citation;
    let tells_apart = by_condition
        || citation.disambiguate_add_names
        || citation.disambiguate_add_givenname
        || citation.disambiguate_add_year_suffix;
    let mut prepared = Prepared {
        apart: apart(&csl),
        order: order(&csl),
        expands_pages: csl.settings.page_range_format.is_some(),
        hyphen_ranges: csl.locale.iter().any(|locale| {
            let delimiter = locale.term(Term::Other(OtherTerm::PageRangeDelimiter), TermForm::Long);
            delimiter.and_then(|term| term.single()) == Some("-")
        }),
        seasons,
        keeps_given,
        stops_initials,
        tells_apart,
        has_positions,
        label: None,
        one_by_one: class == StyleClass::Numeric || numbers_entries(&csl),
        csl,
    };
    prepared.label = prepared.one_by_one.then(|| label(&prepared)).flatten();
    Some(prepared)
}

impl Prepared {
    /// The label of an entry that the engine did not format.
    pub fn plain_label(&self, number: u32) -> String {
        self.label.as_ref().map(|(before, after)| format!("{before}{number}{after}")).unwrap_or_default()
    }
}

fn apart(csl: &IndependentStyle) -> IndependentStyle {
    let mut apart = IndependentStyle { bibliography: None, ..csl.clone() };
    apart.citation.collapse = None;
    apart.citation.cite_group_delimiter = None;
    apart
}

fn order(csl: &IndependentStyle) -> Option<IndependentStyle> {
    let mut order = csl.clone();
    let nothing = || Layout::new(Vec::new(), Formatting::default(), None, None);
    let bibliography = order.bibliography.as_mut().filter(|b| b.sort.is_some())?;
    bibliography.layout = nothing();
    bibliography.subsequent_author_substitute = None;
    let citation = &mut order.citation;
    citation.layout = nothing();
    citation.sort = None;
    citation.collapse = None;
    citation.cite_group_delimiter = None;
    citation.disambiguate_add_names = false;
    citation.disambiguate_add_givenname = false;
    citation.disambiguate_add_year_suffix = false;
    Some(order)
}

fn numbers_entries(csl: &IndependentStyle) -> bool {
    let number = Variable::Number(NumberVariable::CitationNumber);
    csl.bibliography.as_ref().is_some_and(|bibliography| {
        bibliography.layout.elements.iter().any(|e| e.find_variable_element(number, &csl.macros).is_some())
    })
}

/// What the style prints around the number of an ordinary article.
fn label(style: &Prepared) -> Option<(String, String)> {
    const NUMBER: u32 = 4711;
    let article = json!({
        "type": "article-journal", "title": "Title", "container-title": "Journal",
        "author": [{"family": "Name", "given": "Given"}], "issued": {"date-parts": [[2000]]},
    });
    let record = Record::parse(&article).ok()?;
    let item = item::convert(&record, style, locale::spoken("en-US").habit);
    let formatted =
        catch_unwind(AssertUnwindSafe(|| engine::alone(style, "en-US", NUMBER, engine::Dated::plain(&item))));
    let (label, _) = formatted.ok()??;
    let (before, after) = label.split_once(&NUMBER.to_string())?;
    Some((before.to_owned(), after.to_owned()))
}

/// Whether the engine prints seasons where they belong: it adds them to a date of issue that is the year alone in a locale's
/// form, which matters where months are printed elsewhere.
fn prints_seasons(csl: &Value) -> bool {
    let is = |date: &Value, name: &str, value: &str| date.get(name).and_then(Value::as_str) == Some(value);
    let is_year = |date: &Value, form: &str| is(date, "@form", form) && is(date, "@date-parts", "year");
    let has_part = |date: &Value, name: &str| {
        let parts = date.get("date-part").and_then(Value::as_array);
        parts.is_some_and(|parts| parts.iter().any(|part| is(part, "@name", name)))
    };
    let own = |date: &Value| !date.get("@form").is_some_and(Value::is_string);
    let parted = has_date(csl, &|date| own(date) && has_part(date, "month") && !has_part(date, "year"));
    !has_date(csl, &|date| is_year(date, "text") || parted && is_year(date, "numeric"))
}

/// Whether a style has a date of issue of some kind.
fn has_date(element: &Value, is_such: &impl Fn(&Value) -> bool) -> bool {
    let is_issued = |date: &Value| date.get("@variable").and_then(Value::as_str) == Some("issued");
    match element {
        Value::Array(items) => items.iter().any(|item| has_date(item, is_such)),
        Value::Object(members) => {
            members.get("date").is_some_and(|date| is_issued(date) && is_such(date))
                || members.values().any(|child| has_date(child, is_such))
        }
        _ => false,
    }
}

/// What stands behind initials.
fn initials(element: &Value) -> Option<&str> {
    match element {
        Value::Array(items) => items.iter().find_map(initials),
        Value::Object(members) => {
            let own = members.get("@initialize-with").and_then(Value::as_str);
            own.or_else(|| members.values().find_map(initials))
        }
        _ => None,
    }
}

/// Whether most names of a style are printed with their given names as they are.
fn keeps_given(csl: &Value) -> bool {
    fn count(element: &Value, names: &mut (usize, usize)) {
        match element {
            Value::Array(items) => items.iter().for_each(|item| count(item, names)),
            Value::Object(members) => {
                if let Some(name) = members.get("name").filter(|name| name.is_object()) {
                    let whole = name.get("@initialize").is_some_and(|on| on == false || on == "false");
                    names.0 += usize::from(whole);
                    names.1 += 1;
                }
                members.values().for_each(|child| count(child, names));
            }
            _ => {}
        }
    }
    let mut names = (0, 0);
    count(csl, &mut names);
    names.0 * 2 > names.1
}

fn mentions(element: &Value, attribute: &str) -> bool {
    match element {
        Value::Array(items) => items.iter().any(|item| mentions(item, attribute)),
        Value::Object(members) => {
            members.get(attribute).is_some_and(|value| !value.is_null())
                || members.values().any(|child| mentions(child, attribute))
        }
        _ => false,
    }
}

fn mentions_subsequent(element: &Value) -> bool {
    mentions(element, "@et-al-subsequent-min") || mentions(element, "@et-al-subsequent-use-first")
}
