//! What the sections and the citations of an article have in common: they are stored as one array each.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{Work, of_article};
use crate::app::State;
use crate::db::Conn;
use crate::delivery::article::damaged;
use crate::delivery::printing::Wanted;
use crate::delivery::store::{Columns, Publication};
use crate::error::Problem;
use crate::http::answer::Answer;
use crate::http::page::{Page, PageInfo, Way, Window, foreign_cursor};
use crate::http::select::{Fields, Selected};
use crate::http::sort::{Direction, SortKey};
use crate::ids::{ArticleId, ArticleRef};

/// An item as it was stored, or members of it.
pub type Given = Selected<Box<RawValue>>;

/// Takes the JSON text of an array out of a publication.
type TextOf = Box<dyn FnOnce(&mut Publication) -> Result<Option<String>, Problem> + Send>;

/// One of the arrays of a publication.
pub struct Part {
    pub columns: Columns,
    /// Its JSON text, as it is wanted.
    pub text: TextOf,
}

impl Part {
    /// The items, each as it was stored.
    fn items(self, publication: &mut Publication) -> Result<Vec<Box<RawValue>>, Problem> {
        let text = (self.text)(publication)?;
        serde_json::from_str(text.as_deref().unwrap_or("[]")).map_err(|error| damaged(publication.id, error))
    }
}

/// What is read of an item to choose it.
pub trait Facets: DeserializeOwned {
    /// Whether the name is one of the item's.
    fn is_named(&self, name: &str) -> bool;
}

/// Whether an item is left.
pub type Leaves<F> = Box<dyn Fn(&F) -> bool + Send>;

/// Which items of a part, and what of them.
pub struct Asked<K, F> {
    pub window: Window<K>,
    pub counted: bool,
    /// Names of items, when they are asked for by name.
    pub names: Option<Vec<String>>,
    /// The present names of what is asked for by others.
    pub present: HashMap<String, String>,
    /// `None`: all are left.
    pub leaves: Option<Leaves<F>>,
    pub fields: Option<Fields>,
}

/// What of the whole list stands in the answer.
pub struct Listed {
    pub data: Vec<Given>,
    pub missing: Option<Vec<String>>,
    pub page: PageInfo,
}

/// Answers with a page of the part, which `list` makes.
pub async fn list_part<K: SortKey, F: Facets + 'static, L: serde::Serialize>(
    state: &State,
    request: &HttpRequest,
    article: ArticleRef,
    part: Part,
    asked: Asked<K, F>,
    wanted: Wanted,
    list: impl FnOnce(Listed) -> L,
) -> Result<HttpResponse, Problem> {
    let limit = asked.window.limit;
    let (frozen, tag) = (wanted.is_as_published(), wanted.tag());
    let columns = part.columns;
    let take = move |mut publication: Publication| {
        let items = part.items(&mut publication)?;
        let chosen = asked.choose(publication.id, items)?;
        let total = if asked.counted { i64::try_from(chosen.left).ok() } else { None };
        let fields = asked.fields.as_ref();
        let page = chosen.page.try_map(|item| Selected::of(item, fields))?;
        Ok((page, total, chosen.missing, publication.updated_at))
    };
    let answer = |(page, total, missing, updated_at): (Page<Given>, _, _, _)| {
        let info = page.info(request, limit, total);
        let listed = Listed { data: page.items, missing, page: info.clone() };
        let answer = Answer::page(state.public(), &list(listed), &info)?.tags(tag);
        Ok(if frozen { answer.last_modified(updated_at) } else { answer })
    };
    of_article(state, request, article, columns, printed(wanted, take), answer).await
}

/// Which item of a part, and what of it.
pub struct One<I> {
    pub is: I,
    /// What it is called when there is none.
    pub what: &'static str,
    pub fields: Option<Fields>,
}

/// Answers with the item of the part whose `F` is the one.
pub async fn get_part<F: DeserializeOwned>(
    state: &State,
    request: &HttpRequest,
    article: ArticleRef,
    part: Part,
    wanted: Wanted,
    one: One<impl Fn(F) -> bool + Send + 'static>,
) -> Result<HttpResponse, Problem> {
    let One { is, what, fields } = one;
    let (frozen, tag) = (wanted.is_as_published(), wanted.tag());
    let columns = part.columns;
    let take = move |mut publication: Publication| {
        for item in part.items(&mut publication)? {
            if is(facets(publication.id, &item)?) {
                return Ok((Selected::of(item, fields.as_ref())?, publication.updated_at));
            }
        }
        Err(Problem::not_found(what))
    };
    let answer = |(item, updated_at): (Given, _)| {
        let answer = Answer::json(state.public(), &item)?.tags(tag);
        Ok(if frozen { answer.last_modified(updated_at) } else { answer })
    };
    of_article(state, request, article, columns, printed(wanted, take), answer).await
}

/// Has the citations printed as they are wanted before `take` takes what is asked for.
fn printed<T: Send + 'static>(
    wanted: Wanted,
    take: impl FnOnce(Publication) -> Result<T, Problem> + Send + 'static,
) -> impl FnOnce(&mut Conn, Publication) -> Result<Work<T>, Problem> + Send + 'static {
    move |conn: &mut Conn, mut publication: Publication| {
        if wanted.is_as_published() {
            return Ok(Work::Done(take(publication)?));
        }
        let printing = wanted.printing(conn, &publication)?;
        Ok(Work::Left(Box::new(move || {
            let stored = publication.citations.as_deref().unwrap_or("[]");
            publication.citations = Some(printing.citations_text(publication.id, stored)?);
            take(publication)
        })))
    }
}

/// The members of an item that choose it.
fn facets<F: DeserializeOwned>(id: ArticleId, item: &RawValue) -> Result<F, Problem> {
    F::deserialize(item).map_err(|error| damaged(id, error))
}

/// The items that were chosen.
struct Chosen {
    page: Page<Box<RawValue>>,
    /// How many the filters leave.
    left: usize,
    missing: Option<Vec<String>>,
}

impl<K: SortKey, F: Facets> Asked<K, F> {
    /// Filters the list, which is at hand as a whole, and cuts the page. A cursor holds the place of the item beside it in
    /// the unfiltered list, 1 for the first.
    fn choose(&self, article: ArticleId, items: Vec<Box<RawValue>>) -> Result<Chosen, Problem> {
        let mut rows: Vec<(usize, Box<RawValue>)> = (1..).zip(items).collect();
        if let Some(leaves) = &self.leaves {
            let mut left = Vec::with_capacity(rows.len());
            for (place, item) in rows {
                if leaves(&facets(article, &item)?) {
                    left.push((place, item));
                }
            }
            rows = left;
        }
        let left = rows.len();
        match &self.names {
            None => Ok(Chosen { page: self.page(rows)?, left, missing: None }),
            Some(names) => {
                let (items, missing) = named::<F>(article, names, &self.present, rows)?;
                Ok(Chosen { page: Page::whole(items), left, missing: Some(missing) })
            }
        }
    }

    fn page(&self, mut rows: Vec<(usize, Box<RawValue>)>) -> Result<Page<Box<RawValue>>, Problem> {
        let up = self.window.sort.last_direction() == Direction::Up;
        if let Some(cursor) = &self.window.cursor {
            let beside = cursor.id.parse::<usize>().map_err(|_| foreign_cursor())?;
            let later = (cursor.way == Way::After) == up;
            rows.retain(|(place, _)| if later { *place > beside } else { *place < beside });
        }
        if !self.window.ascending() {
            rows.reverse();
        }
        let place = |(place, _): &(usize, Box<RawValue>)| place.to_string();
        Ok(self.window.page(rows, |row, _| place(row), place).map(|(_, item)| item))
    }
}

/// The items of these names in the order of the names, each once, and the names of no item.
fn named<F: Facets>(
    article: ArticleId,
    names: &[String],
    present: &HashMap<String, String>,
    rows: Vec<(usize, Box<RawValue>)>,
) -> Result<(Vec<Box<RawValue>>, Vec<String>), Problem> {
    let known: Vec<F> = rows.iter().map(|(_, item)| facets(article, item)).collect::<Result<_, _>>()?;
    let mut rows: Vec<Option<Box<RawValue>>> = rows.into_iter().map(|(_, item)| Some(item)).collect();
    let (mut items, mut missing) = (Vec::new(), Vec::new());
    for name in names {
        let now = present.get(name).unwrap_or(name);
        match known.iter().position(|facets| facets.is_named(now)) {
            Some(place) => items.extend(rows.get_mut(place).and_then(Option::take)),
            None => missing.push(name.clone()),
        }
    }
    Ok((items, missing))
}
