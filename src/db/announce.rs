//! What a transaction changed that answers are kept of: told to whoever keeps them, once it is committed and before
//! anybody is told that it is.

use std::cell::RefCell;

use super::Conn;
use crate::http::tag::Tag;

/// One entry of the change log, as those who keep answers need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// Its place in the log.
    pub seq: i64,
    /// Answers with one of these are no longer to be given.
    pub tags: Vec<Tag>,
}

thread_local! {
    /// Of the transaction that runs on this thread; one does at a time.
    static SAID: RefCell<Vec<Announcement>> = const { RefCell::new(Vec::new()) };
}

impl Conn {
    /// Has the announcement told after the commit; not at all if what is open is undone.
    pub fn announce(&mut self, announcement: Announcement) {
        SAID.with_borrow_mut(|said| said.push(announcement));
    }
}

/// How much was said so far.
pub fn mark() -> usize {
    SAID.with_borrow(Vec::len)
}

/// Forgets what was said since the mark.
pub fn forget(mark: usize) {
    SAID.with_borrow_mut(|said| said.truncate(mark));
}

/// All that was said.
pub fn take() -> Vec<Announcement> {
    SAID.take()
}
