//! `/auth` where there are accounts: signing up, in and out.
//!
//! A device comes back by a refresh token in a cookie, which no script can read and no other site can send.

use application::accounts::{
    self, Entrant, KnownBrowser, LinkToken, PasswordKey, RecoveryCode, RefreshToken, ShownToken, SignedIn,
};
use application::{App, Config};
use domain::{LoginName, UserId};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::UserView;
use crate::endpoint::{Endpoint, HandlerResult};
use crate::problem::Problem;
use crate::request::Request;
use crate::shown::Shown;
use crate::{cookies, response, token};

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::account(Method::POST, "/api/v1/auth/password/salt", |app, request| Box::pin(salt(app, request))),
    Endpoint::account(Method::POST, "/api/v1/auth/register", |app, request| Box::pin(register(app, request))),
    Endpoint::account(Method::POST, "/api/v1/auth/login", |app, request| Box::pin(login(app, request))),
    Endpoint::account(Method::POST, "/api/v1/auth/password", |app, request| Box::pin(reset_password(app, request))),
    Endpoint::account(Method::POST, "/api/v1/auth/refresh", |app, request| Box::pin(refresh(app, request))),
    Endpoint::account(Method::POST, "/api/v1/auth/logout", |app, request| Box::pin(logout(app, request))),
];

/// A name to sign in by.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    /// An e-mail address.
    email: String,
}

/// How a browser makes a key of a password.
#[derive(Serialize, ToSchema)]
pub(crate) struct SaltView {
    /// In hexadecimal digits.
    salt: String,
    /// Method, version, KiB of memory, passes, lanes: `argon2id,v=19,m=19456,t=2,p=1`.
    params: String,
}

impl From<accounts::SaltView> for SaltView {
    fn from(accounts::SaltView { salt, params }: accounts::SaltView) -> Self {
        Self { salt, params }
    }
}

/// A name and the key of its password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// An e-mail address.
    email: String,
    /// The 32 bytes that the browser has made of the password, in base64url without padding.
    password_key: String,
}

/// A new password: by the code that stands in for the old one, with its name, or by a link that was sent by mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    /// An e-mail address, with `recovery_code`.
    #[serde(default)]
    email: Option<String>,
    /// As it was shown, in any spelling.
    #[serde(default)]
    recovery_code: Option<String>,
    /// Of a link for a new password: instead of the two.
    #[serde(default)]
    token: Option<String>,
    /// The 32 bytes that the browser has made of the new password, in base64url without padding.
    password_key: String,
}

/// Which devices end.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Logout {
    /// `true`: all of the account's.
    #[serde(default)]
    everywhere: bool,
}

/// Nothing: the cookie says it all.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {}

/// Somebody who was let in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedInView {
    /// Send it as `Authorization: Bearer …`.
    token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds until it ends.
    expires_in: i64,
    /// Its owner.
    user: UserView,
    /// Whether the guest whose token was sent is this account now.
    claimed: bool,
    /// Stands in for the password, once. It is shown now and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_code: Option<String>,
}

/// How many devices have ended.
#[derive(Serialize, ToSchema)]
pub(crate) struct LoggedOutView {
    pub ended: usize,
}

/// How a key is made of the password of a name, whether somebody signs in by it or not.
#[utoipa::path(
    post, path = "/api/v1/auth/password/salt", tag = "auth", security(()), request_body = Login,
    responses((status = 200, body = SaltView), Problem)
)]
async fn salt(app: App, request: Request) -> HandlerResult {
    let entering = Entering::of(&app, &request)?;
    let input: Login = request.json(0).await?;
    let salt = accounts::salt(&app, &entering.entrant(None), &name(&input.email)?).await?;
    Ok(response::json(StatusCode::OK, &SaltView::from(salt)))
}

/// Sign up. It counts as a new guest of the address: 401 `challenge_required` asks for work. With a guest's token all that the guest has goes along,
/// and that token ends. 409 `login_taken`: somebody signs in by this name.
#[utoipa::path(
    post, path = "/api/v1/auth/register", tag = "auth", security((), ("token" = [])), request_body = Credentials,
    params(Shown),
    responses((status = 201, body = SignedInView), Problem)
)]
async fn register(app: App, request: Request) -> HandlerResult {
    let entering = Entering::of(&app, &request)?;
    let shown = Shown::by(&request);
    let input: Credentials = request.json(0).await?;
    let (login, key) = (name(&input.email)?, password_key(&input.password_key)?);
    let signed_in = accounts::register(&app, &entering.entrant(None), &login, &key, shown.as_sent()).await?;
    entering.let_in(&app, StatusCode::CREATED, &signed_in, Some(&login))
}

/// Sign in. With a guest's token all that the guest has goes along, and that token ends. 401 `wrong_credentials` does not say whether there is such an
/// account; 429 `rate_limited` is not to be got around by the right password.
#[utoipa::path(
    post, path = "/api/v1/auth/login", tag = "auth", security((), ("token" = [])), request_body = Credentials,
    responses((status = 200, body = SignedInView), Problem)
)]
async fn login(app: App, request: Request) -> HandlerResult {
    let entering = Entering::of(&app, &request)?;
    let input: Credentials = request.json(0).await?;
    let (login, key) = (name(&input.email)?, password_key(&input.password_key)?);
    let signed_in = accounts::sign_in(&app, &entering.entrant(Some(&login)), &login, &key).await?;
    entering.let_in(&app, StatusCode::OK, &signed_in, Some(&login))
}

/// Set a new password by the recovery code, or by the `token` of a link that was sent for it, and sign in. Either is used up, another code is shown, and
/// all other devices end. Of a token: 404 `not_found` for one that is not known or has ended, 410 `used`.
#[utoipa::path(
    post, path = "/api/v1/auth/password", tag = "auth", operation_id = "reset_password", security((), ("token" = [])), request_body = NewPassword,
    responses((status = 200, body = SignedInView), Problem)
)]
async fn reset_password(app: App, request: Request) -> HandlerResult {
    let entering = Entering::of(&app, &request)?;
    let input: NewPassword = request.json(0).await?;
    let key = password_key(&input.password_key)?;
    if let Some(token) = input.token {
        if input.email.is_some() || input.recovery_code.is_some() {
            return Err(Problem::wrong_text("token"));
        }
        let token = link_token(&token)?;
        let (address, signed_in) = accounts::reset_by_mail(&app, &entering.entrant(None), &token, &key).await?;
        return entering.let_in(&app, StatusCode::OK, &signed_in, Some(&address.login()));
    }
    let login = name(&input.email.ok_or_else(|| Problem::missing_field("email"))?)?;
    let code = input.recovery_code.ok_or_else(|| Problem::missing_field("recovery_code"))?;
    let code = RecoveryCode::parse(&code).ok_or_else(|| Problem::wrong_text("recovery_code"))?;
    let signed_in = accounts::reset(&app, &entering.entrant(Some(&login)), &login, &code, &key).await?;
    entering.let_in(&app, StatusCode::OK, &signed_in, Some(&login))
}

/// The next access token, by the refresh token in the cookie, which changes. The one before stays good for 30 seconds; after
/// that, and an older one at once, it ends the device. 401 `unauthenticated`: it has ended. With a guest's token the guest goes along, as when signing in.
#[utoipa::path(
    post, path = "/api/v1/auth/refresh", tag = "auth", security((), ("token" = [])),
    request_body(content = inline(Option<Refresh>), description = "Empty, or `{}`."),
    responses((status = 200, body = SignedInView), Problem)
)]
async fn refresh(app: App, request: Request) -> HandlerResult {
    let entering = Entering::of(&app, &request)?;
    let shown = cookies::read(request.headers(), cookies::REFRESH).map(str::to_owned);
    let shown = shown.ok_or_else(|| Problem::unauthenticated("no refresh token"))?;
    let Refresh {} = request.optional_json(0).await?;
    let signed_in = accounts::refresh(&app, &shown, entering.guest).await?;
    entering.let_in(&app, StatusCode::OK, &signed_in, None)
}

/// Sign this device out, or all of the account's.
#[utoipa::path(
    post, path = "/api/v1/auth/logout", tag = "auth", security((), ("token" = [])), request_body = Option<Logout>,
    responses((status = 200, body = LoggedOutView), Problem)
)]
async fn logout(app: App, request: Request) -> HandlerResult {
    let shown =
        match cookies::read(request.headers(), cookies::REFRESH).and_then(|text| refresh_token(&app.config, text)) {
            Some(token) => ShownToken::Refresh(token),
            None => {
                let device = request.known_caller(&app)?.device;
                ShownToken::Access(device.ok_or_else(|| Problem::unauthenticated("no device"))?)
            }
        };
    let Logout { everywhere } = request.optional_json(0).await?;
    let ended = accounts::log_out(&app, &shown, everywhere).await?;
    let mut response = response::json(StatusCode::OK, &LoggedOutView { ended: ended.0.len() });
    cookies::forget(response.headers_mut(), cookies::REFRESH);
    Ok(response)
}

/// A request to be let in, before its body is read.
pub(crate) struct Entering {
    address: Option<std::net::IpAddr>,
    user_agent: String,
    guest: Option<UserId>,
    known_browser: Option<String>,
    secret: String,
}

impl Entering {
    pub fn of(app: &App, request: &Request) -> Result<Self, Problem> {
        let headers = request.headers();
        let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(Self {
            address: request.client,
            user_agent: user_agent.to_owned(),
            guest: request.guest_to_claim(app)?,
            known_browser: cookies::read(headers, cookies::KNOWN).map(str::to_owned),
            secret: app.config.jwt_secret.clone(),
        })
    }

    /// `login`: what the browser has kept counts where it is of this account.
    pub fn entrant(&self, login: Option<&LoginName>) -> Entrant<'_> {
        let known = self.known_browser.as_deref();
        Entrant {
            address: self.address,
            user_agent: &self.user_agent,
            guest: self.guest,
            known_browser: login.and_then(|login| KnownBrowser::parse(known?, &self.secret, login)),
        }
    }

    /// The answer to who was let in. `login`: by which name, if by one.
    pub fn let_in(
        &self,
        app: &App,
        status: StatusCode,
        signed_in: &SignedIn,
        login: Option<&LoginName>,
    ) -> HandlerResult {
        let mut response = response::json(status, &Self::view(app, signed_in)?);
        self.remember(app, response.headers_mut(), signed_in, login);
        Ok(response)
    }

    /// What a client is told of who was let in.
    pub fn view(app: &App, signed_in: &SignedIn) -> Result<SignedInView, Problem> {
        let SignedIn { user, has_claimed, recovery_code, .. } = signed_in;
        let now = user.issued_at.unwrap_or_else(|| app.platform.clock.now());
        let token =
            token::sign(&app.config, user, now).ok_or_else(|| Problem::internal("the token could not be signed"))?;
        Ok(SignedInView {
            token,
            token_type: "Bearer",
            expires_in: token::lifetime(user.role),
            user: UserView::from(user),
            claimed: *has_claimed,
            recovery_code: recovery_code.as_ref().map(RecoveryCode::shown),
        })
    }

    /// Has the browser keep what it comes back by.
    pub fn remember(
        &self,
        app: &App,
        headers: &mut HeaderMap<HeaderValue>,
        signed_in: &SignedIn,
        login: Option<&LoginName>,
    ) {
        app.request_log.proven(signed_in.user.id);
        let refresh = signed_in.refresh.encode(&app.config.jwt_secret);
        cookies::set(headers, cookies::REFRESH, &refresh, accounts::REFRESH_LIFE.as_secs());
        if let Some(login) = login {
            let known = KnownBrowser::new(app).encode(&app.config.jwt_secret, login);
            cookies::set(headers, cookies::KNOWN, &known, cookies::YEAR_SECONDS);
        }
    }
}

fn refresh_token(config: &Config, text: &str) -> Option<RefreshToken> {
    let keys = [Some(&config.jwt_secret), config.jwt_secret_previous.as_ref()];
    RefreshToken::parse(text, keys.into_iter().flatten().map(String::as_str))
}

pub(crate) fn name(email: &str) -> Result<LoginName, Problem> {
    LoginName::parse(email).map_err(|_| Problem::wrong_text("email"))
}

pub(crate) fn link_token(text: &str) -> Result<LinkToken, Problem> {
    LinkToken::parse(text).ok_or_else(|| Problem::wrong_text("token"))
}

pub(crate) fn password_key(text: &str) -> Result<PasswordKey, Problem> {
    PasswordKey::parse(text).ok_or_else(|| Problem::wrong_text("password_key"))
}
