//! The breaker: what a model call tells it, what it tells a send, and its measures.
//!
//! The rule itself, when it opens, who probes and when it closes, stands in `infrastructure/src/redis/scripts/parts/breaker.lua`: it has to be one
//! step with the admission and with the settlement. The script is handed the measures from here.

use std::time::Duration;

use jiff::Timestamp;

use crate::{Ending, Standing};

/// How long the breaker stays open before a send may try the model.
pub const BREAKER_PAUSE: Duration = Duration::from_secs(30);

/// The time in which one address counts once among the failures in a row: nobody opens the breaker alone.
pub const ADDRESS_COUNTS_ONCE_IN: Duration = Duration::from_secs(60);

/// How long an address whose probe said nothing about the model leaves the next one to others.
pub const ADDRESS_PROBES_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// How many addresses the breaker knows at most.
pub const BREAKER_ADDRESSES: u32 = 100;

/// How much longer than the wait for the first byte a probe keeps others from the model.
pub const PROBE_BEYOND_FIRST_BYTE: Duration = Duration::from_secs(5);

/// How a model call ended, as the breaker sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    /// The model answers.
    Answered,
    /// It does not: unreachable, no first byte in time, 5xx, or a queue that is full.
    Failed,
    /// The call says nothing about the model's health, because a visitor's text or their leaving can cause the same: an empty or a
    /// filtered answer, another 4xx, a break after the first byte.
    Inconclusive,
}

impl CallOutcome {
    /// What an answer says that has begun.
    #[must_use]
    pub fn of_answer(ending: Ending, has_text: bool) -> Self {
        match ending {
            Ending::Complete | Ending::Truncated | Ending::Stopped if has_text => Self::Answered,
            Ending::Complete | Ending::Truncated | Ending::Stopped | Ending::Filtered | Ending::Interrupted => {
                Self::Inconclusive
            }
        }
    }

    /// The name in the scripts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Failed => "failed",
            Self::Inconclusive => "none",
        }
    }
}

/// What a call's outcome did to the breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerChange {
    /// Sends are refused for a while.
    Opened,
    /// Sends pass again.
    Closed,
}

/// A send that was refused because the model does not answer. It has changed no counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// When the next call may try the model.
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
    use super::*;

    #[test]
    fn only_an_answer_with_text_says_that_the_model_is_well() {
        let cases = [
            (Ending::Complete, true, CallOutcome::Answered),
            (Ending::Truncated, true, CallOutcome::Answered),
            (Ending::Stopped, true, CallOutcome::Answered),
            (Ending::Interrupted, true, CallOutcome::Inconclusive),
            (Ending::Filtered, true, CallOutcome::Inconclusive),
            (Ending::Complete, false, CallOutcome::Inconclusive),
            (Ending::Stopped, false, CallOutcome::Inconclusive),
        ];
        for (ending, has_text, outcome) in cases {
            assert_eq!(CallOutcome::of_answer(ending, has_text), outcome, "{ending:?}, text: {has_text}");
        }
    }
}
