//! Coming without an account: an id, no database write, limited by address.

use std::net::IpAddr;

use domain::{Role, User};
use infrastructure::StoreError;
use infrastructure::redis::Mint;
use jiff::Timestamp;
use platform::Level;
use sha2::{Digest, Sha256};

use crate::App;
use crate::config::QuotaFailMode;

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
    /// The counters gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a guest for whoever asks from `address`, as the platform saw it.
///
/// # Errors
/// [`GuestError`]: too many from this address, or Redis is down and `QUOTA_FAIL_MODE` is `closed`.
pub async fn create(app: &App, address: Option<IpAddr>) -> Result<User, GuestError> {
    let limit = app.config.guests_per_address;
    match app.redis.mint_guest(&address_hash(app, address), limit).await {
        Ok(Mint::Admitted) => {}
        Ok(Mint::Refused { now, reset_at }) => return Err(GuestError::TooMany { limit, now, reset_at }),
        Err(error) if app.config.quota_fail_mode == QuotaFailMode::Closed => return Err(error.into()),
        Err(error) => app.log(Level::Warn, "guest not counted", vec![("cause", error.to_string().into())]),
    }
    Ok(User { id: app.user_id(), role: Role::Guest })
}

/// The address, hashed with a salt that changes every day: nobody can follow it to the next one. An IPv6 customer has a /64, so that is what is counted.
fn address_hash(app: &App, address: Option<IpAddr>) -> String {
    let network = match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => address.to_bits().to_be_bytes().to_vec(),
        Some(IpAddr::V6(address)) => address.octets().iter().take(8).copied().collect(),
        None => Vec::new(),
    };
    let day = app.platform.clock.now().as_second().div_euclid(86_400);
    let mut hash = Sha256::new();
    hash.update(b"edgewise address salt");
    hash.update(app.config.jwt_secret.as_bytes());
    hash.update(day.to_be_bytes());
    hash.update(network);
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
