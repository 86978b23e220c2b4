//! What is to be the last thing that a transaction does: in one that goes on after it, it waits for the end.

use std::cell::RefCell;

use super::Conn;
use crate::error::Problem;

type Work = Box<dyn FnOnce(&mut Conn) -> Result<(), Problem>>;

thread_local! {
    /// Of the session that runs on this thread; `None`: there is none.
    static WAITING: RefCell<Option<Vec<Work>>> = const { RefCell::new(None) };
}

impl Conn {
    /// Does `work` as the last thing of the transaction: at once, unless it is known that others follow.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn last(&mut self, work: impl FnOnce(&mut Self) -> Result<(), Problem> + 'static) -> Result<(), Problem> {
        let mut work = Some(Box::new(work) as Work);
        WAITING.with_borrow_mut(|waiting| {
            if let Some(waiting) = waiting {
                waiting.extend(work.take());
            }
        });
        work.map_or(Ok(()), |work| work(self))
    }
}

/// How much waits.
pub fn mark() -> usize {
    WAITING.with_borrow(|waiting| waiting.as_ref().map_or(0, Vec::len))
}

/// Forgets what waits since the mark.
pub fn forget(mark: usize) {
    WAITING.with_borrow_mut(|waiting| {
        if let Some(waiting) = waiting {
            waiting.truncate(mark);
        }
    });
}

/// As long as it is there, what is to be last waits.
pub struct Later(());

impl Later {
    pub fn begin() -> Self {
        WAITING.set(Some(Vec::new()));
        Self(())
    }

    /// Does all that waits, in its order.
    ///
    /// # Errors
    /// The first of theirs.
    pub fn end(self, conn: &mut Conn) -> Result<(), Problem> {
        let waiting = WAITING.take().unwrap_or_default();
        waiting.into_iter().try_for_each(|work| work(conn))
    }
}

impl Drop for Later {
    fn drop(&mut self) {
        WAITING.set(None);
    }
}
