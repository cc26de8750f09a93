//! Signed tokens (JWT, HS256): who somebody is, without a database.

use application::Config;
use chrono::DateTime;
use domain::{Role, User, UserId};
use jiff::Timestamp;
use jwt_compact::alg::{Hs256, Hs256Key};
use jwt_compact::{AlgorithmExt, Claims, Header, UntrustedToken};
use serde::{Deserialize, Serialize};

/// How long a token holds, in seconds: 30 days. A guest has nothing else to come back with, so it must outlive a holiday.
pub(crate) const LIFETIME_SECONDS: i64 = 30 * 24 * 60 * 60;

/// How long after its end a guest's token still gets a new one, in seconds: 180 days. It is all a guest has to come back to old
/// conversations with; it opens nothing else meanwhile.
const RENEWAL_SECONDS: i64 = 180 * 24 * 60 * 60;

/// Ours have some 250 bytes; nothing longer is worth a hash.
const MAX_BYTES: usize = 4096;

#[derive(Serialize, Deserialize)]
struct Identity {
    iss: String,
    sub: String,
    role: String,
}

/// Why a token proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenError {
    /// Not ours, or not as we made it.
    Invalid(&'static str),
    /// Ours, and too old.
    Expired,
}

/// A token for `user`, good from `now` for [`LIFETIME_SECONDS`].
pub(crate) fn sign(config: &Config, user: &User, now: Timestamp) -> Option<String> {
    let identity =
        Identity { iss: config.jwt_issuer.clone(), sub: user.id.to_string(), role: user.role.name().to_owned() };
    let mut claims = Claims::new(identity);
    claims.issued_at = DateTime::from_timestamp(now.as_second(), 0);
    claims.expiration = DateTime::from_timestamp(now.as_second() + LIFETIME_SECONDS, 0);
    Hs256.token(&Header::empty().with_token_type("JWT"), &claims, &key(config)).ok()
}

/// Who the token proves, if signature, issuer, expiry and claims are all ours.
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
    let untrusted = UntrustedToken::new(token).map_err(|_| TokenError::Invalid("not a token"))?;
    // The header's `alg` is compared with HS256, so `none` and others are refused here (RFC 8725 §3.1).
    let trusted = Hs256
        .validator::<Identity>(&key(config))
        .validate(&untrusted)
        .map_err(|_| TokenError::Invalid("wrong algorithm, signature or claims"))?;
    let claims = trusted.claims();
    if claims.custom.iss != config.jwt_issuer {
        return Err(TokenError::Invalid("other issuer"));
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
    let id = UserId::parse(&claims.custom.sub).map_err(|_| TokenError::Invalid("subject is no id"))?;
    let role = Role::from_name(&claims.custom.role).ok_or(TokenError::Invalid("no such role"))?;
    Ok(User { id, role })
}

fn key(config: &Config) -> Hs256Key {
    Hs256Key::new(config.jwt_secret.as_bytes())
}
