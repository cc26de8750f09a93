//! What an admin does about who uses the page badly: looks at what they have used, and shuts them or their address out for a time (docs/operate.md).

use std::net::IpAddr;

use domain::{Role, User, UserId, end_of_day};
use infrastructure::StoreError;
use jiff::{SignedDuration, Timestamp};

use crate::{App, accounts, address};

pub use infrastructure::postgres::{KnownUser, Used};

/// For how long somebody can be shut out at most.
const LONGEST: SignedDuration = SignedDuration::from_hours(31 * 24);

/// Why nobody is looked at or shut out.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    /// It is the operator's.
    #[error("the caller is no admin")]
    NotAdmin,
    /// The block would end before now, or later than it may.
    #[error("a block ends within 31 days")]
    WrongEnd,
    /// There is nobody by this id.
    #[error("no such user")]
    Nobody,
    /// An admin cannot be shut out.
    #[error("an admin is not shut out")]
    IsAdmin,
    /// A store gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn check(caller: &User) -> Result<(), BlockError> {
    if caller.role == Role::Admin { Ok(()) } else { Err(BlockError::NotAdmin) }
}

/// What a user has used.
///
/// # Errors
/// [`BlockError`].
pub async fn read(app: &App, caller: &User, user: UserId) -> Result<KnownUser, BlockError> {
    check(caller)?;
    let mut known = app.postgres.read_user(caller, user).await?.ok_or(BlockError::Nobody)?;
    known.role = accounts::role_of(app, user, known.role, known.email.as_deref());
    Ok(known)
}

/// Shuts a user out until then; `None`: lets them in again. Postgres and Redis are told, so that each can say no by itself; safe to repeat where one of them
/// gave no answer.
///
/// # Errors
/// [`BlockError`].
pub async fn change(app: &App, caller: &User, user: UserId, until: Option<Timestamp>) -> Result<(), BlockError> {
    check(caller)?;
    let now = app.platform.clock.now();
    if until.is_some_and(|until| until <= now || until.duration_since(now) > LONGEST) {
        return Err(BlockError::WrongEnd);
    }
    let is_admin = async || match read(app, caller, user).await {
        Ok(known) => Ok(known.role == Role::Admin),
        Err(BlockError::Nobody) => Ok(false),
        Err(error) => Err(error),
    };
    if until.is_some() && (user == caller.id || is_admin().await?) {
        return Err(BlockError::IsAdmin);
    }
    // Who has kept nothing yet has no row, and is known to Redis alone.
    app.postgres.block_user(caller, user, until).await?;
    Ok(app.redis.block_user(user, until).await?)
}

/// Shuts an address out until midnight UTC, when its hash changes, or lets it in again.
///
/// # Errors
/// [`BlockError`].
pub async fn change_address(app: &App, caller: &User, of: IpAddr, is_blocked: bool) -> Result<(), BlockError> {
    check(caller)?;
    let midnight = is_blocked.then(|| end_of_day(app.platform.clock.now()));
    Ok(app.redis.block_address(&address::hash(app, Some(of)), midnight).await?)
}
