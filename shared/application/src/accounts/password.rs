//! Passwords. The browser makes a key of them, slowly (Argon2id); here that is only put under an HMAC with a pepper, in microseconds.
//!
//! Nothing tells who has an account but a sign-up that is refused: a name that nobody has is answered by the same statements in the same form.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{LoginName, User};
use hmac::{Hmac, Mac};
use infrastructure::postgres::{SetPassword, StoredPassword};
use sha2::Sha256;

use super::notices::{self, Notice};
use super::{
    AccountError, Entrance, Entrant, KnownBrowser, SignedIn, claim, devices, enter, found, fresh_since, next_second,
};
use crate::config::Accounts;
use crate::guests::Shown;
use crate::hex::hex;
use crate::tries::{SALTS, SECRETS, SIGN_UPS, Try};
use crate::{App, guests};

/// How a browser makes a key of a password: OWASP's least for Argon2id.
const PARAMS: &str = "argon2id,v=19,m=19456,t=2,p=1";

/// What a browser has made of a password.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordKey([u8; 32]);

impl PasswordKey {
    /// Reads 32 bytes in base64url without padding; `None` for every other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }
}

/// A code of 128 bits that stands in for a password, once.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode([u8; 16]);

impl std::fmt::Debug for RecoveryCode {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("RecoveryCode")
    }
}

impl RecoveryCode {
    /// Eight groups of four hexadecimal digits: it is written down by hand.
    #[must_use]
    pub fn shown(&self) -> String {
        let groups: Vec<String> =
            self.0.chunks(2).map(|pair| pair.iter().map(|byte| format!("{byte:02X}")).collect()).collect();
        groups.join("-")
    }

    /// Reads one as somebody may have written it; `None` for a text that is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: Vec<u8> = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect::<Option<_>>()?;
        let bytes: Vec<u8> =
            digits.chunks_exact(2).filter_map(|pair| Some(pair.first()? * 16 + pair.last()?)).collect();
        if digits.len() == 32 { bytes.try_into().ok().map(Self) } else { None }
    }
}

/// What a browser needs to make a key of a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaltView {
    /// In hexadecimal digits.
    pub salt: String,
    /// Method, version, KiB of memory, passes, lanes.
    pub params: String,
}

/// How a key is made of the password of `login`.
///
/// # Errors
/// [`AccountError::NotTried`], [`AccountError::Store`].
pub async fn salt(app: &App, entrant: &Entrant<'_>, login: &LoginName) -> Result<SaltView, AccountError> {
    Try::new(app, SALTS, entrant.address, login, None).count().await?;
    let known = app.postgres.read_salt(login).await?;
    Ok(known.map_or_else(|| fresh_salt(app, login), |(salt, params)| SaltView { salt, params }))
}

/// Makes an account. It counts as a guest: `shown` is what that asks for.
///
/// # Errors
/// [`AccountError::LoginTaken`], [`AccountError::NotTried`], [`AccountError::Guest`], [`AccountError::Store`].
pub async fn register(
    app: &App,
    entrant: &Entrant<'_>,
    login: &LoginName,
    key: &PasswordKey,
    shown: Shown<'_>,
) -> Result<SignedIn, AccountError> {
    let tried = Try::new(app, SIGN_UPS, entrant.address, login, None);
    tried.count().await?;
    let id = match guests::create(app, entrant.address, shown).await {
        Ok(User { id, .. }) => id,
        Err(error) => {
            // It has told nothing of the name.
            tried.forgive().await;
            return Err(error.into());
        }
    };
    let code = RecoveryCode(app.fresh_bytes());
    let stored = stored(accounts(app), login, key, &code);
    let entrance = Entrance::new(app, entrant.user_agent);
    if !app.postgres.register(id, login, &stored, &entrance.device()).await? {
        return Err(AccountError::LoginTaken);
    }
    let mut signed_in = SignedIn { recovery_code: Some(code), ..found(app, id, entrance) };
    claim::take_along(app, &mut signed_in, entrant.guest).await;
    Ok(signed_in)
}

/// Signs a device in.
///
/// # Errors
/// [`AccountError::WrongCredentials`], [`AccountError::NotTried`], [`AccountError::Store`].
pub async fn sign_in(
    app: &App,
    entrant: &Entrant<'_>,
    login: &LoginName,
    key: &PasswordKey,
) -> Result<SignedIn, AccountError> {
    let tried =
        Try::new(app, SECRETS, entrant.address, login, entrant.known_browser.as_ref().map(KnownBrowser::as_str));
    tried.count().await?;
    let accounts = accounts(app);
    let entrance = Entrance::new(app, entrant.user_agent);
    let mac = password_mac(accounts, key);
    let row = app.postgres.sign_in(login, &mac, &accounts.pepper_id, &entrance.device()).await?;
    let row = row.ok_or(AccountError::WrongCredentials)?;
    tried.forgive().await;
    let user = enter(app, &row, entrance.refresh.device());
    if entrant.known_browser.is_none() {
        notices::tell(app, &user, Notice::NewBrowser);
    }
    let mut signed_in = SignedIn { user, refresh: entrance.refresh, has_claimed: false, recovery_code: None };
    claim::take_along(app, &mut signed_in, entrant.guest).await;
    Ok(signed_in)
}

/// Sets a new password by a recovery code and signs the device in; all other devices end, and there is a new code.
///
/// # Errors
/// [`AccountError::WrongCredentials`], [`AccountError::NotTried`], [`AccountError::Store`].
pub async fn reset(
    app: &App,
    entrant: &Entrant<'_>,
    login: &LoginName,
    code: &RecoveryCode,
    key: &PasswordKey,
) -> Result<SignedIn, AccountError> {
    let tried =
        Try::new(app, SECRETS, entrant.address, login, entrant.known_browser.as_ref().map(KnownBrowser::as_str));
    tried.count().await?;
    let accounts = accounts(app);
    let next = RecoveryCode(app.fresh_bytes());
    let entrance = Entrance::new(app, entrant.user_agent);
    let stored = stored(accounts, login, key, &next);
    let valid_after = next_second(app.platform.clock.now());
    let shown = recovery_mac(accounts, code);
    let row = app.postgres.reset_password(login, &shown, &stored, &entrance.device(), valid_after).await?;
    let row = row.ok_or(AccountError::WrongCredentials)?;
    tried.forgive().await;
    let user = enter(app, &row, entrance.refresh.device());
    notices::tell(app, &user, Notice::PasswordSet);
    let mut signed_in = SignedIn { user, refresh: entrance.refresh, has_claimed: false, recovery_code: Some(next) };
    claim::take_along(app, &mut signed_in, entrant.guest).await;
    Ok(signed_in)
}

/// Sets the caller's password and signs their device in anew; all devices end, and there is a new code. `before`: the key of the password that there is.
/// Without it the device must have been signed in to just now, and by a passkey where there is a password: a passkey stands for one that was lost.
///
/// # Errors
/// [`AccountError::WrongCredentials`] where `before` or the name does not fit, [`AccountError::NotFresh`] without it, [`AccountError::LoginTaken`] for
/// a first password, [`AccountError::NotTried`], [`AccountError::NoAccount`] for a guest, [`AccountError::Store`].
pub async fn set(
    app: &App,
    caller: &User,
    entrant: &Entrant<'_>,
    login: &LoginName,
    before: Option<&PasswordKey>,
    key: &PasswordKey,
) -> Result<SignedIn, AccountError> {
    devices::account(app, caller).await?;
    // A password is guessed on a device of its account alone; without a guess it is a name that is tried.
    let device = caller.device.map(KnownBrowser::of_device);
    let rule = if before.is_some() { SECRETS } else { SIGN_UPS };
    let tried = Try::new(app, rule, entrant.address, login, device.as_ref().map(KnownBrowser::as_str));
    tried.count().await?;
    let accounts = accounts(app);
    let code = RecoveryCode(app.fresh_bytes());
    let entrance = Entrance::new(app, entrant.user_agent);
    let stored = stored(accounts, login, key, &code);
    let known = before.map(|key| password_mac(accounts, key));
    let valid_after = next_second(app.platform.clock.now());
    let (device, fresh) = (entrance.device(), fresh_since(app));
    let set = app.postgres.set_password(caller, login, known.as_ref(), fresh, &stored, &device, valid_after).await?;
    let row = match set {
        SetPassword::Set(row) => row,
        SetPassword::Taken => return Err(AccountError::LoginTaken),
        SetPassword::Refused if before.is_some() => return Err(AccountError::WrongCredentials),
        SetPassword::Refused => {
            tried.forgive().await;
            return Err(AccountError::NotFresh);
        }
    };
    tried.forgive().await;
    let user = enter(app, &row, entrance.refresh.device());
    notices::tell(app, &user, Notice::PasswordSet);
    Ok(SignedIn { user, refresh: entrance.refresh, has_claimed: false, recovery_code: Some(code) })
}

/// The routes are there where accounts are.
fn accounts(app: &App) -> &Accounts {
    const NONE: &Accounts = &Accounts::NONE;
    app.config.accounts.as_ref().unwrap_or(NONE)
}

fn stored(accounts: &Accounts, login: &LoginName, key: &PasswordKey, code: &RecoveryCode) -> StoredPassword {
    StoredPassword {
        mac: password_mac(accounts, key),
        pepper: accounts.pepper_id.clone(),
        salt: salt_of(accounts, login).to_vec(),
        params: PARAMS,
        recovery_mac: recovery_mac(accounts, code),
    }
}

/// How a key is made of a new password of `login`.
pub(super) fn fresh_salt(app: &App, login: &LoginName) -> SaltView {
    let salt = hex(&salt_of(accounts(app), login));
    SaltView { salt, params: PARAMS.to_owned() }
}

/// A new password of `login`, whose key was made by [`fresh_salt`], and the code that stands in for it.
pub(super) fn fresh(app: &App, login: &LoginName, key: &PasswordKey) -> (StoredPassword, RecoveryCode) {
    let code = RecoveryCode(app.fresh_bytes());
    (stored(accounts(app), login, key, &code), code)
}

fn password_mac(accounts: &Accounts, key: &PasswordKey) -> [u8; 32] {
    mac(&accounts.pepper, "edgewise password", &key.0)
}

fn recovery_mac(accounts: &Accounts, code: &RecoveryCode) -> [u8; 32] {
    mac(&accounts.pepper, "edgewise recovery", &code.0)
}

/// The same for everybody who asks, whether somebody has the name or not.
fn salt_of(accounts: &Accounts, login: &LoginName) -> [u8; 16] {
    let mac = mac(&accounts.pepper, "edgewise salt", login.as_str().as_bytes());
    std::array::from_fn(|at| mac.get(at).copied().unwrap_or_default())
}

fn mac(key: &str, purpose: &str, message: &[u8]) -> [u8; 32] {
    // HMAC takes keys of every length, so that there is one.
    let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(key.as_bytes()) else { return [0; 32] };
    mac.update(purpose.as_bytes());
    mac.update(&[0]);
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_was_written_down() {
        let code = RecoveryCode([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 171, 205, 239, 254, 255]);
        assert_eq!(code.shown(), "0001-0203-0405-0607-0809-0AAB-CDEF-FEFF");
        for text in [code.shown(), code.shown().to_lowercase().replace('-', " "), code.shown().replace('-', "")] {
            assert_eq!(RecoveryCode::parse(&text), Some(code.clone()), "{text}");
        }
        for text in ["", "0001", &format!("{}00", code.shown()), &code.shown().replace('F', "G")] {
            assert_eq!(RecoveryCode::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_key_is_32_bytes() {
        assert!(PasswordKey::parse(&URL_SAFE_NO_PAD.encode([1; 32])).is_some());
        for text in ["", "!", &URL_SAFE_NO_PAD.encode([1; 31]), &URL_SAFE_NO_PAD.encode([1; 33])] {
            assert!(PasswordKey::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn what_is_stored_depends_on_the_pepper_and_never_shows_the_key() {
        let accounts = |pepper: &str| Accounts { pepper: pepper.to_owned(), ..Accounts::NONE };
        let (login, other) = (LoginName::parse("jo@example.org").unwrap(), LoginName::parse("al@example.org").unwrap());
        let (key, code) = (PasswordKey([1; 32]), RecoveryCode([2; 16]));
        let one = stored(&accounts("pepper"), &login, &key, &code);
        let second = stored(&accounts("other pepper"), &login, &key, &code);
        assert_ne!((one.mac, one.recovery_mac), (second.mac, second.recovery_mac));
        assert!(one.mac != [1; 32] && one.salt.len() == 16);
        assert_ne!(salt_of(&accounts("pepper"), &login), salt_of(&accounts("pepper"), &other));
    }
}
