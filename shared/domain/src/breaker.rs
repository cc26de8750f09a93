//! The breaker: what it tells a send, and its measures. What it hears of a call: [`crate::CallOutcome`].
//!
//! The rules are in `infrastructure/src/redis/scripts`, each one step with what it decides about: who may probe in `admit.lua`, when the
//! breaker opens and closes in `parts/breaker_rule.lua`. The scripts are handed the measures from here.

use std::time::Duration;

use jiff::Timestamp;

use crate::Standing;

/// How long the breaker stays open before a send may try the model.
pub const BREAKER_PAUSE: Duration = Duration::from_secs(30);

/// The time in which one address counts once among the failures in a row: no visitor opens the breaker alone.
pub const ADDRESS_COUNTS_ONCE_IN: Duration = Duration::from_secs(60);

/// How long an address whose probe said nothing about the model leaves the next one to others.
pub const ADDRESS_PROBES_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// How many addresses the breaker knows at most.
pub const BREAKER_ADDRESSES: u32 = 100;

/// How much longer than the wait for the first byte a probe keeps others from the model.
pub const PROBE_BEYOND_FIRST_BYTE: Duration = Duration::from_secs(5);

/// What a call's outcome did to the breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerChange {
    /// Sends are refused for a while.
    Opened,
    /// Sends pass again.
    Closed,
}

/// Why no message is admitted until a known time: the breaker is open, a budget or a space is used up, or too many answers are running. No counter has
/// changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Until when.
    pub until: Timestamp,
    /// Where the user stands.
    pub standing: Standing,
}

impl Pause {
    /// Whole seconds until then, rounded up, at least 1.
    #[must_use]
    pub fn retry_after(&self) -> u64 {
        crate::quota::seconds_until(self.standing.now, self.until).max(1)
    }
}

#[cfg(test)]
mod tests {
    use crate::{DayWindow, MinuteWindow, RunningAnswers};

    use super::*;

    #[test]
    fn a_pause_is_told_in_whole_seconds_and_never_as_none() {
        let at = |millis: i64| Timestamp::from_millisecond(1_000_000_000_000 + millis).unwrap();
        let standing = Standing {
            minute: MinuteWindow { limit: 20, used: 0, reset_at: at(0) },
            day: DayWindow { limit: None, used: 0, reset_at: at(0) },
            answers: RunningAnswers { limit: 3, active: 0 },
            now: at(0),
        };
        for (millis, seconds) in [(-1000, 1), (0, 1), (1, 1), (1000, 1), (1001, 2), (29_500, 30), (30_000, 30)] {
            assert_eq!(Pause { until: at(millis), standing }.retry_after(), seconds, "{millis} ms");
        }
    }
}
