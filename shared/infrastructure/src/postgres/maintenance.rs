//! Statements that nobody waits for: what has been kept long enough goes, some rows at a time.

use domain::{Chore, Retention, Step, Tended};
use wire::neon::{Param, Row};

use super::client::{Postgres, unexpected};
use super::statement;
use crate::StoreError;

pub(super) const LOCK_IDLE_GUESTS: &str = statement!("lock_idle_guests");
pub(super) const HIDE_IDLE_SESSIONS: &str = statement!("hide_idle_sessions");
pub(super) const ERASE_SESSIONS: &str = statement!("erase_sessions", before "remove_sessions" "removed_sessions");
pub(super) const ERASE_USERS: &str = statement!("erase_users", before "remove_users" "remove_sessions" "removed_users");
pub(super) const REMOVE_DEVICES: &str = statement!("remove_devices");
pub(super) const REMOVE_SHARES: &str = statement!("remove_shares");
pub(super) const REMOVE_API_KEYS: &str = statement!("remove_api_keys");
pub(super) const COUNT_DUE: &str = statement!("count_due");

/// Rows that one statement removes at most, of each kind.
pub const ROWS: u32 = 2_000;

/// Whether a statement found as much as it may look at.
const IS_MORE: &str = "is_more";

/// A statement with its numbers, for whoever sends it.
pub type Counted = (&'static str, Vec<i64>);

/// The statement of a chore, for at most `rows` rows.
#[must_use]
pub fn statement_of(chore: Chore, kept: &Retention, rows: u32) -> Counted {
    let rows = i64::from(rows);
    match chore {
        Chore::LockIdleGuests => (LOCK_IDLE_GUESTS, vec![rows, kept.guest()]),
        Chore::HideIdleSessions => (HIDE_IDLE_SESSIONS, vec![rows, kept.idle(), kept.guest()]),
        Chore::EraseSessions => (ERASE_SESSIONS, vec![rows, kept.deleted()]),
        Chore::EraseUsers => (ERASE_USERS, vec![rows]),
        Chore::RemoveDevices => (REMOVE_DEVICES, vec![rows]),
        Chore::RemoveShares => (REMOVE_SHARES, vec![rows, kept.deleted()]),
        Chore::RemoveApiKeys => (REMOVE_API_KEYS, vec![rows, kept.deleted()]),
    }
}

/// The statement that counts what is to be done.
#[must_use]
pub fn count_due(kept: &Retention) -> Counted {
    (COUNT_DUE, vec![kept.deleted(), kept.idle(), kept.guest()])
}

/// Reads what such a statement answers, by the names of its columns.
///
/// # Errors
/// What `count` says of the first that cannot be read.
pub fn read_step<E>(mut count: impl FnMut(&'static str) -> Result<u64, E>) -> Result<Step, E> {
    Ok(Step { tended: Tended::read(&mut count)?, is_more: count(IS_MORE)? != 0 })
}

impl Postgres {
    /// Does a step of a chore. It is sent once: the next run finds what it has not done.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn tend(&self, chore: Chore, kept: &Retention) -> Result<Step, StoreError> {
        self.ask(statement_of(chore, kept, ROWS)).await
    }

    /// What there is to do.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn count_due(&self, kept: &Retention) -> Result<Tended, StoreError> {
        Ok(self.ask(count_due(kept)).await?.tended)
    }

    async fn ask(&self, (text, numbers): Counted) -> Result<Step, StoreError> {
        let rows = self.run_once(text, numbers.into_iter().map(Param::from).collect()).await?;
        let row = rows.first().ok_or_else(|| unexpected("what was done"))?;
        read_step(|name| count(row, name))
    }
}

fn count(row: Row<'_>, name: &str) -> Result<u64, StoreError> {
    u64::try_from(row.integer(name)?).map_err(|_| unexpected("a count"))
}
