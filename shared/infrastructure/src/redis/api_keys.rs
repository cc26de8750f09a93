//! What is remembered of API keys, so that not each request by one asks Postgres. A key that has ended never becomes good again: what is remembered first of a
//! good one gives way to that, and what a slow look-up brings later does not take its place.

use std::time::Duration;

use domain::User;
use wire::upstash::Command;

use super::accounts;
use super::client::Redis;
use super::keys;
use super::reply::unexpected;
use crate::StoreError;

/// How long something is remembered of a key.
const REMEMBERED: Duration = Duration::from_secs(5 * 60);

/// What is known of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownApiKey {
    /// It is good, and whether somebody has made sure whose account it is.
    Good {
        /// Whether they have.
        has_vouched: bool,
    },
    /// Its owner may not use the page at present.
    Blocked,
    /// It was revoked, it has ended by itself, or its owner is gone.
    Ended,
}

impl KnownApiKey {
    const ALL: [Self; 4] =
        [Self::Good { has_vouched: true }, Self::Good { has_vouched: false }, Self::Blocked, Self::Ended];

    fn name(self) -> &'static str {
        match self {
            Self::Good { has_vouched: true } => "verified",
            Self::Good { has_vouched: false } => "unverified",
            Self::Blocked => "blocked",
            Self::Ended => "ended",
        }
    }
}

impl Redis {
    /// What is remembered of the key of this hash, which says that it is `user`'s.
    ///
    /// # Errors
    /// [`StoreError`] as for every call; [`StoreError::TokenEnded`] where all that the user has has ended.
    pub async fn read_api_key(&self, hash: &str, user: &User) -> Result<Option<KnownApiKey>, StoreError> {
        let command = Command::new(["MGET".to_owned(), keys::api_key(hash), keys::ended_of(user)]);
        let reply = self.command(&command, self.timeout).await?;
        if let Some(text) = reply.item(1)?.optional_text()? {
            return Err(accounts::ended(text));
        }
        let known = |text| KnownApiKey::ALL.into_iter().find(|known| known.name() == text);
        let read = |text| known(text).ok_or_else(|| unexpected("what is known of a key"));
        reply.item(0)?.optional_text()?.map(read).transpose()
    }

    /// Remembers what was looked up of a key, no longer than it is good: `ends_in`.
    ///
    /// # Errors
    /// [`StoreError`] as for every call; safe to repeat.
    pub async fn remember_api_key(
        &self,
        hash: &str,
        known: KnownApiKey,
        ends_in: Option<Duration>,
    ) -> Result<(), StoreError> {
        let life = ends_in.unwrap_or(REMEMBERED).min(REMEMBERED).as_millis().max(1).to_string();
        let command = Command::new(["SET", &keys::api_key(hash), known.name(), "NX", "PX", &life]);
        self.command(&command, self.timeout).await.map(|_| ())
    }

    /// A key is good no more, whatever is remembered of it.
    ///
    /// # Errors
    /// [`StoreError`] as for every call; safe to repeat.
    pub async fn end_api_key(&self, hash: &str) -> Result<(), StoreError> {
        let life = REMEMBERED.as_millis().to_string();
        let command = Command::new(["SET", &keys::api_key(hash), KnownApiKey::Ended.name(), "PX", &life]);
        self.command(&command, self.timeout).await.map(|_| ())
    }
}
