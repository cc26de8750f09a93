//! Statements about sessions. Each asks for the owner too, so that another user's session is like a missing one.

use domain::{
    MOST_PINNED, Message, MessageId, Retention, SentContext, Session, SessionCap, SessionId, SessionTitle, StorageUse,
    User,
};
use jiff::Timestamp;
use wire::neon::Row;

use super::client::{Postgres, is_dead, message, session_id, timestamp, token, unexpected};
use super::contexts::sent_context;
use super::statement;
use super::storage::{bytes, storage_use};
use crate::StoreError;

pub(super) const CREATE: &str = statement!("create_session");
pub(super) const LIST: &str = statement!("list_sessions");
pub(super) const READ: &str = statement!("read_session");
pub(super) const CHANGE: &str = statement!("change_session");
pub(super) const TITLE: &str = statement!("title_session");
pub(super) const DELETE: &str = statement!("delete_session");
pub(super) const RESTORE: &str = statement!("restore_session");
pub(super) const IS_DELETED: &str = statement!("is_session_deleted");
pub(super) const COUNT: &str = statement!("count_sessions");

/// Bytes of the texts of a page of messages, at most, that of its last one apart. Rows, views and JSON of a page are in memory together, and are written
/// within Cloudflare's 10 ms: as in an export.
const PAGE_BYTES: i64 = 256 * 1024;

/// A page of a user's sessions: those that are pinned, then the others, each newest activity first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPage {
    /// Of 32 hexadecimal digits: as long as the page is the same, so is this.
    pub tag: String,
    /// Whether the caller has named the tag: then no session was read.
    pub is_known: bool,
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
    /// Newest first.
    pub messages: Vec<Message>,
    /// Whether there are others before them.
    pub has_older: bool,
    /// Those whose instance died before they ended.
    pub dead: Vec<MessageId>,
}

/// A session that was to be added to a user's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is there.
    Session(Session),
    /// The user has as many as are allowed; nothing has changed.
    TooMany(SessionCap),
    /// There is no space for it; nothing has changed.
    NoSpace,
}

/// What is to be changed of a session; `None`: it stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct SessionChange<'a> {
    /// Its title.
    pub title: Option<&'a SessionTitle>,
    /// Whether it is pinned.
    pub pinned: Option<bool>,
}

/// A session that was to be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is so now.
    Session(Session),
    /// The user has pinned as many as are allowed; nothing has changed.
    TooManyPinned,
}

/// What stands in the way of a user's next session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionCount {
    /// How many there are.
    pub sessions: u64,
    /// What is kept of the user, and of all.
    pub storage: StorageUse,
    /// What goes with each message of theirs.
    pub context: SentContext,
}

impl Postgres {
    /// Gives a session another title, unless it is not called `before` any more. Says whether it has.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement; safe to repeat.
    pub async fn title_session(&self, id: SessionId, before: &str, title: &str) -> Result<bool, StoreError> {
        let rows = self.run_idempotent(TITLE, vec![id.to_string().into(), before.into(), title.into()]).await?;
        Ok(rows.first().is_some())
    }

    /// Creates a session, and its owner's row if there is none. The database is full at `most_bytes` (`None`: no limit).
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn create_session(
        &self,
        id: SessionId,
        caller: &User,
        title: Option<&SessionTitle>,
        most_bytes: Option<u64>,
    ) -> Result<Added, StoreError> {
        let title = title.map(SessionTitle::as_str);
        let mut params = vec![
            id.to_string().into(),
            caller.id.to_string().into(),
            title.into(),
            i64::from(SessionCap::All.most()).into(),
            i64::from(SessionCap::Empty.most()).into(),
            bytes(most_bytes),
        ];
        params.extend(token(caller));
        let rows = self.run_idempotent(CREATE, params).await?;
        added(rows.first().ok_or_else(|| unexpected("the new session"))?)
    }

    /// How many sessions a user has, and what is kept.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn count_sessions(&self, caller: &User) -> Result<SessionCount, StoreError> {
        let [issued, device] = token(caller);
        let rows = self.run_idempotent(COUNT, vec![caller.id.to_string().into(), issued, device]).await?;
        let Some(row) = rows.first() else { return Ok(SessionCount::default()) };
        let sessions = u64::try_from(row.integer("session_count")?).unwrap_or(0);
        Ok(SessionCount { sessions, storage: storage_use(row)?, context: sent_context(row)? })
    }

    /// One page of a user's sessions and how many there are. `known`: the tags that the caller knows, between commas; `*` is any.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn list_sessions(
        &self,
        caller: &User,
        per_page: u32,
        skip: u64,
        known: String,
    ) -> Result<SessionPage, StoreError> {
        let skip = i64::try_from(skip).unwrap_or(i64::MAX);
        let mut params = vec![caller.id.to_string().into(), i64::from(per_page).into(), skip.into()];
        params.extend(token(caller));
        params.push(known.into());
        let rows = self.run_idempotent(LIST, params).await?;
        let first = rows.first().ok_or_else(|| unexpected("a page of sessions"))?;
        let total = u64::try_from(first.integer("session_count")?).unwrap_or(0);
        let (tag, is_known) = (first.text("tag")?.to_owned(), first.integer("is_known")? == 1);
        let mut sessions = Vec::with_capacity(rows.iter().len());
        for row in rows.iter() {
            // A page past the end, or one that is known, is one row that holds no session.
            if row.optional_text("id")?.is_some() {
                sessions.push(session(row)?);
            }
        }
        Ok(SessionPage { tag, is_known, sessions, total })
    }

    /// A session and its newest `limit` messages before `before`, newest first; fewer where they are long. `None`: no such session of this user.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn read_session(
        &self,
        id: SessionId,
        caller: &User,
        before: Option<MessageId>,
        limit: u32,
    ) -> Result<Option<Thread>, StoreError> {
        let before = before.map(|before| before.to_string());
        let mut params =
            vec![id.to_string().into(), caller.id.to_string().into(), before.into(), i64::from(limit).into()];
        params.extend(token(caller));
        params.push(PAGE_BYTES.into());
        let rows = self.run_idempotent(READ, params).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let (session, messages) = (session(first)?, Vec::with_capacity(rows.iter().len()));
        let mut thread = Thread { session, messages, has_older: false, dead: Vec::new() };
        for row in rows.iter() {
            if row.optional_text("message_id")?.is_some() {
                let message = message(row)?;
                if is_dead(row)? {
                    thread.dead.push(message.id);
                }
                thread.messages.push(message);
                thread.has_older = row.integer("has_older")? == 1;
            }
        }
        Ok(Some(thread))
    }

    /// Renames a session, pins it or no longer. `None`: no such session of this user.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn change_session(
        &self,
        id: SessionId,
        caller: &User,
        change: SessionChange<'_>,
    ) -> Result<Option<Changed>, StoreError> {
        let mut params = vec![
            id.to_string().into(),
            caller.id.to_string().into(),
            change.title.map(SessionTitle::as_str).into(),
            change.pinned.map(|pinned| pinned.to_string()).into(),
            i64::from(MOST_PINNED).into(),
        ];
        params.extend(token(caller));
        let rows = self.run_idempotent(CHANGE, params).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(match row.optional_text("id")? {
            Some(_) => Some(Changed::Session(session(row)?)),
            None if row.integer("has_room")? == 0 => Some(Changed::TooManyPinned),
            None => None,
        })
    }

    /// Hides a session as of `now`, and says when. `None`: no such session of this user, or hidden at another time.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn delete_session(
        &self,
        id: SessionId,
        caller: &User,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let mut params = vec![
            id.to_string().into(),
            caller.id.to_string().into(),
            now.to_string().into(),
            i64::from(SessionCap::Empty.most()).into(),
        ];
        params.extend(token(caller));
        let rows = self.run_idempotent(DELETE, params).await?;
        rows.first().map(|row| timestamp(row, "deleted_at")).transpose()
    }

    /// Brings a hidden session back; its user has no space at `most_bytes` (`None`: always some). `None`: no such session of this user.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn restore_session(
        &self,
        id: SessionId,
        caller: &User,
        most_bytes: Option<u64>,
        kept: &Retention,
    ) -> Result<Option<Added>, StoreError> {
        let mut params = vec![
            id.to_string().into(),
            caller.id.to_string().into(),
            i64::from(SessionCap::All.most()).into(),
            i64::from(SessionCap::Empty.most()).into(),
            bytes(most_bytes),
        ];
        params.extend(token(caller));
        params.extend([kept.deleted().into(), kept.idle().into(), i64::from(MOST_PINNED).into()]);
        let rows = self.run_idempotent(RESTORE, params).await?;
        rows.first().map(added).transpose()
    }

    /// Whether a user's session is hidden by its deletion; one that was never written is not.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn is_session_deleted(&self, id: SessionId, caller: &User) -> Result<bool, StoreError> {
        let rows = self.run_idempotent(IS_DELETED, vec![id.to_string().into(), caller.id.to_string().into()]).await?;
        Ok(!rows.is_empty())
    }
}

/// Reads a session, or nulls and what stood in its way.
fn added(row: Row<'_>) -> Result<Added, StoreError> {
    Ok(match row.optional_text("id")? {
        Some(_) => Added::Session(session(row)?),
        None if row.integer("is_full")? == 1 => Added::NoSpace,
        None if row.integer("has_too_many")? == 1 => Added::TooMany(SessionCap::All),
        None => Added::TooMany(SessionCap::Empty),
    })
}

/// The session in a row.
pub(super) fn session(row: Row<'_>) -> Result<Session, StoreError> {
    Ok(Session {
        id: session_id(row, "id")?,
        title: row.optional_text("title")?.map(str::to_owned),
        model: row.optional_text("session_model")?.map(str::to_owned),
        pinned: row.integer("pinned")? == 1,
        created_at: timestamp(row, "created_at")?,
        updated_at: timestamp(row, "updated_at")?,
    })
}
