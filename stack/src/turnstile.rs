//! Cloudflare Turnstile's siteverify, as far as its documented secrets for tests go: no real token can be verified here.
//! <https://developers.cloudflare.com/turnstile/troubleshooting/testing/>

use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json as value;

use crate::server::{Answer, Call, json};

/// A token has 2,048 characters at most.
pub const BODY_LIMIT: usize = 16 * 1024;

/// Every token passes.
const PASSES: &str = "1x0000000000000000000000000000000AA";
/// None does.
const FAILS: &str = "2x0000000000000000000000000000000AA";
/// Each was redeemed before.
const SPENT: &str = "3x0000000000000000000000000000000AA";

#[derive(Deserialize)]
struct Asked {
    secret: Option<String>,
    response: Option<String>,
}

/// Answers one HTTP request.
pub fn answer(call: &Call<'_>) -> Answer {
    if (&call.head.method, call.head.uri.path()) != (&Method::POST, "/turnstile/v0/siteverify") {
        return json(StatusCode::NOT_FOUND, r#"{"error":"nothing here"}"#);
    }
    let asked = call.body.as_deref().and_then(|body| serde_json::from_slice::<Asked>(body).ok());
    let (status, fault) = match asked {
        None => (StatusCode::BAD_REQUEST, Some("bad-request")),
        Some(asked) => (StatusCode::OK, fault(&asked)),
    };
    let codes: Vec<&str> = fault.into_iter().collect();
    let verdict =
        value!({"success": codes.is_empty(), "error-codes": codes, "hostname": "example.com", "messages": []});
    json(status, verdict.to_string())
}

fn fault(asked: &Asked) -> Option<&'static str> {
    let given = |text: &Option<String>| text.as_deref().filter(|text| !text.is_empty()).map(str::to_owned);
    match (given(&asked.secret).as_deref(), given(&asked.response)) {
        (None, _) => Some("missing-input-secret"),
        (_, None) => Some("missing-input-response"),
        (Some(PASSES), _) => None,
        (Some(FAILS), _) => Some("invalid-input-response"),
        (Some(SPENT), _) => Some("timeout-or-duplicate"),
        (Some(_), _) => Some("invalid-input-secret"),
    }
}
