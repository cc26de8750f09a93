//! Statements about sessions. Each asks for the owner too, so that another user's session is like a missing one.

use domain::{Message, MessageId, Session, SessionCap, SessionId, SessionTitle, UserId};
use jiff::Timestamp;
use wire::neon::Row;

use super::Postgres;
use super::client::{is_dead, message, session_id, timestamp, unexpected};
use crate::StoreError;

pub(super) const CREATE: &str = include_str!("sql/create_session.sql");
pub(super) const LIST: &str = include_str!("sql/list_sessions.sql");
pub(super) const READ: &str = include_str!("sql/read_session.sql");
pub(super) const RENAME: &str = include_str!("sql/rename_session.sql");
pub(super) const DELETE: &str = include_str!("sql/delete_session.sql");
pub(super) const RESTORE: &str = include_str!("sql/restore_session.sql");
pub(super) const IS_DELETED: &str = include_str!("sql/is_session_deleted.sql");
pub(super) const COUNT: &str = include_str!("sql/count_sessions.sql");

/// A page of a user's sessions, newest activity first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPage {
    /// The page.
    pub sessions: Vec<Session>,
    /// How many sessions there are on all pages.
    pub total: u64,
}

/// A session with a page of its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// The session.
    pub session: Session,
    /// Newest first; one more than asked for says that older ones exist.
    pub messages: Vec<Message>,
    /// Those whose instance has died in the midst of them.
    pub dead: Vec<MessageId>,
}

/// A session that was to be added to a user's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is there.
    Session(Session),
    /// The user has as many as are allowed; nothing has changed.
    TooMany(SessionCap),
}

impl Postgres {
    /// Creates a session, and its owner's row if there is none.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn create_session(
        &self,
        id: SessionId,
        owner: UserId,
        title: Option<&SessionTitle>,
    ) -> Result<Added, StoreError> {
        let title = title.map(SessionTitle::as_str);
        let params = vec![
            id.to_string().into(),
            owner.to_string().into(),
            title.into(),
            i64::from(SessionCap::All.most()).into(),
            i64::from(SessionCap::Empty.most()).into(),
        ];
        let rows = self.run_idempotent(CREATE, params).await?;
        added(rows.first().ok_or_else(|| unexpected("the new session"))?)
    }

    /// How many sessions a user has.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn count_sessions(&self, owner: UserId) -> Result<u64, StoreError> {
        let rows = self.run_idempotent(COUNT, vec![owner.to_string().into()]).await?;
        rows.first().map_or(Ok(0), |row| Ok(u64::try_from(row.integer(0)?).unwrap_or(0)))
    }

    /// One page of a user's sessions and how many there are.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn list_sessions(&self, owner: UserId, per_page: u32, skip: u64) -> Result<SessionPage, StoreError> {
        let skip = i64::try_from(skip).unwrap_or(i64::MAX);
        let params = vec![owner.to_string().into(), i64::from(per_page).into(), skip.into()];
        let rows = self.run_idempotent(LIST, params).await?;
        let total = match rows.first() {
            Some(row) => u64::try_from(row.integer(0)?).unwrap_or(0),
            None => 0,
        };
        let mut sessions = Vec::with_capacity(rows.rows.len());
        for row in &rows.rows {
            // A page past the end is one row that holds the total alone.
            if row.optional_text(1)?.is_some() {
                sessions.push(session(row, 1)?);
            }
        }
        Ok(SessionPage { sessions, total })
    }

    /// A session and its newest `limit` messages before `before`, newest first. `None`: no such session of this user.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn read_session(
        &self,
        id: SessionId,
        owner: UserId,
        before: Option<MessageId>,
        limit: u32,
    ) -> Result<Option<Thread>, StoreError> {
        let before = before.map(|before| before.to_string());
        let params = vec![id.to_string().into(), owner.to_string().into(), before.into(), i64::from(limit).into()];
        let rows = self.run_idempotent(READ, params).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let session = session(first, 0)?;
        let mut thread = Thread { session, messages: Vec::with_capacity(rows.rows.len()), dead: Vec::new() };
        for row in &rows.rows {
            if row.optional_text(4)?.is_some() {
                let message = message(row, 4)?;
                if is_dead(row, 9)? {
                    thread.dead.push(message.id);
                }
                thread.messages.push(message);
            }
        }
        Ok(Some(thread))
    }

    /// Renames a session. `None`: no such session of this user.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn rename_session(
        &self,
        id: SessionId,
        owner: UserId,
        title: &SessionTitle,
    ) -> Result<Option<Session>, StoreError> {
        let params = vec![id.to_string().into(), owner.to_string().into(), title.as_str().into()];
        let rows = self.run_idempotent(RENAME, params).await?;
        rows.first().map(|row| session(row, 0)).transpose()
    }

    /// Hides a session as of `now`, and says when. `None`: no such session of this user, or hidden at another time.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn delete_session(
        &self,
        id: SessionId,
        owner: UserId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let params = vec![id.to_string().into(), owner.to_string().into(), now.to_string().into()];
        let rows = self.run_idempotent(DELETE, params).await?;
        rows.first().map(|row| timestamp(row, 1)).transpose()
    }

    /// Brings a hidden session back. `None`: no such session of this user.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn restore_session(&self, id: SessionId, owner: UserId) -> Result<Option<Added>, StoreError> {
        let params = vec![
            id.to_string().into(),
            owner.to_string().into(),
            i64::from(SessionCap::All.most()).into(),
            i64::from(SessionCap::Empty.most()).into(),
        ];
        let rows = self.run_idempotent(RESTORE, params).await?;
        rows.first().map(added).transpose()
    }

    /// Whether a user's session is hidden by its deletion; one that was never written is not.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn is_session_deleted(&self, id: SessionId, owner: UserId) -> Result<bool, StoreError> {
        let rows = self.run_idempotent(IS_DELETED, vec![id.to_string().into(), owner.to_string().into()]).await?;
        Ok(!rows.rows.is_empty())
    }
}

/// Reads a session, or nulls and whether it is the number of all that was reached.
fn added(row: &Row) -> Result<Added, StoreError> {
    Ok(match row.optional_text(0)? {
        Some(_) => Added::Session(session(row, 0)?),
        None if row.integer(4)? == 1 => Added::TooMany(SessionCap::All),
        None => Added::TooMany(SessionCap::Empty),
    })
}

/// Reads `id, title, created_at, updated_at` from column `first` on.
fn session(row: &Row, first: usize) -> Result<Session, StoreError> {
    Ok(Session {
        id: session_id(row, first)?,
        title: row.optional_text(first + 1)?.map(str::to_owned),
        created_at: timestamp(row, first + 2)?,
        updated_at: timestamp(row, first + 3)?,
    })
}
