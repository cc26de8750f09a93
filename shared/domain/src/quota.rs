//! Limits, and what is left of them. They are checked by `admit.lua` (`infrastructure/src/redis/scripts`).

use std::time::Duration;

use jiff::Timestamp;

/// A user who is refused this many times in ten minutes is out for ten (`parts/user.lua`).
pub const REFUSALS: u64 = 20;

/// When one may try again who waits for the end of an answer, one's own or anybody's: it takes some 5 to 40 s, and when the next one ends is
/// unknown.
pub const ANSWER_RETRY: Duration = Duration::from_secs(5);

/// What one user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Messages in any 60 seconds.
    pub per_minute: u64,
    /// Messages a UTC day; `None` for admins.
    pub per_day: Option<u64>,
    /// Answers at the same time.
    pub answers: u64,
}

/// Where a user stands, as the counters' own clock sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The sliding minute.
    pub minute: MinuteWindow,
    /// The UTC day.
    pub day: DayWindow,
    /// Answers under way.
    pub answers: RunningAnswers,
    /// The counters' clock.
    pub now: Timestamp,
}

/// The sliding minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinuteWindow {
    /// Messages allowed in any 60 seconds.
    pub limit: u64,
    /// Messages in the last 60 seconds.
    pub used: u64,
    /// When the oldest of them leaves the window; `now` if there is none.
    pub reset_at: Timestamp,
}

/// The UTC day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayWindow {
    /// Messages allowed a day; `None`: no limit.
    pub limit: Option<u64>,
    /// Messages since midnight UTC.
    pub used: u64,
    /// The next midnight UTC.
    pub reset_at: Timestamp,
}

/// Answers under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunningAnswers {
    /// Answers allowed at once.
    pub limit: u64,
    /// Answers under way.
    pub active: u64,
}

impl MinuteWindow {
    /// Messages left in this minute.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        self.limit.saturating_sub(self.used)
    }
}

impl DayWindow {
    /// Messages left today; `None`: no limit.
    #[must_use]
    pub fn remaining(&self) -> Option<u64> {
        self.limit.map(|limit| limit.saturating_sub(self.used))
    }
}

/// Which limit said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedBy {
    /// Too many messages in the last minute.
    Minute,
    /// The day's messages are used up.
    Day,
    /// Too many answers at once.
    Answers,
    /// The guests of one address have sent too much.
    Address {
        /// Messages a day, worked for or not.
        most: u64,
        /// When there is more.
        until: Timestamp,
    },
    /// Too many refusals: nothing is admitted until then.
    OutUntil(Timestamp),
}

/// A send that was not admitted. It has changed no counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which limit said no.
    pub by: RefusedBy,
    /// Where the user stands.
    pub standing: Standing,
}

impl Refusal {
    /// The limit that said no.
    #[must_use]
    pub fn limit(&self) -> u64 {
        match self.by {
            RefusedBy::Minute => self.standing.minute.limit,
            RefusedBy::Day => self.standing.day.limit.unwrap_or(u64::MAX),
            RefusedBy::Answers => self.standing.answers.limit,
            RefusedBy::Address { most, .. } => most,
            RefusedBy::OutUntil(_) => REFUSALS,
        }
    }

    /// When to try again.
    #[must_use]
    pub fn reset_at(&self) -> Timestamp {
        match self.by {
            RefusedBy::Minute => self.standing.minute.reset_at,
            RefusedBy::Day => self.standing.day.reset_at,
            RefusedBy::OutUntil(until) | RefusedBy::Address { until, .. } => until,
            RefusedBy::Answers => self.standing.now.checked_add(ANSWER_RETRY).unwrap_or(self.standing.now),
        }
    }

    /// Whole seconds until [`Refusal::reset_at`], rounded up, at least 1.
    #[must_use]
    pub fn retry_after(&self) -> u64 {
        seconds_until(self.standing.now, self.reset_at()).max(1)
    }
}

/// Whole seconds from `now` to `then`, rounded up; 0 if it has passed.
pub(crate) fn seconds_until(now: Timestamp, then: Timestamp) -> u64 {
    let millis = then.as_millisecond().saturating_sub(now.as_millisecond());
    u64::try_from(millis).unwrap_or(0).div_ceil(1000)
}

impl Standing {
    /// Whole seconds until the oldest message leaves the minute.
    #[must_use]
    pub fn minute_resets_in(&self) -> u64 {
        seconds_until(self.now, self.minute.reset_at)
    }

    /// Whole seconds until midnight UTC.
    #[must_use]
    pub fn day_resets_in(&self) -> u64 {
        seconds_until(self.now, self.day.reset_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In milliseconds after a time at which somebody stands.
    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_000_000_000_000 + millis).unwrap()
    }

    fn standing() -> Standing {
        Standing {
            minute: MinuteWindow { limit: 20, used: 20, reset_at: at(12_001) },
            day: DayWindow { limit: Some(100), used: 100, reset_at: at(3_600_000) },
            answers: RunningAnswers { limit: 3, active: 3 },
            now: at(0),
        }
    }

    #[test]
    fn a_refusal_names_its_own_limit_and_when_to_try_again() {
        let address = |until| RefusedBy::Address { most: 300, until };
        for (by, limit, reset_at, retry_after) in [
            (RefusedBy::Minute, 20, at(12_001), 13),
            (RefusedBy::Day, 100, at(3_600_000), 3600),
            (RefusedBy::Answers, 3, at(5000), 5),
            (address(at(7000)), 300, at(7000), 7),
            (RefusedBy::OutUntil(at(600_000)), 20, at(600_000), 600),
            // What has passed meanwhile is not waited for at once.
            (address(at(0)), 300, at(0), 1),
            (RefusedBy::OutUntil(at(-5000)), 20, at(-5000), 1),
        ] {
            let refusal = Refusal { by, standing: standing() };
            let told = (refusal.limit(), refusal.reset_at(), refusal.retry_after());
            assert_eq!(told, (limit, reset_at, retry_after), "{by:?}");
        }
    }

    #[test]
    fn where_time_ends_a_refusal_says_now() {
        let standing = Standing { now: Timestamp::MAX, ..standing() };
        let refusal = Refusal { by: RefusedBy::Answers, standing };
        assert_eq!((refusal.reset_at(), refusal.retry_after()), (Timestamp::MAX, 1));
    }

    #[test]
    fn seconds_are_whole_rounded_up_and_never_negative() {
        for (millis, seconds) in [(-60_000, 0), (-1, 0), (0, 0), (1, 1), (1000, 1), (1001, 2), (59_999, 60)] {
            let minute = MinuteWindow { reset_at: at(millis), ..standing().minute };
            let day = DayWindow { reset_at: at(millis), ..standing().day };
            let standing = Standing { minute, day, ..standing() };
            assert_eq!((standing.minute_resets_in(), standing.day_resets_in()), (seconds, seconds), "{millis} ms");
        }
    }

    #[test]
    fn what_is_left_is_never_negative() {
        for (limit, used, left) in [(20, 0, 20), (20, 19, 1), (20, 20, 0), (20, 21, 0), (0, 0, 0)] {
            let minute = MinuteWindow { limit, used, ..standing().minute };
            let day = DayWindow { limit: Some(limit), used, ..standing().day };
            assert_eq!((minute.remaining(), day.remaining()), (left, Some(left)), "{used} of {limit}");
        }
        assert_eq!(DayWindow { limit: None, ..standing().day }.remaining(), None);
    }
}
