//! What is sent to the model.

use crate::{MessageId, MessageRole, MessageStatus};

/// One line of the prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptMessage {
    /// Who speaks.
    pub role: MessageRole,
    /// What is said.
    pub content: String,
}

/// One message of the branch that a turn follows.
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

/// What makes a model continue an answer that ended early.
const CONTINUE: &str = "Your last answer was cut off. Go on exactly where it ends, in the midst of a word if need be. \
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

    /// A prompt that makes the model continue the answer at the end of `branch`.
    #[must_use]
    pub fn continuing(system: &str, branch: &[TurnLine], limit: usize) -> Self {
        Self::new(system, branch, limit, CONTINUE)
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
    fn a_continuation_ends_with_the_wish_to_continue() {
        let branch = [line(MessageRole::Assistant, MessageStatus::Stopped, "half an ans")];
        let prompt = Prompt::continuing("", &branch, 20);
        assert_eq!(said(&prompt), [("assistant", "half an ans"), ("user", CONTINUE)]);
        assert!(
            !CONTINUE.contains("  ") && !CONTINUE.contains('\n'),
            "the model reads what a broken line left: {CONTINUE:?}"
        );
    }
}
