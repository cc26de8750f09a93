//! Statements about API keys: the list that their owner keeps, and who comes by one.

use std::time::Duration;

use domain::{ApiKey, ApiKeyId, ApiKeyName, User, UserId};
use jiff::Timestamp;
use wire::neon::{Row, Statement};

use super::client::{Postgres, bytea, named, timestamp, unexpected};
use super::passkeys::READ_LOCKED_USER;
use super::statement;
use crate::StoreError;

pub(super) const ADD: &str = statement!("add_api_key");
pub(super) const LIST: &str = statement!("list_api_keys");
pub(super) const REVOKE: &str = statement!("revoke_api_key");
pub(super) const USE: &str = statement!("use_api_key");

/// What became of a key that was to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddedApiKey {
    /// It is there.
    Added,
    /// The device was signed in to too long ago.
    Stale,
    /// There are as many as may be.
    Full,
}

/// A key that is good no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokedApiKey {
    /// Its hash, as hexadecimal digits.
    pub hash: String,
    /// Whether it was good until now.
    pub was_good: bool,
}

/// A key that somebody has come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsedApiKey {
    /// How long it is good yet; `None`: it does not end by itself.
    pub ends_in: Option<Duration>,
    /// Whether its owner may not use the page at present.
    pub is_blocked: bool,
    /// Whether somebody has made sure whose account it is.
    pub has_vouched: bool,
}

impl Postgres {
    /// Adds a key of the caller's, if their device was signed in to since `fresh_since` and they have fewer than `most`; those that have ended go. Safe to repeat
    /// with the same key.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn add_api_key(
        &self,
        caller: &User,
        fresh_since: Timestamp,
        key: &ApiKey,
        hash: &[u8; 32],
        most: u32,
    ) -> Result<AddedApiKey, StoreError> {
        let mut params = named(caller);
        let lock = Statement { text: READ_LOCKED_USER, params: params.clone() };
        params.extend([
            fresh_since.to_string().into(),
            key.id.to_string().into(),
            bytea(hash),
            key.name.as_str().into(),
            key.created_at.to_string().into(),
            key.expires_at.map(|at| at.to_string()).into(),
            i64::from(most).into(),
        ]);
        let results = self.run_transaction(&[lock, Statement { text: ADD, params }]).await?;
        let row = results.get(1).and_then(|rows| rows.first()).ok_or_else(|| unexpected("an outcome"))?;
        match row.text("outcome")? {
            "added" => Ok(AddedApiKey::Added),
            "stale" => Ok(AddedApiKey::Stale),
            "full" => Ok(AddedApiKey::Full),
            _ => Err(unexpected("an outcome")),
        }
    }

    /// The caller's keys that nobody has revoked, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn list_api_keys(&self, caller: &User) -> Result<Vec<ApiKey>, StoreError> {
        self.run_idempotent(LIST, named(caller)).await?.iter().map(api_key).collect()
    }

    /// Revokes one of the caller's keys. `None`: there is no such one. Safe to repeat with the same `now`.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn revoke_api_key(
        &self,
        caller: &User,
        id: ApiKeyId,
        now: Timestamp,
    ) -> Result<Option<RevokedApiKey>, StoreError> {
        let mut params = named(caller);
        params.extend([id.to_string().into(), now.to_string().into()]);
        let rows = self.run_idempotent(REVOKE, params).await?;
        let read = |row: Row<'_>| {
            Ok(RevokedApiKey { hash: row.text("hash")?.to_owned(), was_good: row.integer("was_good")? != 0 })
        };
        rows.first().map(read).transpose()
    }

    /// Notes that somebody comes by the key of this hash, which says that it is `user`'s. `None`: it has ended, or its user has.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn use_api_key(&self, hash: &[u8; 32], user: UserId) -> Result<Option<UsedApiKey>, StoreError> {
        let rows = self.run_idempotent(USE, vec![bytea(hash), user.to_string().into()]).await?;
        let read = |row: Row<'_>| {
            let ends_in = row.optional_integer("ends_in")?;
            Ok(UsedApiKey {
                ends_in: ends_in.map(|millis| Duration::from_millis(u64::try_from(millis).unwrap_or(0))),
                is_blocked: row.integer("is_blocked")? != 0,
                has_vouched: row.integer("has_vouched")? != 0,
            })
        };
        rows.first().map(read).transpose()
    }
}

fn api_key(row: Row<'_>) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: ApiKeyId::parse(row.text("id")?).map_err(|_| unexpected("a key's id"))?,
        name: ApiKeyName::parse(row.text("name")?).map_err(|_| unexpected("a key's name"))?,
        created_at: timestamp(row, "created_at")?,
        used_on: row.optional_text("used_on")?.map(str::to_owned),
        expires_at: row.optional_text("expires_at")?.map(|_| timestamp(row, "expires_at")).transpose()?,
    })
}
