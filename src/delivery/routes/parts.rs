//! What the sections and the citations of an article have in common: they are stored as one array each.

use actix_web::{HttpRequest, HttpResponse};
use deserr::Deserr;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use utoipa::IntoParams;

use super::{Work, of_article};
use crate::app::State;
use crate::db::Conn;
use crate::delivery::article::damaged;
use crate::delivery::printing::Wanted;
use crate::delivery::store::{Columns, Publication};
use crate::error::Problem;
use crate::http::answer::Answer;
use crate::http::fault::Faults;
use crate::http::page::{Cursor, Limit, Page, PageInfo, Way, Window, foreign_cursor};
use crate::http::query::Flag;
use crate::ids::{ArticleId, ArticleRef};

/// Which page.
#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OnePage {
    /// How many items a page has at most; 20 unless given.
    #[deserr(default)]
    #[param(value_type = i32, required = false, minimum = 1, maximum = 100, example = 20)]
    pub limit: Option<Limit>,
    /// From `next` or `prev` of a page of the same list.
    #[deserr(default)]
    #[param(value_type = String, required = false, max_length = 4000, pattern = "^[A-Za-z0-9_-]+$")]
    pub cursor: Option<Cursor>,
    /// Whether to count all items.
    #[deserr(default)]
    #[param(value_type = bool, required = false, example = true)]
    pub count: Option<Flag>,
}

/// One of the arrays of a publication.
#[derive(Clone, Copy)]
pub struct Part {
    pub columns: Columns,
    /// What its items are in the order of, as cursors call it.
    pub order: &'static str,
    pub text: fn(&Publication) -> Option<&str>,
}

impl Part {
    /// The items, each as it was stored.
    fn items(self, publication: &Publication) -> Result<Vec<Box<RawValue>>, Problem> {
        let text = (self.text)(publication).unwrap_or("[]");
        serde_json::from_str(text).map_err(|error| damaged(publication.id, error))
    }
}

/// Answers with a page of the part, which `list` makes.
pub async fn list_part<L: serde::Serialize>(
    state: &State,
    request: &HttpRequest,
    article: ArticleRef,
    part: Part,
    asked: OnePage,
    wanted: Wanted,
    list: impl FnOnce(Vec<Box<RawValue>>, &PageInfo) -> L,
) -> Result<HttpResponse, Problem> {
    let window = Window::new(asked.limit, part.order, asked.cursor)?;
    let limit = window.limit;
    let counted = asked.count.unwrap_or_default().0;
    let (frozen, tag) = (wanted.is_as_published(), wanted.tag());
    let take = move |publication: Publication| {
        let items = part.items(&publication)?;
        let total = if counted { i64::try_from(items.len()).ok() } else { None };
        Ok((page_of(items, &window)?, total, publication.updated_at))
    };
    let answer = |(page, total, updated_at): (Page<_>, _, _)| {
        let info = page.info(request, limit, total);
        let answer = Answer::page(state.public(), &list(page.items, &info), &info)?.tags(tag);
        Ok(if frozen { answer.last_modified(updated_at) } else { answer })
    };
    of_article(state, request, article, part.columns, printed(wanted, take), answer).await
}

/// Answers with the item of the part whose `K` is the one.
pub async fn get_part<K: DeserializeOwned>(
    state: &State,
    request: &HttpRequest,
    article: ArticleRef,
    part: Part,
    wanted: Wanted,
    is: impl Fn(K) -> bool + Send + 'static,
    what: &'static str,
) -> Result<HttpResponse, Problem> {
    let (frozen, tag) = (wanted.is_as_published(), wanted.tag());
    let take = move |publication: Publication| {
        for item in part.items(&publication)? {
            if is(key(publication.id, &item)?) {
                return Ok((item, publication.updated_at));
            }
        }
        Err(Problem::not_found(what))
    };
    let answer = |(item, updated_at): (Box<RawValue>, _)| {
        let body = Box::<str>::from(item).into_boxed_bytes().into_vec();
        let answer = Answer::bytes(state.public(), "application/json", body).tags(tag);
        Ok(if frozen { answer.last_modified(updated_at) } else { answer })
    };
    of_article(state, request, article, part.columns, printed(wanted, take), answer).await
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

/// The members of an item that name it.
fn key<K: DeserializeOwned>(id: ArticleId, item: &RawValue) -> Result<K, Problem> {
    K::deserialize(item).map_err(|error| damaged(id, error))
}

/// The page of a list that is at hand as a whole; a cursor holds the place of the item beside it, 1 for the first.
fn page_of<T>(items: Vec<T>, window: &Window) -> Result<Page<T>, Problem> {
    let beside = match &window.cursor {
        None => None,
        Some(cursor) => Some((cursor.way, cursor.value.parse::<usize>().map_err(|_| foreign_cursor())?)),
    };
    let lies_there = |place: usize| match beside {
        None => true,
        Some((Way::After, beside)) => place > beside,
        Some((Way::Before, beside)) => place < beside,
    };
    let mut rows: Vec<(usize, T)> = items
        .into_iter()
        .enumerate()
        .map(|(at, item)| (at + 1, item))
        .filter(|(place, _)| lies_there(*place))
        .collect();
    if window.backwards() {
        rows.reverse();
    }
    Ok(window.page(rows, |(place, _)| (place.to_string(), String::new())).map(|(_, item)| item))
}
