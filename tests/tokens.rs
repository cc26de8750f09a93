//! Tokens as the server signs them, and as an attacker would forge them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use uuid::Uuid;

use crate::{optional_variable, variable};

/// The secret the server under test signs with.
pub fn secret() -> String {
    variable("JWT_SECRET")
}

/// The claims of a valid token of `user`, an hour long.
pub fn claims(user: Uuid, role: &str) -> Value {
    let now = jiff::Timestamp::now().as_second();
    let issuer = optional_variable("JWT_ISSUER").unwrap_or_else(|| "edgewise".to_owned());
    json!({"iss": issuer, "sub": user, "role": role, "iat": now, "exp": now + 3600})
}

/// A token that the server takes.
pub fn valid(user: Uuid, role: &str) -> String {
    signed(&claims(user, role), &secret())
}

/// Any claims, signed with HS256.
pub fn signed(claims: &Value, secret: &str) -> String {
    let signing_input = unsigned(&json!({"alg": "HS256", "typ": "JWT"}), claims);
    let signature = signature(&signing_input, secret);
    format!("{signing_input}.{signature}")
}

/// Header and claims without a signature.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// The HS256 signature of header and claims.
pub fn signature(signing_input: &str, secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes any key");
    mac.update(signing_input.as_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}
