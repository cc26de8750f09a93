//! Users as the operator sees them: what they have used, and whether they are shut out.

use domain::{Role, User, UserId};
use jiff::Timestamp;
use wire::neon::{Param, Row};

use super::accounts::stored_role;
use super::client::{Postgres, named, timestamp};
use super::statement;
use crate::StoreError;

pub(super) const READ: &str = statement!("read_user");
pub(super) const BLOCK: &str = statement!("block_user");

/// What somebody has used in a while: answers that were kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// Messages that were answered.
    pub messages: u64,
    /// Tokens that were read and written for them.
    pub tokens: u64,
}

/// A user, as the operator sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownUser {
    /// The role that is stored.
    pub role: Role,
    /// A verified address.
    pub email: Option<String>,
    /// On this day of UTC.
    pub today: Used,
    /// On this day and the 29 before.
    pub month: Used,
    /// Bytes of their chats.
    pub bytes: u64,
    /// Until when they are shut out; `None`: they are not.
    pub blocked_until: Option<Timestamp>,
}

impl Postgres {
    /// What a user has used; `None`: there is nobody.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn read_user(&self, admin: &User, user: UserId) -> Result<Option<KnownUser>, StoreError> {
        let mut params = named(admin);
        params.push(user.to_string().into());
        let rows = self.run_idempotent(READ, params).await?;
        let read = |row: Row<'_>| {
            let number = |name| Ok::<_, StoreError>(u64::try_from(row.integer(name)?).unwrap_or(0));
            Ok(KnownUser {
                role: stored_role(row)?,
                email: row.optional_text("email")?.map(str::to_owned),
                today: Used { messages: number("day_messages")?, tokens: number("day_tokens")? },
                month: Used { messages: number("messages")?, tokens: number("tokens")? },
                bytes: number("bytes")?,
                blocked_until: row
                    .optional_integer("blocked_until")?
                    .map(|_| timestamp(row, "blocked_until"))
                    .transpose()?,
            })
        };
        rows.first().map(read).transpose()
    }

    /// Shuts a user out until then; `None`: lets them in again. `false`: there is nobody.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement; safe to repeat.
    pub async fn block_user(&self, admin: &User, user: UserId, until: Option<Timestamp>) -> Result<bool, StoreError> {
        let mut params = named(admin);
        params.extend([user.to_string().into(), until.map_or(Param::Null, |until| until.to_string().into())]);
        Ok(self.run_idempotent(BLOCK, params).await?.first().is_some())
    }
}
