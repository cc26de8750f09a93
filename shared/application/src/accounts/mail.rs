//! Links that are sent by mail: to sign in, to show that an address is the account's, to set a new password.
//!
//! Who asks is told the same in the same time whether somebody has the address or not: all that depends on it is done behind the answer. A link
//! carries 256 bits in its fragment, which no server is told by a browser and nobody who only opens it can use up; Redis has their hash for fifteen
//! minutes, and gives it out once. It is good in any browser; one that verifies an address only where its account is signed in, or whoever
//! opened a stranger's link would give their address to the stranger's account.

use std::rc::Rc;
use std::time::Duration;

use domain::{MailAddress, MailPurpose, User, UserId};
use infrastructure::StoreError;
use infrastructure::postgres::AccountRow;
use infrastructure::redis::{Once, OnceKey, Tries};
use jiff::{SignedDuration, Timestamp};
use platform::Level;

use super::letters::{self, Letter};
use super::notices::{self, Notice};
use super::password::{PasswordKey, SaltView, fresh_salt};
use super::{AccountError, Entrance, Entrant, SignedIn, claim, devices, enter, fresh_since, password};
use crate::App;
use crate::config::Mail;
use crate::once_secret::{self, OnceSecret};
use crate::tries::{LINKS, MAILS, MAILS_OF_USER, Try};

/// How long a link is good.
pub const LINK_LIFE: SignedDuration = SignedDuration::from_mins(15);

/// Mails an hour to addresses that nobody has: who guesses them shall not use up what the operator may send.
const MAILS_TO_NOBODY: u32 = 30;
const HOUR: Duration = Duration::from_secs(60 * 60);

/// What a link carries: 256 bits.
pub type LinkToken = OnceSecret<32>;

/// What a link is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it does.
    pub purpose: MailPurpose,
    /// Where it was sent to.
    pub address: MailAddress,
    /// When it ends.
    pub ends_at: Timestamp,
    user: UserId,
}

impl Link {
    /// As it is kept.
    fn encode(&self) -> String {
        format!("{} {} {} {}", self.purpose.name(), self.user, self.ends_at.as_second(), self.address)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        let (purpose, user, ends_at, address) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        Some(Self {
            purpose: MailPurpose::from_name(purpose)?,
            address: MailAddress::parse(address).ok()?,
            ends_at: Timestamp::from_second(ends_at.parse().ok()?).ok()?,
            user: UserId::parse(user).ok()?,
        })
    }
}

/// What a link has done.
#[derive(Clone, Debug)]
pub enum Confirmed {
    /// Somebody is in.
    SignedIn(MailAddress, Box<SignedIn>),
    /// The address is the caller's.
    Verified(MailAddress),
}

/// Has a link sent, behind the answer. `caller`: who wants their address verified.
///
/// # Errors
/// [`AccountError::MailOff`], [`AccountError::NotTried`]; to verify an address also [`AccountError::NoAccount`], [`AccountError::NotFresh`] and
/// [`AccountError::Store`].
pub async fn ask(
    app: &App,
    entrant: &Entrant<'_>,
    address: MailAddress,
    purpose: MailPurpose,
    caller: Option<&User>,
) -> Result<(), AccountError> {
    let mail = mail(app)?.clone();
    if let Some(caller) = caller {
        // An address is a way in, like a passkey.
        devices::account(app, caller).await?;
        let opened = app.postgres.open_keys(caller, fresh_since(app)).await?.ok_or(AccountError::NoAccount)?;
        if !opened.is_fresh {
            return Err(AccountError::NotFresh);
        }
        Try::of_user(app, MAILS_OF_USER, entrant.address, caller.id).count().await?;
    }
    // A browser that is known is counted like all others: who signs in by another's address for a name would know as many as they like.
    Try::new(app, MAILS, entrant.address, &address.login(), None).count().await?;
    let (app, caller) = (app.clone(), caller.map(|caller| caller.id));
    let tasks = Rc::clone(&app.platform.tasks);
    tasks.spawn(Box::pin(async move {
        match send(&app, &mail, &address, purpose, caller).await {
            Ok(true) => app.log(Level::Info, "mail sent", vec![("event", "mail_sent".into())]),
            Ok(false) => app.log(Level::Warn, "mail to nobody not sent", vec![("event", "mail_held_back".into())]),
            Err(cause) => {
                app.log(Level::Error, "mail not sent", vec![("event", "mail_failed".into()), ("cause", cause.into())]);
            }
        }
    }));
    Ok(())
}

/// `false`: too many went to nobody within the hour.
async fn send(
    app: &App,
    mail: &Mail,
    address: &MailAddress,
    purpose: MailPurpose,
    caller: Option<UserId>,
) -> Result<bool, String> {
    let told = |error: StoreError| error.to_string();
    let user = match purpose {
        MailPurpose::Verify => caller,
        MailPurpose::SignIn | MailPurpose::Reset => app.postgres.read_by_address(address).await.map_err(told)?,
    };
    let origin = app.config.public_origin.as_ref().ok_or("PUBLIC_ORIGIN is not set")?;
    let letter = if let Some(user) = user {
        let token = LinkToken::fresh(app);
        let now = app.platform.clock.now();
        let ends_at = now.checked_add(LINK_LIFE).unwrap_or(now);
        let link = Link { purpose, address: address.clone(), ends_at, user };
        app.redis.keep_once(key(&token.hash()), &link.encode(), LINK_LIFE.unsigned_abs()).await.map_err(told)?;
        Letter::with_link(origin, purpose, &format!("{}/#mail={}", origin.as_str(), token.encode()))
    } else {
        let tries = [Tries { of: "mail", by: "nobody".into(), most: MAILS_TO_NOBODY }];
        if app.redis.count_try(&tries, HOUR).await.map_err(told)?.is_some() {
            return Ok(false);
        }
        Letter::to_nobody(origin)
    };
    letters::post(app, mail, &letter, address).await?;
    Ok(true)
}

/// What a link is for, and how a key is made of a new password where it is for one. It stays good.
///
/// # Errors
/// [`AccountError::MailOff`], [`AccountError::LinkUnknown`], [`AccountError::LinkUsed`], [`AccountError::NotTried`], [`AccountError::Store`].
pub async fn look(
    app: &App,
    entrant: &Entrant<'_>,
    token: &LinkToken,
) -> Result<(Link, Option<SaltView>), AccountError> {
    let link = read(app, entrant, token).await?;
    let salt = match link.purpose {
        MailPurpose::Reset => Some(fresh_salt(app, &link.address.login())),
        MailPurpose::SignIn | MailPurpose::Verify => None,
    };
    Ok((link, salt))
}

/// Does what a link is for: signs in, or verifies the caller's address. No guest goes along: it may be a stranger's link that was opened here.
///
/// # Errors
/// As [`look`]. Of a link that verifies also [`AccountError::LinkOfOther`], unless the account that has asked for it is the caller, after which it
/// stays good, and [`AccountError::AddressTaken`].
pub async fn confirm(
    app: &App,
    entrant: &Entrant<'_>,
    token: &LinkToken,
    caller: Option<&User>,
) -> Result<Confirmed, AccountError> {
    let link = read(app, entrant, token).await?;
    match link.purpose {
        // A new password goes with it.
        MailPurpose::Reset => Err(AccountError::LinkUnknown),
        MailPurpose::SignIn => {
            let entrance = Entrance::new(app, entrant.user_agent);
            take(app, token, &link).await?;
            let row = app.postgres.sign_in_by_mail(link.user, &link.address, &entrance.device()).await;
            let signed_in = signed_in(app, let_in(app, token, &link, row).await?, entrance);
            Ok(Confirmed::SignedIn(link.address, Box::new(signed_in)))
        }
        MailPurpose::Verify => {
            let caller = caller.filter(|caller| caller.id == link.user).ok_or(AccountError::LinkOfOther)?;
            let former = app.postgres.read_account(caller).await?.and_then(|person| person.email);
            take(app, token, &link).await?;
            let now = app.platform.clock.now();
            let outcome = app.postgres.verify_address(caller, &link.address, now).await;
            if outcome.is_err() {
                put_back(app, token, &link).await;
            }
            if !outcome? {
                return Err(AccountError::AddressTaken);
            }
            let former = former.and_then(|former| MailAddress::parse(&former).ok());
            if let Some(former) = former.filter(|former| *former != link.address) {
                notices::tell_former(app, caller, Notice::AddressChanged, former);
            }
            Ok(Confirmed::Verified(link.address))
        }
    }
}

/// Sets a new password by a link, and signs the device in; all others end, and there is a new recovery code.
///
/// # Errors
/// As [`look`].
pub async fn reset(
    app: &App,
    entrant: &Entrant<'_>,
    token: &LinkToken,
    key: &PasswordKey,
) -> Result<(MailAddress, SignedIn), AccountError> {
    let link = read(app, entrant, token).await?;
    if link.purpose != MailPurpose::Reset {
        return Err(AccountError::LinkUnknown);
    }
    let entrance = Entrance::new(app, entrant.user_agent);
    let (stored, code) = password::fresh(app, &link.address.login(), key);
    let valid_after = super::next_second(app.platform.clock.now());
    take(app, token, &link).await?;
    let row = app.postgres.reset_by_mail(link.user, &link.address, &stored, &entrance.device(), valid_after).await;
    let row = let_in(app, token, &link, row).await?;
    let mut signed_in = SignedIn { recovery_code: Some(code), ..signed_in(app, row, entrance) };
    notices::tell(app, &signed_in.user, Notice::PasswordSet);
    claim::take_along(app, &mut signed_in, entrant.guest).await;
    Ok((link.address, signed_in))
}

async fn read(app: &App, entrant: &Entrant<'_>, token: &LinkToken) -> Result<Link, AccountError> {
    mail(app)?;
    Try::of_address(app, LINKS, entrant.address).count().await?;
    let what = found(app.redis.look_at_once(key(&token.hash())).await?)?;
    let unreadable = StoreError::Unexpected { store: "redis", what: "a link that was sent" };
    let link = Link::parse(&what).ok_or(unreadable)?;
    if app.platform.clock.now() < link.ends_at { Ok(link) } else { Err(AccountError::LinkUnknown) }
}

async fn take(app: &App, token: &LinkToken, link: &Link) -> Result<(), AccountError> {
    let taken = app.redis.take_once(key(&token.hash()), app.request).await;
    if taken.is_err() {
        // It may be carried out all the same.
        put_back(app, token, link).await;
    }
    found(taken?).map(|_| ())
}

fn found(once: Once) -> Result<String, AccountError> {
    match once {
        Once::There(what) => Ok(what),
        Once::Used => Err(AccountError::LinkUsed),
        Once::Nothing => Err(AccountError::LinkUnknown),
    }
}

/// The account that a taken link opens; a store that gave no answer costs no link.
async fn let_in(
    app: &App,
    token: &LinkToken,
    link: &Link,
    row: Result<Option<AccountRow>, StoreError>,
) -> Result<AccountRow, AccountError> {
    if row.is_err() {
        put_back(app, token, link).await;
    }
    // The address is another's by now, or the account is gone.
    row?.ok_or(AccountError::LinkUnknown)
}

async fn put_back(app: &App, token: &LinkToken, link: &Link) {
    let left = link.ends_at.duration_since(app.platform.clock.now()).max(SignedDuration::ZERO);
    once_secret::put_back(app, key(&token.hash()), left.unsigned_abs()).await;
}

fn signed_in(app: &App, row: AccountRow, entrance: Entrance) -> SignedIn {
    let user = enter(app, &row, entrance.refresh.device());
    SignedIn { user, refresh: entrance.refresh, has_claimed: false, recovery_code: None }
}

fn mail(app: &App) -> Result<&Mail, AccountError> {
    app.config.mail.as_ref().ok_or(AccountError::MailOff)
}

fn key(hash: &str) -> OnceKey<'_> {
    OnceKey { of: "mail", hash }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    #[test]
    fn a_link_is_read_as_it_was_kept_and_its_token_never_shows() {
        let token: LinkToken = OnceSecret([7; 32]);
        assert_eq!(LinkToken::parse(&token.encode()), Some(token.clone()));
        assert!(token.encode().len() == 43 && !format!("{token:?}").contains('7'));
        for text in ["", "a", &URL_SAFE_NO_PAD.encode([7; 31]), &URL_SAFE_NO_PAD.encode([7; 33])] {
            assert_eq!(LinkToken::parse(text), None, "{text}");
        }
        let user = UserId::new(Timestamp::UNIX_EPOCH, [1; 10]);
        let address = MailAddress::parse("jo@example.org").unwrap();
        for purpose in [MailPurpose::SignIn, MailPurpose::Verify, MailPurpose::Reset] {
            let link = Link { purpose, address: address.clone(), ends_at: Timestamp::from_second(900).unwrap(), user };
            assert_eq!(Link::parse(&link.encode()), Some(link));
        }
        for text in ["", "sign_in", &format!("other {user} 900 jo@example.org"), &format!("reset {user} 900 jo")] {
            assert_eq!(Link::parse(text), None, "{text}");
        }
    }
}
