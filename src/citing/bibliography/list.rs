//! A list that is formatted as a whole: sorted as its style says, entries that would be cited alike told apart.
//!
//! The engine takes a time that grows with the square of what it is given. It is therefore given stretches of the list, each
//! with the entries that it must be told apart from, and the entry before it (its authors may be replaced by a dash).

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use citationberg::json::{Item, Value};

use super::style::Prepared;
use super::writer::Run;
use super::{engine, item, locale};
use crate::citing::record::Record;

/// Entries that are formatted in one go.
const STRETCH: usize = 48;
/// Longer lists are sorted by first author, year and title, whatever the style says.
const MOST_SORTED: usize = 300;
/// Entries that are told apart from each other, at most: further ones that would be cited alike are left so.
const MOST_ALIKE: usize = 60;

/// Records as the engine reads them, in their relations to each other.
pub(super) struct List<'r> {
    style: &'r Prepared,
    locale: &'static str,
    records: Vec<&'r Record>,
    items: Vec<Item>,
    /// For each item, the same with the last days of ranges, see [`engine::Dated`].
    until: Vec<Option<(Item, usize)>>,
    /// For each record that must be told apart from others, all of these, itself included, in the style's order.
    alike: HashMap<usize, std::rc::Rc<[usize]>>,
}

impl<'r> List<'r> {
    /// Reads records and finds those that would be cited alike.
    pub fn new(style: &'r Prepared, locale: &'static str, records: Vec<&'r Record>) -> Self {
        let habit = locale::spoken(locale).habit;
        let item = |(at, record): (usize, &&Record)| identified(item::convert(record, style, habit), at);
        let items: Vec<Item> = records.iter().enumerate().map(item).collect();
        let until = records.iter().zip(&items).map(|(record, item)| item::until(record, item)).collect();
        let mut list = Self { style, locale, records, items, until, alike: HashMap::new() };
        if style.tells_apart {
            list.find_alike();
        }
        list
    }

    /// The item at a place.
    pub fn item(&self, at: usize) -> Option<&Item> {
        self.items.get(at)
    }

    /// What must be told apart from the record at a place, itself included, in the style's order.
    pub fn alike(&self, at: usize) -> &[usize] {
        self.alike.get(&at).map(|alike| &**alike).unwrap_or_default()
    }

    /// Places of all records in the style's order.
    pub fn order(&self) -> Vec<usize> {
        self.sorted((0..self.items.len()).collect())
    }

    /// The bodies of all entries by place, in the order given; `None` for a record that the engine cannot do.
    pub fn bodies(&self, order: &[usize]) -> Vec<Option<Vec<Run>>> {
        let mut bodies: Vec<Option<Vec<Run>>> = vec![None; self.items.len()];
        let rank: HashMap<usize, usize> = order.iter().enumerate().map(|(rank, at)| (*at, rank)).collect();
        for (n, stretch) in order.chunks(STRETCH).enumerate() {
            let first = n * STRETCH;
            let before = first.checked_sub(1).and_then(|rank| order.get(rank));
            let mut given: Vec<usize> = stretch.iter().chain(before).copied().collect();
            given.extend(stretch.iter().flat_map(|at| self.alike(*at)));
            given.sort_by_key(|at| rank.get(at));
            given.dedup();
            let mut formatted = self.formatted(&given);
            for at in stretch {
                let body = formatted.remove(at).unwrap_or_else(|| self.formatted(&[*at]).remove(at).flatten());
                if let Some(place) = bodies.get_mut(*at) {
                    *place = body;
                }
            }
        }
        bodies
    }

    /// The bodies that the engine gives, by place; none if it fails.
    fn formatted(&self, places: &[usize]) -> HashMap<usize, Option<Vec<Run>>> {
        let until = |at: usize| self.until.get(at).and_then(Option::as_ref);
        let dated = |at: &usize| Some(engine::Dated { item: self.item(*at)?, until: until(*at), words: None });
        let items: Vec<_> = places.iter().filter_map(dated).filter(|dated| item::has_content(dated.item)).collect();
        let formatted = catch_unwind(AssertUnwindSafe(|| engine::together(self.style, self.locale, &items)));
        let formatted = formatted.unwrap_or_default().into_iter();
        formatted.filter_map(|(id, words)| Some((id.parse().ok()?, words.map(|(_, body)| body)))).collect()
    }

    /// Sorts places as the style sorts its bibliography; in the order given if it does not.
    fn sorted(&self, places: Vec<usize>) -> Vec<usize> {
        if self.style.order.is_none() {
            return places;
        }
        if self.items.len() > MOST_SORTED {
            return self.sorted_plainly(places);
        }
        let items: Vec<&Item> = places.iter().filter_map(|at| self.item(*at)).collect();
        let ids = catch_unwind(AssertUnwindSafe(|| engine::order(self.style, self.locale, &items)));
        let sorted: Vec<usize> =
            ids.ok().flatten().unwrap_or_default().iter().filter_map(|id| id.parse().ok()).collect();
        if sorted.len() == places.len() { sorted } else { self.sorted_plainly(places) }
    }

    fn sorted_plainly(&self, mut places: Vec<usize>) -> Vec<usize> {
        places.sort_by_cached_key(|at| self.records.get(*at).map(|record| plain_key(record)));
        places
    }

    fn find_alike(&mut self) {
        let mut groups: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, item) in self.items.iter().enumerate().filter(|(_, item)| item::has_content(item)) {
            if let Ok(mark) = catch_unwind(AssertUnwindSafe(|| engine::mark(self.style, self.locale, item))) {
                groups.entry(mark).or_default().push(at);
            }
        }
        for (_, mut group) in groups.into_iter().filter(|(_, group)| group.len() > 1) {
            group.truncate(MOST_ALIKE);
            let group: std::rc::Rc<[usize]> = self.sorted(group).into();
            self.alike.extend(group.iter().map(|at| (*at, group.clone())));
        }
    }
}

fn identified(mut item: Item, at: usize) -> Item {
    item.0.insert("id".to_owned(), Value::String(at.to_string()));
    item
}

/// First author, year and title, compared without case and accents.
fn plain_key(record: &Record) -> (String, Option<i16>, String) {
    let plain = |text: Option<&str>| deunicode::deunicode(text.unwrap_or_default()).to_lowercase();
    let author = record.first_author_family().or_else(|| record.title());
    (plain(author), record.year(), plain(record.title()))
}
