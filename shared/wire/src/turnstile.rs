//! Cloudflare Turnstile's siteverify: one POST that redeems a token
//! (<https://developers.cloudflare.com/turnstile/get-started/server-side-validation/>).

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// The longest token there is, in bytes.
pub const LONGEST_TOKEN: usize = 2048;

/// What became of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It proves a visitor, and is spent now.
    Passed,
    /// It is invalid: made up, too old, or redeemed before.
    Refused,
    /// The site's secret is invalid.
    WrongSecret,
    /// It was not looked at.
    Unclear,
}

/// The body that redeems `token`; `address` is that of the visitor. Sent again with the same `idempotency_key`, a UUID, it gets the same
/// answer.
#[must_use]
pub fn request_body(secret: &str, token: &str, address: Option<IpAddr>, idempotency_key: &str) -> Vec<u8> {
    #[derive(Serialize)]
    struct Body<'a> {
        secret: &'a str,
        response: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        remoteip: Option<IpAddr>,
        idempotency_key: &'a str,
    }
    // Strings and an address: there is nothing that could not be written.
    serde_json::to_vec(&Body { secret, response: token, remoteip: address, idempotency_key }).unwrap_or_default()
}

/// Reads the answer, whatever its status: only what says so has passed.
#[must_use]
pub fn parse_response(body: &[u8]) -> Verdict {
    #[derive(Deserialize)]
    struct Answer {
        success: bool,
        #[serde(rename = "error-codes", default)]
        codes: Vec<String>,
    }
    let Ok(Answer { success, codes }) = serde_json::from_slice(body) else { return Verdict::Unclear };
    let says = |known: &[&str]| codes.iter().any(|code| known.contains(&code.as_str()));
    if success {
        Verdict::Passed
    } else if says(&["missing-input-secret", "invalid-input-secret"]) {
        Verdict::WrongSecret
    } else if says(&["missing-input-response", "invalid-input-response", "timeout-or-duplicate"]) {
        Verdict::Refused
    } else {
        Verdict::Unclear
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_success_has_passed() {
        for (body, verdict) in [
            (r#"{"success":true,"error-codes":[],"hostname":"example.com","metadata":{}}"#, Verdict::Passed),
            (r#"{"success":true}"#, Verdict::Passed),
            (r#"{"success":false,"error-codes":["invalid-input-response"]}"#, Verdict::Refused),
            (r#"{"success":false,"error-codes":["timeout-or-duplicate"]}"#, Verdict::Refused),
            (r#"{"success":false,"error-codes":["invalid-input-secret"]}"#, Verdict::WrongSecret),
            (r#"{"success":false,"error-codes":["internal-error"]}"#, Verdict::Unclear),
            (r#"{"success":false}"#, Verdict::Unclear),
            (r#"{"success":"true"}"#, Verdict::Unclear),
            ("<html>", Verdict::Unclear),
            ("", Verdict::Unclear),
        ] {
            assert_eq!(parse_response(body.as_bytes()), verdict, "{body}");
        }
    }

    #[test]
    fn a_token_is_redeemed_with_the_address_it_came_from() {
        let body = |address: Option<&str>| request_body("s", "t", address.map(|address| address.parse().unwrap()), "k");
        assert_eq!(body(None), br#"{"secret":"s","response":"t","idempotency_key":"k"}"#);
        let expected = br#"{"secret":"s","response":"t","remoteip":"2001:db8::1","idempotency_key":"k"}"#;
        assert_eq!(body(Some("2001:db8::1")), expected);
    }
}
