//! What a model call tells the breaker, and what the breaker tells a send.

use jiff::Timestamp;

use crate::Standing;

/// How a model call ended, as the breaker sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    /// The model answers.
    Answered,
    /// It does not: unreachable, no first byte in time, 5xx, an empty answer, or broken off in the midst.
    Failed,
    /// The call says nothing about the model: its reader left, or the request was refused as such (4xx).
    Inconclusive,
}

impl CallOutcome {
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
