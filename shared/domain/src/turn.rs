//! One turn: what is sent to the model, and how the answer can end.

use crate::{MessageRole, MessageStatus};

/// How an answer that has begun can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The model said `[DONE]`.
    Complete,
    /// The reader left.
    Stopped,
    /// Upstream broke off, or said so itself.
    Interrupted,
}

impl Ending {
    /// What the assistant's row becomes.
    #[must_use]
    pub fn status(self) -> MessageStatus {
        match self {
            Self::Complete => MessageStatus::Complete,
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

/// What is sent to the model: the operator's instructions, the recent conversation, the new message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt(Vec<PromptMessage>);

impl Prompt {
    /// Builds the prompt. `context` is oldest first; messages without text are left out, because a partial answer that holds nothing tells nothing.
    #[must_use]
    pub fn new(system: &str, context: Vec<PromptMessage>, message: &str) -> Self {
        let mut lines = Vec::with_capacity(context.len() + 2);
        if !system.trim().is_empty() {
            lines.push(PromptMessage { role: MessageRole::System, content: system.to_owned() });
        }
        lines.extend(context.into_iter().filter(|line| !line.content.is_empty()));
        lines.push(PromptMessage { role: MessageRole::User, content: message.to_owned() });
        Self(lines)
    }

    /// The lines, in order.
    #[must_use]
    pub fn lines(&self) -> &[PromptMessage] {
        &self.0
    }
}
