//! Devices: the next token, the list of them, their end.

use domain::{DeviceId, Role, User, UserId};
use infrastructure::StoreError;
use infrastructure::postgres::Device;
use platform::Level;

use super::{AccountError, RefreshToken, SignedIn, claim, enter, next_second, refresh_ends};
use crate::hex::hex;
use crate::{App, Config, guests};

/// By what a device shows itself.
#[derive(Clone, Debug)]
pub enum ShownToken {
    /// The token that it refreshes by.
    Refresh(RefreshToken),
    /// An access token that it was issued.
    Access(DeviceId),
}

/// The devices that have ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedOut(pub Vec<DeviceId>);

/// The next tokens of a device. `guest`: who shows their token with it is claimed, too, for a claim that was not done.
///
/// # Errors
/// [`AccountError::NoDevice`] for a token that is none of ours or older than the one before the newest, which ends the device;
/// [`AccountError::Store`].
pub async fn refresh(app: &App, shown: &str, guest: Option<UserId>) -> Result<SignedIn, AccountError> {
    let token = RefreshToken::parse(shown, keys(&app.config)).ok_or(AccountError::NoDevice("no token of ours"))?;
    let next = token.successor(&app.config.jwt_secret);
    let row = app.postgres.refresh(token.device(), &token.hash(), &next.hash(), refresh_ends(app)).await?;
    let Some(row) = row else {
        // It is ours and not good any more: whoever has its access tokens must go, too.
        end(app, &[token.device()]).await;
        app.log(Level::Warn, "a refresh token was used again, or has ended", vec![("event", "device_ended".into())]);
        return Err(AccountError::NoDevice("used again, or ended"));
    };
    // Another instance may have made it by the secret before.
    let candidates = keys(&app.config).map(|key| token.successor(key)).chain([token.clone()]);
    let is_newest = |token: &RefreshToken| hex(&token.hash()) == row.token_hash;
    let refresh = { candidates }.find(is_newest).ok_or(AccountError::NoDevice("its successor is unknown"))?;
    let user = enter(app, &row, token.device());
    let mut signed_in = SignedIn { user, refresh, has_claimed: false, recovery_code: None };
    claim::take_along(app, &mut signed_in, guest).await;
    Ok(signed_in)
}

/// Ends the device that has shown itself, or all of its owner's.
///
/// # Errors
/// [`StoreError`] when Postgres gives no answer.
pub async fn log_out(app: &App, shown: &ShownToken, everywhere: bool) -> Result<LoggedOut, StoreError> {
    let (device, hash) = match shown {
        ShownToken::Refresh(token) => (token.device(), Some(token.hash())),
        ShownToken::Access(device) => (*device, None),
    };
    let valid_after = next_second(app.platform.clock.now());
    let ended = app.postgres.log_out(device, hash.as_ref(), everywhere, valid_after).await?;
    end(app, &ended).await;
    Ok(LoggedOut(ended))
}

/// The caller's devices, the last used first.
///
/// # Errors
/// [`AccountError::NoAccount`] for a guest; [`AccountError::Store`].
pub async fn list(app: &App, caller: &User) -> Result<Vec<Device>, AccountError> {
    account(app, caller).await?;
    Ok(app.postgres.list_devices(caller).await?)
}

/// Ends one of the caller's devices.
///
/// # Errors
/// [`AccountError::NoAccount`] for a guest, [`AccountError::NoSuchDevice`], [`AccountError::Store`].
pub async fn end_device(app: &App, caller: &User, device: DeviceId) -> Result<(), AccountError> {
    account(app, caller).await?;
    if !app.postgres.end_device(caller, device).await? {
        return Err(AccountError::NoSuchDevice);
    }
    end(app, &[device]).await;
    Ok(())
}

/// A guest who was claimed is told that instead.
pub(super) async fn account(app: &App, caller: &User) -> Result<(), AccountError> {
    match caller.role {
        Role::User | Role::Admin => Ok(()),
        Role::Guest => {
            guests::check(app, caller.id).await?;
            Err(AccountError::NoAccount)
        }
    }
}

/// Postgres knows it already, and answers their reads and writes; Redis answers what asks it alone.
pub(super) async fn end(app: &App, devices: &[DeviceId]) {
    if let Err(error) = app.redis.end_devices(devices).await {
        app.log_cause(Level::Warn, "devices not ended in redis", &error);
    }
}

/// What tokens are made by, and what they were made by before.
pub(super) fn keys(config: &Config) -> impl Iterator<Item = &str> {
    [Some(&config.jwt_secret), config.jwt_secret_previous.as_ref()].into_iter().flatten().map(String::as_str)
}
