//! API keys: what an account gives a program to ask the model by. A key opens OpenAI's routes and nothing else.

use std::rc::Rc;
use std::time::Duration;

use domain::{ApiKey, ApiKeyId, ApiKeyName, MOST_API_KEYS, Role, User};
use infrastructure::StoreError;
use infrastructure::postgres::AddedApiKey;
use infrastructure::redis::KnownApiKey;
use jiff::{SignedDuration, Timestamp};
use platform::Level;

use super::api_key::ShownApiKey;
use super::notices::{self, Notice};
use super::{AccountError, devices, fresh_since};
use crate::hex::hex;
use crate::{App, Config};

/// A key that was just made, and as a program shows it.
#[derive(Clone, Debug)]
pub struct MadeApiKey {
    /// As its owner sees it from now on.
    pub key: ApiKey,
    /// The key itself.
    pub shown: ShownApiKey,
}

/// Makes a key of the caller's, on a device that was signed in to just now. `days`: how long it is good; `None`: it does not end by itself.
///
/// # Errors
/// [`AccountError::ApiKeysOff`], [`AccountError::NotFresh`], [`AccountError::TooManyApiKeys`], else as [`list`].
pub async fn make(app: &App, caller: &User, name: ApiKeyName, days: Option<u32>) -> Result<MadeApiKey, AccountError> {
    if !app.config.openai {
        return Err(AccountError::ApiKeysOff);
    }
    devices::account(app, caller).await?;
    // Postgres keeps microseconds: what is told now is what is listed later.
    let now = app.platform.clock.now();
    let now = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
    let life = days.map(|days| SignedDuration::from_hours(24 * i64::from(days)));
    let key = ApiKey {
        id: ApiKeyId::new(now, app.fresh_bytes()),
        name,
        created_at: now,
        used_on: None,
        expires_at: life.and_then(|life| now.checked_add(life).ok()),
    };
    let shown = ShownApiKey::new(caller.id, app.fresh_bytes(), &app.config.jwt_secret);
    match app.postgres.add_api_key(caller, fresh_since(app), &key, &shown.hash(), MOST_API_KEYS).await? {
        AddedApiKey::Added => {
            notices::tell(app, caller, Notice::ApiKeyMade);
            Ok(MadeApiKey { key, shown })
        }
        AddedApiKey::Stale => Err(AccountError::NotFresh),
        AddedApiKey::Full => Err(AccountError::TooManyApiKeys),
    }
}

/// The caller's keys that nobody has revoked, the oldest first. They are there, and can be revoked, while `/v1` is switched off.
///
/// # Errors
/// [`AccountError::NoAccount`] for a guest; [`AccountError::Store`].
pub async fn list(app: &App, caller: &User) -> Result<Vec<ApiKey>, AccountError> {
    devices::account(app, caller).await?;
    Ok(app.postgres.list_api_keys(caller).await?)
}

/// Revokes one of the caller's keys: the next request by it is refused. Nobody has to sign in anew for it, for it only takes away.
///
/// # Errors
/// [`AccountError::NoSuchApiKey`], else as [`list`]. After [`AccountError::Store`] the key may be good for as long as it is remembered, unless this is
/// repeated.
pub async fn revoke(app: &App, caller: &User, id: ApiKeyId) -> Result<(), AccountError> {
    devices::account(app, caller).await?;
    let now = app.platform.clock.now();
    let revoked = app.postgres.revoke_api_key(caller, id, now).await?.ok_or(AccountError::NoSuchApiKey)?;
    app.redis.end_api_key(&revoked.hash).await?;
    if revoked.was_good {
        notices::tell(app, caller, Notice::ApiKeyRevoked);
    }
    Ok(())
}

/// Who comes by this key; `None`: it is none of ours, or there are no accounts, which is told without a store. What is remembered of a key asks Redis once, anything else Postgres, too.
/// An admin's key is a user's: a program does not run the place.
///
/// # Errors
/// [`StoreError::TokenEnded`] for a key that was revoked, has ended or whose owner is gone, [`StoreError::Blocked`] where they may not use the page;
/// others as for every call.
pub async fn caller(app: &App, text: &str) -> Result<Option<User>, StoreError> {
    // An account's tokens do not outlive its ways in for long; neither does what it has given away.
    if app.config.accounts.is_none() {
        return Ok(None);
    }
    let Some(key) = ShownApiKey::parse(text, devices::keys(&app.config)) else { return Ok(None) };
    let user = User::new(key.user(), Role::User);
    let hash = hex(&key.hash());
    let known = match app.redis.read_api_key(&hash, &user).await? {
        Some(known) => known,
        None => {
            let used = app.postgres.use_api_key(&key.hash(), user.id).await?;
            let known = match &used {
                Some(used) if used.is_blocked => KnownApiKey::Blocked,
                Some(used) => KnownApiKey::Good { has_vouched: used.has_vouched },
                None => KnownApiKey::Ended,
            };
            remember(app, hash, known, used.and_then(|used| used.ends_in));
            known
        }
    };
    match known {
        KnownApiKey::Good { has_vouched } => Ok(Some(User { is_unverified: !has_vouched, ..user })),
        KnownApiKey::Blocked => Err(StoreError::Blocked),
        KnownApiKey::Ended => Err(StoreError::TokenEnded),
    }
}

/// Whether a key was made here, whatever has become of it since. No store is asked.
#[must_use]
pub fn is_ours(config: &Config, text: &str) -> bool {
    ShownApiKey::parse(text, devices::keys(config)).is_some()
}

/// Nobody waits for it.
fn remember(app: &App, hash: String, known: KnownApiKey, ends_in: Option<Duration>) {
    let (app, tasks) = (app.clone(), Rc::clone(&app.platform.tasks));
    tasks.spawn(Box::pin(async move {
        if let Err(error) = app.redis.remember_api_key(&hash, known, ends_in).await {
            app.log_cause(Level::Warn, "API key not remembered", &error);
        }
    }));
}
