//! One turn: what is sent to the model, and how the answer can end.

use crate::{FinishReason, MessageId, MessageRole, MessageStatus};

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

/// One line of the prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptMessage {
    /// Who speaks.
    pub role: MessageRole,
    /// What is said.
    pub content: String,
}

/// One message of the branch that a turn goes on from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnLine {
    /// Its id.
    pub id: MessageId,
    /// The message it answers or follows.
    pub parent: Option<MessageId>,
    /// Who speaks.
    pub role: MessageRole,
    /// What is said.
    pub content: String,
    /// How far it has come.
    pub status: MessageStatus,
    /// An answer whose instance has died: it reads as interrupted, and more of it may have been kept elsewhere.
    pub is_dead: bool,
}

/// What a model is told to make it go on with an answer that ended early.
const GO_ON: &str = "Your last answer was cut off. Go on exactly where it ends, in the midst of a word if need be. \
    Do not repeat anything of it and do not comment on it.";

/// What is sent to the model: the operator's instructions, the recent conversation, the new message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt(Vec<PromptMessage>);

impl Prompt {
    /// A prompt that ends with the visitor's `message`. `branch` is what came before it, oldest first; of its messages the last
    /// `limit` count that say something: neither those that failed nor answers that are empty.
    #[must_use]
    pub fn new(system: &str, branch: &[TurnLine], limit: usize, message: &str) -> Self {
        let mut lines = context(system, branch, limit);
        lines.push(PromptMessage { role: MessageRole::User, content: message.to_owned() });
        Self(lines)
    }

    /// A prompt that makes the model go on with the answer at the end of `branch`.
    #[must_use]
    pub fn continuing(system: &str, branch: &[TurnLine], limit: usize) -> Self {
        Self::new(system, branch, limit, GO_ON)
    }

    /// The lines, in order.
    #[must_use]
    pub fn lines(&self) -> &[PromptMessage] {
        &self.0
    }
}

fn context(system: &str, branch: &[TurnLine], limit: usize) -> Vec<PromptMessage> {
    let says_something = |line: &&TurnLine| {
        !line.content.is_empty() && (line.role != MessageRole::User || line.status != MessageStatus::Failed)
    };
    let mut lines: Vec<PromptMessage> = branch
        .iter()
        .rev()
        .filter(says_something)
        .take(limit)
        .map(|line| PromptMessage { role: line.role, content: line.content.clone() })
        .collect();
    if !system.trim().is_empty() {
        lines.push(PromptMessage { role: MessageRole::System, content: system.to_owned() });
    }
    lines.reverse();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn line(role: MessageRole, status: MessageStatus, content: &str) -> TurnLine {
        let id = MessageId::new(Timestamp::UNIX_EPOCH, [0; 10]);
        TurnLine { id, parent: None, role, content: content.to_owned(), status, is_dead: false }
    }

    fn said(prompt: &Prompt) -> Vec<(&'static str, &str)> {
        prompt.lines().iter().map(|line| (line.role.name(), line.content.as_str())).collect()
    }

    #[test]
    fn a_prompt_is_instructions_the_last_that_was_said_and_the_message() {
        let branch = [
            line(MessageRole::User, MessageStatus::Complete, "long ago"),
            line(MessageRole::Assistant, MessageStatus::Complete, "first"),
            line(MessageRole::User, MessageStatus::Failed, "came to nothing"),
            line(MessageRole::User, MessageStatus::Complete, "second"),
            line(MessageRole::Assistant, MessageStatus::Streaming, ""),
            line(MessageRole::Assistant, MessageStatus::Interrupted, "third, in pa"),
        ];
        let prompt = Prompt::new("be kind", &branch, 3, "fourth");
        let expected = [
            ("system", "be kind"),
            ("assistant", "first"),
            ("user", "second"),
            ("assistant", "third, in pa"),
            ("user", "fourth"),
        ];
        assert_eq!(said(&prompt), expected);
        assert_eq!(said(&Prompt::new(" ", &branch, 0, "alone")), [("user", "alone")]);
    }

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
    fn a_continuation_ends_with_the_wish_to_go_on() {
        let branch = [line(MessageRole::Assistant, MessageStatus::Stopped, "half an ans")];
        let prompt = Prompt::continuing("", &branch, 20);
        assert_eq!(said(&prompt), [("assistant", "half an ans"), ("user", GO_ON)]);
        assert!(!GO_ON.contains("  ") && !GO_ON.contains('\n'), "the model reads what a broken line left: {GO_ON:?}");
    }
}
