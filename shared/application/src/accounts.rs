//! Accounts: signing up and in, devices and their tokens, the claim of a guest.
//!
//! The ways in end alike: a device is written with the hash of its refresh token, by the statement that lets it in, and [`enter`] makes of the
//! account's row who it is.

mod api_key;
pub mod api_keys;
mod challenge;
mod claim;
mod deletion;
mod departure;
mod devices;
mod export;
mod known_browser;
mod letters;
mod mail;
mod notices;
pub mod passkeys;
mod password;
pub mod providers;
mod refresh_token;

use domain::{DeviceId, Role, User, UserId};
use infrastructure::postgres::{AccountRow, NewDevice, Person};
use infrastructure::providers::ProviderFault;
use infrastructure::{PasskeyFault, StoreError};
use jiff::{SignedDuration, Timestamp};
use platform::NotVerified;

use crate::App;
use crate::guests::GuestError;
use crate::tries::TryError;

pub use api_key::{API_KEY_PREFIX, ShownApiKey};
pub use challenge::CHALLENGE_LIFE;
pub use claim::Entrant;
pub use deletion::delete;
pub use departure::{AWAY, BACK};
pub use devices::{LoggedOut, ShownToken, end_device, list, log_out, refresh};
pub use export::{Lines, Place, export};
pub use infrastructure::postgres::{Device, Exported, ExportedSession, KeptIdentity};
pub use known_browser::KnownBrowser;
pub use mail::{
    Confirmed, LINK_LIFE, Link, LinkToken, ask as ask_by_mail, confirm, look as look_at_link, reset as reset_by_mail,
};
pub use password::{PasswordKey, RecoveryCode, SaltView, register, reset, salt, set, sign_in};
pub use refresh_token::RefreshToken;

/// How long a refresh token is good, unless it is used: its successor is good as long again.
pub const REFRESH_LIFE: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How long after a sign-in a device may do what an open browser that was left alone must not.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

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
    /// Too many have been tried, or nobody knows how many.
    #[error(transparent)]
    NotTried(#[from] TryError),
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
    /// There are no passkeys here: the operator has not told the page's origin.
    #[error("PUBLIC_ORIGIN is not set")]
    PasskeysOff,
    /// What a browser has handed on is not what was asked for.
    #[error(transparent)]
    Passkey(#[from] PasskeyFault),
    /// It answers no challenge of ours, or one that has ended.
    #[error("the challenge has ended")]
    ChallengeEnded,
    /// It answers a challenge that was answered before.
    #[error("the challenge was used")]
    ChallengeUsed,
    /// The passkey is nobody's, or it has not signed; which of them is not told.
    #[error("wrong passkey")]
    WrongPasskey,
    /// Whether the passkey has signed is not known.
    #[error(transparent)]
    NotVerified(#[from] NotVerified),
    /// Somebody has this passkey.
    #[error("the passkey is taken")]
    PasskeyTaken,
    /// The account has as many passkeys as may be.
    #[error("too many passkeys")]
    TooManyPasskeys,
    /// Nothing else lets the account in.
    #[error("the last way in")]
    LastWayIn,
    /// The caller has no such passkey.
    #[error("no such passkey")]
    NoSuchPasskey,
    /// There are no API keys here: `FEATURE_OPENAI` is off.
    #[error("FEATURE_OPENAI is off")]
    ApiKeysOff,
    /// The account has as many API keys as may be.
    #[error("too many API keys")]
    TooManyApiKeys,
    /// The caller has no such API key.
    #[error("no such API key")]
    NoSuchApiKey,
    /// No mail is sent here.
    #[error("MAIL_API_URL is not set")]
    MailOff,
    /// No such link was sent, or its time is over, or its account is gone.
    #[error("no such link")]
    LinkUnknown,
    /// The link was used.
    #[error("the link was used")]
    LinkUsed,
    /// Another account has asked for the link, or nobody is signed in.
    #[error("another account's link")]
    LinkOfOther,
    /// The address is another account's.
    #[error("the address is taken")]
    AddressTaken,
    /// Nobody of this name vouches for somebody here.
    #[error("no such provider")]
    NoSuchProvider,
    /// The browser does not carry what belongs to this, or not any more, or it was used.
    #[error("the way back has ended")]
    SignInExpired,
    /// They have not let the provider vouch for them.
    #[error("the sign-in was denied")]
    SignInDenied,
    /// The provider vouches for nobody.
    #[error(transparent)]
    Provider(#[from] ProviderFault),
    /// Somebody has this identity.
    #[error("the identity is taken")]
    IdentityTaken,
    /// The account has as many identities as may be.
    #[error("too many identities")]
    TooManyIdentities,
    /// The caller has no such identity.
    #[error("no such identity")]
    NoSuchIdentity,
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
pub(crate) fn role_of(app: &App, id: UserId, stored: Role, verified: Option<&str>) -> Role {
    app.config.accounts.as_ref().map_or(stored, |accounts| accounts.admins.role_of(id, stored, verified))
}

/// Who an account's row lets in on `device`.
fn enter(app: &App, account: &AccountRow, device: DeviceId) -> User {
    let role = role_of(app, account.id, account.role, account.email.as_deref());
    User {
        id: account.id,
        role,
        is_unverified: role != Role::Admin && account.email.is_none() && !account.has_identity,
        // Tokens know whole seconds: one that is issued in the second of a change counts from the next.
        issued_at: Some(app.platform.clock.now().max(account.valid_after)),
        device: Some(device),
        was: account.was,
    }
}

/// Who has just signed up.
fn found(app: &App, id: UserId, entrance: Entrance) -> SignedIn {
    let role = role_of(app, id, Role::User, None);
    let refresh = entrance.refresh;
    let user = User { device: Some(refresh.device()), is_unverified: role != Role::Admin, ..User::new(id, role) };
    SignedIn { user, refresh, has_claimed: false, recovery_code: None }
}

/// Since when a sign-in is fresh.
fn fresh_since(app: &App) -> Timestamp {
    let now = app.platform.clock.now();
    now.checked_sub(FRESH).unwrap_or(now)
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
