//! Coming without an account: an id, no database write, limited by address.

use std::net::IpAddr;
use std::rc::Rc;

use domain::{Role, User, UserId};
use infrastructure::redis::{BEYOND, Mint};
use infrastructure::{StoreError, Turnstile, TurnstileError};
use jiff::Timestamp;
use platform::Level;

use crate::config::{GuestChallenge, QuotaFailMode};
use crate::{App, WorkAsked, address, proof_of_work};

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
    /// It is asked for a token of Turnstile's first.
    #[error("a token of Turnstile's is asked for")]
    NeedsToken {
        /// The site's public key, with which the page asks for one.
        site_key: String,
    },
    /// Its token could not be checked.
    #[error(transparent)]
    NotChecked(#[from] TurnstileError),
    /// The counters gave no answer, or the operator has shut the address out.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a visitor has shown, as it was sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shown<'a> {
    /// Proof of work.
    pub proof: Option<&'a str>,
    /// A token of Turnstile's.
    pub token: Option<&'a str>,
}

/// Makes a guest for a visitor from `address`, as the platform saw it.
///
/// # Errors
/// [`GuestError`]: too many from this address, nothing shown of what is asked for, or Redis is down and `QUOTA_FAIL_MODE` is `closed`.
pub async fn create(app: &App, address: Option<IpAddr>, shown: Shown<'_>) -> Result<User, GuestError> {
    let Shown { proof, token } = shown;
    let limit = match app.config.guest_challenge {
        GuestChallenge::Turnstile => {
            redeem(app, address, token.unwrap_or_default()).await?;
            // Each has shown a person: as with work, more than the number may come.
            app.config.guests_per_address.saturating_mul(BEYOND)
        }
        GuestChallenge::Work | GuestChallenge::Off => app.config.guests_per_address,
    };
    let address = address::hash(app, address);
    let works = app.config.guest_challenge == GuestChallenge::Work;
    let proof = proof.and_then(|proof| proof_of_work::check(app, &address, proof));
    match app.redis.mint_guest(&address, limit, works, proof.as_ref()).await {
        Ok(Mint::NeedsWork { bits }) => return Err(GuestError::NeedsWork(proof_of_work::ask(app, &address, bits))),
        Ok(Mint::Admitted) => {}
        Ok(Mint::Refused { now, reset_at }) => {
            // The number is where the work begins, and ends at so many times as much.
            let limit = if works { limit.saturating_mul(BEYOND) } else { limit };
            return Err(GuestError::TooMany { limit, now, reset_at });
        }
        Err(error) if error.is_refusal() || app.config.quota_fail_mode == QuotaFailMode::Closed => {
            return Err(error.into());
        }
        Err(error) => app.log_cause(Level::Warn, "guest not counted", &error),
    }
    Ok(User::new(app.new_user_id(), Role::Guest))
}

/// Whether a guest is still one: neither claimed nor deleted. Redis alone is asked; one that gives no answer lets them pass, for a token that was ended opens
/// nearly nothing.
///
/// # Errors
/// [`StoreError`]: the guest was claimed, or has gone.
pub async fn check(app: &App, guest: UserId) -> Result<(), StoreError> {
    match app.redis.check_guest(guest).await {
        Err(error) if error.is_refusal() => Err(error),
        Err(error) => {
            app.log_cause(Level::Warn, "guest not looked for", &error);
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// [`check`] before a write that makes a guest's row where there is none: of one who was deleted Postgres knows nothing any more, and what was written for them
/// would be nobody's. A message is asked for it by its admission.
///
/// # Errors
/// [`StoreError`]: the caller is a guest who was claimed, or has gone.
pub(crate) async fn check_caller(app: &App, caller: &User) -> Result<(), StoreError> {
    match caller.role {
        Role::Guest => check(app, caller.id).await,
        Role::User | Role::Admin => Ok(()),
    }
}

/// Redeems the token; one that could not be checked is refused.
async fn redeem(app: &App, address: Option<IpAddr>, token: &str) -> Result<(), GuestError> {
    let config = &app.config;
    let http = Rc::clone(&app.platform.http);
    let turnstile = Turnstile { http, url: &config.turnstile_url, secret: &config.turnstile_secret };
    match turnstile.redeem(token, address, app.request).await? {
        true => Ok(()),
        false => Err(GuestError::NeedsToken { site_key: config.turnstile_site_key.clone() }),
    }
}
