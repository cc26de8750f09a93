//! GitHub, as far as it signs somebody in: the web application flow with PKCE and two routes of its REST API, as a GitHub Enterprise serves them.
//! <https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps>
//!
//! There is nobody to ask for a password, so the documented parameter `login`, which suggests an account, chooses it: a number, which is the account's id, and
//! words about its main address (`7-verified`, `7-unverified`).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json as value};
use sha2::{Digest, Sha256};
use url::Url;
use uuid::Uuid;

use crate::body::Content;
use crate::server::{Answer, Call, json};

/// Forms of some hundred bytes.
pub const BODY_LIMIT: usize = 16 * 1024;

/// The app that it knows.
const CLIENT_ID: &str = "stack-client";
const CLIENT_SECRET: &str = "stack-secret";

/// What was given out, and for what.
#[derive(Default)]
pub struct GitHub {
    codes: Mutex<HashMap<String, Given>>,
    tokens: Mutex<HashMap<String, String>>,
}

struct Given {
    login: String,
    redirect_uri: String,
    code_challenge: Option<String>,
}

type Parameters = HashMap<String, String>;

impl GitHub {
    /// Answers one HTTP request.
    pub fn answer(&self, call: &Call<'_>) -> Answer {
        let path = call.head.uri.path().trim_start_matches("/github");
        match (&call.head.method, path) {
            (&Method::GET, "/login/oauth/authorize") => self.authorize(&query(call)),
            (&Method::POST, "/login/oauth/access_token") => {
                json(StatusCode::OK, self.redeem(&form(call.body.as_deref().unwrap_or_default())).to_string())
            }
            (&Method::GET, "/api/v3/user" | "/api/v3/user/emails") => {
                if !call.head.headers.contains_key(header::USER_AGENT) {
                    let words = r#"{"message":"Request forbidden by administrative rules."}"#;
                    return json(StatusCode::FORBIDDEN, words);
                }
                match self.user(call) {
                    Some(login) => json(StatusCode::OK, told(path, &login).to_string()),
                    None => json(StatusCode::UNAUTHORIZED, r#"{"message":"Bad credentials"}"#),
                }
            }
            _ => json(StatusCode::NOT_FOUND, r#"{"message":"Not Found"}"#),
        }
    }

    fn authorize(&self, asked: &Parameters) -> Answer {
        let of = |name: &str| asked.get(name).cloned().unwrap_or_default();
        let Ok(mut back) = Url::parse(&of("redirect_uri")) else {
            return json(
                StatusCode::NOT_FOUND,
                r#"{"message":"The redirect_uri is not associated with this application."}"#,
            );
        };
        if of("client_id") != CLIENT_ID {
            return json(StatusCode::NOT_FOUND, r#"{"message":"Not Found"}"#);
        }
        let (name, told) = match of("login") {
            login if login.is_empty() => ("error", "access_denied".to_owned()),
            login => ("code", self.give(login, asked)),
        };
        back.query_pairs_mut().append_pair(name, &told).append_pair("state", &of("state"));
        let mut answer = Answer::new(Content::from(String::new()));
        *answer.status_mut() = StatusCode::FOUND;
        if let Ok(location) = HeaderValue::from_str(back.as_str()) {
            answer.headers_mut().insert(header::LOCATION, location);
        }
        answer
    }

    fn give(&self, login: String, asked: &Parameters) -> String {
        let code = Uuid::new_v4().simple().to_string();
        let redirect_uri = asked.get("redirect_uri").cloned().unwrap_or_default();
        let given = Given { login, redirect_uri, code_challenge: asked.get("code_challenge").cloned() };
        self.codes.lock().unwrap_or_else(PoisonError::into_inner).insert(code.clone(), given);
        code
    }

    /// Errors have status 200, as GitHub's.
    fn redeem(&self, shown: &Parameters) -> Value {
        let of = |name: &str| shown.get(name).map(String::as_str).unwrap_or_default();
        if (of("client_id"), of("client_secret")) != (CLIENT_ID, CLIENT_SECRET) {
            return value!({"error": "incorrect_client_credentials"});
        }
        let given = self.codes.lock().unwrap_or_else(PoisonError::into_inner).remove(of("code"));
        let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(of("code_verifier")));
        let Some(given) = given.filter(|given| given.code_challenge.as_ref().is_none_or(|asked| *asked == hash)) else {
            return value!({"error": "bad_verification_code"});
        };
        if given.redirect_uri != of("redirect_uri") {
            return value!({"error": "redirect_uri_mismatch"});
        }
        let token = format!("gho_{}", Uuid::new_v4().simple());
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).insert(token.clone(), given.login);
        value!({"access_token": token, "scope": "user:email", "token_type": "bearer"})
    }

    fn user(&self, call: &Call<'_>) -> Option<String> {
        let shown = call.head.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        shown.and_then(|shown| tokens.get(shown.strip_prefix("Bearer ")?)).cloned()
    }
}

fn told(path: &str, login: &str) -> Value {
    let (id, words) = login.split_once('-').unwrap_or((login, ""));
    if path.ends_with("/emails") {
        let main = format!("{id}@github.example");
        return value!([
            {"email": format!("{id}@users.noreply.github.example"), "primary": false, "verified": true, "visibility": null},
            {"email": main, "primary": true, "verified": words == "verified", "visibility": "public"},
        ]);
    }
    value!({"login": login, "id": id.parse::<u64>().unwrap_or_default(), "type": "User", "email": null})
}

fn query(call: &Call<'_>) -> Parameters {
    form(call.head.uri.query().unwrap_or_default().as_bytes())
}

fn form(text: &[u8]) -> Parameters {
    form_urlencoded::parse(text).into_owned().collect()
}
