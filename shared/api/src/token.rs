//! Signed tokens (JWT, HS256): who somebody is, without a database.

use std::ops::Not;

use application::Config;
use chrono::DateTime;
use domain::{DeviceId, Role, User, UserId};
use jiff::Timestamp;
use jwt_compact::alg::{Hs256, Hs256Key};
use jwt_compact::{AlgorithmExt, Claims, Header, Token, UntrustedToken, ValidationError};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

/// How long a guest's token holds, in seconds: 30 days. A guest has nothing else to come back with, so it must outlive a holiday.
const GUEST_SECONDS: i64 = 30 * 24 * 60 * 60;

/// How long an account's token holds, in seconds: its device has another one to come back with.
const ACCOUNT_SECONDS: i64 = 15 * 60;

/// How long after its end a guest's token still gets a new one, in seconds: 180 days. It is all a guest has to come back to old
/// conversations with; it opens nothing else meanwhile.
const RENEWAL_SECONDS: i64 = 180 * 24 * 60 * 60;

/// Ours have some 250 bytes; nothing longer is worth a hash.
const MAX_BYTES: usize = 4096;

/// How far ahead of ours the signer's clock may be, in seconds.
const CLOCK_SKEW_SECONDS: i64 = 5 * 60;

const TOKEN_TYPE: &str = "JWT";

#[derive(Serialize, Deserialize)]
struct Identity {
    iss: String,
    sub: String,
    role: String,
    /// The device that it was issued to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    /// The guest whom the account has claimed within a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    was: Option<String>,
    /// Whether nobody has verified whose account it is.
    #[serde(default, skip_serializing_if = "Not::not")]
    unverified: bool,
    /// Older tokens of ours have none.
    #[serde(default, deserialize_with = "Audience::some", skip_serializing_if = "Option::is_none")]
    aud: Option<Audience>,
}

/// For whom a token is (RFC 7519 §4.1.3): one, or one of several.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    /// `null` is no audience.
    fn some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Self::deserialize(deserializer).map(Some)
    }

    fn names(&self, audience: &str) -> bool {
        match self {
            Self::One(name) => name == audience,
            Self::Many(names) => names.iter().any(|name| name == audience),
        }
    }
}

/// What must be known of a header beyond its algorithm and type.
#[derive(Clone, Deserialize)]
struct Extensions {
    /// Extensions that a reader must understand (RFC 7515 §4.1.11); there is none that we do.
    #[serde(default, deserialize_with = "Extensions::present")]
    crit: bool,
}

impl Extensions {
    fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| true)
    }
}

/// Why a token proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenError {
    /// Not ours, or not as we made it.
    Invalid(&'static str),
    /// Ours, and too old.
    Expired,
}

/// How long a token of this role holds, in seconds.
pub(crate) fn lifetime(role: Role) -> i64 {
    match role {
        Role::Guest => GUEST_SECONDS,
        Role::User | Role::Admin => ACCOUNT_SECONDS,
    }
}

/// A token for `user`, good from `now` for its [`lifetime`].
pub(crate) fn sign(config: &Config, user: &User, now: Timestamp) -> Option<String> {
    let identity = Identity {
        iss: config.jwt_issuer.clone(),
        sub: user.id.to_string(),
        role: user.role.name().to_owned(),
        sid: user.device.map(|device| device.to_string()),
        was: user.was.map(|guest| guest.to_string()),
        unverified: user.is_unverified,
        aud: Some(Audience::One(config.jwt_audience.clone())),
    };
    let mut claims = Claims::new(identity);
    claims.issued_at = DateTime::from_timestamp(now.as_second(), 0);
    claims.expiration = DateTime::from_timestamp(now.as_second() + lifetime(user.role), 0);
    Hs256.token(&Header::empty().with_token_type(TOKEN_TYPE), &claims, &key(&config.jwt_secret)).ok()
}

/// Who the token proves, if signature, issuer, audience, expiry and claims are all ours.
pub(crate) fn verify(config: &Config, token: &str, now: Timestamp) -> Result<User, TokenError> {
    read(config, token, now, 0)
}

/// Who the token proves if it is ours in everything and ended at most [`RENEWAL_SECONDS`] ago.
pub(crate) fn verify_for_renewal(config: &Config, token: &str, now: Timestamp) -> Result<User, TokenError> {
    read(config, token, now, RENEWAL_SECONDS)
}

fn read(config: &Config, token: &str, now: Timestamp, grace_seconds: i64) -> Result<User, TokenError> {
    if token.len() > MAX_BYTES {
        return Err(TokenError::Invalid("token too long"));
    }
    let untrusted = UntrustedToken::<Extensions>::try_from(token).map_err(|_| TokenError::Invalid("not a token"))?;
    let header = untrusted.header();
    if header.other_fields.crit {
        return Err(TokenError::Invalid("critical extensions"));
    }
    if header.token_type.as_ref().is_some_and(|kind| !kind.eq_ignore_ascii_case(TOKEN_TYPE)) {
        return Err(TokenError::Invalid("other type of token"));
    }
    let trusted = verify_signature(config, &untrusted)?;
    let claims = trusted.claims();
    if claims.custom.iss != config.jwt_issuer {
        return Err(TokenError::Invalid("other issuer"));
    }
    if claims.custom.aud.as_ref().is_some_and(|audience| !audience.names(&config.jwt_audience)) {
        return Err(TokenError::Invalid("other audience"));
    }
    match claims.expiration {
        None => return Err(TokenError::Invalid("no expiry")),
        Some(expiry) if expiry.timestamp().saturating_add(grace_seconds) <= now.as_second() => {
            return Err(TokenError::Expired);
        }
        Some(_) => {}
    }
    if claims.not_before.is_some_and(|start| start.timestamp() > now.as_second()) {
        return Err(TokenError::Invalid("not valid yet"));
    }
    if claims.issued_at.is_some_and(|issued| issued.timestamp() > now.as_second().saturating_add(CLOCK_SKEW_SECONDS)) {
        return Err(TokenError::Invalid("issued in the future"));
    }
    let id = UserId::parse(&claims.custom.sub).map_err(|_| TokenError::Invalid("subject is no id"))?;
    let role = Role::from_name(&claims.custom.role).ok_or(TokenError::Invalid("no such role"))?;
    let device = claims.custom.sid.as_deref().map(DeviceId::parse).transpose();
    let was = claims.custom.was.as_deref().map(UserId::parse).transpose();
    Ok(User {
        id,
        role,
        issued_at: claims.issued_at.and_then(|issued| Timestamp::from_second(issued.timestamp()).ok()),
        device: device.map_err(|_| TokenError::Invalid("device is no id"))?,
        was: was.map_err(|_| TokenError::Invalid("former guest is no id"))?,
        is_unverified: claims.custom.unverified,
    })
}

/// The claims, if one of our secrets has signed them: the present one, or the one before it.
fn verify_signature(
    config: &Config,
    untrusted: &UntrustedToken<'_, Extensions>,
) -> Result<Token<Identity, Extensions>, TokenError> {
    let secrets = [Some(&config.jwt_secret), config.jwt_secret_previous.as_ref()];
    for secret in secrets.into_iter().flatten() {
        // The header's `alg` is compared with HS256, so `none` and others are refused here (RFC 8725 §3.1).
        match Hs256.validator::<Identity>(&key(secret)).validate(untrusted) {
            Ok(trusted) => return Ok(trusted),
            Err(ValidationError::InvalidSignature) => {}
            Err(_) => break,
        }
    }
    Err(TokenError::Invalid("wrong algorithm, signature or claims"))
}

fn key(secret: &str) -> Hs256Key {
    Hs256Key::new(secret.as_bytes())
}
