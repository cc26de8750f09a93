//! Statements about what users think of answers.

use domain::{Feedback, MessageId, MessageRole, SessionId, User};
use wire::neon::Row;

use super::client::{Postgres, named, role};
use super::statement;
use super::storage::bytes;
use crate::StoreError;

pub(super) const VOTE: &str = statement!("vote");

/// What became of a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voted {
    /// It is kept, or taken back.
    Kept,
    /// The session has no such message.
    NoSuchMessage,
    /// The message is the visitor's own.
    NotAnAnswer,
    /// There is no space for its reason; nothing has changed.
    NoSpace,
}

impl Postgres {
    /// Keeps what a user thinks of an answer; `None` of it takes it back. `None`: no such session of this user. The database is full at
    /// `most_bytes` (`None`: no limit).
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn vote(
        &self,
        session: SessionId,
        caller: &User,
        message: MessageId,
        feedback: Option<&Feedback>,
        most_bytes: Option<u64>,
    ) -> Result<Option<Voted>, StoreError> {
        let mut params = vec![session.to_string().into()];
        params.extend(named(caller));
        params.extend([
            message.to_string().into(),
            feedback.map(|feedback| feedback.vote.name()).into(),
            feedback.and_then(|feedback| feedback.reason.as_deref()).into(),
            bytes(most_bytes),
        ]);
        let rows = self.run_idempotent(VOTE, params).await?;
        let voted = |row: Row<'_>| {
            if row.optional_text("role")?.is_none() {
                return Ok(Voted::NoSuchMessage);
            }
            if row.integer("is_full")? == 1 {
                return Ok(Voted::NoSpace);
            }
            Ok(if role(row)? == MessageRole::Assistant { Voted::Kept } else { Voted::NotAnAnswer })
        };
        rows.first().map(voted).transpose()
    }
}
