//! Statements about passkeys: an account that begins with one, signing in, the list of them.

use domain::{Passkey, PasskeyId, PasskeyName, User, UserId};
use jiff::Timestamp;
use wire::neon::{Param, Row, Statement};
use wire::webauthn::PublicKey;

use super::accounts::{AccountRow, NewDevice, account};
use super::client::{Postgres, bytea, named, timestamp, unexpected, user_id};
use super::statement;
use crate::StoreError;

pub(super) const REGISTER: &str = statement!("register_key");
pub(super) const READ: &str = statement!("read_key");
pub(super) const SIGN_IN: &str = statement!("sign_in_by_key", before "account_row");
pub(super) const OPEN: &str = statement!("open_keys");
pub(super) const LIST: &str = statement!("list_keys");
pub(super) const ADD: &str = statement!("add_key");
pub(super) const RENAME: &str = statement!("rename_key");
pub(super) const READ_LOCKED_USER: &str = statement!("read_locked_user");
pub(super) const REMOVE: &str = statement!("remove_key");

/// A passkey that an authenticator has just made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// Its id.
    pub id: PasskeyId,
    /// What its signatures are verified by.
    pub key: PublicKey,
    /// How often it has signed, or zero.
    pub sign_count: u32,
    /// Whether it is kept in more places than one.
    pub is_backed_up: bool,
}

impl NewKey {
    fn params(&self, name: &PasskeyName, now: Timestamp) -> [Param; 7] {
        [
            bytea(self.id.as_bytes()),
            bytea(self.key.as_bytes()),
            self.key.algorithm().into(),
            i64::from(self.sign_count).into(),
            self.is_backed_up.to_string().into(),
            name.as_str().into(),
            now.to_string().into(),
        ]
    }
}

/// A passkey as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKey {
    /// Whose it is.
    pub user: UserId,
    /// What its signatures are verified by.
    pub key: PublicKey,
    /// The highest count it has shown.
    pub sign_count: i64,
    /// Whether it was kept in more places than one.
    pub is_backed_up: bool,
}

/// What must be known before a passkey is added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedKeys {
    /// The name of the user's password.
    pub login: Option<String>,
    /// Whether the device was signed in to just now.
    pub is_fresh: bool,
    /// The passkeys that there are.
    pub keys: Vec<PasskeyId>,
}

/// What became of a passkey that was to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddedKey {
    /// It is there.
    Added,
    /// The device was signed in to too long ago.
    Stale,
    /// There are as many as may be.
    Full,
    /// Somebody else has it.
    Taken,
}

/// What became of a passkey that was to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemovedKey {
    /// It is gone.
    Removed,
    /// The device was signed in to too long ago.
    Stale,
    /// It stays: nothing else lets its user in.
    Last,
    /// The user has none of this id.
    Missing,
}

impl Postgres {
    /// Makes an account with a passkey and its first device. `false`: somebody has this passkey. Safe to repeat with the same `now`.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn register_key(
        &self,
        id: UserId,
        key: &NewKey,
        name: &PasskeyName,
        now: Timestamp,
        device: &NewDevice<'_>,
    ) -> Result<bool, StoreError> {
        let mut params = vec![id.to_string().into()];
        params.extend(key.params(name, now));
        params.extend(device.params());
        Ok(!self.run_idempotent(REGISTER, params).await?.is_empty())
    }

    /// A passkey. `None`: nobody has it.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn read_key(&self, id: &PasskeyId) -> Result<Option<StoredKey>, StoreError> {
        let rows = self.run_idempotent(READ, vec![bytea(id.as_bytes())]).await?;
        let read = |row: Row<'_>| {
            let key =
                hex(row.text("public_key")?).and_then(|bytes| PublicKey::from_parts(row.integer("alg").ok()?, &bytes));
            Ok(StoredKey {
                user: user_id(row, "user_id")?,
                key: key.ok_or_else(|| unexpected("a public key"))?,
                sign_count: row.integer("sign_count")?,
                is_backed_up: row.integer("backed_up")? != 0,
            })
        };
        rows.first().map(read).transpose()
    }

    /// Signs a device in by a passkey that has signed, and keeps its count. `None`: it or its user is gone. Safe to repeat with the same `now`.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn sign_in_by_key(
        &self,
        id: &PasskeyId,
        sign_count: u32,
        is_backed_up: bool,
        now: Timestamp,
        device: &NewDevice<'_>,
    ) -> Result<Option<AccountRow>, StoreError> {
        let mut params = vec![
            bytea(id.as_bytes()),
            i64::from(sign_count).into(),
            is_backed_up.to_string().into(),
            now.to_string().into(),
        ];
        params.extend(device.params());
        self.run_idempotent(SIGN_IN, params).await?.first().map(account).transpose()
    }

    /// What must be known before the caller adds a passkey. `None`: nothing is stored of them.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn open_keys(&self, caller: &User, fresh_since: Timestamp) -> Result<Option<OpenedKeys>, StoreError> {
        let mut params = named(caller);
        params.push(fresh_since.to_string().into());
        let rows = self.run_idempotent(OPEN, params).await?;
        let read = |row: Row<'_>| {
            let keys = row.text("keys")?.split(',').filter(|key| !key.is_empty());
            Ok(OpenedKeys {
                login: row.optional_text("login")?.map(str::to_owned),
                is_fresh: row.integer("is_fresh")? != 0,
                keys: keys.map(key_id).collect::<Result<_, _>>()?,
            })
        };
        rows.first().map(read).transpose()
    }

    /// The caller's passkeys, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn list_keys(&self, caller: &User) -> Result<Vec<Passkey>, StoreError> {
        self.run_idempotent(LIST, named(caller)).await?.iter().map(passkey).collect()
    }

    /// Adds a passkey of the caller's, if their device was signed in to since `fresh_since` and they have fewer than `most`. Safe to repeat with
    /// the same `now`. Two that are added at once may be one too many.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn add_key(
        &self,
        caller: &User,
        fresh_since: Timestamp,
        (key, name): (&NewKey, &PasskeyName),
        now: Timestamp,
        most: u32,
    ) -> Result<AddedKey, StoreError> {
        let mut params = named(caller);
        params.push(fresh_since.to_string().into());
        params.extend(key.params(name, now));
        params.push(i64::from(most).into());
        let rows = self.run_idempotent(ADD, params).await?;
        match rows.first().ok_or_else(|| unexpected("an outcome"))?.text("outcome")? {
            "added" => Ok(AddedKey::Added),
            "stale" => Ok(AddedKey::Stale),
            "full" => Ok(AddedKey::Full),
            "taken" => Ok(AddedKey::Taken),
            _ => Err(unexpected("an outcome")),
        }
    }

    /// Names one of the caller's passkeys. `None`: there is no such one.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn rename_key(
        &self,
        caller: &User,
        id: &PasskeyId,
        name: &PasskeyName,
    ) -> Result<Option<Passkey>, StoreError> {
        let mut params = named(caller);
        params.extend([bytea(id.as_bytes()), name.as_str().into()]);
        self.run_idempotent(RENAME, params).await?.first().map(passkey).transpose()
    }

    /// Removes one of the caller's passkeys, if their device was signed in to since `fresh_since`, unless it is all that lets them in. `issuers`: who can
    /// vouch for somebody here.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn remove_key(
        &self,
        caller: &User,
        id: &PasskeyId,
        fresh_since: Timestamp,
        issuers: &[&str],
    ) -> Result<RemovedKey, StoreError> {
        let mut params = named(caller);
        let lock = Statement { text: READ_LOCKED_USER, params: params.clone() };
        params.extend([bytea(id.as_bytes()), fresh_since.to_string().into(), issuers.join(" ").into()]);
        let results = self.run_transaction(&[lock, Statement { text: REMOVE, params }]).await?;
        let row = results.get(1).and_then(|rows| rows.first()).ok_or_else(|| unexpected("an outcome"))?;
        match row.text("outcome")? {
            "removed" => Ok(RemovedKey::Removed),
            "stale" => Ok(RemovedKey::Stale),
            "last" => Ok(RemovedKey::Last),
            "missing" => Ok(RemovedKey::Missing),
            _ => Err(unexpected("an outcome")),
        }
    }
}

fn passkey(row: Row<'_>) -> Result<Passkey, StoreError> {
    Ok(Passkey {
        id: key_id(row.text("id")?)?,
        name: row.text("name")?.to_owned(),
        is_backed_up: row.integer("backed_up")? != 0,
        created_at: timestamp(row, "created_at")?,
        used_at: row.optional_text("used_at")?.map(|_| timestamp(row, "used_at")).transpose()?,
    })
}

fn key_id(text: &str) -> Result<PasskeyId, StoreError> {
    hex(text).and_then(PasskeyId::new).ok_or_else(|| unexpected("a passkey's id"))
}

/// The bytes of hexadecimal digits.
fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high * 16 + low).collect())
}
