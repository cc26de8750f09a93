//! Passkeys: an account without a name or a password. An authenticator holds the key, and says that its owner was there.
//!
//! They are made for the origin that the operator has told (`PUBLIC_ORIGIN`), never for one that a request names.

use std::time::Duration;

use domain::{MOST_PASSKEYS, Passkey, PasskeyId, PasskeyName, PublicOrigin, User, UserId};
use futures::future::join;
use infrastructure::postgres::{AddedKey, RemovedKey, StoredKey};
use infrastructure::{Assertion, PasskeyFault, Registration, Site, WebauthnError};
use platform::Level;

use super::challenge::{CHALLENGE_LIFE, Challenge, Purpose};
use super::notices::{self, Notice};
use super::{AccountError, Entrance, Entrant, SignedIn, claim, devices, enter, found, fresh_since, providers};
use crate::guests::Shown;
use crate::tries::{PASSKEYS, SIGN_UPS, Try};
use crate::{App, guests};

/// What a browser is asked to make a passkey by.
#[derive(Clone, Debug)]
pub struct Making {
    /// What is to be answered.
    pub challenge: Vec<u8>,
    /// For whom the passkey is: a host.
    pub rp_id: String,
    /// Whose it will be.
    pub user: UserId,
    /// What the authenticator shows of them.
    pub user_name: String,
    /// Passkeys that there are: their authenticators need not make another one.
    pub known: Vec<PasskeyId>,
}

/// What a browser is asked to sign in by.
#[derive(Clone, Debug)]
pub struct Signing {
    /// What is to be answered.
    pub challenge: Vec<u8>,
    /// For whom the passkey is: a host.
    pub rp_id: String,
}

/// A passkey that was made, as a browser hands it on.
#[derive(Clone, Debug)]
pub struct Made {
    /// Its id.
    pub id: PasskeyId,
    /// What the browser has seen.
    pub client_data: Vec<u8>,
    /// What the authenticator says.
    pub attestation: Vec<u8>,
    /// What its owner calls it.
    pub name: PasskeyName,
}

/// A passkey that has signed, as a browser hands it on.
#[derive(Clone, Debug)]
pub struct Signed {
    /// Its id.
    pub id: PasskeyId,
    /// What the browser has seen.
    pub client_data: Vec<u8>,
    /// What the authenticator says.
    pub authenticator_data: Vec<u8>,
    /// Of both.
    pub signature: Vec<u8>,
    /// Whose the authenticator says it is.
    pub user_handle: Option<Vec<u8>>,
}

/// How a new account's passkey is made. Nothing is asked of a store. `user_name`: what the authenticator is to show; nothing: a name of ours.
///
/// # Errors
/// [`AccountError::PasskeysOff`].
pub fn begin_register(app: &App, user_name: &PasskeyName) -> Result<Making, AccountError> {
    making(app, Purpose::Register, app.new_user_id(), user_name.as_str(), Vec::new())
}

/// How somebody signs in. Nothing is asked of a store.
///
/// # Errors
/// [`AccountError::PasskeysOff`].
pub fn begin_sign_in(app: &App) -> Result<Signing, AccountError> {
    let origin = origin(app)?;
    let challenge = Challenge::new(app, Purpose::Login, None).encode(&app.config.jwt_secret);
    Ok(Signing { challenge, rp_id: origin.rp_id().to_owned() })
}

/// How one more passkey of the caller's is made.
///
/// # Errors
/// [`AccountError::NotFresh`], [`AccountError::TooManyPasskeys`] before somebody is bothered for nothing; else as [`list`].
pub async fn begin_add(app: &App, caller: &User) -> Result<Making, AccountError> {
    origin(app)?;
    devices::account(app, caller).await?;
    let opened = app.postgres.open_keys(caller, fresh_since(app)).await?.ok_or(AccountError::NoAccount)?;
    if !opened.is_fresh {
        return Err(AccountError::NotFresh);
    }
    if u32::try_from(opened.keys.len()).is_ok_and(|there| there >= MOST_PASSKEYS) {
        return Err(AccountError::TooManyPasskeys);
    }
    making(app, Purpose::Add, caller.id, opened.login.as_deref().unwrap_or_default(), opened.keys)
}

/// Makes an account with a passkey and lets it in. It counts as a new guest.
///
/// # Errors
/// [`AccountError::Passkey`], [`AccountError::ChallengeEnded`] and [`AccountError::ChallengeUsed`] for what answers no wish of ours;
/// [`AccountError::PasskeyTaken`], [`AccountError::Guest`], [`AccountError::NotTried`], [`AccountError::Store`], [`AccountError::PasskeysOff`].
pub async fn register(
    app: &App,
    entrant: &Entrant<'_>,
    made: &Made,
    shown: Shown<'_>,
) -> Result<SignedIn, AccountError> {
    let registration = read_made(app, made).await?;
    let challenge = read_challenge(app, &registration.challenge, Purpose::Register)?;
    let id = challenge.user().ok_or(AccountError::ChallengeEnded)?;
    let tried = Try::of_address(app, SIGN_UPS, entrant.address);
    tried.count().await?;
    // The challenge is taken after it: who is asked for work repeats the same answer.
    if let Err(error) = guests::create(app, entrant.address, shown).await {
        tried.forgive().await;
        return Err(error.into());
    }
    if let Err(error) = take(app, &challenge).await {
        // Nobody has signed up by it, and nothing was told.
        tried.forgive().await;
        return Err(error);
    }
    let entrance = Entrance::new(app, entrant.user_agent);
    let now = app.platform.clock.now();
    if !app.postgres.register_key(id, &registration.key, &made.name, now, &entrance.device()).await? {
        return Err(AccountError::PasskeyTaken);
    }
    let mut signed_in = found(app, id, entrance);
    claim::take_along(app, &mut signed_in, entrant.guest).await;
    Ok(signed_in)
}

/// Signs a device in. Tries are counted by address, apart from those of passwords: nobody's wrong passwords keep a passkey out.
///
/// # Errors
/// [`AccountError::WrongPasskey`], whichever of it does not fit; [`AccountError::Passkey`], [`AccountError::ChallengeEnded`],
/// [`AccountError::ChallengeUsed`], [`AccountError::NotTried`], [`AccountError::NotVerified`], [`AccountError::Store`],
/// [`AccountError::PasskeysOff`].
pub async fn sign_in(app: &App, entrant: &Entrant<'_>, signed: &Signed) -> Result<SignedIn, AccountError> {
    let Signed { id, client_data, authenticator_data, signature, user_handle } = signed;
    let assertion = site(origin(app)?).assertion(client_data, authenticator_data, signature)?;
    let challenge = read_challenge(app, &assertion.challenge, Purpose::Login)?;
    let tried = Try::of_address(app, PASSKEYS, entrant.address);
    let (counted, taken) = join(tried.count(), take(app, &challenge)).await;
    counted?;
    taken?;
    let stored = app.postgres.read_key(id).await?.ok_or(AccountError::WrongPasskey)?;
    let is_owners = user_handle.as_ref().is_none_or(|handle| *handle == stored.user.to_bytes());
    if !is_owners || !assertion.is_signed_by(&stored.key, &*app.platform.signatures).await? {
        return Err(AccountError::WrongPasskey);
    }
    check_count(app, &assertion, &stored)?;
    let entrance = Entrance::new(app, entrant.user_agent);
    let (device, now) = (entrance.device(), app.platform.clock.now());
    let entering = app.postgres.sign_in_by_key(id, assertion.sign_count, assertion.is_backed_up, now, &device);
    let (row, ()) = join(entering, tried.forgive()).await;
    let row = row?.ok_or(AccountError::WrongPasskey)?;
    let user = enter(app, &row, entrance.refresh.device());
    let mut signed_in = SignedIn { user, refresh: entrance.refresh, has_claimed: false, recovery_code: None };
    claim::take_along(app, &mut signed_in, entrant.guest).await;
    Ok(signed_in)
}

/// The caller's passkeys, the oldest first.
///
/// # Errors
/// [`AccountError::NoAccount`] for a guest; [`AccountError::Store`].
pub async fn list(app: &App, caller: &User) -> Result<Vec<Passkey>, AccountError> {
    devices::account(app, caller).await?;
    Ok(app.postgres.list_keys(caller).await?)
}

/// Adds a passkey of the caller's, on a device that was signed in to just now.
///
/// # Errors
/// [`AccountError::NotFresh`], [`AccountError::TooManyPasskeys`], [`AccountError::PasskeyTaken`]; what answers no wish of ours as [`register`];
/// else as [`list`].
pub async fn add(app: &App, caller: &User, made: &Made) -> Result<Passkey, AccountError> {
    origin(app)?;
    devices::account(app, caller).await?;
    let registration = read_made(app, made).await?;
    let challenge = read_challenge(app, &registration.challenge, Purpose::Add)?;
    if challenge.user() != Some(caller.id) {
        return Err(AccountError::ChallengeEnded);
    }
    take(app, &challenge).await?;
    let (now, key) = (app.platform.clock.now(), &registration.key);
    match app.postgres.add_key(caller, fresh_since(app), (key, &made.name), now, MOST_PASSKEYS).await? {
        AddedKey::Added => {
            notices::tell(app, caller, Notice::PasskeyAdded);
            Ok(Passkey {
                id: made.id.clone(),
                name: made.name.as_str().to_owned(),
                is_backed_up: key.is_backed_up,
                created_at: now,
                used_at: None,
            })
        }
        AddedKey::Stale => Err(AccountError::NotFresh),
        AddedKey::Full => Err(AccountError::TooManyPasskeys),
        AddedKey::Taken => Err(AccountError::PasskeyTaken),
    }
}

/// Names one of the caller's passkeys.
///
/// # Errors
/// [`AccountError::NoSuchPasskey`], else as [`list`].
pub async fn rename(app: &App, caller: &User, id: &PasskeyId, name: &PasskeyName) -> Result<Passkey, AccountError> {
    devices::account(app, caller).await?;
    app.postgres.rename_key(caller, id, name).await?.ok_or(AccountError::NoSuchPasskey)
}

/// Removes one of the caller's passkeys, on a device that was signed in to just now: nobody signs in by it any more. Devices that it has signed in stay.
///
/// # Errors
/// [`AccountError::NotFresh`], [`AccountError::LastWayIn`], [`AccountError::NoSuchPasskey`], else as [`list`].
pub async fn remove(app: &App, caller: &User, id: &PasskeyId) -> Result<(), AccountError> {
    devices::account(app, caller).await?;
    match app.postgres.remove_key(caller, id, fresh_since(app), &providers::issuers(app)).await? {
        RemovedKey::Removed => {
            notices::tell(app, caller, Notice::PasskeyRemoved);
            Ok(())
        }
        RemovedKey::Stale => Err(AccountError::NotFresh),
        RemovedKey::Last => Err(AccountError::LastWayIn),
        RemovedKey::Missing => Err(AccountError::NoSuchPasskey),
    }
}

fn origin(app: &App) -> Result<&PublicOrigin, AccountError> {
    app.config.public_origin.as_ref().ok_or(AccountError::PasskeysOff)
}

fn site(origin: &PublicOrigin) -> Site<'_> {
    Site { origin: origin.as_str(), rp_id: origin.rp_id() }
}

/// What came of making a passkey. Its key is proved to be one: an account that nothing can sign for would be nobody's.
async fn read_made(app: &App, made: &Made) -> Result<Registration, AccountError> {
    let registration = site(origin(app)?).registration(&made.id, &made.client_data, &made.attestation)?;
    match registration.has_key(&*app.platform.signatures).await? {
        true => Ok(registration),
        false => Err(PasskeyFault::Unreadable(WebauthnError::Key).into()),
    }
}

fn making(
    app: &App,
    purpose: Purpose,
    user: UserId,
    user_name: &str,
    known: Vec<PasskeyId>,
) -> Result<Making, AccountError> {
    let rp_id = origin(app)?.rp_id().to_owned();
    let challenge = Challenge::new(app, purpose, Some(user)).encode(&app.config.jwt_secret);
    // An authenticator shows it in a list: two accounts of one person are told apart by it.
    let user_name = match user_name {
        "" => format!("{rp_id} {}", user.to_string().chars().rev().take(4).collect::<String>()),
        name => name.to_owned(),
    };
    Ok(Making { challenge, rp_id, user, user_name, known })
}

fn read_challenge(app: &App, bytes: &[u8], purpose: Purpose) -> Result<Challenge, AccountError> {
    Challenge::read(bytes, devices::keys(&app.config), purpose, app.platform.clock.now())
}

/// Takes a challenge, which can be done once. Without Redis nothing is let in, whatever `QUOTA_FAIL_MODE` says: an answer that was overheard could be
/// sent again.
async fn take(app: &App, challenge: &Challenge) -> Result<(), AccountError> {
    let life = Duration::try_from(CHALLENGE_LIFE).unwrap_or_default();
    let is_taken = app.redis.take_challenge(&challenge.nonce(), app.request, life).await?;
    if is_taken { Ok(()) } else { Err(AccountError::ChallengeUsed) }
}

/// What the count of a passkey that has signed tells of it (WebAuthn §7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Count {
    /// It grows, or it is not kept: it tells nothing.
    InOrder,
    /// The key is in two places, as it is meant to be.
    OfSeveral,
    /// Somebody has a copy of a key that is meant to be in one place.
    Copied,
}

/// What a count `told` means beside the highest that was. A key that is meant to be in several places has none to speak of. Which of them it is was told
/// before: a copy may say anything of itself.
fn count(told: u32, highest: i64, is_backed_up: bool) -> Count {
    match i64::from(told) {
        told if told > highest || (told == 0 && highest == 0) => Count::InOrder,
        _ if is_backed_up => Count::OfSeveral,
        _ => Count::Copied,
    }
}

fn check_count(app: &App, assertion: &Assertion, stored: &StoredKey) -> Result<(), AccountError> {
    let count = count(assertion.sign_count, stored.sign_count, stored.is_backed_up);
    if count != Count::InOrder {
        app.log(Level::Warn, "a passkey's count went back", vec![("event", "passkey_count_back".into())]);
    }
    match count {
        Count::InOrder | Count::OfSeveral => Ok(()),
        Count::Copied => Err(AccountError::WrongPasskey),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_does_not_grow_tells_of_a_copy_unless_there_may_be_several() {
        for (told, highest, in_one_place, in_several) in [
            (0, 0, Count::InOrder, Count::InOrder),
            (1, 0, Count::InOrder, Count::InOrder),
            (8, 7, Count::InOrder, Count::InOrder),
            (u32::MAX, i64::from(u32::MAX) - 1, Count::InOrder, Count::InOrder),
            (7, 7, Count::Copied, Count::OfSeveral),
            (6, 7, Count::Copied, Count::OfSeveral),
            (0, 7, Count::Copied, Count::OfSeveral),
            (u32::MAX, i64::from(u32::MAX), Count::Copied, Count::OfSeveral),
        ] {
            let found = (count(told, highest, false), count(told, highest, true));
            assert_eq!(found, (in_one_place, in_several), "{told} after {highest}");
        }
    }
}
