//! Which providers the operator offers: who they are, where they are asked, and by what we are known there.

use std::rc::Rc;

use domain::ProviderId;
use infrastructure::providers::{self, Client, Endpoints, ProviderFault};
use jiff::SignedDuration;

use crate::App;
use crate::accounts::AccountError;
use crate::config::Provider;

/// For how long a provider's metadata is believed.
const METADATA_LIFE: SignedDuration = SignedDuration::from_hours(1);

/// By which issuers somebody comes in here: an identity of another one is no way in.
pub(in crate::accounts) fn issuers(app: &App) -> Vec<&str> {
    app.config.offered_providers().filter_map(|provider| issuer(app, provider)).collect()
}

/// Which provider an identity is of; `None`: one that is not asked any more.
#[must_use]
pub fn provider_of(app: &App, issuer: &str) -> Option<ProviderId> {
    app.config.offered_providers().find(|provider| self::issuer(app, *provider) == Some(issuer))
}

fn issuer(app: &App, provider: ProviderId) -> Option<&str> {
    let providers = &app.config.providers;
    match provider {
        ProviderId::GitHub => Some(&providers.github_url),
        ProviderId::Google => Some(providers::GOOGLE),
        ProviderId::Oidc => providers.oidc.as_ref().map(|oidc| oidc.issuer.as_str()),
    }
}

/// Where a provider sends browsers back to: never where a request says it has come to.
pub(super) fn way_back(app: &App, provider: ProviderId) -> Result<String, AccountError> {
    let is_there = app.config.offered_providers().any(|one| one == provider);
    let origin = app.config.public_origin.as_ref().filter(|_| is_there).ok_or(AccountError::NoSuchProvider)?;
    Ok(format!("{}/api/v1/auth/{}/callback", origin.as_str(), provider.name()))
}

pub(super) fn client<'a>(
    app: &'a App,
    provider: ProviderId,
    redirect_uri: &'a str,
) -> Result<Client<'a>, AccountError> {
    let providers = &app.config.providers;
    let known = match provider {
        ProviderId::GitHub => providers.github.as_ref(),
        ProviderId::Google => providers.google.as_ref(),
        ProviderId::Oidc => providers.oidc.as_ref().map(|oidc| &oidc.client),
    };
    let Provider { id, secret } = known.ok_or(AccountError::NoSuchProvider)?;
    Ok(Client { id, secret, redirect_uri })
}

pub(super) async fn endpoints(app: &App, provider: ProviderId) -> Result<Endpoints, AccountError> {
    let providers = &app.config.providers;
    let oidc = match provider {
        ProviderId::GitHub => return Ok(Endpoints::github(&providers.github_url)),
        ProviderId::Google => return Ok(Endpoints::google()),
        ProviderId::Oidc => providers.oidc.as_ref().ok_or(AccountError::NoSuchProvider)?,
    };
    let now = app.platform.clock.now();
    let known = oidc.known.borrow().clone().filter(|(until, _)| now < *until);
    if let Some((_, endpoints)) = known {
        return Ok(endpoints);
    }
    let found = Endpoints::discover(&app.platform.http, &oidc.issuer).await?;
    let until = now.checked_add(METADATA_LIFE).unwrap_or(now);
    *Rc::clone(&oidc.known).borrow_mut() = Some((until, found.clone()));
    Ok(found)
}

/// A provider that names itself must be the one that was asked (RFC 9207 §2.4): another one's code is not shown to it. GitHub has no issuer.
pub(super) fn check_issuer(
    endpoints: &Endpoints,
    provider: ProviderId,
    told: Option<&str>,
) -> Result<(), ProviderFault> {
    match told {
        _ if provider == ProviderId::GitHub => Ok(()),
        None if endpoints.names_itself => Err(ProviderFault::OtherProvider),
        Some(issuer) if issuer != endpoints.issuer => Err(ProviderFault::OtherProvider),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_provider_s_code_is_not_shown_to_the_one_that_was_asked() {
        let asked = Endpoints::google().issuer;
        for (provider, names_itself, told, is_refused) in [
            (ProviderId::Google, false, None, false),
            (ProviderId::Google, false, Some(asked.as_str()), false),
            (ProviderId::Google, true, Some(asked.as_str()), false),
            (ProviderId::Google, true, None, true),
            (ProviderId::Google, false, Some("https://other.example"), true),
            (ProviderId::Google, false, Some(""), true),
            // Written otherwise it is another one.
            (ProviderId::Oidc, false, Some("https://accounts.google.com/"), true),
            (ProviderId::Oidc, true, None, true),
            (ProviderId::Oidc, false, None, false),
            // It has no issuer.
            (ProviderId::GitHub, true, None, false),
            (ProviderId::GitHub, true, Some("https://other.example"), false),
        ] {
            let mut endpoints = Endpoints::google();
            endpoints.names_itself = names_itself;
            let checked = check_issuer(&endpoints, provider, told);
            assert_eq!(checked.is_err(), is_refused, "{provider:?}, names itself: {names_itself}, {told:?}");
            assert!(matches!(checked, Ok(()) | Err(ProviderFault::OtherProvider)), "{checked:?}");
        }
    }
}
