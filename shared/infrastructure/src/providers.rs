//! Who vouches for somebody: a code is redeemed at their token endpoint, and what comes of it is held against what was asked for.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use domain::Identity;
use http::{HeaderValue, Method, Request, Response, header};
use jiff::Timestamp;
use platform::{HttpClient, HttpError};
use wire::github;
use wire::oidc::{self, Discovery, IdToken, TokenAnswer};

use crate::kept_connection::send_or_again;

/// How long a visitor waits for one answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How far a provider's clock may be from ours, in seconds.
const CLOCK_SKEW_SECONDS: i64 = 60;

/// How old an ID token may be that has just been made, in seconds.
const LONGEST_AGE_SECONDS: i64 = 10 * 60;

/// GitHub refuses who does not say what they are.
const USER_AGENT: &str = "edgewise";

/// Who Google says it is in ID tokens.
pub const GOOGLE: &str = "https://accounts.google.com";

/// Why nobody is vouched for. The texts are for the log and contain no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderFault {
    /// It gave no answer, or not in time.
    #[error("the provider is unreachable: {0}")]
    Unreachable(#[from] HttpError),
    /// Its answer is none of those that are known.
    #[error("the provider's {what} cannot be understood (status {status})")]
    Unclear {
        /// What was asked for.
        what: &'static str,
        /// The answer's status.
        status: u16,
    },
    /// It is another one than the operator has named, or its addresses are not safe.
    #[error("the provider's metadata names {0}")]
    WrongMetadata(&'static str),
    /// A browser comes back from another one than it was sent to.
    #[error("another provider has answered")]
    OtherProvider,
    /// It sends a browser back without a code.
    #[error("the provider has given no code")]
    NoCode,
    /// It does not know us.
    #[error("the provider does not take the client's id and secret")]
    WrongClient,
    /// It does not take the code: it is made up, used before, or was asked for by somebody else.
    #[error("the provider does not take the code")]
    WrongCode,
    /// What it says of somebody is not what was asked for.
    #[error("the ID token is wrong: {0}")]
    WrongToken(&'static str),
}

/// Where a provider is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// Who it is.
    pub issuer: String,
    /// Where browsers go.
    pub authorization: String,
    /// Where codes are redeemed.
    pub token: String,
    /// Whether it names itself to browsers that it sends back.
    pub names_itself: bool,
    secret_in_body: bool,
}

impl Endpoints {
    /// Google's, which it promises to keep (<https://developers.google.com/identity/protocols/oauth2/web-server>).
    #[must_use]
    pub fn google() -> Self {
        Self {
            issuer: GOOGLE.to_owned(),
            authorization: "https://accounts.google.com/o/oauth2/v2/auth".to_owned(),
            token: "https://oauth2.googleapis.com/token".to_owned(),
            names_itself: false,
            secret_in_body: true,
        }
    }

    /// GitHub's at `base`, which is also what it is known by: it has no issuer of its own.
    #[must_use]
    pub fn github(base: &str) -> Self {
        Self {
            issuer: base.to_owned(),
            authorization: format!("{base}/login/oauth/authorize"),
            token: format!("{base}/login/oauth/access_token"),
            names_itself: false,
            secret_in_body: true,
        }
    }

    /// What an OpenID provider says of itself.
    ///
    /// # Errors
    /// [`ProviderFault`]: no answer, another issuer than the one that was asked for, or addresses without TLS where it has TLS itself.
    pub async fn discover(http: &Rc<dyn HttpClient>, issuer: &str) -> Result<Self, ProviderFault> {
        let url = format!("{}{}", issuer.trim_end_matches('/'), oidc::DISCOVERY_PATH);
        let answer = ask(http, Method::GET, &url, &[], Bytes::new()).await?;
        let unclear = || ProviderFault::Unclear { what: "metadata", status: answer.status().as_u16() };
        let found = Discovery::parse(answer.body()).filter(|_| answer.status().is_success()).ok_or_else(unclear)?;
        if found.issuer != issuer {
            return Err(ProviderFault::WrongMetadata("another issuer"));
        }
        // TLS stands for the signature of its tokens. Without any it is on this machine.
        let has_tls = |url: &str| url.starts_with("https://");
        if has_tls(issuer) && !(has_tls(&found.token_endpoint) && has_tls(&found.authorization_endpoint)) {
            return Err(ProviderFault::WrongMetadata("an address without TLS"));
        }
        Ok(Self {
            secret_in_body: found.wants_secret_in_body(),
            issuer: found.issuer,
            authorization: found.authorization_endpoint,
            token: found.token_endpoint,
            names_itself: found.authorization_response_iss_parameter_supported,
        })
    }

    /// Where a browser is sent.
    #[must_use]
    pub fn way_there(&self, client: &Client<'_>, asked: &Asked<'_>) -> String {
        let mut parameters = vec![
            ("response_type", "code"),
            ("client_id", client.id),
            ("redirect_uri", client.redirect_uri),
            ("scope", asked.scope),
            ("state", asked.state),
            ("code_challenge", asked.code_challenge),
            ("code_challenge_method", "S256"),
        ];
        parameters.extend(asked.nonce.map(|nonce| ("nonce", nonce)));
        oidc::with_query(&self.authorization, &parameters)
    }

    /// Redeems a code.
    async fn redeem(
        &self,
        http: &Rc<dyn HttpClient>,
        client: &Client<'_>,
        code: &str,
        verifier: &str,
    ) -> Result<TokenAnswer, ProviderFault> {
        let mut parameters = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", client.redirect_uri),
            ("code_verifier", verifier),
        ];
        let shown;
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
        if self.secret_in_body {
            parameters.extend([("client_id", client.id), ("client_secret", client.secret)]);
        } else {
            shown = oidc::basic(client.id, client.secret);
            headers.push(("authorization", &shown));
        }
        let answer = ask(http, Method::POST, &self.token, &headers, oidc::form(&parameters).into()).await?;
        let unclear = || ProviderFault::Unclear { what: "tokens", status: answer.status().as_u16() };
        let tokens = TokenAnswer::parse(answer.body()).ok_or_else(unclear)?;
        match tokens.error.as_deref() {
            None if answer.status().is_success() => Ok(tokens),
            Some("invalid_client" | "unauthorized_client" | "incorrect_client_credentials") => {
                Err(ProviderFault::WrongClient)
            }
            Some("invalid_grant" | "bad_verification_code") => Err(ProviderFault::WrongCode),
            Some(_) | None => Err(unclear()),
        }
    }
}

/// Who asks a provider.
#[derive(Clone, Copy, Debug)]
pub struct Client<'a> {
    /// What it knows us by.
    pub id: &'a str,
    /// What proves us.
    pub secret: &'a str,
    /// Where it sends browsers back to.
    pub redirect_uri: &'a str,
}

/// What a provider is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What shall be told of somebody.
    pub scope: &'a str,
    /// What comes back with the browser.
    pub state: &'a str,
    /// Hash of what the code is redeemed with (RFC 7636).
    pub code_challenge: &'a str,
    /// What comes back with the ID token, where there is one.
    pub nonce: Option<&'a str>,
}

/// Somebody who was vouched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VouchedFor {
    /// Who they are there.
    pub identity: Identity,
    /// An address that the provider has made sure of.
    pub email: Option<String>,
}

/// Redeems a code at an OpenID provider and reads whom it vouches for, as OpenID Connect Core §3.1.3.7 has it.
///
/// # Errors
/// [`ProviderFault`].
pub async fn by_openid(
    http: &Rc<dyn HttpClient>,
    endpoints: &Endpoints,
    client: &Client<'_>,
    code: &str,
    (verifier, nonce): (&str, &str),
    now: Timestamp,
) -> Result<VouchedFor, ProviderFault> {
    let answer = endpoints.redeem(http, client, code, verifier).await?;
    let token = answer.id_token.as_deref().ok_or(ProviderFault::WrongToken("there is none"))?;
    let token = IdToken::parse(token).ok_or(ProviderFault::WrongToken("it cannot be read"))?;
    vouched_for(&token, &endpoints.issuer, client.id, nonce, now)
}

fn vouched_for(
    token: &IdToken,
    issuer: &str,
    client: &str,
    nonce: &str,
    now: Timestamp,
) -> Result<VouchedFor, ProviderFault> {
    let now = now.as_second();
    let faults = [
        (token.iss != issuer, "another issuer"),
        (!token.is_for(client), "another client"),
        (token.exp.saturating_add(CLOCK_SKEW_SECONDS) <= now, "it has ended"),
        (token.iat > now.saturating_add(CLOCK_SKEW_SECONDS), "made in the future"),
        (token.iat < now.saturating_sub(LONGEST_AGE_SECONDS), "made long ago"),
        (token.nonce.as_deref() != Some(nonce), "another nonce"),
    ];
    if let Some((_, fault)) = faults.into_iter().find(|(is_wrong, _)| *is_wrong) {
        return Err(ProviderFault::WrongToken(fault));
    }
    let identity = Identity::new(issuer, &token.sub).ok_or(ProviderFault::WrongToken("no subject"))?;
    let email = token.verified_email().filter(|email| issuer != GOOGLE || is_googles(email, token.hd.as_deref()));
    Ok(VouchedFor { identity, email: email.map(str::to_owned) })
}

/// Google has made sure of other addresses once; only of its own, and of those of organisations that it keeps, it knows whose they are now
/// (<https://developers.google.com/identity/gsi/web/guides/verify-google-id-token>).
fn is_googles(email: &str, organisation: Option<&str>) -> bool {
    email.ends_with("@gmail.com") || organisation.is_some_and(|name| !name.is_empty())
}

/// Somebody at GitHub, of whom more can be asked.
#[derive(Debug)]
pub struct GitHubUser {
    /// Who they are there.
    pub identity: Identity,
    api: String,
    access_token: String,
}

/// Redeems a code at the GitHub at `base` and asks whom it vouches for.
///
/// # Errors
/// [`ProviderFault`].
pub async fn by_github(
    http: &Rc<dyn HttpClient>,
    base: &str,
    client: &Client<'_>,
    code: &str,
    verifier: &str,
) -> Result<GitHubUser, ProviderFault> {
    let answer = Endpoints::github(base).redeem(http, client, code, verifier).await?;
    let access_token = answer.access_token.ok_or(ProviderFault::Unclear { what: "tokens", status: 200 })?;
    let api = github_api(base);
    let user = ask_github(http, &format!("{api}/user"), &access_token).await?;
    let unclear = || ProviderFault::Unclear { what: "user", status: user.status().as_u16() };
    let id = github::user_id(user.body()).filter(|_| user.status().is_success()).ok_or_else(unclear)?;
    let identity = Identity::new(base, &id.to_string()).ok_or_else(unclear)?;
    Ok(GitHubUser { identity, api, access_token })
}

impl GitHubUser {
    /// Their main address, if GitHub has made sure of it. It is not needed to sign in, so no answer is none.
    pub async fn verified_email(&self, http: &Rc<dyn HttpClient>) -> Option<String> {
        let answer = ask_github(http, &format!("{}/user/emails", self.api), &self.access_token).await.ok()?;
        github::verified_email(answer.body()).filter(|_| answer.status().is_success())
    }
}

/// Where GitHub's API is: at github.com and at `….ghe.com` on a host of its own, else below the server itself.
fn github_api(base: &str) -> String {
    match base.strip_prefix("https://") {
        Some(host) if host == "github.com" || host.ends_with(".ghe.com") => format!("https://api.{host}"),
        Some(_) | None => format!("{base}/api/v3"),
    }
}

async fn ask_github(
    http: &Rc<dyn HttpClient>,
    url: &str,
    access_token: &str,
) -> Result<Response<Bytes>, ProviderFault> {
    let shown = format!("Bearer {access_token}");
    let headers = [("authorization", shown.as_str()), ("x-github-api-version", github::API_VERSION)];
    ask(http, Method::GET, url, &headers, Bytes::new()).await
}

/// A code that is redeemed twice is refused, at the worst: so a lost connection is followed by one more try here, too.
async fn ask(
    http: &Rc<dyn HttpClient>,
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
    body: Bytes,
) -> Result<Response<Bytes>, ProviderFault> {
    let send = async || {
        let mut request = Request::builder()
            .method(method.clone())
            .uri(url)
            .header(header::ACCEPT, HeaderValue::from_static("application/json"))
            .header(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.clone()).map_err(|error| HttpError::BadRequest(error.to_string()))?;
        http.send(request, TIMEOUT).await
    };
    Ok(send_or_again(send).await?)
}

#[cfg(test)]
mod tests;
