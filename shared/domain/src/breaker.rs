//! What the breaker tells a send. What it hears of a call: [`crate::CallOutcome`].

use jiff::Timestamp;

use crate::Standing;

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
