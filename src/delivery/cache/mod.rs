//! Finished answers of the public door, kept in memory until a change outdates them. A hit touches no database and no
//! JSON, and waits for no writer.
//!
//! A request is named by its address as it was sent, and by the headers that its answer was chosen by. What answers
//! show is known by their tags; the change log says which tags a change touches. An answer is kept only if none of its
//! tags was touched since the work on it began: what was read before a commit can never be given after it. What depends on
//! which day it is outdates itself when the day is over.

mod early;
mod encoding;
mod layer;
mod purge;
mod stored;

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use actix_web::http::header::HeaderMap;
use tokio::sync::watch;

pub use early::before;
pub use layer::cached;
pub use purge::{Front, purge};
pub use stored::{Freshness, Stored};

use crate::clock::Clock;
use crate::http::languages::Offer;
use crate::http::tag::Tag;

/// How many touched tags are remembered, for answers that are being made. An answer that takes longer is not kept.
const RECENT: usize = 10_000;
/// After how many kept answers the register forgets those that are gone.
const SWEEP: usize = 4_096;

/// What is kept under an address.
#[derive(Clone)]
enum Slot {
    Answer(Arc<Stored>),
    /// The answers differ by what the request says: they are kept under the address with that.
    By(By),
}

/// What of a request its answer is chosen by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// A header: its value as it was sent.
    header: Option<&'static str>,
    /// `Accept-Language`: not its value, of which there is no end, but what it chooses.
    offer: Option<Arc<Offer>>,
}

impl By {
    /// The address together with what the request chooses. No address has a line break. The languages that were offered
    /// are part of it: whatever is found by an old offer was made by it, and went with it.
    fn name(&self, address: &str, headers: &HeaderMap) -> Option<String> {
        let mut name = match (self.header, &self.offer) {
            (None, None) => return None,
            (Some(header), _) => with_header(address, header, headers),
            (None, Some(_)) => address.to_owned(),
        };
        if let Some(offer) = &self.offer {
            name.extend(["\n", &offer.name(), "\n", offer.chosen(headers)]);
        }
        Some(name)
    }

    /// The language that the request chooses, where there are several.
    fn language(&self, headers: &HeaderMap) -> Option<&str> {
        self.offer.as_ref().map(|offer| offer.chosen(headers))
    }

    fn weight(&self) -> u64 {
        self.offer.as_ref().map_or(0, |offer| offer.name().len() as u64 * 4)
    }
}

#[derive(Clone)]
struct Weigher;

impl quick_cache::Weighter<Box<str>, Slot> for Weigher {
    fn weight(&self, key: &Box<str>, slot: &Slot) -> u64 {
        let key = key.len() as u64 + 100;
        match slot {
            Slot::Answer(stored) => key + stored.weight(),
            Slot::By(by) => key + by.weight(),
        }
    }
}

/// Which answers show what, and what was touched lately.
#[derive(Default)]
struct Register {
    by_tag: HashMap<Tag, Vec<Weak<Stored>>>,
    /// With the epoch that touching it began; `None` is everything.
    touched: VecDeque<(u64, Option<Tag>)>,
    kept_since_sweep: usize,
}

/// How an answer that several waited for came out.
#[derive(Clone)]
enum Landing {
    /// Still being made.
    Flying,
    /// With the language that was chosen by the headers of the one who made it.
    Kept(Arc<Stored>, Option<String>),
    /// It was outdated while it was made: those who wait have to ask anew.
    Outdated,
    /// It is none that is kept: a problem, a redirect.
    Private,
}

/// The cache of one node.
pub struct Cache {
    /// `None`: switched off.
    entries: Option<quick_cache::sync::Cache<Box<str>, Slot, Weigher>>,
    register: Mutex<Register>,
    /// Goes up with each tag that is touched.
    epoch: AtomicU64,
    flights: Mutex<HashMap<Box<str>, watch::Receiver<Landing>>>,
    /// Whether changes of other nodes are told; nothing is kept before.
    following: AtomicBool,
    /// Since when the change log could not be read, in seconds of the Unix time; 0: it can.
    lost_since: AtomicI64,
    /// How long answers that may be outdated are given while the database cannot be asked, in seconds.
    stale_seconds: i64,
    clock: Clock,
}

/// What the cache has for a request.
enum Found {
    Hit(Arc<Stored>, Freshness),
    /// Nothing that can be given, unless the database is away and this is not too old for that.
    Miss(Option<Arc<Stored>>),
}

impl Cache {
    /// `bytes`: the most that is kept; 0 switches it off.
    pub fn new(bytes: u64, stale_seconds: u32, clock: Clock) -> Self {
        let entries = (bytes > 0).then(|| {
            let about = usize::try_from(bytes / 16_384).unwrap_or(usize::MAX).clamp(64, 1_000_000);
            quick_cache::sync::Cache::with_weighter(about, bytes, Weigher)
        });
        Self {
            entries,
            register: Mutex::default(),
            epoch: AtomicU64::new(0),
            flights: Mutex::default(),
            following: AtomicBool::new(false),
            lost_since: AtomicI64::new(0),
            stale_seconds: stale_seconds.into(),
            clock,
        }
    }

    /// Outdates every answer with one of these tags. When this returns none of them is given any more, nor one that is
    /// being made from what was there before.
    pub fn touch<'a>(&self, tags: impl IntoIterator<Item = &'a Tag>) {
        let now = self.now();
        let mut register = self.register.lock().unwrap_or_else(PoisonError::into_inner);
        for tag in tags {
            self.remember(&mut register, Some(tag.clone()));
            for stored in register.by_tag.remove(tag).into_iter().flatten().filter_map(|stored| stored.upgrade()) {
                stored.outdate(now);
            }
        }
    }

    /// Outdates everything.
    pub fn touch_all(&self) {
        let now = self.now();
        let mut register = self.register.lock().unwrap_or_else(PoisonError::into_inner);
        self.remember(&mut register, None);
        for stored in register.by_tag.drain().flat_map(|(_, all)| all).filter_map(|stored| stored.upgrade()) {
            stored.outdate(now);
        }
    }

    fn remember(&self, register: &mut Register, tag: Option<Tag>) {
        let epoch = self.epoch.fetch_add(1, Ordering::AcqRel) + 1;
        register.touched.push_back((epoch, tag));
        if register.touched.len() > RECENT {
            register.touched.pop_front();
        }
    }

    /// The change log cannot be read: nobody knows what is outdated by now.
    pub fn lose(&self) {
        let _ = self.lost_since.compare_exchange(0, self.now(), Ordering::AcqRel, Ordering::Relaxed);
    }

    /// The change log was read to its end.
    pub fn catch_up(&self) {
        if !self.following.load(Ordering::Acquire) {
            // What is being made was begun when nobody would have told.
            self.touch_all();
            self.following.store(true, Ordering::Release);
        }
        self.lost_since.store(0, Ordering::Release);
    }

    fn now(&self) -> i64 {
        self.clock.now().unix()
    }

    /// When what is being made now began.
    fn begin(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    fn find(&self, address: &str, headers: &HeaderMap) -> Found {
        let Some(entries) = &self.entries else { return Found::Miss(None) };
        let stored = match entries.get(address) {
            Some(Slot::Answer(stored)) => stored,
            Some(Slot::By(by)) => match by.name(address, headers).and_then(|name| entries.get(name.as_str())) {
                Some(Slot::Answer(stored)) => stored,
                _ => return Found::Miss(None),
            },
            None => return Found::Miss(None),
        };
        let lost_since = Some(self.lost_since.load(Ordering::Acquire)).filter(|at| *at != 0);
        match (stored.outdated_at(), lost_since) {
            (None, None) => Found::Hit(stored, Freshness::Fresh),
            (Some(since), _) => Found::Miss(self.is_bearable(since).then_some(stored)),
            (None, Some(since)) if self.is_bearable(since) => Found::Hit(stored, Freshness::Stale),
            (None, Some(_)) => Found::Miss(None),
        }
    }

    /// Whether an answer that was right until then may be given while the database is away.
    fn is_bearable(&self, since: i64) -> bool {
        self.now().saturating_sub(since) <= self.stale_seconds
    }

    /// Keeps an answer that was begun at `epoch`, unless something that it shows was touched since.
    fn keep(&self, address: &str, headers: &HeaderMap, stored: &Arc<Stored>, epoch: u64) -> Landing {
        let Some(entries) = &self.entries else { return Landing::Private };
        if stored.tags.is_empty() || !self.following.load(Ordering::Acquire) {
            return Landing::Private;
        }
        if !self.enter(stored, epoch) {
            return Landing::Outdated;
        }
        match stored.by().name(address, headers) {
            None => entries.insert(address.into(), Slot::Answer(stored.clone())),
            Some(name) => {
                entries.insert(address.into(), Slot::By(stored.by().clone()));
                entries.insert(name.into(), Slot::Answer(stored.clone()));
            }
        }
        Landing::Kept(stored.clone(), stored.by().language(headers).map(str::to_owned))
    }

    /// Enters an answer under its tags; `false` if one of them was touched since `epoch`.
    fn enter(&self, stored: &Arc<Stored>, epoch: u64) -> bool {
        let mut register = self.register.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.epoch.load(Ordering::Acquire);
        if now - epoch > register.touched.len() as u64 {
            return false;
        }
        let since = register.touched.iter().rev().take_while(|(at, _)| *at > epoch);
        if since.into_iter().any(|(_, tag)| tag.as_ref().is_none_or(|tag| stored.tags.contains(tag))) {
            return false;
        }
        for tag in &stored.tags {
            register.by_tag.entry(tag.clone()).or_default().push(Arc::downgrade(stored));
        }
        register.kept_since_sweep += 1;
        if register.kept_since_sweep >= SWEEP {
            register.kept_since_sweep = 0;
            register.by_tag.retain(|_, all| {
                all.retain(|stored| stored.strong_count() > 0);
                !all.is_empty()
            });
        }
        true
    }

    /// Takes part in making the answer of an address: as the one who makes it, or one of those who wait for it.
    fn board(&self, name: &str) -> Boarding<'_> {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(name) {
            return Boarding::Passenger(flight.clone());
        }
        let (tell, told) = watch::channel(Landing::Flying);
        flights.insert(name.into(), told);
        Boarding::Pilot(Flight { cache: self, name: name.into(), tell })
    }
}

/// The address with the header's value; no address has a line break.
fn with_header(address: &str, header: &str, headers: &HeaderMap) -> String {
    let mut name = String::with_capacity(address.len() + 64);
    name.push_str(address);
    for value in headers.get_all(header) {
        name.push('\n');
        name.push_str(&String::from_utf8_lossy(value.as_bytes()));
    }
    name.push('\n');
    name
}

enum Boarding<'a> {
    Pilot(Flight<'a>),
    Passenger(watch::Receiver<Landing>),
}

/// An answer that is being made. When the one who makes it goes away, those who wait ask anew.
struct Flight<'a> {
    cache: &'a Cache,
    name: Box<str>,
    tell: watch::Sender<Landing>,
}

impl Flight<'_> {
    fn land(self, landing: Landing) {
        self.tell.send_replace(landing);
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        // Before the sender goes: who comes later begins anew.
        self.cache.flights.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}
