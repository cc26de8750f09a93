//! Statements about all that a person has: what is exported, and what is removed.

use domain::{DeviceId, Message, MessageId, Session, SessionId, User, UserId};
use jiff::Timestamp;
use wire::neon::Row;

use super::client::{Postgres, message, timestamp, token, unexpected};
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

/// A message of an export with its session; `None`: the session has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The session.
    pub session: Session,
    /// When it was deleted, if it was.
    pub deleted_at: Option<Timestamp>,
    /// The message.
    pub message: Option<Message>,
}

impl Exported {
    /// Where the next page begins after it.
    #[must_use]
    pub fn cursor(&self) -> (SessionId, Option<MessageId>) {
        (self.session.id, self.message.as_ref().map(|message| message.id))
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

    /// One page of all that the caller has, `most` rows at most, after a place.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn export_page(
        &self,
        caller: &User,
        after: Option<(SessionId, Option<MessageId>)>,
        most: u32,
    ) -> Result<Vec<Exported>, StoreError> {
        let [issued, device] = token(caller);
        let params = vec![
            caller.id.to_string().into(),
            issued,
            device,
            after.map(|(session, _)| session.to_string()).into(),
            after.and_then(|(_, message)| message).map(|message| message.to_string()).into(),
            i64::from(most).into(),
        ];
        let rows = self.run_idempotent(EXPORT, params).await?;
        rows.iter().map(exported).collect()
    }
}

fn exported(row: Row<'_>) -> Result<Exported, StoreError> {
    let deleted_at = row.optional_text("deleted_at")?.map(|_| timestamp(row, "deleted_at")).transpose()?;
    let message = row.optional_text("message_id")?.map(|_| message(row)).transpose()?;
    Ok(Exported { session: session(row)?, deleted_at, message })
}
