//! OAuth 2.0 and OpenID Connect, as far as a code is asked for and redeemed: discovery, the way to a provider, its token endpoint, the ID token.
//!
//! An ID token is read, not verified: what it is held against is for the caller to know, and TLS stands for its signature where it comes from the
//! token endpoint (OpenID Connect Core §3.1.3.7, item 6).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;

/// Where a provider's metadata is, below its issuer (OpenID Connect Discovery §4).
pub const DISCOVERY_PATH: &str = "/.well-known/openid-configuration";

/// What a provider says of itself, as far as it matters here.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Discovery {
    /// Who it is.
    pub issuer: String,
    /// Where browsers go.
    pub authorization_endpoint: String,
    /// Where codes are redeemed.
    pub token_endpoint: String,
    /// How clients show themselves there; empty: by HTTP's Basic.
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    /// Whether it names itself to browsers that it sends back (RFC 9207).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl Discovery {
    /// Reads a provider's metadata; `None`: it is none.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// Whether a client's secret goes into the body: HTTP's Basic is the rule, and some know the body only.
    #[must_use]
    pub fn wants_secret_in_body(&self) -> bool {
        let methods = &self.token_endpoint_auth_methods_supported;
        let knows = |method: &str| methods.iter().any(|known| known == method);
        knows("client_secret_post") && !knows("client_secret_basic")
    }
}

/// An endpoint with parameters added to those it has (RFC 6749 §3.1).
#[must_use]
pub fn with_query(endpoint: &str, parameters: &[(&str, &str)]) -> String {
    let separator = match endpoint {
        bare if !bare.contains('?') => "?",
        full if full.ends_with(['?', '&']) => "",
        _ => "&",
    };
    format!("{endpoint}{separator}{}", form(parameters))
}

/// The same as a form's body.
#[must_use]
pub fn form(parameters: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

/// A client's id and secret as the value of `Authorization` (RFC 6749 §2.3.1): both are written as in a form first.
#[must_use]
pub fn basic(id: &str, secret: &str) -> String {
    let written = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", written(id), written(secret))))
}

/// What a token endpoint has answered.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
pub struct TokenAnswer {
    /// Opens the provider's API.
    #[serde(default)]
    pub access_token: Option<String>,
    /// Who it is.
    #[serde(default)]
    pub id_token: Option<String>,
    /// Why there is nothing: RFC 6749 §5.2, and GitHub's own words with status 200.
    #[serde(default)]
    pub error: Option<String>,
}

impl TokenAnswer {
    /// Reads it, whatever its status; `None`: it says nothing.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }
}

/// What an ID token says (OpenID Connect Core §2).
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct IdToken {
    /// Who says so.
    pub iss: String,
    /// Of whom.
    pub sub: String,
    aud: Audience,
    /// For which client it was made.
    #[serde(default)]
    pub azp: Option<String>,
    /// When it ends, in seconds of the epoch.
    pub exp: i64,
    /// When it was made, likewise.
    pub iat: i64,
    /// What it answers.
    #[serde(default)]
    pub nonce: Option<String>,
    /// An address of theirs.
    #[serde(default)]
    pub email: Option<String>,
    /// Whether the provider has made sure of it.
    #[serde(default)]
    email_verified: Option<Truth>,
    /// Google's: the organisation that keeps the account.
    #[serde(default)]
    pub hd: Option<String>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// A boolean, which some providers write as a text.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
enum Truth {
    Plain(bool),
    Text(String),
}

/// The longest ID token that is read, in bytes.
const MAX_BYTES: usize = 64 * 1024;

impl IdToken {
    /// Reads a signed token's claims; `None` for what is none. Its signature is not looked at.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (header, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || header.is_empty() || signature.is_empty() || text.len() > MAX_BYTES {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }

    /// Whether it is for this client, and for no other that it would have to name instead (`azp`).
    #[must_use]
    pub fn is_for(&self, client: &str) -> bool {
        let is_named = match &self.aud {
            Audience::One(name) => name == client,
            Audience::Many(names) => {
                names.iter().any(|name| name == client) && (names.len() == 1 || self.azp.is_some())
            }
        };
        is_named && self.azp.as_ref().is_none_or(|party| party == client)
    }

    /// The address, if the provider has made sure of it.
    #[must_use]
    pub fn verified_email(&self) -> Option<&str> {
        let is_verified = match &self.email_verified {
            Some(Truth::Plain(is_verified)) => *is_verified,
            Some(Truth::Text(text)) => text == "true",
            None => false,
        };
        self.email.as_deref().filter(|_| is_verified)
    }
}

#[cfg(test)]
mod tests;
