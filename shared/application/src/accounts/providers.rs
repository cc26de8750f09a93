//! Coming in through somebody who vouches: GitHub, Google, any OpenID provider. Authorization code with PKCE.
//!
//! It takes three steps. [`depart`] sends a browser away, with a cookie that knows what for. [`arrive`] is where it comes back to: the code is redeemed on the back
//! channel, and the cookie knows now whom the provider has vouched for. [`enter`] or [`add`] is the page, which asks for what has come of it: it alone shows
//! the guest's token, or the account's, and it alone can be asked for work. An account is found by issuer and subject, never by an address.

mod offered;

use std::time::Duration;

use domain::{Identity, MOST_IDENTITIES, MailAddress, ProviderId, User};
use futures::future::join;
use infrastructure::postgres::{AddedIdentity, KeptIdentity, RemovedIdentity};
use infrastructure::providers::{self, Asked, ProviderFault, VouchedFor};
use jiff::SignedDuration;
use platform::Level;

pub(super) use self::offered::issuers;
pub use self::offered::provider_of;
use self::offered::{check_issuer, client, endpoints, way_back};
use super::departure::{AWAY, Arrival, BACK, Errand, Trip};
use super::notices::{self, Notice};
use super::{AccountError, Entrance, Entrant, SignedIn, claim, devices, enter as let_in, fresh_since, role_of};
use crate::App;
use crate::guests::{self, Shown};
use crate::tries::{PROVIDERS, SIGN_UPS, SIGN_UPS_OF_IDENTITY, Try};

/// A browser that is about to leave.
#[derive(Clone, Debug)]
pub struct Departing {
    /// Where it goes.
    pub url: String,
    /// What it carries: for [`AWAY`], to be sent with the way back alone.
    pub cookie: String,
}

/// What a browser brings back, as it was sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Returned<'a> {
    /// What the provider was to send back.
    pub state: &'a str,
    /// What it has given.
    pub code: Option<&'a str>,
    /// Or why it has not.
    pub error: Option<&'a str>,
    /// Who says so (RFC 9207).
    pub issuer: Option<&'a str>,
}

/// Somebody who came in through a provider.
#[derive(Clone, Debug)]
pub struct Entered {
    /// Who.
    pub signed_in: SignedIn,
    /// Whether the account was made now.
    pub is_new: bool,
}

/// Sends a browser to a provider, so that somebody comes in. `page_key`: what the page keeps and shows at the end.
///
/// # Errors
/// [`AccountError::NoSuchProvider`], [`AccountError::NotTried`], [`AccountError::Provider`], [`AccountError::Store`].
pub async fn depart(
    app: &App,
    provider: ProviderId,
    page_key: &str,
    entrant: &Entrant<'_>,
) -> Result<Departing, AccountError> {
    set_out(app, provider, Errand::SignIn, page_key, entrant).await
}

/// Sends the caller's browser to a provider, for one more identity of theirs.
///
/// # Errors
/// [`AccountError::NotFresh`] before somebody is sent for nothing; [`AccountError::NoAccount`]; else as [`depart`].
pub async fn depart_to_add(
    app: &App,
    caller: &User,
    provider: ProviderId,
    page_key: &str,
    entrant: &Entrant<'_>,
) -> Result<Departing, AccountError> {
    devices::account(app, caller).await?;
    let opened = app.postgres.open_keys(caller, fresh_since(app)).await?.ok_or(AccountError::NoAccount)?;
    if !opened.is_fresh {
        return Err(AccountError::NotFresh);
    }
    set_out(app, provider, Errand::Add(caller.id), page_key, entrant).await
}

async fn set_out(
    app: &App,
    provider: ProviderId,
    errand: Errand,
    page_key: &str,
    entrant: &Entrant<'_>,
) -> Result<Departing, AccountError> {
    let way_back = way_back(app, provider)?;
    Try::of_address(app, PROVIDERS, entrant.address).count().await?;
    let endpoints = endpoints(app, provider).await?;
    let trip = Trip::new(app, provider, errand, page_key);
    let key = &app.config.jwt_secret;
    let secrets = trip.secrets(key);
    let is_openid = provider != ProviderId::GitHub;
    let asked = Asked {
        scope: if is_openid { "openid email" } else { "user:email" },
        state: &secrets.state,
        code_challenge: &secrets.code_challenge,
        nonce: is_openid.then_some(&secrets.nonce),
    };
    let url = endpoints.way_there(&client(app, provider, &way_back)?, &asked);
    Ok(Departing { url, cookie: trip.departure(key) })
}

/// Takes what a browser brings back, and gives what it carries on. `carried`: the cookie that it left with.
///
/// 1. What it brings must belong to what it carries: nothing is asked of anybody before that is certain.
/// 2. It is taken once.
/// 3. The code is redeemed; whom the provider vouches for is held against what was asked for.
/// 4. GitHub is asked for an address where it is needed: of somebody who is new.
///
/// # Errors
/// [`AccountError::SignInExpired`], [`AccountError::SignInDenied`], [`AccountError::Provider`], [`AccountError::Store`].
pub async fn arrive(
    app: &App,
    provider: ProviderId,
    returned: &Returned<'_>,
    carried: Option<&str>,
) -> Result<String, AccountError> {
    // 1.
    let way_back = way_back(app, provider)?;
    let now = app.platform.clock.now();
    let carried = carried.and_then(|text| Trip::read_departure(text, devices::keys(&app.config), now));
    let (trip, key) = carried
        .filter(|(trip, key)| trip.provider == provider && trip.has_state(key, returned.state))
        .ok_or(AccountError::SignInExpired)?;
    let code = match (returned.error, returned.code) {
        (Some("access_denied"), _) => return Err(AccountError::SignInDenied),
        (None, Some(code)) => code,
        (Some(_) | None, _) => return Err(ProviderFault::NoCode.into()),
    };
    // 2.
    take(app, &trip, AWAY).await?;
    // 3.
    let endpoints = endpoints(app, provider).await?;
    check_issuer(&endpoints, provider, returned.issuer)?;
    let client = client(app, provider, &way_back)?;
    let secrets = trip.secrets(key);
    let http = &app.platform.http;
    let vouched_for = match provider {
        ProviderId::GitHub => {
            let base = &app.config.providers.github_url;
            let user = providers::by_github(http, base, &client, code, &secrets.verifier).await?;
            // 4.
            let email = match app.postgres.read_identity(&user.identity).await? {
                Some(_) => None,
                None => user.verified_email(http).await,
            };
            VouchedFor { identity: user.identity, email }
        }
        ProviderId::Google | ProviderId::Oidc => {
            let shown = (secrets.verifier.as_str(), secrets.nonce.as_str());
            providers::by_openid(http, &endpoints, &client, code, shown, now).await?
        }
    };
    // What is no address to us is none; letters of other scripts could look like another one's.
    let email = vouched_for.email.as_deref().and_then(|email| MailAddress::parse(email).ok());
    let vouched_for = VouchedFor { email: email.map(|email| email.to_string()), ..vouched_for };
    Ok(Arrival::new(app, trip, vouched_for).encode(&app.config.jwt_secret))
}

/// Lets in whom a provider has vouched for; who is new gets an account, and counts as a new guest. `carried`: the cookie; `page_key`: what the page has kept.
///
/// # Errors
/// [`AccountError::SignInExpired`], [`AccountError::IdentityTaken`], [`AccountError::Guest`], [`AccountError::NotTried`], [`AccountError::Store`].
pub async fn enter(
    app: &App,
    entrant: &Entrant<'_>,
    provider: ProviderId,
    carried: Option<&str>,
    page_key: &str,
    shown: Shown<'_>,
) -> Result<Entered, AccountError> {
    let arrival = arrival(app, carried, page_key).filter(|arrival| arrival.trip.errand == Errand::SignIn);
    let arrival = arrival.filter(|arrival| arrival.trip.provider == provider).ok_or(AccountError::SignInExpired)?;
    let tried = Try::of_address(app, PROVIDERS, entrant.address);
    let VouchedFor { identity, email } = &arrival.vouched_for;
    let (counted, known) = join(tried.count(), app.postgres.read_identity(identity)).await;
    counted?;
    let is_new = known?.is_none();
    let mut signed_in = if is_new {
        sign_up(app, entrant, &arrival, email.as_deref(), shown).await?
    } else {
        take(app, &arrival.trip, BACK).await?;
        sign_in(app, entrant, identity).await?
    };
    tried.forgive().await;
    claim::take_along(app, &mut signed_in, entrant.guest).await;
    Ok(Entered { signed_in, is_new })
}

async fn sign_up(
    app: &App,
    entrant: &Entrant<'_>,
    arrival: &Arrival,
    email: Option<&str>,
    shown: Shown<'_>,
) -> Result<SignedIn, AccountError> {
    let identity = &arrival.vouched_for.identity;
    let again = Try::of_identity(app, SIGN_UPS_OF_IDENTITY, identity);
    let tried = Try::of_address(app, SIGN_UPS, entrant.address);
    tried.count().await?;
    again.count().await?;
    // The arrival is taken after it: who is asked for work comes again with the same one.
    if let Err(error) = guests::create(app, entrant.address, shown).await {
        tried.forgive().await;
        again.forgive().await;
        return Err(error.into());
    }
    take(app, &arrival.trip, BACK).await?;
    let entrance = Entrance::new(app, entrant.user_agent);
    let (id, now) = (app.new_user_id(), app.platform.clock.now());
    let made = app.postgres.register_identity(id, identity, email, now, &entrance.device()).await?;
    let made = made.ok_or(AccountError::IdentityTaken)?;
    let role = role_of(app, id, domain::Role::User, made.email.as_deref());
    let user = User { device: Some(entrance.refresh.device()), ..User::new(id, role) };
    Ok(SignedIn { user, refresh: entrance.refresh, has_claimed: false, recovery_code: None })
}

async fn sign_in(app: &App, entrant: &Entrant<'_>, identity: &Identity) -> Result<SignedIn, AccountError> {
    let entrance = Entrance::new(app, entrant.user_agent);
    let row = app.postgres.sign_in_by_identity(identity, &entrance.device()).await?;
    let user = let_in(app, &row.ok_or(AccountError::SignInExpired)?, entrance.refresh.device());
    Ok(SignedIn { user, refresh: entrance.refresh, has_claimed: false, recovery_code: None })
}

/// Adds whom a provider has vouched for to the caller's identities, on a device that was signed in to just now.
///
/// # Errors
/// [`AccountError::SignInExpired`], also for what somebody else has begun; [`AccountError::NotFresh`], [`AccountError::TooManyIdentities`],
/// [`AccountError::IdentityTaken`], [`AccountError::NoAccount`], [`AccountError::Store`].
pub async fn add(app: &App, caller: &User, carried: Option<&str>, page_key: &str) -> Result<(), AccountError> {
    devices::account(app, caller).await?;
    let arrival = arrival(app, carried, page_key).filter(|arrival| arrival.trip.errand == Errand::Add(caller.id));
    let Arrival { trip, vouched_for: VouchedFor { identity, email } } = arrival.ok_or(AccountError::SignInExpired)?;
    // Asked before it is taken: who has been long at the provider signs in once more, and goes on with the same arrival.
    let opened = app.postgres.open_keys(caller, fresh_since(app)).await?.ok_or(AccountError::NoAccount)?;
    if !opened.is_fresh {
        return Err(AccountError::NotFresh);
    }
    take(app, &trip, BACK).await?;
    let now = app.platform.clock.now();
    let what = (&identity, email.as_deref());
    match app.postgres.add_identity(caller, fresh_since(app), what, now, MOST_IDENTITIES).await? {
        AddedIdentity::Added => {
            notices::tell(app, caller, Notice::IdentityAdded);
            Ok(())
        }
        AddedIdentity::Stale => Err(AccountError::NotFresh),
        AddedIdentity::Full => Err(AccountError::TooManyIdentities),
        AddedIdentity::Taken => Err(AccountError::IdentityTaken),
    }
}

/// The caller's identities, the oldest first.
///
/// # Errors
/// [`AccountError::NoAccount`] for a guest; [`AccountError::Store`].
pub async fn list(app: &App, caller: &User) -> Result<Vec<KeptIdentity>, AccountError> {
    devices::account(app, caller).await?;
    Ok(app.postgres.list_identities(caller).await?)
}

/// Removes one of the caller's identities, on a device that was signed in to just now: nobody comes in by it any more. Devices that it has signed in
/// stay.
///
/// # Errors
/// [`AccountError::NotFresh`], [`AccountError::LastWayIn`], [`AccountError::NoSuchIdentity`], else as [`list`].
pub async fn remove(app: &App, caller: &User, id: &str) -> Result<(), AccountError> {
    devices::account(app, caller).await?;
    match app.postgres.remove_identity(caller, id, fresh_since(app), &issuers(app)).await? {
        RemovedIdentity::Removed => {
            notices::tell(app, caller, Notice::IdentityRemoved);
            Ok(())
        }
        RemovedIdentity::Stale => Err(AccountError::NotFresh),
        RemovedIdentity::Last => Err(AccountError::LastWayIn),
        RemovedIdentity::Missing => Err(AccountError::NoSuchIdentity),
    }
}

fn arrival(app: &App, carried: Option<&str>, page_key: &str) -> Option<Arrival> {
    let arrival = Arrival::read(carried?, devices::keys(&app.config), app.platform.clock.now())?;
    Some(arrival).filter(|arrival| arrival.trip.is_of_page(page_key))
}

/// Takes a part of a trip, which can be done once. Without Redis nobody is let in, whatever `QUOTA_FAIL_MODE` says.
async fn take(app: &App, trip: &Trip, life: SignedDuration) -> Result<(), AccountError> {
    let life = Duration::try_from(life).unwrap_or_default();
    match app.redis.take_challenge(trip.nonce(), app.request, life).await? {
        true => Ok(()),
        false => {
            app.log(Level::Warn, "a way back was used twice", vec![("event", "sign_in_replayed".into())]);
            Err(AccountError::SignInExpired)
        }
    }
}
