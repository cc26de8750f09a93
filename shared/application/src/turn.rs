//! From what a visitor wants answered, and the branch it goes on from, to the turn that is written and the prompt that is sent.

use domain::{
    MessageId, MessageRole, MessageStatus, MessageText, Prompt, SessionCap, SessionId, TurnLine, User, WrongMessage,
    title_from,
};
use infrastructure::postgres::{Beginning, NewTurn};
use infrastructure::redis::FailedTry;
use sha2::{Digest, Sha256};

use crate::{App, SendError};

/// What a visitor wants answered.
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
}

/// Ids that a turn is given before anything is known about it.
#[derive(Clone, Copy)]
pub(crate) struct TurnIds {
    pub session: SessionId,
    pub question: MessageId,
    pub answer: MessageId,
}

/// A turn to be written and what is sent for it.
pub(crate) struct Plan {
    pub turn: NewTurn,
    pub prompt: Prompt,
}

impl Action {
    /// The session, unless it begins with this.
    pub(crate) fn session(&self) -> Option<SessionId> {
        match self {
            Self::Send { session, .. } => *session,
            Self::Edit { session, .. } | Self::Regenerate { session, .. } | Self::Continue { session, .. } => {
                Some(*session)
            }
        }
    }

    /// The message that the branch ends with; `None`: the session's newest.
    fn leaf(&self) -> Option<MessageId> {
        match self {
            Self::Send { parent, .. } => *parent,
            Self::Edit { message, .. } | Self::Regenerate { message, .. } => Some(*message),
            Self::Continue { answer, .. } => Some(*answer),
        }
    }

    /// The answer that is to go on in its own row.
    pub(crate) fn continues(&self) -> Option<MessageId> {
        match self {
            Self::Continue { answer, .. } => Some(*answer),
            Self::Send { .. } | Self::Edit { .. } | Self::Regenerate { .. } => None,
        }
    }

    /// What makes two requests the same: a hash of all that decides about the answer. How it should come does not.
    pub(crate) fn fingerprint(&self) -> String {
        let (name, text) = match self {
            Self::Send { text, .. } => ("send", text.as_str()),
            Self::Edit { text, .. } => ("edit", text.as_str()),
            Self::Regenerate { .. } => ("regenerate", ""),
            Self::Continue { .. } => ("continue", ""),
        };
        let id = |id: Option<String>| id.unwrap_or_default();
        let mut hash = Sha256::new();
        for part in
            [name, &id(self.session().map(|it| it.to_string())), &id(self.leaf().map(|it| it.to_string())), text]
        {
            hash.update(part);
            hash.update([0]);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Ids of what the turn adds.
    pub(crate) fn ids(&self, app: &App) -> TurnIds {
        let (question, fresh) = app.turn_ids();
        let answer = if let Self::Continue { answer, .. } = self { *answer } else { fresh };
        TurnIds { session: self.session().unwrap_or_else(|| app.session_id()), question, answer }
    }

    /// Ownership and the branch. A new session has neither; whether there is room for it must be known before the model is asked.
    pub(crate) async fn open(&self, app: &App, caller: &User) -> Result<Option<Vec<TurnLine>>, SendError> {
        let Some(session) = self.session() else {
            let has_room = app.postgres.count_sessions(caller.id).await? < u64::from(SessionCap::All.most());
            return if has_room { Ok(Some(Vec::new())) } else { Err(SendError::TooManySessions) };
        };
        // An answer and its question do not count as what came before them.
        let context = app.config.context_messages + 2;
        Ok(app.postgres.open_turn(session, caller.id, context, self.leaf()).await?)
    }

    /// Goes on with what a try that failed has left, so that the visitor's words stand there once: its session and its message
    /// instead of new ones, unless something else was said since.
    pub(crate) fn take_up(
        &self,
        ids: TurnIds,
        failed: Option<FailedTry>,
        mut branch: Vec<TurnLine>,
    ) -> (TurnIds, Vec<TurnLine>) {
        let Some(FailedTry { session, question }) = failed else { return (ids, branch) };
        let ids = match self {
            Self::Send { session: None, .. } => TurnIds { session, question, ..ids },
            // It follows the session's newest message: itself, or its answer that is still to be struck out.
            Self::Send { session: Some(_), parent: None, .. } => {
                branch.pop_if(|line| line.parent == Some(question) && line.status == MessageStatus::Streaming);
                match branch.pop_if(|line| line.id == question) {
                    Some(_) => TurnIds { question, ..ids },
                    None => ids,
                }
            }
            Self::Send { parent: Some(_), .. } | Self::Edit { .. } => TurnIds { question, ..ids },
            Self::Regenerate { .. } | Self::Continue { .. } => ids,
        };
        (ids, branch)
    }

    /// Puts the turn together.
    ///
    /// # Errors
    /// [`SendError`]: there is no such message, or it is not one that this can be done with.
    pub(crate) fn plan(
        self,
        app: &App,
        owner: &User,
        ids: TurnIds,
        mut branch: Vec<TurnLine>,
    ) -> Result<Plan, SendError> {
        if let Some(leaf) = self.leaf()
            && branch.last().is_none_or(|line| line.id != leaf)
        {
            return Err(SendError::NoSuchMessage);
        }
        let (system, limit) = (&app.config.system_prompt, usize::try_from(app.config.context_messages).unwrap_or(0));
        let mut question = ids.question;
        let (beginning, prompt) = match self {
            Self::Send { session, text, .. } => {
                let title = title_from(text.as_str());
                let prompt = Prompt::new(system, &branch, limit, text.as_str());
                let parent = branch.last().map(|line| line.id);
                match session {
                    None => (Beginning::Session { title, text }, prompt),
                    Some(_) => (Beginning::Message { title, parent, text }, prompt),
                }
            }
            Self::Edit { text, .. } => {
                let old = branch.pop().filter(|line| line.role == MessageRole::User);
                let old = old.ok_or(SendError::WrongMessage(WrongMessage::NotEditable))?;
                let prompt = Prompt::new(system, &branch, limit, text.as_str());
                (Beginning::Message { title: title_from(text.as_str()), parent: old.parent, text }, prompt)
            }
            Self::Regenerate { .. } => {
                if branch.last().is_some_and(|line| line.role == MessageRole::Assistant) {
                    branch.pop();
                }
                let asked = branch.pop().filter(|line| line.role == MessageRole::User);
                let asked = asked.ok_or(SendError::WrongMessage(WrongMessage::NothingToAnswer))?;
                question = asked.id;
                (Beginning::Regeneration, Prompt::new(system, &branch, limit, &asked.content))
            }
            Self::Continue { .. } => {
                let prompt = Prompt::continuing(system, &branch, limit);
                let old = branch.pop().filter(|line| line.role == MessageRole::Assistant);
                let old = old.ok_or(SendError::WrongMessage(WrongMessage::NotAnAnswer))?;
                match old.status {
                    MessageStatus::Stopped | MessageStatus::Interrupted | MessageStatus::Truncated => {}
                    MessageStatus::Filtered => {
                        return Err(SendError::WrongMessage(WrongMessage::Filtered));
                    }
                    MessageStatus::Streaming => return Err(SendError::InProgress),
                    MessageStatus::Complete | MessageStatus::Failed => {
                        return Err(SendError::WrongMessage(WrongMessage::Whole));
                    }
                }
                question = old.parent.unwrap_or(ids.question);
                (Beginning::Continuation { status: old.status, text: old.content }, prompt)
            }
        };
        let turn = NewTurn {
            session: ids.session,
            owner: owner.id,
            question,
            answer: ids.answer,
            run: app.request,
            model: app.config.models.first().cloned().unwrap_or_default(),
            beginning,
        };
        Ok(Plan { turn, prompt })
    }
}
