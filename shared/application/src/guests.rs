//! Coming without an account: an id, no database write, limited by address.

use std::net::IpAddr;

use domain::{Role, User};
use infrastructure::StoreError;
use infrastructure::redis::Mint;
use jiff::Timestamp;
use platform::Level;

use crate::config::{GuestChallenge, QuotaFailMode};
use crate::{App, WorkAsked, address, work};

/// Why there is no new guest.
#[derive(Debug, thiserror::Error)]
pub enum GuestError {
    /// This address has made enough guests today.
    #[error("too many guests from one address")]
    TooMany {
        /// How many are allowed a day.
        limit: u64,
        /// The counters' clock.
        now: Timestamp,
        /// When the count begins anew.
        reset_at: Timestamp,
    },
    /// It is asked for work first.
    #[error("work is asked for")]
    NeedsWork(WorkAsked),
    /// The counters gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a guest for a visitor from `address`, as the platform saw it, who has shown `proof` of work.
///
/// # Errors
/// [`GuestError`]: too many from this address, or Redis is down and `QUOTA_FAIL_MODE` is `closed`.
pub async fn create(app: &App, address: Option<IpAddr>, proof: Option<&str>) -> Result<User, GuestError> {
    let limit = app.config.guests_per_address;
    let address = address::hash(app, address);
    let works = app.config.guest_challenge == GuestChallenge::Work;
    let proof = proof.and_then(|proof| work::check(app, &address, proof));
    match app.redis.mint_guest(&address, limit, works, proof.as_ref()).await {
        Ok(Mint::NeedsWork { bits }) => return Err(GuestError::NeedsWork(work::ask(app, &address, bits))),
        Ok(Mint::Admitted) => {}
        Ok(Mint::Refused { now, reset_at }) => return Err(GuestError::TooMany { limit, now, reset_at }),
        Err(error) if app.config.quota_fail_mode == QuotaFailMode::Closed => return Err(error.into()),
        Err(error) => app.log_cause(Level::Warn, "guest not counted", &error),
    }
    Ok(User { id: app.new_user_id(), role: Role::Guest })
}
