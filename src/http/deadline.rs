//! Answers that time itself makes wrong: what they say depends on which day it is.

use crate::clock::Clock;
use crate::db::day::Day;
use crate::db::types::Instant;

/// The moment from which on an answer is wrong, whatever is changed or not.
#[derive(Debug, Clone)]
pub struct Deadline {
    at: Instant,
    clock: Clock,
}

impl Deadline {
    /// The end of that day in UTC.
    pub fn end_of(day: Day, clock: &Clock) -> Self {
        Self { at: day.end(), clock: clock.clone() }
    }

    /// How many whole seconds are left until then; 0 when it is past.
    pub fn left(&self) -> u32 {
        let left = self.at.get() - self.clock.now().get();
        u32::try_from(left.whole_seconds().max(0)).unwrap_or(u32::MAX)
    }

    /// When it was, in seconds of the Unix time; `None` while it is still to come.
    pub fn passed(&self) -> Option<i64> {
        (self.clock.now() >= self.at).then(|| self.at.unix())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_day_is_over_at_midnight_and_not_before() {
        let clock = Clock::default();
        let today = clock.today();
        let deadline = Deadline::end_of(today, &clock);
        let left = deadline.left();
        assert!(left <= 24 * 60 * 60);
        clock.advance(Duration::from_secs(u64::from(left) + 1));
        assert_eq!((deadline.left(), deadline.passed()), (0, Some(today.end().unix())));
        let tomorrow = Deadline::end_of(Day::of(today.end()), &clock);
        assert!(tomorrow.passed().is_none() && tomorrow.left() > 0);
    }
}
