//! Taking a guest to another device: a code that is shown on the one and redeemed on the other, once, within five minutes.
//!
//! It is what a password is to an account, so the other device looks first at what would come, and redeems only what its owner has wished: somebody
//! else's code would make them somebody else, who reads along. Only its hash is kept.

use std::net::IpAddr;

use domain::{Role, User, UserId};
use futures::future::try_join;
use infrastructure::StoreError;
use infrastructure::redis::{Once, OnceKey};
use jiff::{SignedDuration, Timestamp};

use crate::App;
use crate::once_secret::{self, OnceSecret};
use crate::tries::{CODES, HANDOVERS, Try, TryError};

/// How long a code is good.
pub const CODE_LIFE: SignedDuration = SignedDuration::from_mins(5);

/// Why nobody was handed over.
#[derive(Debug, thiserror::Error)]
pub enum HandoverError {
    /// Accounts sign in.
    #[error("an account signs in")]
    Account,
    /// No such code, or its time is over.
    #[error("no such code")]
    Unknown,
    /// The code was used.
    #[error("the code was used")]
    Used,
    /// Too many were made or shown, or nobody knows how many.
    #[error(transparent)]
    NotTried(#[from] TryError),
    /// A store gave no answer, or says that the guest has ended.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// 128 bits that hand a guest over.
pub type Code = OnceSecret<16>;

/// What comes with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coming {
    guest: UserId,
    /// How many chats the giving device has said that there are: nobody has counted them.
    pub chats: u32,
    /// When the code ends.
    pub ends_at: Timestamp,
}

impl Coming {
    /// As it is kept.
    fn encode(&self) -> String {
        format!("{} {} {}", self.guest, self.chats, self.ends_at.as_second())
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        let (guest, chats, ends_at) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self {
            guest: UserId::parse(guest).ok()?,
            chats: chats.parse().ok()?,
            ends_at: Timestamp::from_second(ends_at.parse().ok()?).ok()?,
        })
    }
}

/// Makes a code for a guest. `chats`: how many there are, as their device says.
///
/// # Errors
/// [`HandoverError::Account`], [`HandoverError::NotTried`]; [`HandoverError::Store`], also for a guest who was claimed or is deleted.
pub async fn offer(app: &App, caller: &User, address: Option<IpAddr>, chats: u32) -> Result<Code, HandoverError> {
    match caller.role {
        Role::Guest => {}
        Role::User | Role::Admin => return Err(HandoverError::Account),
    }
    let tried = Try::of_user(app, HANDOVERS, address, caller.id);
    let has_ended = async { app.redis.check_guest(caller.id).await.map_err(HandoverError::from) };
    try_join(async { tried.count().await.map_err(HandoverError::from) }, has_ended).await?;
    let code = Code::fresh(app);
    let now = app.platform.clock.now();
    let coming = Coming { guest: caller.id, chats, ends_at: now.checked_add(CODE_LIFE).unwrap_or(now) };
    app.redis.keep_once(key(&code.hash()), &coming.encode(), CODE_LIFE.unsigned_abs()).await?;
    Ok(code)
}

/// Says what would come with a code, which stays good.
///
/// # Errors
/// [`HandoverError::Unknown`], [`HandoverError::Used`], [`HandoverError::NotTried`], [`HandoverError::Store`].
pub async fn look(app: &App, address: Option<IpAddr>, code: &Code) -> Result<Coming, HandoverError> {
    Try::of_address(app, CODES, address).count().await?;
    coming(app, app.redis.look_at_once(key(&code.hash())).await?)
}

/// Redeems a code: who comes by it is that guest.
///
/// # Errors
/// As [`look`]; [`HandoverError::Store`], also for a guest who was claimed or is deleted.
pub async fn redeem(app: &App, address: Option<IpAddr>, code: &Code) -> Result<User, HandoverError> {
    Try::of_address(app, CODES, address).count().await?;
    let taken = take(app, code).await;
    if let Err(HandoverError::Store(error)) = &taken
        && !error.is_refusal()
    {
        // It ends when it was to end: that stands in what is kept.
        once_secret::put_back(app, key(&code.hash()), CODE_LIFE.unsigned_abs()).await;
    }
    taken
}

async fn take(app: &App, code: &Code) -> Result<User, HandoverError> {
    let Coming { guest, .. } = coming(app, app.redis.take_once(key(&code.hash()), app.request).await?)?;
    app.redis.check_guest(guest).await?;
    Ok(User::new(guest, Role::Guest))
}

fn coming(app: &App, found: Once) -> Result<Coming, HandoverError> {
    let what = match found {
        Once::There(what) => what,
        Once::Used => return Err(HandoverError::Used),
        Once::Nothing => return Err(HandoverError::Unknown),
    };
    let unreadable = StoreError::Unexpected { store: "redis", what: "what comes with a code" };
    let coming = Coming::parse(&what).ok_or(unreadable)?;
    if app.platform.clock.now() < coming.ends_at { Ok(coming) } else { Err(HandoverError::Unknown) }
}

fn key(hash: &str) -> OnceKey<'_> {
    OnceKey { of: "handover", hash }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    #[test]
    fn a_code_is_read_as_it_was_shown_and_the_log_never_shows_it() {
        let code: Code = OnceSecret([7; 16]);
        assert_eq!(Code::parse(&code.encode()), Some(code.clone()));
        assert_eq!(code.encode().len(), 22);
        for text in ["", "a", &URL_SAFE_NO_PAD.encode([7; 15]), &URL_SAFE_NO_PAD.encode([7; 17]), "!"] {
            assert_eq!(Code::parse(text), None, "{text}");
        }
        assert!(!format!("{code:?}").contains('7') && !code.hash().contains(&code.encode()));
    }

    #[test]
    fn what_comes_is_read_as_it_was_kept() {
        let guest = UserId::new(Timestamp::UNIX_EPOCH, [1; 10]);
        let coming = Coming { guest, chats: 3, ends_at: Timestamp::from_second(300).unwrap() };
        assert_eq!(Coming::parse(&coming.encode()), Some(coming));
        for text in ["", "a 3 300", &format!("{guest} 3"), &format!("{guest} -3 300"), &format!("{guest} 3 x")] {
            assert_eq!(Coming::parse(text), None, "{text}");
        }
    }
}
