//! What a model call tells the breaker, and what the breaker tells a send.

use jiff::Timestamp;

use crate::{Ending, Standing};

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
