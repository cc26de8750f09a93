//! One message of a session.

use std::time::Duration;

use jiff::Timestamp;

use crate::text::{is_blank, with_newlines};
use crate::{MessageId, SessionId, Vote};

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageRole {
    /// The visitor.
    User,
    /// The model.
    Assistant,
    /// The operator.
    System,
}

impl MessageRole {
    /// The name in the API, the database and the model's protocol.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::System => "system",
        }
    }

    /// Reads a name; `None` for one that does not exist.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::User, Self::Assistant, Self::System].into_iter().find(|role| role.name() == name)
    }
}

/// An answer that is [`MessageStatus::Streaming`] without progress for this long has lost its instance. The rule is the database's function
/// `chat_message_state` (`schema/migrations`), which `schema/tests` holds against this.
pub const DEAD_AFTER: Duration = Duration::from_secs(60);

/// Pause between two saves of what has arrived to an answer's row: an instance that dies loses no more than this.
pub const SAVE_EVERY: Duration = Duration::from_secs(15);

/// How long the model may be silent, before its first byte or within an answer: its row, saved at most [`SAVE_EVERY`] before its last words, is not
/// dead by then.
pub const SILENCE_LIMIT: Duration = DEAD_AFTER.saturating_sub(SAVE_EVERY);

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageStatus {
    /// Whole.
    Complete,
    /// The model reached its limit of tokens; it can go on.
    Truncated,
    /// The model's provider cut the answer off for what it says.
    Filtered,
    /// The answer is on its way.
    Streaming,
    /// Its reader left or stopped it; what had arrived is kept.
    Stopped,
    /// Upstream or the instance broke off; what had arrived is kept.
    Interrupted,
    /// A user message whose answer never began.
    Failed,
}

impl MessageStatus {
    /// The name in the API and the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Truncated => "truncated",
            Self::Filtered => "filtered",
            Self::Streaming => "streaming",
            Self::Stopped => "stopped",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
        }
    }

    /// Reads a name; `None` for one that does not exist.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [
            Self::Complete,
            Self::Truncated,
            Self::Filtered,
            Self::Streaming,
            Self::Stopped,
            Self::Interrupted,
            Self::Failed,
        ];
        all.into_iter().find(|status| status.name() == name)
    }

    /// Why the model stopped; `None`: it did not come to an end of its own.
    #[must_use]
    pub fn finish_reason(self) -> Option<FinishReason> {
        match self {
            Self::Complete => Some(FinishReason::Stop),
            Self::Truncated => Some(FinishReason::Length),
            Self::Filtered => Some(FinishReason::ContentFilter),
            Self::Streaming | Self::Stopped | Self::Interrupted | Self::Failed => None,
        }
    }
}

/// Why the model stopped, in its protocol's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishReason {
    /// It came to its end.
    Stop,
    /// It reached its limit of tokens.
    Length,
    /// Its provider cut the answer off for what it says.
    ContentFilter,
}

impl FinishReason {
    /// The name in the protocol.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ContentFilter => "content_filter",
        }
    }

    /// Reads a name; `None` for one that is not known here.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Stop, Self::Length, Self::ContentFilter].into_iter().find(|reason| reason.name() == name)
    }
}

/// Why a message is not one that can be edited, answered or continued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongMessage {
    /// Only a visitor's message can be edited.
    #[error("not the visitor's message")]
    NotEditable,
    /// It belongs to no message that could be answered.
    #[error("there is no message to be answered")]
    NothingToAnswer,
    /// Only an answer can be continued.
    #[error("not an answer")]
    NotAnAnswer,
    /// The model's provider has ended the answer.
    #[error("the answer was filtered")]
    Filtered,
    /// The answer has come to its end.
    #[error("the answer is whole")]
    Whole,
}

/// A stored message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The session it belongs to.
    pub session_id: SessionId,
    /// The message it answers or follows.
    pub parent_id: Option<MessageId>,
    /// Who speaks.
    pub role: MessageRole,
    /// What is said, markdown.
    pub content: String,
    /// How far it has come.
    pub status: MessageStatus,
    /// The model that answered.
    pub model: Option<String>,
    /// Tokens of the answer, as the model counted them.
    pub token_count: Option<u64>,
    /// When it was written.
    pub created_at: Timestamp,
    /// What its user thinks of it.
    pub vote: Option<Vote>,
}

/// A visitor's message: 1 to `max` Unicode scalar values, no control characters but `\n` and `\t`. Postgres refuses NUL, so it cannot get this far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageText(String);

/// Why a text is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing that can be seen.
    #[error("the message is empty")]
    Blank,
    /// Too many characters.
    #[error("the message has {chars} characters, at most {max} are allowed")]
    TooLong {
        /// How many there are, as Unicode scalar values.
        chars: usize,
        /// How many are allowed.
        max: usize,
    },
}

impl MessageText {
    /// Reads a message of at most `max` characters. Every end of a line becomes `\n`, then control characters are removed.
    ///
    /// # Errors
    /// [`TextError`] says what is wrong with it.
    pub fn parse(raw: &str, max: usize) -> Result<Self, TextError> {
        let mut text = with_newlines(raw);
        text.retain(|character| !character.is_control() || matches!(character, '\n' | '\t'));
        match text.chars().count() {
            _ if is_blank(&text) => Err(TextError::Blank),
            chars if chars > max => Err(TextError::TooLong { chars, max }),
            _ => Ok(Self(text)),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, max: usize, expected: Result<&str, TextError>) {
        assert_eq!(MessageText::parse(raw, max).as_ref().map(MessageText::as_str).map_err(|error| *error), expected);
    }

    #[test]
    fn characters_are_scalar_values_counted_after_cleaning() {
        check("hi", 2, Ok("hi"));
        check("h\0i\u{7}", 2, Ok("hi"));
        check("a\r\nb\tc", 5, Ok("a\nb\tc"));
        check("a\rb\n\rc\r\r\nd", 9, Ok("a\nb\n\nc\n\nd"));
        check("😀😀", 2, Ok("😀😀"));
        check("abc", 2, Err(TextError::TooLong { chars: 3, max: 2 }));
    }

    #[test]
    fn blanks_are_no_message() {
        for raw in
            ["", " \n\t ", "\0\u{1b}", "\u{a0}\u{2003}", "\r", "\u{200b}", "\u{3164}\n\u{2800}", "\u{feff}\u{202e}"]
        {
            check(raw, 10, Err(TextError::Blank));
        }
    }
}
