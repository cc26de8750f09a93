//! How often something may be tried, counted on the address that tries and on the account that is tried.

use std::net::IpAddr;
use std::time::Duration;

use domain::LoginName;
use infrastructure::redis::{Address, Tries};
use platform::Level;
use sha2::{Digest, Sha256};

use super::{AccountError, KnownBrowser};
use crate::config::QuotaFailMode;
use crate::{App, address};

/// Tries of one kind, and in which time they are counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    of: &'static str,
    within: Duration,
    per_address: u32,
    /// On one account; `None`: an account is not counted by.
    per_account: Option<u32>,
}

/// Passwords and recovery codes.
pub(super) const SECRETS: Rule =
    Rule { of: "secret", within: Duration::from_secs(15 * 60), per_address: 30, per_account: Some(10) };

/// Passkeys: none is guessed, but each try costs two statements.
pub(super) const PASSKEYS: Rule =
    Rule { of: "passkey", within: Duration::from_secs(15 * 60), per_address: 30, per_account: None };

/// Ways to a provider and back: none is guessed, but each costs calls.
pub(super) const PROVIDERS: Rule =
    Rule { of: "provider", within: Duration::from_secs(15 * 60), per_address: 30, per_account: None };

/// Sign-ups: each tells whether somebody signs in by a name.
pub(super) const SIGN_UPS: Rule =
    Rule { of: "sign-up", within: Duration::from_secs(60 * 60), per_address: 10, per_account: None };

/// Questions for the salt of a name.
pub(super) const SALTS: Rule =
    Rule { of: "salt", within: Duration::from_secs(15 * 60), per_address: 60, per_account: None };

/// One try by this address, on this account.
pub(super) struct Try<'a> {
    app: &'a App,
    rule: Rule,
    address: Address,
    account: String,
    has_own_count: bool,
}

impl<'a> Try<'a> {
    /// `owner`: a browser that has signed in to this account before is counted by itself alone, so that nobody locks its owner out, not from the
    /// same address either.
    pub fn new(
        app: &'a App,
        rule: Rule,
        address: Option<IpAddr>,
        login: &LoginName,
        owner: Option<&KnownBrowser>,
    ) -> Self {
        let mut hash = Sha256::new();
        for part in ["edgewise tries", &app.config.jwt_secret, login.as_str(), owner.map_or("", KnownBrowser::as_str)] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let account = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let has_own_count = owner.is_some() && rule.per_account.is_some();
        Self { app, rule, address: address::hash(app, address), account, has_own_count }
    }

    /// One that is counted by its address alone.
    pub fn of_address(app: &'a App, rule: Rule, address: Option<IpAddr>) -> Self {
        let rule = Rule { per_account: None, ..rule };
        Self { app, rule, address: address::hash(app, address), account: String::new(), has_own_count: false }
    }

    fn counted(&self) -> Vec<Tries<'_>> {
        let address = Tries::of_address(self.rule.of, &self.address, self.rule.per_address);
        let account = self.rule.per_account.map(|most| Tries { of: self.rule.of, by: &self.account, most });
        let address = Some(address).filter(|_| !self.has_own_count);
        address.into_iter().chain(account).collect()
    }

    /// Counts it.
    ///
    /// # Errors
    /// [`AccountError::TooManyTries`], whatever is tried; [`AccountError::Store`] when Redis gives no answer and `QUOTA_FAIL_MODE` is `closed`.
    pub async fn count(&self) -> Result<(), AccountError> {
        match self.app.redis.count_try(&self.counted(), self.rule.within).await {
            Ok(None) => Ok(()),
            Ok(Some(full)) => {
                let limit = self.rule.per_account.unwrap_or(self.rule.per_address);
                Err(AccountError::TooManyTries { limit, now: full.now, until: full.until })
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
