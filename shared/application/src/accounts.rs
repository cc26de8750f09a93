//! Accounts: signing up and in, devices and their tokens, the claim of a guest.
//!
//! The ways in end alike: a device is written with the hash of its refresh token, by the statement that lets it in, and [`enter`] makes of the
//! account's row who it is. Other ways than a password are to end there, too.

mod claim;
mod deletion;
mod devices;
mod export;
mod known_browser;
mod password;
mod refresh_token;
mod tries;

use domain::{DeviceId, Role, User, UserId};
use infrastructure::StoreError;
use infrastructure::postgres::{AccountRow, NewDevice, Person};
use jiff::{SignedDuration, Timestamp};

use crate::App;
use crate::guests::GuestError;

pub use claim::Entrant;
pub use deletion::{delete, erase};
pub use devices::{LoggedOut, ShownToken, end_device, list, log_out, refresh};
pub use export::{Lines, Place, export};
pub use infrastructure::postgres::{Device, Exported};
pub use known_browser::KnownBrowser;
pub use password::{PasswordKey, RecoveryCode, SaltView, register, reset, salt, sign_in};
pub use refresh_token::RefreshToken;

/// How long a refresh token is good, unless it is used: its successor is good as long again.
pub const REFRESH_LIFE: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The most of a browser's own words that is kept of a device, in characters.
const USER_AGENT_CHARS: usize = 255;

/// Why nobody was let in.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Somebody signs in by this name.
    #[error("the login is taken")]
    LoginTaken,
    /// The name, the password or the code does not fit; which of them is not told.
    #[error("wrong credentials")]
    WrongCredentials,
    /// Too many have been tried.
    #[error("too many tries")]
    TooManyTries {
        /// How many are let in.
        limit: u32,
        /// The counters' clock.
        now: Timestamp,
        /// When the next one is.
        until: Timestamp,
    },
    /// The device has ended, or its token is none of ours.
    #[error("the device has ended: {0}")]
    NoDevice(&'static str),
    /// The device was signed in to too long ago for this.
    #[error("not signed in just now")]
    NotFresh,
    /// A guest has no part in this.
    #[error("not an account")]
    NoAccount,
    /// The caller has no such device.
    #[error("no such device")]
    NoSuchDevice,
    /// A sign-up counts as a guest.
    #[error(transparent)]
    Guest(#[from] GuestError),
    /// A store gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Somebody who was let in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who, with the moment from which their access token counts.
    pub user: User,
    /// What the device comes back with.
    pub refresh: RefreshToken,
    /// Whether the guest they were goes with them.
    pub has_claimed: bool,
    /// Stands in for the password, once; shown now and never again.
    pub recovery_code: Option<RecoveryCode>,
}

/// What is known of a caller.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Their role, as it is now.
    pub role: Role,
    /// What their row says; `None`: a guest who has nothing.
    pub person: Option<Person>,
}

/// What is known of `caller`.
///
/// # Errors
/// [`StoreError`] when Postgres gives no answer.
pub async fn read(app: &App, caller: &User) -> Result<Profile, StoreError> {
    let person = app.postgres.read_account(caller).await?;
    let role = match (&person, caller.role) {
        (Some(person), Role::User | Role::Admin) => role_of(app, caller.id, person.role, person.email.as_deref()),
        (_, role) => role,
    };
    Ok(Profile { role, person })
}

/// What an account may do at present.
fn role_of(app: &App, id: UserId, stored: Role, verified: Option<&str>) -> Role {
    app.config.accounts.as_ref().map_or(stored, |accounts| accounts.admins.role_of(id, stored, verified))
}

/// Who an account's row lets in on `device`.
fn enter(app: &App, account: &AccountRow, device: DeviceId) -> User {
    let role = role_of(app, account.id, account.role, account.email.as_deref());
    User {
        id: account.id,
        role,
        is_unverified: role != Role::Admin && account.email.is_none(),
        // Tokens know whole seconds: one that is issued in the second of a change counts from the next.
        issued_at: Some(app.platform.clock.now().max(account.valid_after)),
        device: Some(device),
        was: account.was,
    }
}

/// The first whole second after this moment: from then on tokens count that are issued after a change.
fn next_second(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second().saturating_add(1)).unwrap_or(now)
}

/// A device that is about to be let in, and the token it is given.
struct Entrance {
    refresh: RefreshToken,
    user_agent: String,
    expires_at: Timestamp,
}

impl Entrance {
    fn new(app: &App, user_agent: &str) -> Self {
        Self {
            refresh: RefreshToken::new(app.new_device_id(), app.fresh_bytes()),
            user_agent: user_agent.chars().filter(|c| !c.is_control()).take(USER_AGENT_CHARS).collect(),
            expires_at: refresh_ends(app),
        }
    }

    fn device(&self) -> NewDevice<'_> {
        NewDevice {
            id: self.refresh.device(),
            token_hash: self.refresh.hash(),
            user_agent: &self.user_agent,
            expires_at: self.expires_at,
        }
    }
}

fn refresh_ends(app: &App) -> Timestamp {
    let now = app.platform.clock.now();
    now.checked_add(REFRESH_LIFE).unwrap_or(now)
}
