//! How often something may be tried, counted on the address that tries and on whom it is tried.

use std::net::IpAddr;
use std::time::Duration;

use domain::{Identity, LoginName, UserId};
use infrastructure::StoreError;
use infrastructure::redis::{Address, Tries};
use jiff::Timestamp;
use platform::Level;
use sha2::{Digest, Sha256};

use crate::config::QuotaFailMode;
use crate::{App, address};

/// Tries of one kind, and in which time they are counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    of: &'static str,
    within: Duration,
    /// By one address, a /64 of IPv6; of its /48 ten times as many.
    per_address: u32,
    /// On one account; `None`: an account is not counted by.
    per_account: Option<u32>,
}

/// Passwords and recovery codes.
pub(crate) const SECRETS: Rule =
    Rule { of: "secret", within: Duration::from_secs(15 * 60), per_address: 30, per_account: Some(10) };

/// Passkeys: none is guessed, but each try costs two statements.
pub(crate) const PASSKEYS: Rule =
    Rule { of: "passkey", within: Duration::from_secs(15 * 60), per_address: 30, per_account: None };

/// Ways to a provider and back: none is guessed, but each costs calls. Many may come from a school in the morning.
pub(crate) const PROVIDERS: Rule =
    Rule { of: "provider", within: Duration::from_secs(15 * 60), per_address: 120, per_account: None };

/// Accounts that begin with one identity, a day: who deletes theirs and begins anew has a new day's messages each time.
pub(crate) const SIGN_UPS_OF_IDENTITY: Rule =
    Rule { of: "identity", within: Duration::from_secs(24 * 60 * 60), per_address: 0, per_account: Some(3) };

/// Sign-ups: each tells whether somebody signs in by a name.
pub(crate) const SIGN_UPS: Rule =
    Rule { of: "sign-up", within: Duration::from_secs(60 * 60), per_address: 10, per_account: None };

/// Questions for the salt of a name.
pub(crate) const SALTS: Rule =
    Rule { of: "salt", within: Duration::from_secs(15 * 60), per_address: 60, per_account: None };

/// Codes that hand a guest over, made on one device: each is one that others may try.
pub(crate) const HANDOVERS: Rule =
    Rule { of: "handover", within: Duration::from_secs(60 * 60), per_address: 60, per_account: Some(20) };

/// Codes that hand a guest over, shown on another device. None is guessed: they have 128 bits.
pub(crate) const CODES: Rule =
    Rule { of: "code", within: Duration::from_secs(15 * 60), per_address: 60, per_account: None };

/// Mails to one address, and those that are asked for from one place.
pub(crate) const MAILS: Rule =
    Rule { of: "mail", within: Duration::from_secs(60 * 60), per_address: 10, per_account: Some(3) };

/// Addresses that one account wants verified.
pub(crate) const MAILS_OF_USER: Rule =
    Rule { of: "mail-of", within: Duration::from_secs(60 * 60), per_address: 10, per_account: Some(5) };

/// Links that were sent, as they are shown. None is guessed: they have 256 bits.
pub(crate) const LINKS: Rule =
    Rule { of: "link", within: Duration::from_secs(15 * 60), per_address: 60, per_account: None };

/// Pages of a search: each makes the database look at thousands of messages.
pub(crate) const SEARCHES: Rule =
    Rule { of: "search", within: Duration::from_secs(60), per_address: 60, per_account: Some(10) };

/// Links to a branch that are made or moved: each looks at a whole branch.
pub(crate) const SHARES: Rule =
    Rule { of: "share", within: Duration::from_secs(60), per_address: 120, per_account: Some(20) };

/// Looks at what a link shows, by whoever has it. A class may open one at once.
pub(crate) const SHARED_READS: Rule =
    Rule { of: "shared", within: Duration::from_secs(60), per_address: 120, per_account: None };

/// Parts of chats that come in from files. Each may be some 150 kB: the guests of an address fill 7 MB a day by them, an account the 20 MB that it has.
pub(crate) const IMPORTS: Rule =
    Rule { of: "import", within: Duration::from_secs(24 * 60 * 60), per_address: 48, per_account: Some(128) };

/// The same of one guest, who fills the 2 MB that they have, and of an account that is counted with its address: a part of what that has, so that none
/// of a school shuts out all others.
pub(crate) const IMPORTS_OF_GUEST: Rule = Rule { per_account: Some(16), ..IMPORTS };
pub(crate) const IMPORTS_OF_UNVERIFIED: Rule = Rule { per_account: Some(32), ..IMPORTS };

/// Documents of what the model should know that are written: each leaves an old version of up to 16 kB behind, until the database tidies up.
pub(crate) const CONTEXTS: Rule =
    Rule { of: "context", within: Duration::from_secs(60 * 60), per_address: 240, per_account: Some(30) };

/// Votes on answers.
pub(crate) const VOTES: Rule =
    Rule { of: "vote", within: Duration::from_secs(60), per_address: 240, per_account: Some(40) };

/// Why something may not be tried.
#[derive(Debug, thiserror::Error)]
pub enum TryError {
    /// Too many have been.
    #[error("too many tries")]
    TooMany {
        /// How many are let in.
        limit: u32,
        /// The counters' clock.
        now: Timestamp,
        /// When the next one is.
        until: Timestamp,
    },
    /// The counters gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One try by this address, on this account.
pub(crate) struct Try<'a> {
    app: &'a App,
    rule: Rule,
    address: Address,
    account: String,
    has_own_count: bool,
}

impl<'a> Try<'a> {
    /// `owner`: a browser that has signed in to this account before is counted by itself alone, so that nobody locks its owner out, not from the
    /// same address either.
    pub fn new(app: &'a App, rule: Rule, address: Option<IpAddr>, login: &LoginName, owner: Option<&str>) -> Self {
        let account = account(app, login.as_str(), owner.unwrap_or_default());
        let has_own_count = owner.is_some() && rule.per_account.is_some();
        Self { app, rule, address: address::hash(app, address), account, has_own_count }
    }

    /// One that is counted by its address and by the user who tries.
    pub fn of_user(app: &'a App, rule: Rule, address: Option<IpAddr>, user: UserId) -> Self {
        let account = account(app, &user.to_string(), "");
        Self { app, rule, address: address::hash(app, address), account, has_own_count: false }
    }

    /// Counted by the user alone, if `stands_alone`: their address is not theirs.
    pub fn alone_if(self, stands_alone: bool) -> Self {
        Self { has_own_count: self.has_own_count || stands_alone, ..self }
    }

    /// One that is counted by whom a provider vouches for, wherever they are.
    pub fn of_identity(app: &'a App, rule: Rule, identity: &Identity) -> Self {
        let account = account(app, identity.issuer(), identity.subject());
        Self { app, rule, address: address::hash(app, None), account, has_own_count: true }
    }

    /// One that is counted by its address alone.
    pub fn of_address(app: &'a App, rule: Rule, address: Option<IpAddr>) -> Self {
        let rule = Rule { per_account: None, ..rule };
        Self { app, rule, address: address::hash(app, address), account: String::new(), has_own_count: false }
    }

    fn counted(&self) -> Vec<Tries<'_>> {
        let account = self.rule.per_account.map(|most| Tries { of: self.rule.of, by: (&self.account).into(), most });
        let mut counted = match self.has_own_count {
            true => Vec::new(),
            false => Tries::of_address(self.rule.of, &self.address, self.rule.per_address),
        };
        counted.extend(account);
        counted
    }

    /// Counts it.
    ///
    /// # Errors
    /// [`TryError::TooMany`], whatever is tried; [`TryError::Store`] when Redis gives no answer and `QUOTA_FAIL_MODE` is `closed`.
    pub async fn count(&self) -> Result<(), TryError> {
        match self.app.redis.count_try(&self.counted(), self.rule.within).await {
            Ok(None) => Ok(()),
            Ok(Some(full)) => {
                let limit = self.rule.per_account.unwrap_or(self.rule.per_address);
                Err(TryError::TooMany { limit, now: full.now, until: full.until })
            }
            Err(error) if self.app.config.quota_fail_mode == QuotaFailMode::Closed => Err(error.into()),
            Err(error) => {
                self.app.log_cause(Level::Warn, "try not counted", &error);
                Ok(())
            }
        }
    }

    /// It was none: what was tried is right.
    pub async fn forgive(&self) {
        if let Err(error) = self.app.redis.forgive_try(&self.counted(), self.rule.within).await {
            self.app.log_cause(Level::Warn, "try not taken back", &error);
        }
    }
}

/// What tries on somebody are counted by: never a name or an id in the clear.
fn account(app: &App, whom: &str, owner: &str) -> String {
    let mut hash = Sha256::new();
    for part in ["edgewise tries", &app.config.jwt_secret, whom, owner] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
