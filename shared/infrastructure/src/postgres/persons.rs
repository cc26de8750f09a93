//! Statements about all that a person has: what is exported, and what is removed.

use domain::{DeviceId, Message, MessageId, Session, SessionId, User, UserId};
use jiff::Timestamp;
use wire::neon::Row;

use super::client::{Postgres, message, session_id, timestamp, token, unexpected};
use super::sessions::session;
use super::statement;
use crate::StoreError;

pub(super) const DELETE: &str = statement!("delete_user");
pub(super) const ERASE: &str = statement!("erase_user", before "remove_users" "remove_sessions" "removed_users");
pub(super) const EXPORT: &str = statement!("export_page");

/// What one step has removed of a deleted user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erased {
    /// Messages.
    pub messages: u64,
    /// Conversations.
    pub sessions: u64,
    /// Nothing is left.
    pub is_gone: bool,
}

/// A row of an export: a message, what begins a session, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The session that the row is of.
    pub session_id: SessionId,
    /// What is known of it, in the page's first row of it.
    pub session: Option<ExportedSession>,
    /// `None`: the session has none.
    pub message: Option<Message>,
    /// Why its user thinks of it what they do.
    pub reason: Option<String>,
}

/// A session of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedSession {
    /// The session.
    pub session: Session,
    /// When it was deleted, if it was.
    pub deleted_at: Option<Timestamp>,
}

/// A page of an export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportPage {
    /// By session and message.
    pub rows: Vec<Exported>,
    /// There may be others after them.
    pub has_more: bool,
}

/// How large a page of an export may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportBounds {
    /// Rows, at most.
    pub rows: u32,
    /// The page ends with the row whose text goes beyond these bytes of all texts together.
    pub bytes: u32,
}

impl ExportPage {
    /// After which session, and message of it, the next page begins; `None`: this is the last one.
    #[must_use]
    pub fn next(&self) -> Option<(SessionId, Option<MessageId>)> {
        let last = self.rows.last().filter(|_| self.has_more)?;
        Some((last.session_id, last.message.as_ref().map(|message| message.id)))
    }
}

impl Postgres {
    /// Locks the caller, and says which devices have ended. `fresh_since`: an account's device must have been signed in to since. `None`: it was
    /// not, or nothing is stored of the caller. Safe to repeat with the same `now`.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn delete_user(
        &self,
        caller: &User,
        now: Timestamp,
        fresh_since: Option<Timestamp>,
    ) -> Result<Option<Vec<DeviceId>>, StoreError> {
        let params = vec![
            caller.id.to_string().into(),
            now.to_string().into(),
            caller.device.map(|device| device.to_string()).into(),
            fresh_since.map(|since| since.to_string()).into(),
        ];
        let rows = self.run_idempotent(DELETE, params).await?;
        let read = |row: Row<'_>| -> Result<Vec<DeviceId>, StoreError> {
            let devices = row.text("devices")?.split(',').filter(|device| !device.is_empty());
            devices.map(DeviceId::parse).collect::<Result<_, _>>().map_err(|_| unexpected("a device's id"))
        };
        rows.first().map(read).transpose()
    }

    /// Removes at most `most` messages of a deleted user, and the sessions that have none left; the user at last. To be repeated.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn erase_user(&self, user: UserId, most: u32) -> Result<Erased, StoreError> {
        let rows = self.run_idempotent(ERASE, vec![i64::from(most).into(), user.to_string().into()]).await?;
        let row = rows.first().ok_or_else(|| unexpected("what was removed"))?;
        let count = |name| row.integer(name).map(|count| u64::try_from(count).unwrap_or(0));
        Ok(Erased { messages: count("messages")?, sessions: count("sessions")?, is_gone: count("users")? > 0 })
    }

    /// One page of all that the caller has, after a place.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn export_page(
        &self,
        caller: &User,
        after: Option<(SessionId, Option<MessageId>)>,
        bounds: ExportBounds,
    ) -> Result<ExportPage, StoreError> {
        let [issued, device] = token(caller);
        let params = vec![
            caller.id.to_string().into(),
            issued,
            device,
            after.map(|(session, _)| session.to_string()).into(),
            after.and_then(|(_, message)| message).map(|message| message.to_string()).into(),
            i64::from(bounds.rows).into(),
            i64::from(bounds.bytes).into(),
        ];
        let rows = self.run_idempotent(EXPORT, params).await?;
        let has_more = rows.first().map(|row| row.integer("more")).transpose()?.is_some_and(|more| more != 0);
        Ok(ExportPage { rows: rows.iter().map(exported).collect::<Result<_, _>>()?, has_more })
    }
}

fn exported(row: Row<'_>) -> Result<Exported, StoreError> {
    let message = row.optional_text("message_id")?.map(|_| message(row)).transpose()?;
    let session = row.optional_text("id")?.map(|_| exported_session(row)).transpose()?;
    let reason = row.optional_text("reason")?.map(str::to_owned);
    Ok(Exported { session_id: session_id(row, "session_id")?, session, message, reason })
}

fn exported_session(row: Row<'_>) -> Result<ExportedSession, StoreError> {
    let deleted_at = row.optional_text("deleted_at")?.map(|_| timestamp(row, "deleted_at")).transpose()?;
    Ok(ExportedSession { session: session(row)?, deleted_at })
}
