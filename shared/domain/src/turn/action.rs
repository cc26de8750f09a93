//! What a visitor wants answered.

use crate::{MessageId, MessageText, PromptMessage, SessionId};

/// What a visitor wants answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A message.
    Send {
        /// Where to; `None` starts a session.
        session: Option<SessionId>,
        /// The message that it follows; `None`: the session's newest.
        parent: Option<MessageId>,
        /// The text.
        text: MessageText,
    },
    /// A message in another wording, beside the one it replaces.
    Edit {
        /// The session.
        session: SessionId,
        /// The message in its old wording.
        message: MessageId,
        /// The text.
        text: MessageText,
    },
    /// A message once more, or for the first time if its answer never began.
    Regenerate {
        /// The session.
        session: SessionId,
        /// The message, or an answer to it.
        message: MessageId,
    },
    /// The rest of an answer that ended early.
    Continue {
        /// The session.
        session: SessionId,
        /// The answer.
        answer: MessageId,
    },
    /// An answer to a conversation that its client keeps: nothing of it is stored.
    Ask {
        /// The conversation, oldest first.
        messages: Vec<PromptMessage>,
        /// Tokens of what is sent beside it and read by the model, too, estimated: they count as the conversation does.
        beside: u64,
    },
    /// A message of a temporary chat: its client keeps the conversation, and can come back for the answer for a while.
    Temporary {
        /// What was said before, oldest first.
        messages: Vec<PromptMessage>,
        /// The text.
        text: MessageText,
    },
}

impl Action {
    /// The session; `None` if this starts one.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        match self {
            Self::Send { session, .. } => *session,
            Self::Edit { session, .. } | Self::Regenerate { session, .. } | Self::Continue { session, .. } => {
                Some(*session)
            }
            Self::Ask { .. } | Self::Temporary { .. } => None,
        }
    }

    /// Whether nothing of it is stored, so that Postgres is not asked.
    #[must_use]
    pub fn is_unkept(&self) -> bool {
        matches!(self, Self::Ask { .. } | Self::Temporary { .. })
    }

    /// The message that the branch ends with; `None`: the session's newest.
    #[must_use]
    pub fn leaf(&self) -> Option<MessageId> {
        match self {
            Self::Send { parent, .. } => *parent,
            Self::Edit { message, .. } | Self::Regenerate { message, .. } => Some(*message),
            Self::Continue { answer, .. } => Some(*answer),
            Self::Ask { .. } | Self::Temporary { .. } => None,
        }
    }

    /// The answer that is continued in its own row.
    #[must_use]
    pub fn continues(&self) -> Option<MessageId> {
        match self {
            Self::Continue { answer, .. } => Some(*answer),
            Self::Send { .. }
            | Self::Edit { .. }
            | Self::Regenerate { .. }
            | Self::Ask { .. }
            | Self::Temporary { .. } => None,
        }
    }

    /// What makes two requests the same: all that decides about the answer, in an unambiguous order. The answer's form does not.
    #[must_use]
    pub fn identity(&self) -> Vec<String> {
        let (name, text) = match self {
            Self::Send { text, .. } => ("send", text.as_str()),
            Self::Edit { text, .. } => ("edit", text.as_str()),
            Self::Regenerate { .. } => ("regenerate", ""),
            Self::Continue { .. } => ("continue", ""),
            Self::Ask { messages, .. } => return of_conversation("ask", messages).collect(),
            Self::Temporary { messages, text } => {
                return of_conversation("temporary", messages).chain([text.as_str().to_owned()]).collect();
            }
        };
        let session = self.session().map(|session| session.to_string()).unwrap_or_default();
        let leaf = self.leaf().map(|leaf| leaf.to_string()).unwrap_or_default();
        vec![name.to_owned(), session, leaf, text.to_owned()]
    }
}

/// The parts of a conversation that its client keeps, after what is done with it.
fn of_conversation(name: &str, messages: &[PromptMessage]) -> impl Iterator<Item = String> {
    let parts = messages.iter().flat_map(|line| [line.role.name().to_owned(), line.content.clone()]);
    [name.to_owned()].into_iter().chain(parts)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::MessageRole;

    #[test]
    fn two_requests_are_the_same_only_if_all_that_decides_about_the_answer_is() {
        let text = |text| MessageText::parse(text, 10).unwrap();
        let session = |last| SessionId::new(Timestamp::UNIX_EPOCH, [last; 10]);
        let message = |last| MessageId::new(Timestamp::UNIX_EPOCH, [last; 10]);
        let line = |role, content: &str| PromptMessage { role, content: content.to_owned() };
        let actions = [
            Action::Send { session: None, parent: None, text: text("a") },
            Action::Send { session: None, parent: None, text: text("b") },
            Action::Send { session: Some(session(1)), parent: None, text: text("a") },
            Action::Send { session: Some(session(2)), parent: None, text: text("a") },
            Action::Send { session: Some(session(1)), parent: Some(message(1)), text: text("a") },
            Action::Edit { session: session(1), message: message(1), text: text("a") },
            Action::Regenerate { session: session(1), message: message(1) },
            Action::Regenerate { session: session(1), message: message(2) },
            Action::Continue { session: session(1), answer: message(1) },
            Action::Ask { messages: vec![line(MessageRole::User, "a")], beside: 0 },
            Action::Ask { messages: vec![line(MessageRole::System, "a")], beside: 0 },
            Action::Ask { messages: vec![line(MessageRole::User, "a"), line(MessageRole::User, "")], beside: 0 },
            Action::Temporary { messages: vec![line(MessageRole::User, "a")], text: text("a") },
            Action::Temporary { messages: vec![line(MessageRole::User, "a")], text: text("b") },
            Action::Temporary { messages: vec![line(MessageRole::Assistant, "a")], text: text("a") },
            Action::Temporary { messages: vec![], text: text("a") },
        ];
        for (at, action) in actions.iter().enumerate() {
            assert_eq!(action.clone().identity(), action.identity());
            for other in &actions[at + 1..] {
                assert_ne!(action.identity(), other.identity(), "{action:?} and {other:?}");
            }
        }
    }
}
