//! What is kept, and how much may be.

use jiff::Timestamp;

use crate::Role;

/// Bytes that are kept, as the database counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StorageUse {
    /// Of one user's messages that are not deleted.
    pub user: u64,
    /// Of everything, as it was measured last.
    pub database: u64,
}

/// Bytes that a message counts for its row and index entries beside its text. `schema/tests` holds it against the database's function
/// `chat_message_bytes`.
pub const ROW_BYTES: u64 = 200;

/// The bytes a message counts: its text and [`ROW_BYTES`]; 0 while an answer is empty.
#[must_use]
pub fn kept_bytes(text: &str) -> u64 {
    let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
    if text.is_empty() { 0 } else { bytes.saturating_add(ROW_BYTES) }
}

/// How many bytes may be kept; 0: no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StorageLimits {
    /// Of an account, and of what the guests of one address send a day; a guest has a tenth.
    pub account: u64,
    /// What the database holds. The last tenth of it stays free: what has begun is always stored.
    pub database: u64,
}

/// What has no room for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageFull {
    /// The user's own space: what they delete makes room at once.
    User {
        /// Its bytes.
        limit: u64,
    },
    /// What the guests of one address may send a day.
    Address {
        /// Bytes a day.
        limit: u64,
        /// When there is more.
        until: Timestamp,
    },
    /// The database.
    Database,
}

impl StorageLimits {
    /// The bytes that one user may keep; `None`: no limit.
    #[must_use]
    pub fn of_user(self, role: Role) -> Option<u64> {
        let bytes = match role {
            Role::Guest => self.account / 10,
            Role::User | Role::Admin => self.account,
        };
        (self.account > 0).then_some(bytes)
    }

    /// The size from which on the operator is told that the database fills up; `None`: no limit.
    #[must_use]
    pub fn low(self) -> Option<u64> {
        (self.database > 0).then_some(self.database / 10 * 8)
    }

    /// The size from which on the database takes nothing new; `None`: no limit.
    #[must_use]
    pub fn full(self) -> Option<u64> {
        (self.database > 0).then_some(self.database / 10 * 9)
    }

    /// Whether a user of this role has room for a message.
    ///
    /// # Errors
    /// [`StorageFull`]: which of them is full.
    pub fn check(self, role: Role, used: StorageUse) -> Result<(), StorageFull> {
        match (self.full(), self.of_user(role)) {
            (Some(full), _) if used.database >= full => Err(StorageFull::Database),
            (_, Some(limit)) if used.user >= limit => Err(StorageFull::User { limit }),
            (Some(_) | None, Some(_) | None) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_their_own_space_and_the_last_tenth_of_the_database_stays_free() {
        let limits = StorageLimits { account: 200, database: 1_000 };
        let cases = [
            (Role::Guest, 19, 899, Ok(())),
            (Role::Guest, 20, 899, Err(StorageFull::User { limit: 20 })),
            (Role::User, 199, 0, Ok(())),
            (Role::User, 200, 0, Err(StorageFull::User { limit: 200 })),
            (Role::Admin, 200, 0, Err(StorageFull::User { limit: 200 })),
            (Role::User, 200, 900, Err(StorageFull::Database)),
        ];
        for (role, user, database, expected) in cases {
            assert_eq!(limits.check(role, StorageUse { user, database }), expected, "{role:?} {user} {database}");
        }
        let off = StorageLimits { account: 0, database: 0 };
        assert_eq!(off.check(Role::Guest, StorageUse { user: u64::MAX, database: u64::MAX }), Ok(()));
        assert_eq!((limits.low(), off.low(), off.full(), off.of_user(Role::User)), (Some(800), None, None, None));
    }
}
