//! A turn as it is written while the model is called, and what came of that.

use crate::{MessageId, MessageStatus, MessageText, RequestId, SessionId, UserId, kept_bytes};

/// A turn to be written while the model is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTurn {
    /// The session.
    pub session: SessionId,
    /// Its owner.
    pub owner: UserId,
    /// The visitor's message that is answered.
    pub question: MessageId,
    /// The answer's row.
    pub answer: MessageId,
    /// The request that makes it: what it writes later is only taken while the answer is still its own.
    pub run: RequestId,
    /// The model that is asked.
    pub model: String,
    /// The model that its session is to be answered by from now on; `None`: as before.
    pub chosen: Option<String>,
    /// What is new about it.
    pub beginning: Beginning,
}

/// What a turn begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// A session, with its first message.
    Session {
        /// What it is called.
        title: String,
        /// The message.
        text: MessageText,
    },
    /// A message.
    Message {
        /// What the session is called if it has no title.
        title: String,
        /// The message that it follows.
        parent: Option<MessageId>,
        /// The parent's parent, used if the parent (a failed answer) is deleted meanwhile.
        grandparent: Option<MessageId>,
        /// The message.
        text: MessageText,
    },
    /// Nothing: a message is answered once more.
    Regeneration,
    /// An answer that ended early.
    Continuation {
        /// How it had ended.
        status: MessageStatus,
        /// What it says already.
        text: String,
    },
    /// Nothing that is stored, now or later: its client keeps the conversation.
    Unkept,
    /// The same of a temporary chat: its answer can be read again for a while, from its replay buffer alone.
    Temporary,
}

impl NewTurn {
    /// Whether it continues an answer that is there already.
    #[must_use]
    pub fn continues(&self) -> bool {
        matches!(self.beginning, Beginning::Continuation { .. })
    }

    /// Whether anything of it is stored.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        !matches!(self.beginning, Beginning::Unkept | Beginning::Temporary)
    }

    /// Whether its answer can be read again, while it runs and for a while after.
    #[must_use]
    pub fn can_be_read_again(&self) -> bool {
        self.beginning != Beginning::Unkept
    }

    /// Bytes of the message that is written with it.
    #[must_use]
    pub fn question_bytes(&self) -> u64 {
        match &self.beginning {
            Beginning::Session { text, .. } | Beginning::Message { text, .. } => kept_bytes(text.as_str()),
            Beginning::Regeneration | Beginning::Continuation { .. } | Beginning::Unkept | Beginning::Temporary => 0,
        }
    }

    /// What the answer said before this turn.
    #[must_use]
    pub fn before(&self) -> &str {
        match &self.beginning {
            Beginning::Continuation { text, .. } => text,
            Beginning::Session { .. }
            | Beginning::Message { .. }
            | Beginning::Regeneration
            | Beginning::Unkept
            | Beginning::Temporary => "",
        }
    }
}

/// Whether a turn could be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeginOutcome {
    /// Its rows stand.
    Written,
    /// The session was deleted meanwhile: nothing was written.
    SessionDeleted,
    /// The answer to be continued is no longer one that ended early, another request continues it: nothing was written.
    ContinuedByAnother,
    /// The user has got as many sessions as are allowed meanwhile: nothing was written.
    TooManySessions,
}
