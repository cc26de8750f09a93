//! Statements about identities: an account that begins with one, signing in, the list of them.

use domain::{Identity, User, UserId};
use jiff::Timestamp;
use wire::neon::{Param, Row, Statement};

use super::accounts::{AccountRow, NewDevice, account, is_taken};
use super::client::{Postgres, named, timestamp, unexpected, user_id};
use super::passkeys::READ_LOCKED_USER;
use super::statement;
use crate::StoreError;

pub(super) const READ: &str = statement!("read_identity");
pub(super) const REGISTER: &str = statement!("register_identity");
pub(super) const SIGN_IN: &str = statement!("sign_in_by_identity", before "account_row");
pub(super) const ADD: &str = statement!("add_identity");
pub(super) const LIST: &str = statement!("list_identities");
pub(super) const REMOVE: &str = statement!("remove_identity");

/// An account that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredIdentity {
    /// Its address, if it was given one.
    pub email: Option<String>,
}

/// An identity as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptIdentity {
    /// By what it is told from the owner's others.
    pub id: String,
    /// Who vouches for them.
    pub issuer: String,
    /// When it was added.
    pub created_at: Timestamp,
}

/// What became of an identity that was to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddedIdentity {
    /// It is there.
    Added,
    /// The device was signed in to too long ago.
    Stale,
    /// There are as many as may be.
    Full,
    /// Somebody else has it.
    Taken,
}

/// What became of an identity that was to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemovedIdentity {
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
    /// Whose identity it is. `None`: nobody's.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn read_identity(&self, identity: &Identity) -> Result<Option<UserId>, StoreError> {
        let rows = self.run_idempotent(READ, both(identity)).await?;
        rows.first().map(|row| user_id(row, "user_id")).transpose()
    }

    /// Makes an account with an identity and its first device, and gives it the address if nobody has that. `None`: somebody has this identity. Safe to
    /// repeat with the same `now`.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn register_identity(
        &self,
        id: UserId,
        identity: &Identity,
        email: Option<&str>,
        now: Timestamp,
        device: &NewDevice<'_>,
    ) -> Result<Option<RegisteredIdentity>, StoreError> {
        let params = |email: Option<&str>| {
            let mut params = vec![id.to_string().into()];
            params.extend(both(identity));
            params.extend([email.into(), now.to_string().into()]);
            params.extend(device.params());
            params
        };
        let rows = match self.run_idempotent(REGISTER, params(email)).await {
            // Somebody else was given the address in this moment.
            Err(error) if is_taken(&error) => self.run_idempotent(REGISTER, params(None)).await?,
            outcome => outcome?,
        };
        let read = |row: Row<'_>| Ok(RegisteredIdentity { email: row.optional_text("email")?.map(str::to_owned) });
        rows.first().map(read).transpose()
    }

    /// Signs a device in by an identity. `None`: it or its user is gone. Safe to repeat.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn sign_in_by_identity(
        &self,
        identity: &Identity,
        device: &NewDevice<'_>,
    ) -> Result<Option<AccountRow>, StoreError> {
        let mut params = both(identity);
        params.extend(device.params());
        self.run_idempotent(SIGN_IN, params).await?.first().map(account).transpose()
    }

    /// Adds an identity of the caller's, if their device was signed in to since `fresh_since` and they have fewer than `most`; they get the address if they
    /// have none and nobody else has it. Safe to repeat with the same `now`. Two that are added at once may be one too many.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn add_identity(
        &self,
        caller: &User,
        fresh_since: Timestamp,
        (identity, email): (&Identity, Option<&str>),
        now: Timestamp,
        most: u32,
    ) -> Result<AddedIdentity, StoreError> {
        let params = |email: Option<&str>| {
            let mut params = named(caller);
            params.push(fresh_since.to_string().into());
            params.extend(both(identity));
            params.extend([email.into(), now.to_string().into(), i64::from(most).into()]);
            params
        };
        let rows = match self.run_idempotent(ADD, params(email)).await {
            Err(error) if is_taken(&error) => self.run_idempotent(ADD, params(None)).await?,
            outcome => outcome?,
        };
        match rows.first().ok_or_else(|| unexpected("an outcome"))?.text("outcome")? {
            "added" => Ok(AddedIdentity::Added),
            "stale" => Ok(AddedIdentity::Stale),
            "full" => Ok(AddedIdentity::Full),
            "taken" => Ok(AddedIdentity::Taken),
            _ => Err(unexpected("an outcome")),
        }
    }

    /// The caller's identities, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn list_identities(&self, caller: &User) -> Result<Vec<KeptIdentity>, StoreError> {
        let read = |row: Row<'_>| {
            Ok(KeptIdentity {
                id: row.text("id")?.to_owned(),
                issuer: row.text("issuer")?.to_owned(),
                created_at: timestamp(row, "created_at")?,
            })
        };
        self.run_idempotent(LIST, named(caller)).await?.iter().map(read).collect()
    }

    /// Removes one of the caller's identities, unless it is all that lets them in, on a device that was signed in to since `fresh_since`. `issuers`:
    /// who can let somebody in.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn remove_identity(
        &self,
        caller: &User,
        id: &str,
        fresh_since: Timestamp,
        issuers: &[&str],
    ) -> Result<RemovedIdentity, StoreError> {
        let mut params = named(caller);
        let lock = Statement { text: READ_LOCKED_USER, params: params.clone() };
        params.extend([id.into(), fresh_since.to_string().into(), issuers.join(" ").into()]);
        let results = self.run_transaction(&[lock, Statement { text: REMOVE, params }]).await?;
        let row = results.get(1).and_then(|rows| rows.first()).ok_or_else(|| unexpected("an outcome"))?;
        match row.text("outcome")? {
            "removed" => Ok(RemovedIdentity::Removed),
            "stale" => Ok(RemovedIdentity::Stale),
            "last" => Ok(RemovedIdentity::Last),
            "missing" => Ok(RemovedIdentity::Missing),
            _ => Err(unexpected("an outcome")),
        }
    }
}

fn both(identity: &Identity) -> Vec<Param> {
    vec![identity.issuer().into(), identity.subject().into()]
}
