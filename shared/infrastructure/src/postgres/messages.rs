//! Statements of one turn, from the context to the stored answer.

use domain::{Ending, Message, MessageId, MessageRole, MessageText, PromptMessage, SessionId, TokenUsage, UserId};

use super::Postgres;
use super::client::{message, optional_message_id, unexpected};
use crate::StoreError;

pub(super) const OPEN_TURN: &str = include_str!("sql/open_turn.sql");
pub(super) const BEGIN_ANSWER: &str = include_str!("sql/begin_answer.sql");
pub(super) const BEGIN_SESSION: &str = include_str!("sql/begin_session.sql");
pub(super) const SAVE_PROGRESS: &str = include_str!("sql/save_progress.sql");
pub(super) const FINISH_ANSWER: &str = include_str!("sql/finish_answer.sql");
pub(super) const FAIL_TURN: &str = include_str!("sql/fail_turn.sql");
pub(super) const READ_TURN: &str = include_str!("sql/read_turn.sql");

/// What is known of a session before its next turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TurnContext {
    /// The session's newest message.
    pub last: Option<MessageId>,
    /// The recent conversation, oldest first.
    pub messages: Vec<PromptMessage>,
}

/// A turn to be written while the model is called.
#[derive(Clone, Debug)]
pub struct NewTurn {
    /// The session.
    pub session: SessionId,
    /// Whether the session begins with this turn.
    pub starts_session: bool,
    /// Its owner.
    pub owner: UserId,
    /// What the session is called if it has no title.
    pub title: String,
    /// The message that the visitor's follows.
    pub parent: Option<MessageId>,
    /// The visitor's message.
    pub question: MessageId,
    /// Its text.
    pub text: MessageText,
    /// The answer's row.
    pub answer: MessageId,
    /// The model that is asked.
    pub model: String,
}

/// Whether a turn could be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Both rows stand.
    Written,
    /// The session was deleted meanwhile, nothing was written.
    NoSuchSession,
}

/// An answer's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerEnd {
    /// The answer's row.
    pub answer: MessageId,
    /// Whose usage it is.
    pub owner: UserId,
    /// Everything that arrived.
    pub text: String,
    /// How it ended.
    pub ending: Ending,
    /// What the model counted, if it came so far.
    pub usage: Option<TokenUsage>,
    /// The model that answered, by its own word.
    pub model: Option<String>,
}

impl Postgres {
    /// Ownership and context in one statement. `None`: no such session of this user.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn open_turn(
        &self,
        session: SessionId,
        owner: UserId,
        context: u32,
    ) -> Result<Option<TurnContext>, StoreError> {
        let params = vec![session.to_string().into(), owner.to_string().into(), i64::from(context).into()];
        let rows = self.run(OPEN_TURN, params).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let last = optional_message_id(first, 1)?;
        let mut messages = Vec::with_capacity(rows.rows.len());
        for row in &rows.rows {
            // A session without messages is one row of nulls.
            if let Some(role) = row.optional_text(2)? {
                let role = MessageRole::from_name(role).ok_or_else(|| unexpected("a role"))?;
                messages.push(PromptMessage { role, content: row.text(3)?.to_owned() });
            }
        }
        Ok(Some(TurnContext { last, messages }))
    }

    /// Writes the visitor's message and the answer's row, `streaming`.
    ///
    /// # Errors
    /// [`StoreError`]; after one that leaves the outcome open, [`Postgres::fail_turn`] puts things right.
    pub async fn begin_turn(&self, turn: &NewTurn) -> Result<Begun, StoreError> {
        let mut params =
            vec![turn.session.to_string().into(), turn.owner.to_string().into(), turn.title.as_str().into()];
        params.push(turn.question.to_string().into());
        if !turn.starts_session {
            params.push(turn.parent.map(|parent| parent.to_string()).into());
        }
        params.push(turn.text.as_str().into());
        params.push(turn.answer.to_string().into());
        params.push(turn.model.as_str().into());
        let statement = if turn.starts_session { BEGIN_SESSION } else { BEGIN_ANSWER };
        let rows = self.run(statement, params).await?;
        Ok(if rows.rows.is_empty() { Begun::NoSuchSession } else { Begun::Written })
    }

    /// Keeps what has arrived so far. `false`: the answer has ended already.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement; safe to repeat.
    pub async fn save_progress(&self, answer: MessageId, text: &str) -> Result<bool, StoreError> {
        let rows = self.run(SAVE_PROGRESS, vec![answer.to_string().into(), storable(text).into()]).await?;
        Ok(!rows.rows.is_empty())
    }

    /// Stores an answer's end and counts its usage. `false`: it was stored before, nothing has changed.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement; safe to repeat.
    pub async fn finish_answer(&self, end: &AnswerEnd) -> Result<bool, StoreError> {
        let count = |tokens: Option<u64>| tokens.and_then(|tokens| i64::try_from(tokens).ok());
        let params = vec![
            end.answer.to_string().into(),
            storable(&end.text).into(),
            end.ending.status().name().into(),
            count(end.usage.map(|usage| usage.completion)).into(),
            end.owner.to_string().into(),
            count(end.usage.map(|usage| usage.prompt)).into(),
            end.model.as_deref().map(storable).into(),
        ];
        let rows = self.run(FINISH_ANSWER, params).await?;
        Ok(!rows.rows.is_empty())
    }

    /// Marks a turn whose answer never began: the answer's row goes, the visitor's words stay, `failed`.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement; safe to repeat.
    pub async fn fail_turn(&self, question: MessageId, answer: MessageId) -> Result<(), StoreError> {
        self.run(FAIL_TURN, vec![question.to_string().into(), answer.to_string().into()]).await.map(|_| ())
    }

    /// Both messages of a turn as they are stored, the visitor's first.
    ///
    /// # Errors
    /// [`StoreError`], also when either is missing.
    pub async fn read_turn(&self, question: MessageId, answer: MessageId) -> Result<(Message, Message), StoreError> {
        let rows = self.run(READ_TURN, vec![question.to_string().into(), answer.to_string().into()]).await?;
        match rows.rows.as_slice() {
            [first, second] => Ok((message(first, 0)?, message(second, 0)?)),
            _ => Err(unexpected("both messages of a turn")),
        }
    }
}

/// Postgres' text cannot hold NUL; a model that sends one must not cost the whole answer.
fn storable(text: &str) -> String {
    text.replace('\0', "")
}
