//! From what a visitor wants answered, and the branch that it follows, to the turn that is written and the prompt that is sent.

use super::prompt::CONTINUE;
use crate::{
    Action, Beginning, MessageId, MessageRole, MessageStatus, MessageText, NewTurn, Prompt, PromptLimits,
    PromptMessage, RequestId, SentContext, SessionId, TurnLine, UserId, WrongMessage, estimated_tokens, title_from,
};

/// Ids that a turn is given before anything is known about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TurnIds {
    /// The session, new or not.
    pub session: SessionId,
    /// The visitor's message, if there is a new one.
    pub question: MessageId,
    /// The answer, new or continued.
    pub answer: MessageId,
}

/// What an earlier try under the same idempotency key has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailedTry {
    /// Its session.
    pub session: SessionId,
    /// The visitor's message, marked failed.
    pub question: MessageId,
}

/// A turn to be written and what is sent for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What is written.
    pub turn: NewTurn,
    /// What is sent.
    pub prompt: Prompt,
}

/// Why an action cannot be planned on its branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotPlanned {
    /// The session has no such message.
    NoSuchMessage,
    /// The answer that is to be continued is still running.
    InProgress,
    /// The message is not one that this can be done with.
    WrongMessage(WrongMessage),
    /// The message alone is longer than what is sent.
    TooLong,
}

/// What a plan needs to know of the request and of the operator's wishes.
#[derive(Clone, Copy, Debug)]
pub struct TurnContext<'a> {
    /// The caller.
    pub owner: UserId,
    /// The request that makes the turn.
    pub run: RequestId,
    /// The operator's instructions.
    pub system: &'a str,
    /// What the caller wants the model to know, for what is kept of them.
    pub own: &'a SentContext,
    /// How much of the branch is sent.
    pub limits: PromptLimits,
    /// The model that is asked first.
    pub model: &'a str,
    /// The model that the request names, for its session from now on.
    pub chosen: Option<&'a str>,
}

/// What an action makes of its branch.
struct Step {
    question: MessageId,
    beginning: Beginning,
    prompt: Prompt,
}

impl Action {
    /// Takes up what a failed try has left, so that the visitor's words stand there once: its session and its message instead of new
    /// ones, unless something else was said since.
    #[must_use]
    pub fn take_up(
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
            Self::Regenerate { .. } | Self::Continue { .. } | Self::Ask { .. } | Self::Temporary { .. } => ids,
        };
        (ids, branch)
    }
}

impl TurnContext<'_> {
    /// Puts the turn together. `branch` ends with the action's leaf.
    ///
    /// # Errors
    /// [`NotPlanned`]: there is no such message, or it is not one that this can be done with.
    pub fn plan(&self, action: Action, ids: TurnIds, branch: Vec<TurnLine>) -> Result<Plan, NotPlanned> {
        if let Some(leaf) = action.leaf()
            && branch.last().is_none_or(|line| line.id != leaf)
        {
            return Err(NotPlanned::NoSuchMessage);
        }
        let step = match action {
            Action::Send { session, text, .. } => self.send(session, text, ids, &branch),
            Action::Edit { text, .. } => self.edit(text, ids, branch),
            Action::Regenerate { .. } => self.regenerate(branch),
            Action::Continue { .. } => self.resume(ids, branch),
            Action::Ask { messages, beside } => self.ask(messages, beside, ids),
            Action::Temporary { messages, text } => self.temporary(messages, &text, ids),
        };
        let Step { question, beginning, prompt } = step?;
        let turn = NewTurn {
            session: ids.session,
            owner: self.owner,
            question,
            answer: ids.answer,
            run: self.run,
            model: self.model.to_owned(),
            chosen: self.chosen.map(str::to_owned),
            beginning,
        };
        Ok(Plan { turn, prompt })
    }

    fn send(
        &self,
        session: Option<SessionId>,
        text: MessageText,
        ids: TurnIds,
        branch: &[TurnLine],
    ) -> Result<Step, NotPlanned> {
        let title = title_from(text.as_str());
        let prompt = self.prompt(branch, text.as_str())?;
        let beginning = match session {
            None => Beginning::Session { title, text },
            Some(_) => message_after(branch.last(), title, text),
        };
        Ok(Step { question: ids.question, beginning, prompt })
    }

    fn edit(&self, text: MessageText, ids: TurnIds, mut branch: Vec<TurnLine>) -> Result<Step, NotPlanned> {
        let old = pop(&mut branch, MessageRole::User).ok_or(NotPlanned::WrongMessage(WrongMessage::NotEditable))?;
        let prompt = self.prompt(&branch, text.as_str())?;
        let before = branch.last().filter(|line| Some(line.id) == old.parent);
        let title = title_from(text.as_str());
        let beginning = match before {
            Some(_) => message_after(before, title, text),
            None => Beginning::Message { title, parent: old.parent, grandparent: None, text },
        };
        Ok(Step { question: ids.question, beginning, prompt })
    }

    fn regenerate(&self, mut branch: Vec<TurnLine>) -> Result<Step, NotPlanned> {
        let _answer = pop(&mut branch, MessageRole::Assistant);
        let asked =
            pop(&mut branch, MessageRole::User).ok_or(NotPlanned::WrongMessage(WrongMessage::NothingToAnswer))?;
        let prompt = self.prompt(&branch, &asked.content)?;
        Ok(Step { question: asked.id, beginning: Beginning::Regeneration, prompt })
    }

    fn resume(&self, ids: TurnIds, mut branch: Vec<TurnLine>) -> Result<Step, NotPlanned> {
        let prompt =
            Prompt::continuing(&self.instructions(CONTINUE), &branch, self.limits).ok_or(NotPlanned::TooLong)?;
        let old =
            pop(&mut branch, MessageRole::Assistant).ok_or(NotPlanned::WrongMessage(WrongMessage::NotAnAnswer))?;
        match old.status {
            MessageStatus::Stopped | MessageStatus::Interrupted | MessageStatus::Truncated => {}
            MessageStatus::Filtered => return Err(NotPlanned::WrongMessage(WrongMessage::Filtered)),
            MessageStatus::Streaming => return Err(NotPlanned::InProgress),
            MessageStatus::Complete | MessageStatus::Failed => {
                return Err(NotPlanned::WrongMessage(WrongMessage::Whole));
            }
        }
        let beginning = Beginning::Continuation { status: old.status, text: old.content };
        Ok(Step { question: old.parent.unwrap_or(ids.question), beginning, prompt })
    }

    fn ask(&self, messages: Vec<PromptMessage>, beside: u64, ids: TurnIds) -> Result<Step, NotPlanned> {
        let prompt = Prompt::of_client(self.system, messages, beside, self.limits).ok_or(NotPlanned::TooLong)?;
        Ok(Step { question: ids.question, beginning: Beginning::Unkept, prompt })
    }

    /// Cut as a branch is: the page sends what it has, and does not know what fits.
    fn temporary(&self, messages: Vec<PromptMessage>, text: &MessageText, ids: TurnIds) -> Result<Step, NotPlanned> {
        let line = |PromptMessage { role, content }: PromptMessage| TurnLine {
            id: ids.question,
            parent: None,
            role,
            content,
            status: MessageStatus::Complete,
            is_dead: false,
        };
        let said_before: Vec<TurnLine> = messages.into_iter().map(line).collect();
        let prompt = self.prompt(&said_before, text.as_str())?;
        Ok(Step { question: ids.question, beginning: Beginning::Temporary, prompt })
    }

    fn prompt(&self, branch: &[TurnLine], message: &str) -> Result<Prompt, NotPlanned> {
        Prompt::new(&self.instructions(message), branch, self.limits, message).ok_or(NotPlanned::TooLong)
    }

    /// The operator's instructions and the caller's. Those may take half of the room that is left beside the message: it is never refused for them,
    /// and the other half is the branch's.
    fn instructions(&self, message: &str) -> String {
        let taken = estimated_tokens(self.system).saturating_add(estimated_tokens(message));
        self.own.after(self.system, self.limits.tokens.saturating_sub(taken) / 2)
    }
}

fn message_after(line: Option<&TurnLine>, title: String, text: MessageText) -> Beginning {
    let (parent, grandparent) = (line.map(|line| line.id), line.and_then(|line| line.parent));
    Beginning::Message { title, parent, grandparent, text }
}

/// Takes the last message off if it is of this role.
fn pop(branch: &mut Vec<TurnLine>, role: MessageRole) -> Option<TurnLine> {
    branch.pop_if(|line| line.role == role)
}

#[cfg(test)]
mod tests;
