//! Statements of one turn, from the context to the stored answer.

use domain::{
    AnswerEnd, BeginOutcome, Beginning, Fault, Message, MessageId, MessageText, NewTurn, RequestId, SentContext,
    SessionCap, SessionId, StorageUse, TurnLine, User,
};

use wire::neon::{Param, Row};

use super::client::{Postgres, is_dead, message, optional_message_id, role, status, token, unexpected};
use super::contexts::sent_context;
use super::statement;
use super::storage::{bytes, is_low, storage_use};
use crate::StoreError;

pub(super) const OPEN_TURN: &str = statement!("open_turn");
pub(super) const BEGIN_ANSWER: &str = statement!("begin_answer", before "turn_rows");
pub(super) const BEGIN_SESSION: &str = statement!("begin_session", before "turn_rows");
pub(super) const BEGIN_REGENERATION: &str = statement!("begin_regeneration");
pub(super) const BEGIN_CONTINUATION: &str = statement!("begin_continuation");
pub(super) const SAVE_PROGRESS: &str = statement!("save_progress");
pub(super) const FINISH_ANSWER: &str = statement!("finish_answer");
pub(super) const FAIL_TURN: &str = statement!("fail_turn");
pub(super) const FAIL_CONTINUATION: &str = statement!("fail_continuation");
pub(super) const READ_TURN: &str = statement!("read_turn");
pub(super) const READ_MESSAGE: &str = statement!("read_message");

/// A message as it stands, and whether its row can be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    /// The message.
    pub message: Message,
    /// An answer whose instance has died: it reads as interrupted, and more of it may have been kept elsewhere.
    pub is_dead: bool,
    /// The request that writes it, or did at last.
    pub run: Option<RequestId>,
}

/// How much of a branch is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BranchBounds {
    /// Messages with a text, at most.
    pub texts: u32,
    /// It begins with the message whose text goes beyond these bytes. The last two texts are read whatever they have.
    pub bytes: u64,
}

/// What a turn is begun on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedTurn {
    /// The branch that it follows, oldest first.
    pub branch: Vec<TurnLine>,
    /// What is kept of its user, and of all.
    pub storage: StorageUse,
    /// What goes with each message of its user.
    pub context: SentContext,
    /// The model that was chosen for its session.
    pub model: Option<String>,
}

/// What became of an answer's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// It is stored now; `false`: it was before, or another run continues the answer, and nothing has changed.
    pub is_new: bool,
    /// The database was just found to be nearly full, which is told once a day.
    pub is_storage_low: bool,
}

impl Postgres {
    /// Ownership and context in one statement: the branch that ends with `leaf`, or with the session's newest message, oldest first.
    /// `None`: no such session of this user.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn open_turn(
        &self,
        session: SessionId,
        caller: &User,
        bounds: BranchBounds,
        leaf: Option<MessageId>,
    ) -> Result<Option<OpenedTurn>, StoreError> {
        let leaf = leaf.map(|leaf| leaf.to_string());
        let mut params =
            vec![session.to_string().into(), caller.id.to_string().into(), i64::from(bounds.texts).into(), leaf.into()];
        params.extend(token(caller));
        params.push(i64::try_from(bounds.bytes).unwrap_or(i64::MAX).into());
        let rows = self.run_idempotent(OPEN_TURN, params).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let storage = storage_use(first)?;
        let model = first.optional_text("session_model")?.map(str::to_owned);
        let mut branch = Vec::with_capacity(rows.iter().len());
        for row in rows.iter() {
            // A session without messages is one row without one.
            if let Some(id) = optional_message_id(row, "message_id")? {
                branch.push(TurnLine {
                    id,
                    parent: optional_message_id(row, "parent_id")?,
                    role: role(row)?,
                    content: row.text("content")?.to_owned(),
                    status: status(row)?,
                    is_dead: is_dead(row)?,
                });
            }
        }
        let context = rows.iter().last().map(sent_context).transpose()?.unwrap_or_default();
        Ok(Some(OpenedTurn { branch, storage, context, model }))
    }

    /// Writes what is new of a turn; the answer's row is `streaming` then. Of a turn that is not kept nothing is written, here and below.
    ///
    /// # Errors
    /// [`StoreError`]; after one that leaves the outcome open, [`Postgres::fail_turn`] puts things right. Safe to repeat.
    pub async fn begin_turn(&self, turn: &NewTurn) -> Result<BeginOutcome, StoreError> {
        let (session, owner) = (turn.session.to_string(), turn.owner.to_string());
        let (question, answer, run) = (turn.question.to_string(), turn.answer.to_string(), turn.run.to_string());
        let (model, chosen) = (turn.model.as_str(), Param::from(turn.chosen.as_deref()));
        let with_message = |title: &str, parent: Option<MessageId>, text: &MessageText| -> Vec<Param> {
            vec![
                session.as_str().into(),
                owner.as_str().into(),
                title.into(),
                question.as_str().into(),
                parent.map(|parent| parent.to_string()).into(),
                text.as_str().into(),
                answer.as_str().into(),
                model.into(),
                run.as_str().into(),
            ]
        };
        let (statement, params) = match &turn.beginning {
            Beginning::Session { title, text } => {
                let mut params = with_message(title, None, text);
                params.extend([i64::from(SessionCap::All.most()).into(), chosen]);
                (BEGIN_SESSION, params)
            }
            Beginning::Message { title, parent, grandparent, text } => {
                let mut params = with_message(title, *parent, text);
                params.extend([grandparent.map(|id| id.to_string()).into(), chosen]);
                (BEGIN_ANSWER, params)
            }
            Beginning::Regeneration => (
                BEGIN_REGENERATION,
                vec![session.into(), owner.into(), question.into(), answer.into(), model.into(), run.into(), chosen],
            ),
            Beginning::Continuation { text, .. } => {
                let chars = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
                (
                    BEGIN_CONTINUATION,
                    vec![session.into(), owner.into(), answer.into(), run.into(), chars.into(), chosen],
                )
            }
            Beginning::Unkept | Beginning::Temporary => return Ok(BeginOutcome::Written),
        };
        let rows = self.run_idempotent(statement, params).await?;
        let begun = rows.first().map(|row| row.optional_text("session_id")).transpose()?;
        Ok(match (begun, &turn.beginning) {
            (Some(Some(_)), _) => BeginOutcome::Written,
            (None, Beginning::Session { .. }) => BeginOutcome::TooManySessions,
            (Some(None), Beginning::Continuation { .. }) => BeginOutcome::ContinuedByAnother,
            (Some(None) | None, _) => BeginOutcome::SessionDeleted,
        })
    }

    /// Keeps what has arrived so far; changes nothing once the answer has ended, or in another run.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement; safe to repeat.
    pub async fn save_progress(&self, turn: &NewTurn, text: &str) -> Result<(), StoreError> {
        if !turn.is_kept() {
            return Ok(());
        }
        let params = vec![turn.answer.to_string().into(), storable(text).into(), turn.run.to_string().into()];
        self.run_idempotent(SAVE_PROGRESS, params).await?;
        Ok(())
    }

    /// Stores an answer's end and counts its usage; now and then measures the database, which is nearly full at `low` bytes (`None`: it never is).
    ///
    /// # Errors
    /// [`StoreError`] as for every statement; safe to repeat.
    pub async fn finish_answer(&self, end: &AnswerEnd, low: Option<u64>) -> Result<Stored, StoreError> {
        let count = |tokens: Option<u64>| tokens.and_then(|tokens| i64::try_from(tokens).ok());
        let params = vec![
            end.answer.to_string().into(),
            storable(&end.text).into(),
            end.ending.status().name().into(),
            count(end.usage.map(|usage| usage.completion)).into(),
            end.owner.to_string().into(),
            count(end.usage.map(|usage| usage.prompt)).into(),
            end.model.as_deref().map(storable).into(),
            end.run.map(|run| run.to_string()).into(),
            bytes(low),
            count(end.times.map(|times| times.first_byte)).into(),
            count(end.times.map(|times| times.whole)).into(),
            end.fault.map(Fault::code).into(),
        ];
        let rows = self.run_idempotent(FINISH_ANSWER, params).await?;
        let is_storage_low = rows.first().map_or(Ok(false), is_low)?;
        Ok(Stored { is_new: !rows.is_empty(), is_storage_low })
    }

    /// Undoes a turn whose answer never began: what is new of the answer goes, the visitor's words stay, `failed` by this fault if nothing answers
    /// them (`None`: their reader left).
    ///
    /// # Errors
    /// [`StoreError`] as for every statement; safe to repeat.
    pub async fn fail_turn(&self, turn: &NewTurn, fault: Option<Fault>) -> Result<(), StoreError> {
        let (question, answer) = (turn.question.to_string(), turn.answer.to_string());
        let (statement, params) = match &turn.beginning {
            Beginning::Continuation { status, .. } => {
                (FAIL_CONTINUATION, vec![answer.into(), status.name().into(), turn.run.to_string().into()])
            }
            Beginning::Session { .. } | Beginning::Message { .. } | Beginning::Regeneration => {
                (FAIL_TURN, vec![question.into(), answer.into(), fault.map(Fault::code).into()])
            }
            Beginning::Unkept | Beginning::Temporary => return Ok(()),
        };
        self.run_idempotent(statement, params).await.map(|_| ())
    }

    /// One message of a user's session; `None`: the session has no such message.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn read_message(
        &self,
        session: SessionId,
        caller: &User,
        id: MessageId,
    ) -> Result<Option<StoredMessage>, StoreError> {
        let mut params = vec![session.to_string().into(), caller.id.to_string().into(), id.to_string().into()];
        params.extend(token(caller));
        let rows = self.run_idempotent(READ_MESSAGE, params).await?;
        let stored = |row: Row<'_>| {
            let run = row
                .optional_text("run")?
                .map(RequestId::parse)
                .transpose()
                .map_err(|_| unexpected("a request's id"))?;
            Ok(StoredMessage { message: message(row)?, is_dead: is_dead(row)?, run })
        };
        rows.first().map(stored).transpose()
    }

    /// Both messages of a turn as they are stored, the visitor's first.
    ///
    /// # Errors
    /// [`StoreError`], also when either is missing.
    pub async fn read_turn(&self, question: MessageId, answer: MessageId) -> Result<(Message, Message), StoreError> {
        let rows = self.run_idempotent(READ_TURN, vec![question.to_string().into(), answer.to_string().into()]).await?;
        let mut rows = rows.iter();
        match (rows.next(), rows.next()) {
            (Some(first), Some(second)) => Ok((message(first)?, message(second)?)),
            (_, None) | (None, _) => Err(unexpected("both messages of a turn")),
        }
    }
}

/// Postgres' text cannot hold NUL; a model that sends one must not cost the whole answer, nor shift what is counted in characters.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
