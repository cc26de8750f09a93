//! The statement by which a chat comes in from a file.

use domain::{ImportedMessage, MOST_PINNED, MessageId, Session, SessionCap, SessionId, SessionTitle, User};
use serde_json::json;

use super::client::{Postgres, named, unexpected};
use super::sessions::session;
use super::statement;
use super::storage::{bytes, is_low};
use crate::StoreError;

pub(super) const PART: &str = statement!("import_part");

/// A part of a chat that comes in.
#[derive(Clone, Copy, Debug)]
pub struct NewPart<'a> {
    /// The session that the chat becomes.
    pub session: SessionId,
    /// Its title.
    pub title: Option<&'a SessionTitle>,
    /// Whether it is pinned, where there is room for it.
    pub pinned: bool,
    /// The last message of the part before; `None`: this is the first.
    pub before: Option<MessageId>,
    /// Its messages. Not empty.
    pub messages: &'a [PlacedMessage<'a>],
    /// Bytes that the user may keep; `None`: no limit.
    pub most_bytes_of_user: Option<u64>,
    /// The size at which the database takes nothing new; `None`: no limit.
    pub most_bytes: Option<u64>,
    /// The size from which on the log is told once a day; `None`: never.
    pub low_bytes: Option<u64>,
}

/// A message with its place in the session.
#[derive(Clone, Copy, Debug)]
pub struct PlacedMessage<'a> {
    /// Its id.
    pub id: MessageId,
    /// That of the message that it follows.
    pub parent: Option<MessageId>,
    /// What it is.
    pub message: &'a ImportedMessage,
}

/// What became of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Imported {
    /// It is there.
    Part {
        /// Its session.
        session: Session,
        /// It was before.
        is_known: bool,
        /// The database fills up, and the log is to be told.
        is_storage_low: bool,
    },
    /// The session was deleted, is somebody else's, or lacks the part before.
    NoSuchSession,
    /// The user has as many sessions as are allowed.
    TooManySessions(SessionCap),
    /// The user has no space.
    UserFull,
    /// The database has none.
    DatabaseFull,
}

impl Postgres {
    /// Writes a part, and with the first one its session.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn import_part(&self, caller: &User, part: NewPart<'_>) -> Result<Imported, StoreError> {
        let list: Vec<_> = part
            .messages
            .iter()
            .map(|PlacedMessage { id, parent, message }| {
                json!({
                    "id": id.to_string(),
                    "parent_id": parent.map(|parent| parent.to_string()),
                    "role": message.role.name(),
                    "content": message.text.as_str(),
                    "is_cut": message.is_cut,
                    "model": message.model,
                    "said_at": message.said_at.map(jiff::Timestamp::as_second),
                })
            })
            .collect();
        let last = part.messages.last().map(|placed| placed.id.to_string());
        let mut params = vec![part.session.to_string().into()];
        params.extend(named(caller));
        params.extend([
            part.title.map(SessionTitle::as_str).into(),
            i64::from(SessionCap::All.most()).into(),
            bytes(part.most_bytes_of_user),
            bytes(part.most_bytes),
            part.before.map(|before| before.to_string()).into(),
            last.into(),
            serde_json::Value::from(list).to_string().into(),
            bytes(part.low_bytes),
            part.pinned.to_string().into(),
            i64::from(MOST_PINNED).into(),
        ]);
        let rows = self.run_idempotent(PART, params).await?;
        let row = rows.first().ok_or_else(|| unexpected("what became of the part"))?;
        let is = |flag| row.integer(flag).map(|value| value == 1);
        Ok(match row.optional_text("id")? {
            Some(_) => {
                Imported::Part { session: session(row)?, is_known: is("is_written")?, is_storage_low: is_low(row)? }
            }
            None if is("is_full")? => Imported::DatabaseFull,
            None if is("has_no_space")? => Imported::UserFull,
            None if is("has_too_many")? => Imported::TooManySessions(SessionCap::All),
            None => Imported::NoSuchSession,
        })
    }
}
