//! The day that is counted by: UTC's, from midnight to midnight.

use jiff::Timestamp;

/// A day, in milliseconds.
pub const DAY_MS: i64 = 86_400_000;

/// The next midnight UTC.
#[must_use]
pub fn end_of_day(now: Timestamp) -> Timestamp {
    Timestamp::from_millisecond((day_of(now.as_millisecond()) + 1) * DAY_MS).unwrap_or(now)
}

/// The number of the day of a moment in milliseconds, from 1970 on.
#[must_use]
pub fn day_of(millis: i64) -> i64 {
    millis.div_euclid(DAY_MS)
}
