//! Pages of a collection: keyset cursors, opaque and checked, with ready links both ways.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde::Serialize;
use utoipa::ToSchema;

use super::fault::{Fault, Faults, Reason, text};
use super::query::{Batch, MOST_NAMES, invalid};
use super::seal;
use super::sort::{By, Direction, Sort, SortKey};
use crate::error::Problem;

/// The page of a collection: where it stands in the whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PageInfo {
    /// How many items a page has at most.
    #[schema(minimum = 1, maximum = 100, example = 20)]
    pub limit: i32,
    /// The address of the next page; null on the last one.
    #[schema(max_length = 8000)]
    pub next: Option<String>,
    /// The address of the page before; null on the first one.
    #[schema(max_length = 8000)]
    pub prev: Option<String>,
    /// How many items there are in all; null unless `count=true`.
    #[schema(minimum = 0, maximum = 9007199254740991i64)]
    pub total: Option<i64>,
}

impl PageInfo {
    /// The links as a `Link` header (RFC 8288).
    pub fn link_header(&self) -> Option<String> {
        let links = [("next", &self.next), ("prev", &self.prev)];
        let links: Vec<String> =
            links.iter().filter_map(|(rel, at)| at.as_ref().map(|at| format!("<{at}>; rel=\"{rel}\""))).collect();
        (!links.is_empty()).then(|| links.join(", "))
    }
}

/// How many items a page has: 1…100, 20 unless asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(pub i32);

impl Default for Limit {
    fn default() -> Self {
        Self(20)
    }
}

impl Deserr<Faults> for Limit {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, |text| {
            let limit = text.parse().ok().filter(|limit| (1..=100).contains(limit) && !text.starts_with('+'));
            limit.map(Self).ok_or_else(|| Reason::new("out_of_range", "Expected a whole number from 1 to 100."))
        })
    }
}

/// Which way a page lies from its cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    After,
    Before,
}

/// A place in a sorted collection: what the item beside it has for each key of the sort, and its id; or one of its ends,
/// which has neither: after the beginning, before the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub way: Way,
    /// The sort it belongs to, as the `sort` parameter writes it.
    pub sort: String,
    /// One for each key.
    pub values: Vec<String>,
    pub id: String,
}

impl Cursor {
    /// The page that begins or ends with the collection itself.
    fn end(way: Way, sort: String) -> Self {
        Self { way, sort, values: Vec::new(), id: String::new() }
    }

    fn is_end(&self) -> bool {
        self.values.is_empty()
    }

    /// The opaque form: readable by us, and refused when it was tampered with.
    pub fn encode(&self) -> String {
        let way = if self.way == Way::After { "a" } else { "b" };
        seal::seal(SEAL, &serde_json::json!([way, self.sort, self.values, self.id]).to_string())
    }

    fn decode(text: &str) -> Option<Self> {
        let content = seal::open(SEAL, text)?;
        let (way, sort, values, id): (String, String, Vec<String>, String) = serde_json::from_str(&content).ok()?;
        let way = if way == "a" { Way::After } else { Way::Before };
        Some(Self { way, sort, values, id })
    }
}

const SEAL: &str = "ibid cursor 2";

impl Deserr<Faults> for Cursor {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, |text| {
            Self::decode(text)
                .ok_or_else(|| Reason::new("invalid_cursor", "This is not a cursor; take it from `next` or `prev`."))
        })
    }
}

/// Which items to fetch.
#[derive(Debug, Clone)]
pub struct Window<K> {
    pub limit: Limit,
    pub sort: Sort<K>,
    /// The place beside which the page lies; `None`: an end of the collection.
    pub cursor: Option<Cursor>,
    way: Way,
}

/// A fetched page.
#[derive(Debug)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<Cursor>,
    pub prev: Option<Cursor>,
}

impl<K: SortKey> Window<K> {
    /// # Errors
    /// `invalid_parameter` for a cursor of another sort.
    pub fn new(limit: Option<Limit>, sort: Sort<K>, cursor: Option<Cursor>) -> Result<Self, Problem> {
        let of_sort = |cursor: &Cursor| cursor.is_end() || cursor.values.len() == sort.keys().len();
        let belongs = |cursor: &Cursor| cursor.sort == sort.to_string() && of_sort(cursor);
        if cursor.as_ref().is_some_and(|cursor| !belongs(cursor)) {
            let detail = "The cursor belongs to another sort; start again without it.";
            return Err(invalid(vec![Fault::of("cursor", "invalid_cursor", detail)]));
        }
        let way = cursor.as_ref().map_or(Way::After, |cursor| cursor.way);
        let cursor = cursor.filter(|cursor| !cursor.is_end());
        Ok(Self { limit: limit.unwrap_or_default(), sort, cursor, way })
    }

    /// The window of a list that things can be asked for by name in as well: then it is one page in the order of the names.
    ///
    /// # Errors
    /// `invalid_parameter` for a cursor of another sort, and for what does not go with names.
    pub fn or_named<T>(
        names: Option<&Batch<T>>,
        limit: Option<Limit>,
        sort: Option<Sort<K>>,
        usual: Sort<K>,
        cursor: Option<Cursor>,
    ) -> Result<Self, Problem> {
        if names.is_none() {
            return Self::new(limit, sort.unwrap_or(usual), cursor);
        }
        let given = [("cursor", cursor.is_some()), ("limit", limit.is_some()), ("sort", sort.is_some())];
        Batch::<T>::alone(&given)?;
        Self::new(Some(Limit(MOST_NAMES as i32)), usual, None)
    }

    /// How many rows to ask for: one more than shown, which tells whether the collection goes on.
    pub fn fetch(&self) -> i64 {
        i64::from(self.limit.0) + 1
    }

    /// Whether rows are to be read against the sort order.
    pub fn backwards(&self) -> bool {
        self.way == Way::Before
    }

    /// Whether rows are to be read in ascending order, in a list with one sort key.
    pub fn ascending(&self) -> bool {
        (self.sort.last_direction() == Direction::Up) != self.backwards()
    }

    /// The place that the cursor names in a list with one sort key, in the types of its columns.
    ///
    /// # Errors
    /// `invalid_parameter` for a cursor of another list.
    pub fn place<V, I>(
        &self,
        value: impl Fn(&str) -> Option<V>,
        id: impl Fn(&str) -> Option<I>,
    ) -> Result<Option<(V, I)>, Problem> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let given = cursor.values.first().and_then(|given| value(given));
        given.zip(id(&cursor.id)).map(Some).ok_or_else(foreign_cursor)
    }

    /// Makes the page of the fetched rows; `value` gives what an item has for a key of the sort.
    pub fn page<T>(&self, mut rows: Vec<T>, value: impl Fn(&T, By<K>) -> String, id: impl Fn(&T) -> String) -> Page<T> {
        let most = self.limit.0 as usize;
        let more = rows.len() > most;
        rows.truncate(most);
        if self.backwards() {
            rows.reverse();
        }
        // Beside a place there was an item, whether it is still there or not.
        let beside = self.cursor.is_some();
        let (before, after) = if self.backwards() { (more, beside) } else { (beside, more) };
        let cursor = |item: Option<&T>, way, there: bool| {
            there.then(|| match item {
                Some(item) => {
                    let values = self.sort.keys().iter().map(|by| value(item, *by)).collect();
                    Cursor { way, sort: self.sort.to_string(), values, id: id(item) }
                }
                // All that is left lies on the other side of the place.
                None => Cursor::end(way, self.sort.to_string()),
            })
        };
        let next = cursor(rows.last(), Way::After, after);
        let prev = cursor(rows.first(), Way::Before, before);
        Page { items: rows, next, prev }
    }
}

/// The cursor is one of ibid's, of another list.
pub fn foreign_cursor() -> Problem {
    invalid(vec![Fault::of("cursor", "invalid_cursor", "The cursor belongs to another list; start again without it.")])
}

impl<T> Page<T> {
    /// All that there is.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next: None, prev: None }
    }

    /// The links to the pages around this one: the request's address with another cursor.
    pub fn info(&self, request: &actix_web::HttpRequest, limit: Limit, total: Option<i64>) -> PageInfo {
        let link = |cursor: &Option<Cursor>| {
            cursor.as_ref().map(|cursor| {
                let mut query = url::form_urlencoded::Serializer::new(String::new());
                for (name, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
                    if name != "cursor" {
                        query.append_pair(&name, &value);
                    }
                }
                query.append_pair("cursor", &cursor.encode());
                format!("{}?{}", request.path(), query.finish())
            })
        };
        PageInfo { limit: limit.0, next: link(&self.next), prev: link(&self.prev), total }
    }

    /// The same page of other items.
    pub fn map<U>(self, with: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(with).collect(), next: self.next, prev: self.prev }
    }

    /// The same page of what becomes of its items.
    ///
    /// # Errors
    /// Those of `with`.
    pub fn try_map<U>(self, with: impl FnMut(T) -> Result<U, Problem>) -> Result<Page<U>, Problem> {
        let items = self.items.into_iter().map(with).collect::<Result<_, _>>()?;
        Ok(Page { items, next: self.next, prev: self.prev })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::sort_keys! {
        /// For the tests.
        Key {
            Id = "id",
        }
    }

    fn cursor(way: Way) -> Cursor {
        Cursor { way, sort: "title,-year".into(), values: vec!["b, \"c\"".into(), "2009".into()], id: "x".into() }
    }

    #[test]
    fn a_cursor_reads_back_and_nothing_else_does() {
        let encoded = cursor(Way::Before).encode();
        assert_eq!(Cursor::decode(&encoded), Some(cursor(Way::Before)));
        for place in 0..encoded.len() {
            let mut damaged = encoded.clone().into_bytes();
            damaged[place] = if damaged[place] == b'A' { b'B' } else { b'A' };
            assert_ne!(Cursor::decode(&String::from_utf8(damaged).unwrap()), Some(cursor(Way::Before)));
        }
        assert_eq!(Cursor::decode(""), None);
        assert_eq!(Cursor::decode("!"), None);
    }

    fn window(cursor: Option<Cursor>) -> Window<Key> {
        Window::new(Some(Limit(3)), Sort::up(Key::Id), cursor).unwrap()
    }

    fn fetch(all: &[i32], window: &Window<Key>) -> Page<i32> {
        let at = window.cursor.as_ref().map(|cursor| cursor.id.parse::<i32>().unwrap());
        let beyond = |row: i32| at.is_none_or(|at| if window.ascending() { row > at } else { row < at });
        let mut rows: Vec<i32> = all.iter().copied().filter(|row| beyond(*row)).collect();
        if !window.ascending() {
            rows.reverse();
        }
        rows.truncate(window.fetch() as usize);
        window.page(rows, |row, _| row.to_string(), ToString::to_string)
    }

    #[test]
    fn pages_link_both_ways() {
        let all: Vec<i32> = (0..7).collect();
        let first = fetch(&all, &window(None));
        assert_eq!((first.items.as_slice(), first.prev.is_some()), ([0, 1, 2].as_slice(), false));
        let second = fetch(&all, &window(first.next));
        assert_eq!(second.items, [3, 4, 5]);
        let third = fetch(&all, &window(second.next));
        assert_eq!((third.items.as_slice(), third.next.is_some()), ([6].as_slice(), false));
        let back = fetch(&all, &window(third.prev));
        assert_eq!(back.items, [3, 4, 5]);
        let start = fetch(&all, &window(back.prev));
        assert_eq!((start.items.as_slice(), start.prev.is_some()), ([0, 1, 2].as_slice(), false));
    }

    #[test]
    fn a_page_that_was_emptied_leads_to_what_is_left() {
        let all: Vec<i32> = (0..7).collect();
        let second = fetch(&all, &window(fetch(&all, &window(None)).next));
        // What came after it has gone.
        let empty = fetch(&all[..6], &window(second.next.clone()));
        assert_eq!((empty.items.as_slice(), empty.next), ([].as_slice(), None));
        let encoded = empty.prev.unwrap().encode();
        let last = fetch(&all[..5], &window(Cursor::decode(&encoded)));
        assert_eq!((last.items.as_slice(), last.next), ([2, 3, 4].as_slice(), None));
        assert_eq!(fetch(&all[..5], &window(last.prev)).items, [0, 1]);
        // And what came before it.
        let empty = fetch(&all[3..], &window(second.prev));
        assert_eq!((empty.items.as_slice(), empty.prev), ([].as_slice(), None));
        let first = fetch(&all[3..], &window(empty.next));
        assert_eq!((first.items.as_slice(), first.prev, first.next.is_some()), ([3, 4, 5].as_slice(), None, true));
        // Nothing is left: there is nowhere to go.
        let nothing = fetch(&[], &window(fetch(&[], &window(second.next)).prev));
        assert_eq!((nothing.items.as_slice(), nothing.next, nothing.prev), ([].as_slice(), None, None));
    }
}
