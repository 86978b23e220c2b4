//! Time as a value: what is asked for the present moment, so that tests can set it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::db::day::Day;
use crate::db::types::Instant;

/// The source of "now".
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// Microseconds added to the system's time; only tests move it.
    offset: Arc<AtomicI64>,
}

impl Clock {
    pub fn now(&self) -> Instant {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system's time")]
        let now = time::OffsetDateTime::now_utc();
        Instant::new(now.saturating_add(time::Duration::microseconds(self.offset.load(Ordering::Relaxed))))
    }

    /// The day that it is in UTC.
    pub fn today(&self) -> Day {
        Day::of(self.now())
    }

    /// Moves the clock on, for tests of what happens later.
    pub fn advance(&self, by: std::time::Duration) {
        let by = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.offset.fetch_add(by, Ordering::Relaxed);
    }
}
