//! Statements about accounts: passwords, devices, the claim of a guest.

use domain::{DeviceId, LoginName, Role, User, UserId};
use jiff::Timestamp;
use wire::neon::{Param, Row, SqlError, Statement};

use super::client::{Postgres, bytea, device_id, timestamp, token, unexpected, user_id};
use super::statement;
use crate::StoreError;

pub(super) const REGISTER: &str = statement!("register");
pub(super) const READ_SALT: &str = statement!("read_salt");
pub(super) const SIGN_IN: &str = statement!("sign_in", before "account_row");
pub(super) const RESET_PASSWORD: &str = statement!("reset_password", before "account_row");
pub(super) const SET_PASSWORD: &str = statement!("set_password", before "account_row");
pub(super) const REFRESH: &str = statement!("refresh", before "account_row");
pub(super) const LOG_OUT: &str = statement!("log_out");
pub(super) const LIST_DEVICES: &str = statement!("list_devices");
pub(super) const END_DEVICE: &str = statement!("end_device");
pub(super) const READ_ACCOUNT: &str = statement!("read_account");
pub(super) const CLAIM_GUEST: &str = statement!("claim_guest");
pub(super) const MOVE_GUEST: &str = statement!("move_guest");

/// A value that must be the only one of its kind is there already.
const UNIQUE_VIOLATION: &str = "23505";

/// A password as it is stored.
#[derive(Clone, Debug)]
pub struct StoredPassword {
    /// HMAC of what the browser made of it.
    pub mac: [u8; 32],
    /// Which pepper the HMAC's is.
    pub pepper: String,
    /// What the browser made it with.
    pub salt: Vec<u8>,
    /// How it did.
    pub params: &'static str,
    /// HMAC of the code that stands in for it once.
    pub recovery_mac: [u8; 32],
}

impl StoredPassword {
    fn params(&self) -> [Param; 5] {
        [
            bytea(&self.mac),
            self.pepper.as_str().into(),
            bytea(&self.salt),
            self.params.into(),
            bytea(&self.recovery_mac),
        ]
    }
}

/// What became of a password that was to be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetPassword {
    /// It is set, and this is whose it is.
    Set(AccountRow),
    /// The one before does not fit, or the device was signed in to too long ago, or not by a passkey.
    Refused,
    /// Somebody else signs in by this name.
    Taken,
}

/// A device that somebody signs in on.
#[derive(Clone, Debug)]
pub struct NewDevice<'a> {
    /// Its id.
    pub id: DeviceId,
    /// Hash of its refresh token.
    pub token_hash: [u8; 32],
    /// What it says it is.
    pub user_agent: &'a str,
    /// When its refresh token ends, unless it is used.
    pub expires_at: Timestamp,
}

impl NewDevice<'_> {
    pub(super) fn params(&self) -> [Param; 4] {
        [
            self.id.to_string().into(),
            bytea(&self.token_hash),
            self.user_agent.into(),
            self.expires_at.to_string().into(),
        ]
    }
}

/// An account that somebody is let into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// Its id.
    pub id: UserId,
    /// The role that is stored.
    pub role: Role,
    /// Its verified address.
    pub email: Option<String>,
    /// Whether somebody vouches for its owner.
    pub has_identity: bool,
    /// Its tokens prove something from this moment on.
    pub valid_after: Timestamp,
    /// Hash of the refresh token that is good now, in hexadecimal digits.
    pub token_hash: String,
    /// The guest that it has claimed within a day.
    pub was: Option<UserId>,
}

/// What is known of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The role that is stored.
    pub role: Role,
    /// A verified address.
    pub email: Option<String>,
    /// The name of their password.
    pub login: Option<String>,
    /// Since when they are known.
    pub created_at: Timestamp,
    /// Bytes of their messages, as the limit counts them.
    pub bytes: u64,
}

/// A signed-in device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// What it says it is.
    pub user_agent: String,
    /// When somebody signed in on it.
    pub created_at: Timestamp,
    /// When it last asked for a token.
    pub used_at: Timestamp,
    /// When it ends, unless it asks again.
    pub expires_at: Timestamp,
}

impl Postgres {
    /// Makes an account with its first device. `false`: somebody signs in by this name. Safe to repeat.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn register(
        &self,
        id: UserId,
        login: &LoginName,
        password: &StoredPassword,
        device: &NewDevice<'_>,
    ) -> Result<bool, StoreError> {
        let mut params = vec![id.to_string().into(), login.as_str().into()];
        params.extend(password.params());
        params.extend(device.params());
        match self.run_idempotent(REGISTER, params).await {
            // Somebody has verified it.
            Ok(rows) => Ok(!rows.is_empty()),
            Err(error) if is_taken(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The salt and the parameters of a password. `None`: nobody signs in by this name.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn read_salt(&self, login: &LoginName) -> Result<Option<(String, String)>, StoreError> {
        let rows = self.run_idempotent(READ_SALT, vec![login.as_str().into()]).await?;
        let read = |row: Row<'_>| Ok((row.text("salt")?.to_owned(), row.text("params")?.to_owned()));
        rows.first().map(read).transpose()
    }

    /// Signs a device in, if the password fits. `None`: it does not, or nobody signs in by this name. Safe to repeat.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn sign_in(
        &self,
        login: &LoginName,
        mac: &[u8; 32],
        pepper: &str,
        device: &NewDevice<'_>,
    ) -> Result<Option<AccountRow>, StoreError> {
        let mut params = vec![login.as_str().into(), bytea(mac), pepper.into()];
        params.extend(device.params());
        self.run_idempotent(SIGN_IN, params).await?.first().map(account).transpose()
    }

    /// Sets a password by a recovery code, which is used up, signs a device in and ends all others; tokens count from `valid_after` on. `None`:
    /// the code does not fit, or nobody signs in by this name. Safe to repeat.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn reset_password(
        &self,
        login: &LoginName,
        recovery_mac: &[u8; 32],
        password: &StoredPassword,
        device: &NewDevice<'_>,
        valid_after: Timestamp,
    ) -> Result<Option<AccountRow>, StoreError> {
        let mut params = vec![
            login.as_str().into(),
            bytea(recovery_mac),
            bytea(&password.mac),
            password.pepper.as_str().into(),
            bytea(&password.recovery_mac),
        ];
        params.extend(device.params());
        params.push(valid_after.to_string().into());
        let account = self.run_idempotent(RESET_PASSWORD, params).await?.first().map(account).transpose()?;
        // The statement reads the account as it was before.
        Ok(account.map(|account| AccountRow { valid_after: account.valid_after.max(valid_after), ..account }))
    }

    /// Sets the caller's password, signs a device in and ends all others; tokens count from `valid_after` on. `before`: HMAC of the password that there is, if it
    /// was told; else the caller's device was signed in to since `fresh_since`, by a passkey where there is a password. Safe to repeat.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    #[expect(clippy::too_many_arguments, reason = "a statement's")]
    pub async fn set_password(
        &self,
        caller: &User,
        login: &LoginName,
        before: Option<&[u8; 32]>,
        fresh_since: Timestamp,
        password: &StoredPassword,
        device: &NewDevice<'_>,
        valid_after: Timestamp,
    ) -> Result<SetPassword, StoreError> {
        let [issued, asking] = token(caller);
        let mut params = vec![caller.id.to_string().into(), issued, asking, login.as_str().into()];
        params.push(before.map_or(Param::Null, |mac| bytea(mac)));
        params.push(fresh_since.to_string().into());
        params.extend(password.params());
        params.extend(device.params());
        params.push(valid_after.to_string().into());
        match self.run_idempotent(SET_PASSWORD, params).await {
            Ok(rows) => match rows.first().map(account).transpose()? {
                // The statement reads the account as it was before.
                Some(row) => Ok(SetPassword::Set(AccountRow { valid_after: row.valid_after.max(valid_after), ..row })),
                None => Ok(SetPassword::Refused),
            },
            Err(StoreError::Postgres(SqlError::Database { sqlstate, .. })) if sqlstate == UNIQUE_VIOLATION => {
                Ok(SetPassword::Taken)
            }
            Err(error) => Err(error),
        }
    }

    /// Gives a device its next refresh token, for the newest one or for the one before. `None`: the device has ended, by this call where the token
    /// was older. Safe to repeat.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn refresh(
        &self,
        device: DeviceId,
        token_hash: &[u8; 32],
        next_hash: &[u8; 32],
        expires_at: Timestamp,
    ) -> Result<Option<AccountRow>, StoreError> {
        let params =
            vec![device.to_string().into(), bytea(token_hash), bytea(next_hash), expires_at.to_string().into()];
        self.run_idempotent(REFRESH, params).await?.first().map(account).transpose()
    }

    /// Ends a device, or all of its owner's, and says which. `token_hash`: of the refresh token that was shown, if it was not an access token.
    /// Safe to repeat.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn log_out(
        &self,
        device: DeviceId,
        token_hash: Option<&[u8; 32]>,
        everywhere: bool,
        valid_after: Timestamp,
    ) -> Result<Vec<DeviceId>, StoreError> {
        let params = vec![
            device.to_string().into(),
            token_hash.map_or(Param::Null, |hash| bytea(hash)),
            everywhere.to_string().into(),
            valid_after.to_string().into(),
        ];
        let rows = self.run_idempotent(LOG_OUT, params).await?;
        rows.iter().map(|row| device_id(row, "id")).collect()
    }

    /// The caller's devices, the last used first.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn list_devices(&self, caller: &User) -> Result<Vec<Device>, StoreError> {
        let [issued, device] = token(caller);
        let rows = self.run_idempotent(LIST_DEVICES, vec![caller.id.to_string().into(), issued, device]).await?;
        let read = |row: Row<'_>| {
            Ok(Device {
                id: device_id(row, "id")?,
                user_agent: row.text("user_agent")?.to_owned(),
                created_at: timestamp(row, "created_at")?,
                used_at: timestamp(row, "used_at")?,
                expires_at: timestamp(row, "expires_at")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Ends one of the caller's devices. `false`: there is no such one.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn end_device(&self, caller: &User, ended: DeviceId) -> Result<bool, StoreError> {
        let [issued, device] = token(caller);
        let params = vec![caller.id.to_string().into(), issued, device, ended.to_string().into()];
        Ok(!self.run_idempotent(END_DEVICE, params).await?.is_empty())
    }

    /// What is known of the caller. `None`: a guest who has nothing.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn read_account(&self, caller: &User) -> Result<Option<Person>, StoreError> {
        let [issued, device] = token(caller);
        let rows = self.run_idempotent(READ_ACCOUNT, vec![caller.id.to_string().into(), issued, device]).await?;
        let read = |row: Row<'_>| {
            Ok(Person {
                role: stored_role(row)?,
                email: row.optional_text("email")?.map(str::to_owned),
                login: row.optional_text("login")?.map(str::to_owned),
                created_at: timestamp(row, "created_at")?,
                bytes: u64::try_from(row.integer("bytes")?).unwrap_or(0),
            })
        };
        rows.first().map(read).transpose()
    }

    /// Makes what a guest has an account's. `false`: another account has claimed the guest, or the account is gone. Safe to repeat.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn claim_guest(&self, guest: UserId, account: UserId) -> Result<bool, StoreError> {
        let params = || vec![guest.to_string().into(), account.to_string().into()];
        let statements = [CLAIM_GUEST, MOVE_GUEST].map(|text| Statement { text, params: params() });
        let results = self.run_transaction(&statements).await?;
        Ok(results.first().is_some_and(|rows| !rows.is_empty()))
    }
}

/// Whether a value that must be the only one of its kind is there already.
pub(super) fn is_taken(error: &StoreError) -> bool {
    matches!(error, StoreError::Postgres(SqlError::Database { sqlstate, .. }) if sqlstate == UNIQUE_VIOLATION)
}

pub(super) fn stored_role(row: Row<'_>) -> Result<Role, StoreError> {
    Role::from_name(row.text("role")?).ok_or_else(|| unexpected("a role"))
}

pub(super) fn account(row: Row<'_>) -> Result<AccountRow, StoreError> {
    let was = row.optional_text("was")?.map(UserId::parse).transpose();
    Ok(AccountRow {
        id: user_id(row, "user_id")?,
        role: stored_role(row)?,
        email: row.optional_text("email")?.map(str::to_owned),
        has_identity: row.integer("has_identity")? != 0,
        valid_after: Timestamp::from_second(row.integer("valid_after")?).map_err(|_| unexpected("a time"))?,
        token_hash: row.text("token_hash")?.to_owned(),
        was: was.map_err(|_| unexpected("a user's id"))?,
    })
}
