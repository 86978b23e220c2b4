//! Lists before and after: what came, what went, what changed, and what was moved while the rest stayed in its order.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use serde::Serialize;
use utoipa::ToSchema;

use super::{FieldDiff, Fields, Given, fields, text};

crate::words! {
    /// What became of an item of a list.
    Change {
        /// It was not there before.
        Added = "added",
        /// It is there no more.
        Removed = "removed",
        /// It stands elsewhere among the others, and is as it was.
        Moved = "moved",
        /// It is there and not as it was; `moved` says whether it stands elsewhere too.
        Changed = "changed",
    }
}

/// An item of a list that is not the same in both states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ItemDiff {
    /// The id of the section, citation or claim; the slug of the author or tag; of a reviewer the ORCID iD, else the name.
    #[schema(max_length = 200, example = "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11")]
    pub id: String,
    /// What an editor knows it by, as it is afterwards, or was if it went: a heading, a name, a key, a statement.
    #[schema(max_length = 2000, example = "What the studies found")]
    pub label: String,
    pub change: Change,
    /// Whether it was moved: of two that changed places one was, of all others that only made room none.
    pub moved: bool,
    /// Where it stood, from 1; null when it was not there.
    #[schema(minimum = 1, maximum = 5000, example = 3)]
    pub from: Option<i32>,
    /// Where it stands, from 1; null when it is there no more.
    #[schema(minimum = 1, maximum = 5000, example = 1)]
    pub to: Option<i32>,
    /// What is not the same of it; of what came or went all that it has.
    #[schema(max_items = 10)]
    pub fields: Vec<FieldDiff>,
    /// Of a section whose body is not the same: the difference line by line, as hunks of a unified diff with three lines
    /// around each. Null for everything else.
    #[schema(max_length = 3_000_000, example = "@@ -1 +1 @@\n-Scars improved.\n+Scars improved in most patients.\n")]
    pub unified: Option<String>,
}

/// An item of a list as it is compared.
pub struct Item<'d> {
    /// What makes it the same in both lists.
    pub key: String,
    pub id: String,
    pub label: &'d str,
    pub fields: Fields,
    /// A text to be compared line by line too.
    pub body: Option<&'d str>,
}

/// What is not the same in two lists, in the order in which things stand. Of items with one key the first are compared with
/// each other, then the second, and so on.
pub fn compare<'d>(
    before: impl Iterator<Item = Item<'d>>,
    after: impl Iterator<Item = Item<'d>>,
    deadline: Instant,
) -> Vec<ItemDiff> {
    let (before, after) = (distinct(before), distinct(after));
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (place, item) in after.iter().enumerate() {
        places.insert(&item.key, place);
    }
    let stays: Vec<usize> = before.iter().filter_map(|item| places.get(item.key.as_str()).copied()).collect();
    let in_order = in_order(&stays);
    let mut diffs = Vec::new();
    let mut met: HashSet<usize> = HashSet::new();
    for (was, item) in before.iter().enumerate() {
        match places.get(item.key.as_str()).and_then(|place| Some((*place, after.get(*place)?))) {
            Some((is, now)) => {
                met.insert(is);
                diffs.extend(changed(item, now, (was, is), !in_order.contains(&is), deadline));
            }
            None => diffs.push(one_sided(item, Change::Removed, was, deadline)),
        }
    }
    let added = after.iter().enumerate().filter(|(place, _)| !met.contains(place));
    diffs.extend(added.map(|(place, item)| one_sided(item, Change::Added, place, deadline)));
    diffs.sort_by_key(|diff| (diff.to.or(diff.from), diff.to.is_some()));
    diffs
}

/// The items, with keys that none of them shares with another.
fn distinct<'d>(items: impl Iterator<Item = Item<'d>>) -> Vec<Item<'d>> {
    let mut times: HashMap<String, usize> = HashMap::new();
    let one = |item: Item<'d>| {
        let times = times.entry(item.key.clone()).or_default();
        *times += 1;
        let key = format!("{} {times}", item.key);
        Item { key, ..item }
    };
    items.map(one).collect()
}

fn changed(was: &Item<'_>, is: &Item<'_>, places: (usize, usize), moved: bool, deadline: Instant) -> Option<ItemDiff> {
    let fields = fields(was.fields.clone(), is.fields.clone());
    let change = match (fields.is_empty(), moved) {
        (true, false) => return None,
        (true, true) => Change::Moved,
        (false, _) => Change::Changed,
    };
    let both = was.body.zip(is.body).filter(|(was, is)| was != is);
    Some(ItemDiff {
        id: is.id.clone(),
        label: is.label.to_owned(),
        change,
        moved,
        from: Some(position(places.0)),
        to: Some(position(places.1)),
        fields,
        unified: both.map(|(was, is)| text::unified(was, is, deadline)),
    })
}

/// What came or went, with all that it has.
fn one_sided(item: &Item<'_>, change: Change, place: usize, deadline: Instant) -> ItemDiff {
    let place = Some(position(place));
    let added = change == Change::Added;
    let side = |value: &Given| if added { (Given::Nothing, value.clone()) } else { (value.clone(), Given::Nothing) };
    let has = item.fields.iter().filter(|(_, value)| *value != Given::Nothing);
    let fields = has.map(|(field, value)| {
        let (from, to) = side(value);
        FieldDiff { field, from, to }
    });
    let unified = item.body.filter(|body| !body.is_empty()).map(|body| {
        let (from, to) = if added { ("", body) } else { (body, "") };
        text::unified(from, to, deadline)
    });
    ItemDiff {
        id: item.id.clone(),
        label: item.label.to_owned(),
        change,
        moved: false,
        from: place.filter(|_| !added),
        to: place.filter(|_| added),
        fields: fields.collect(),
        unified,
    }
}

fn position(index: usize) -> i32 {
    i32::try_from(index + 1).unwrap_or(i32::MAX)
}

/// The most of these numbers that stand in rising order: whoever is not among them was moved.
fn in_order(numbers: &[usize]) -> HashSet<usize> {
    // For each length the place of the least number that ends a rising row of it, and for each place the one before it.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(numbers.len());
    for (place, number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|end| numbers.get(*end).is_some_and(|other| other < number));
        before.push(length.checked_sub(1).and_then(|shorter| ends.get(shorter).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = place,
            None => ends.push(place),
        }
    }
    let mut row = HashSet::new();
    let mut at = ends.last().copied();
    while let Some(place) = at {
        row.extend(numbers.get(place).copied());
        at = before.get(place).copied().flatten();
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_moved_is_what_left_the_order_of_the_others() {
        let moved = |after: &[usize]| {
            let stays = in_order(after);
            let mut moved: Vec<usize> = after.iter().copied().filter(|place| !stays.contains(place)).collect();
            moved.sort_unstable();
            moved
        };
        assert_eq!(moved(&[0, 1, 2, 3]), [] as [usize; 0]);
        // The last came to the front: the others only made room.
        assert_eq!(moved(&[1, 2, 3, 0]), [0]);
        assert_eq!(moved(&[3, 0, 1, 2]), [3]);
        assert_eq!(moved(&[1, 0]).len(), 1);
        assert_eq!(moved(&[3, 2, 1, 0]).len(), 3);
        assert_eq!(moved(&[]), [] as [usize; 0]);
    }
}
