//! Every call of the CSL engine. What is called here may panic: callers catch it.

use citationberg::json::Item;
use citationberg::{IndependentStyle, LocaleCode};
use hayagriva::{
    BibliographyDriver, BibliographyItem, BibliographyRequest, CitationItem, CitationRequest, CitePurpose, ElemChild,
    ElemChildren, ElemMeta, SpecificLocator,
};

use super::clean::Habit;
use super::locale::{self, Spoken};
use super::style::Prepared;
use super::writer::{self, Run};
use super::{clean, dates, item};

/// One thing cited in a group.
#[derive(Clone)]
pub(super) struct Cited<'a> {
    pub item: &'a Item,
    pub locator: Option<SpecificLocator<'a>>,
}

/// A piece of a printed group: of which of the things cited, or of what stands between.
pub(super) struct Piece {
    pub of: Option<usize>,
    pub runs: Vec<Run>,
}

/// An item, and what the engine cannot do with its dates.
#[derive(Clone, Copy)]
pub(super) struct Dated<'a> {
    pub item: &'a Item,
    /// The same with the last days of ranges, and how many parts of first and last days are the same.
    pub until: Option<&'a (Item, usize)>,
    /// What stands for the date of issue.
    pub words: Option<&'a str>,
}

impl<'a> Dated<'a> {
    /// An item whose dates are days.
    pub fn plain(item: &'a Item) -> Self {
        Self { item, until: None, words: None }
    }
}

/// Label and body of an entry formatted by itself; `None` if the engine has no words for the record.
pub(super) fn alone(style: &Prepared, locale: &str, number: u32, dated: Dated<'_>) -> Option<(String, Vec<Run>)> {
    if !item::has_content(dated.item) {
        return None;
    }
    let spoken = locale::spoken(locale);
    let mut entry = single(style, spoken, number, dated.item)?;
    if let Some((until, same)) = dated.until
        && let Some(last) = single(style, spoken, number, until)
    {
        dates::join(&mut entry.content, &last.content, *same);
    }
    if let Some(instead) = dated.words {
        dates::put_words(&mut entry.content, instead);
    }
    writer::complete_number(&mut entry, number);
    words(entry, style, spoken)
}

fn single(style: &Prepared, spoken: &'static Spoken, number: u32, item: &Item) -> Option<BibliographyItem> {
    let before = usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(1);
    let mut driver = BibliographyDriver::new().with_citation_number_offset(before);
    driver.citation(request(&style.csl, spoken, vec![CitationItem::with_entry(item)]));
    finish(driver, &style.csl, spoken).bibliography?.items.into_iter().next()
}

/// The id of an item, and its label and body as the engine has them.
type Formatted = (String, Option<(String, Vec<Run>)>);

/// The bodies of entries that stand in one list, in the order given, each with its item's id; the list should be in the
/// style's order.
pub(super) fn together(style: &Prepared, locale: &str, items: &[Dated<'_>]) -> Vec<Formatted> {
    let spoken = locale::spoken(locale);
    let listed = |items: Vec<&Item>| {
        let mut driver = BibliographyDriver::new();
        for item in items {
            driver.citation(request(&style.csl, spoken, vec![CitationItem::with_entry(item)]));
        }
        finish(driver, &style.csl, spoken).bibliography.map(|list| list.items).unwrap_or_default()
    };
    let mut entries = listed(items.iter().map(|dated| dated.item).collect());
    if items.iter().any(|dated| dated.until.is_some()) {
        let until = listed(items.iter().map(|dated| dated.until.map_or(dated.item, |(item, _)| item)).collect());
        for entry in &mut entries {
            let of = |dated: &&Dated<'_>| dated.item.id().is_some_and(|id| id == entry.key.as_str());
            let same = items.iter().find(of).and_then(|dated| dated.until).map(|(_, same)| *same);
            if let (Some(same), Some(last)) = (same, until.iter().find(|last| last.key == entry.key)) {
                dates::join(&mut entry.content, &last.content, same);
            }
        }
    }
    entries.into_iter().map(|entry| (entry.key.clone(), words(entry, style, spoken))).collect()
}

/// The ids of the items in the order of the style's bibliography.
pub(super) fn order(style: &Prepared, locale: &str, items: &[&Item]) -> Option<Vec<String>> {
    let order = style.order.as_ref()?;
    let spoken = locale::spoken(locale);
    let mut driver = BibliographyDriver::new();
    driver.citation(request(order, spoken, items.iter().map(|item| CitationItem::with_entry(*item)).collect()));
    Some(finish(driver, order, spoken).bibliography?.items.into_iter().map(|entry| entry.key).collect())
}

/// What is printed where nothing but this item is cited, as text: equal for those that need to be told apart.
pub(super) fn mark(style: &Prepared, locale: &str, item: &Item) -> String {
    let spoken = locale::spoken(locale);
    let mut driver = BibliographyDriver::new();
    driver.citation(request(&style.apart, spoken, vec![CitationItem::with_entry(item)]));
    let rendered = finish(driver, &style.apart, spoken).citations.pop();
    rendered.map(|mark| writer::text(&writer::runs(&mark.citation))).unwrap_or_default()
}

/// How the things cited in a group are printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Printed {
    /// Sorted, grouped and collapsed as the style says, in its brackets.
    Together,
    /// The same without grouping and collapsing: each stands for itself.
    Apart,
    /// The authors alone.
    Authors,
}

/// The pieces of a printed group. `before` has been cited before it; ids are told apart among all of them.
pub(super) fn group(
    style: &Prepared,
    locale: &str,
    before: &[Cited<'_>],
    cited: &[Cited<'_>],
    printed: Printed,
) -> Vec<Piece> {
    let spoken = locale::spoken(locale);
    let csl = if printed == Printed::Together { &style.csl } else { &style.apart };
    let purpose = (printed == Printed::Authors).then_some(CitePurpose::Author);
    let mut driver = BibliographyDriver::new();
    for earlier in before {
        let hidden = CitationItem::new(earlier.item, earlier.locator.clone(), None, true, None);
        driver.citation(request(csl, spoken, vec![hidden]));
    }
    let items = cited.iter().map(|c| CitationItem::new(c.item, c.locator.clone(), None, false, purpose)).collect();
    driver.citation(request(csl, spoken, items));
    let rendered = finish(driver, csl, spoken).citations.pop();
    rendered.map_or_else(Vec::new, |group| group.citation.0.into_iter().map(piece).collect())
}

fn piece(child: ElemChild) -> Piece {
    match child {
        ElemChild::Elem(elem) => {
            let of = match elem.meta {
                Some(ElemMeta::Entry(at)) => Some(at),
                _ => None,
            };
            Piece { of, runs: writer::runs(&elem.children) }
        }
        other => Piece { of: None, runs: writer::runs(&ElemChildren(vec![other])) },
    }
}

/// Label and body of a rendered entry; `None` if there are no words in it.
fn words(rendered: BibliographyItem, style: &Prepared, spoken: &Spoken) -> Option<(String, Vec<Run>)> {
    let (label, body) = writer::take_label(rendered.first_field, rendered.content);
    let label = writer::text(&writer::runs(&label)).trim().to_owned();
    let own = style.csl.locale.iter().find_map(|locale| locale.style_options.as_ref()?.punctuation_in_quote);
    let habit = Habit { stops_inside: own.unwrap_or(spoken.habit.stops_inside), ..spoken.habit };
    let body = clean::clean(writer::runs(&body), habit);
    let has_words = writer::text(&body).chars().any(char::is_alphanumeric);
    has_words.then_some((label, body))
}

fn request<'a>(
    csl: &'a IndependentStyle,
    spoken: &'static Spoken,
    items: Vec<CitationItem<'a, Item>>,
) -> CitationRequest<'a, Item> {
    CitationRequest::new(items, csl, Some(code(spoken)), &spoken.terms, None)
}

fn finish(
    driver: BibliographyDriver<'_, Item>,
    csl: &IndependentStyle,
    spoken: &'static Spoken,
) -> hayagriva::Rendered {
    driver.finish(BibliographyRequest { style: csl, locale: Some(code(spoken)), locale_files: &spoken.terms })
}

fn code(spoken: &Spoken) -> LocaleCode {
    spoken.code.clone()
}
