//! From the `Authorization` header to a caller.

use application::accounts::{API_KEY_PREFIX, api_keys};
use application::{App, Config, StoreError};
use domain::{Role, User, UserId};
use http::{HeaderMap, header};
use jiff::Timestamp;

use crate::browser;
use crate::problem::Problem;
use crate::request::{Request, SentTwice, sole};
use crate::token;

impl Request {
    /// Who is asking.
    ///
    /// # Errors
    /// 401 without a good token; 404, as if there were no chat, for somebody it is not rolled out to.
    pub(crate) fn caller(&self, app: &App) -> Result<User, Problem> {
        let user = self.known_caller(app)?;
        let drawn_by = browser::drawn_by(self.headers(), &user);
        if app.config.rollout.includes(user.role, drawn_by) { Ok(user) } else { Err(Problem::not_found()) }
    }

    /// Who is asking, whomever the chat is rolled out to.
    ///
    /// # Errors
    /// 401 without a good token.
    pub(crate) fn known_caller(&self, app: &App) -> Result<User, Problem> {
        let token = self.bearer()?.ok_or_else(|| Problem::unauthenticated("no token"))?;
        let user = token::verify(&app.config, token, app.platform.clock.now())?;
        app.request_log.proven(user.id);
        Ok(user)
    }

    /// Who is asking OpenAI's API, by an account's API key or by a visitor's token.
    ///
    /// # Errors
    /// As [`Self::caller`]; 401 for a key that was not made here or has ended, or that is shown below `/api`: it opens nothing there, 403 for one whose owner is
    /// blocked.
    pub(crate) async fn caller_by_key(&self, app: &App) -> Result<User, Problem> {
        let Some(key) = self.bearer()?.filter(|token| token.starts_with(API_KEY_PREFIX)) else {
            return self.caller(app);
        };
        if !self.path().starts_with("/v1/") {
            return Err(Problem::wrong_api_key("an API key below /api"));
        }
        let user = match api_keys::caller(app, key).await {
            Ok(user) => user.ok_or_else(|| Problem::wrong_api_key("no API key of ours"))?,
            Err(StoreError::TokenEnded) => return Err(Problem::wrong_api_key("the API key has ended")),
            Err(error) => return Err(error.into()),
        };
        app.request_log.proven(user.id);
        if app.config.rollout.includes(user.role, user.id) { Ok(user) } else { Err(Problem::not_found()) }
    }

    /// The guest who is to go along with an account. A token that proves none keeps nobody from signing in.
    ///
    /// # Errors
    /// 401 for more than one token, or what is none at all.
    pub(crate) fn guest_to_claim(&self, app: &App) -> Result<Option<UserId>, Problem> {
        let Some(token) = self.bearer()? else { return Ok(None) };
        let user = token::verify_for_renewal(&app.config, token, app.platform.clock.now()).ok();
        Ok(user.filter(|user| user.role == Role::Guest).map(|user| user.id))
    }

    /// The guest who asks for a new token with an old one; `None` without one.
    ///
    /// # Errors
    /// 401 for a token that is not a guest's or cannot be renewed any more.
    pub(crate) fn returning_guest(&self, app: &App) -> Result<Option<User>, Problem> {
        let Some(token) = self.bearer()? else { return Ok(None) };
        let user = token::verify_for_renewal(&app.config, token, app.platform.clock.now())?;
        app.request_log.proven(user.id);
        match user.role {
            Role::Guest => Ok(Some(user)),
            Role::User | Role::Admin => Err(Problem::unauthenticated("not a guest's token")),
        }
    }

    /// Lets in who shows the token of a program of the operator's: `is_theirs` says whether it is.
    ///
    /// # Errors
    /// 401 without one, or with another.
    pub(crate) fn shows(&self, app: &App, is_theirs: fn(&App, &str) -> bool) -> Result<(), Problem> {
        let token = self.bearer()?.ok_or_else(|| Problem::unauthenticated("no token"))?;
        if is_theirs(app, token) { Ok(()) } else { Err(Problem::unauthenticated("not the operator's token")) }
    }

    /// The token that is shown, whatever it proves.
    pub(crate) fn bearer(&self) -> Result<Option<&str>, Problem> {
        bearer(self.headers())
    }
}

/// Whether the chat is there for the sender of these headers.
pub(crate) fn is_included(config: &Config, headers: &HeaderMap, now: Timestamp) -> bool {
    let user = bearer(headers).ok().flatten().and_then(|token| token::verify(config, token, now).ok());
    match (user, browser::known(headers)) {
        (Some(user), _) => config.rollout.includes(user.role, browser::drawn_by(headers, &user)),
        (None, Some(browser)) => config.rollout.includes(Role::Guest, browser),
        // Nothing is drawn yet.
        (None, None) => config.rollout.includes_everybody(),
    }
}

/// The token or API key that is shown, if it was made here, whatever has become of it since. No store is asked.
pub(crate) fn shown_of_ours<'a>(config: &Config, headers: &'a HeaderMap, now: Timestamp) -> Option<&'a str> {
    let shown = bearer(headers).ok().flatten()?;
    let is_ours = if shown.starts_with(API_KEY_PREFIX) {
        api_keys::is_ours(config, shown)
    } else {
        token::verify_for_renewal(config, shown, now).is_ok()
    };
    is_ours.then_some(shown)
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let header = sole(headers, header::AUTHORIZATION);
    let Some(header) = header.map_err(|SentTwice| Problem::unauthenticated("more than one token"))? else {
        return Ok(None);
    };
    header
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| Some(token.trim()))
        .ok_or_else(|| Problem::unauthenticated("not a bearer token"))
}
