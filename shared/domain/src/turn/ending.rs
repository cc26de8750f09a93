//! How an answer that has begun ends, and what of it is stored.

use crate::{Fault, FinishReason, MessageId, MessageStatus, RequestId, UserId};

/// How an answer that has begun can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The model came to its end.
    Complete,
    /// The model reached its limit of tokens.
    Truncated,
    /// The model's provider cut it off for what it says.
    Filtered,
    /// The reader left.
    Stopped,
    /// Upstream broke off, or said so itself.
    Interrupted,
}

impl Ending {
    /// The end of an answer that the model has ended for this reason; one that is not known is an end like any other.
    #[must_use]
    pub fn by(finish_reason: Option<&str>) -> Self {
        match finish_reason.and_then(FinishReason::from_name) {
            Some(FinishReason::Length) => Self::Truncated,
            Some(FinishReason::ContentFilter) => Self::Filtered,
            Some(FinishReason::Stop) | None => Self::Complete,
        }
    }

    /// Reads the status of an answer that has ended; `None`: it has not.
    #[must_use]
    pub fn from_status(status: MessageStatus) -> Option<Self> {
        match status {
            MessageStatus::Complete => Some(Self::Complete),
            MessageStatus::Truncated => Some(Self::Truncated),
            MessageStatus::Filtered => Some(Self::Filtered),
            MessageStatus::Stopped => Some(Self::Stopped),
            MessageStatus::Interrupted => Some(Self::Interrupted),
            MessageStatus::Streaming | MessageStatus::Failed => None,
        }
    }

    /// What the assistant's row becomes.
    #[must_use]
    pub fn status(self) -> MessageStatus {
        match self {
            Self::Complete => MessageStatus::Complete,
            Self::Truncated => MessageStatus::Truncated,
            Self::Filtered => MessageStatus::Filtered,
            Self::Stopped => MessageStatus::Stopped,
            Self::Interrupted => MessageStatus::Interrupted,
        }
    }
}

/// What the model counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenUsage {
    /// Tokens of the prompt.
    pub prompt: u64,
    /// Tokens of the answer.
    pub completion: u64,
}

/// Where an answer should end that a reader has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopWish {
    /// With all that has arrived.
    Now,
    /// With at most this many characters of what its stream brought: what the reader has seen.
    At(usize),
}

impl StopWish {
    /// Cuts what the stream brought to what the reader had seen. Says whether that was less.
    #[must_use]
    pub fn cut(self, text: &mut String) -> bool {
        let Self::At(seen) = self else { return false };
        let Some((end, _)) = text.char_indices().nth(seen) else { return false };
        text.truncate(end);
        true
    }
}

/// An answer's end, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerEnd {
    /// The answer's row.
    pub answer: MessageId,
    /// The run that ends; `None`: one that has died.
    pub run: Option<RequestId>,
    /// Whose usage it is.
    pub owner: UserId,
    /// Everything that arrived.
    pub text: String,
    /// How it ended.
    pub ending: Ending,
    /// What the model counted, if it came to that.
    pub usage: Option<TokenUsage>,
    /// The model that answered, by its own word.
    pub model: Option<String>,
    /// How long it took; `None`: nobody knows any more.
    pub times: Option<AnswerTimes>,
    /// What went wrong, if it was not its reader who ended it.
    pub fault: Option<Fault>,
}

/// How long an answer took, in milliseconds since its model was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerTimes {
    /// Until its first event.
    pub first_byte: u64,
    /// Until its end.
    pub whole: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_and_its_reason_say_the_same() {
        for (reason, ending) in
            [("stop", Ending::Complete), ("length", Ending::Truncated), ("content_filter", Ending::Filtered)]
        {
            assert_eq!(Ending::by(Some(reason)), ending);
            assert_eq!(ending.status().finish_reason().map(FinishReason::name), Some(reason));
            assert_eq!(MessageStatus::from_name(ending.status().name()), Some(ending.status()));
            assert_eq!(Ending::from_status(ending.status()), Some(ending));
        }
        assert_eq!((Ending::by(None), Ending::by(Some("tool_calls"))), (Ending::Complete, Ending::Complete));
    }

    #[test]
    fn a_stopped_answer_keeps_what_its_reader_has_seen() {
        let cases = [
            (StopWish::Now, "grüße", false),
            (StopWish::At(0), "", true),
            (StopWish::At(3), "grü", true),
            (StopWish::At(5), "grüße", false),
            (StopWish::At(usize::MAX), "grüße", false),
        ];
        for (wish, kept, is_cut) in cases {
            let mut text = "grüße".to_owned();
            assert_eq!((wish.cut(&mut text), text.as_str()), (is_cut, kept), "{wish:?}");
        }
    }
}
