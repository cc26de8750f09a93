//! What a model call says about the model: what the breaker hears.

use crate::Ending;

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
    /// What an answer says that has begun and not ended.
    #[must_use]
    pub fn of_beginning(has_text: bool) -> Self {
        if has_text { Self::Answered } else { Self::Inconclusive }
    }

    /// What an answer says that has begun and ended.
    #[must_use]
    pub fn of_answer(ending: Ending, has_text: bool) -> Self {
        match ending {
            Ending::Complete | Ending::Truncated | Ending::Stopped => Self::of_beginning(has_text),
            Ending::Filtered | Ending::Interrupted => Self::Inconclusive,
        }
    }

    /// The name in the scripts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Failed => "failed",
            Self::Inconclusive => "inconclusive",
        }
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
