//! Statements about verified addresses.

use domain::{MailAddress, User, UserId};
use jiff::Timestamp;
use wire::neon::Param;

use super::accounts::{AccountRow, NewDevice, StoredPassword, account, is_taken};
use super::client::{Postgres, bytea, token, unexpected, user_id};
use super::statement;
use crate::StoreError;

pub(super) const READ_ADDRESS: &str = statement!("read_address");
pub(super) const READ_BY_ADDRESS: &str = statement!("read_by_address");
pub(super) const SIGN_IN_BY_MAIL: &str = statement!("sign_in_by_mail", before "account_row");
pub(super) const RESET_BY_MAIL: &str = statement!("reset_by_mail", before "account_row");
pub(super) const VERIFY_ADDRESS: &str = statement!("verify_address");

impl Postgres {
    /// Whose verified address it is. `None`: nobody's.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn read_by_address(&self, address: &MailAddress) -> Result<Option<UserId>, StoreError> {
        let rows = self.run_idempotent(READ_BY_ADDRESS, vec![address.as_str().into()]).await?;
        rows.first().map(|row| user_id(row, "user_id")).transpose()
    }

    /// An account's verified address. `None`: it has none, or none that mail is sent to.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn read_address(&self, user: UserId) -> Result<Option<MailAddress>, StoreError> {
        let rows = self.run_idempotent(READ_ADDRESS, vec![user.to_string().into()]).await?;
        let email = rows.first().map(|row| row.text("email")).transpose()?;
        Ok(email.and_then(|email| MailAddress::parse(email).ok()))
    }

    /// Signs a device in to an account whose address that is. `None`: it is not any more. Safe to repeat.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn sign_in_by_mail(
        &self,
        user: UserId,
        address: &MailAddress,
        device: &NewDevice<'_>,
    ) -> Result<Option<AccountRow>, StoreError> {
        let mut params = vec![user.to_string().into(), address.as_str().into()];
        params.extend(device.params());
        self.run_idempotent(SIGN_IN_BY_MAIL, params).await?.first().map(account).transpose()
    }

    /// Sets the password of an account whose address that is, by which it is signed in to from now on, signs a device in and ends all others; tokens
    /// count from `valid_after` on. `None`: the address is not its any more. Safe to repeat.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn reset_by_mail(
        &self,
        user: UserId,
        address: &MailAddress,
        password: &StoredPassword,
        device: &NewDevice<'_>,
        valid_after: Timestamp,
    ) -> Result<Option<AccountRow>, StoreError> {
        let mut params: Vec<Param> = vec![
            user.to_string().into(),
            address.as_str().into(),
            bytea(&password.mac),
            password.pepper.as_str().into(),
            bytea(&password.salt),
            password.params.into(),
            bytea(&password.recovery_mac),
        ];
        params.extend(device.params());
        params.push(valid_after.to_string().into());
        let account = self.run_idempotent(RESET_BY_MAIL, params).await?.first().map(account).transpose()?;
        // The statement reads the account as it was before.
        Ok(account.map(|account| AccountRow { valid_after: account.valid_after.max(valid_after), ..account }))
    }

    /// Makes a verified address the caller's, in the place of the one before; a password whose name was that one, or this one, has this one for a
    /// name. `false`: it is another account's. Safe to repeat.
    ///
    /// # Errors
    /// [`StoreError`] as for every statement.
    pub async fn verify_address(
        &self,
        caller: &User,
        address: &MailAddress,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let [issued, device] = token(caller);
        let params =
            vec![caller.id.to_string().into(), issued, device, address.as_str().into(), now.to_string().into()];
        match self.run_idempotent(VERIFY_ADDRESS, params).await {
            Ok(rows) if rows.is_empty() => Err(unexpected("the caller")),
            Ok(_) => Ok(true),
            Err(error) if is_taken(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
