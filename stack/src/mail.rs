//! A host of mail: one POST of JSON with a bearer token, as Resend and others take it. It delivers nothing; it keeps what was sent and writes it to the log.

use crate::credentials::same;
use crate::server::{Answer, Call, json};
use http::{Method, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::json as value;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A mail of ours has a kilobyte.
pub const BODY_LIMIT: usize = 64 * 1024;

/// Mails kept; older ones are forgotten.
const KEPT: usize = 1_000;

/// A mail as it was sent.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Letter {
    from: String,
    to: String,
    subject: String,
    text: String,
}

/// What was sent, with the keys by which a mail that is sent again is known.
pub struct Mail {
    token: String,
    sent: Mutex<VecDeque<(String, Letter)>>,
}

impl Mail {
    /// A host with this bearer token.
    pub fn new(token: String) -> Self {
        Self { token, sent: Mutex::default() }
    }

    /// Those to an address, the oldest first; of all without one.
    pub fn sent_to(&self, address: Option<&str>) -> Vec<Letter> {
        let sent = self.lock();
        let wanted = sent.iter().filter(|(_, letter)| address.is_none_or(|address| letter.to == address));
        wanted.map(|(_, letter)| letter.clone()).collect()
    }

    /// Answers one HTTP request.
    pub fn answer(&self, call: &Call<'_>) -> Answer {
        if (&call.head.method, call.head.uri.path()) != (&Method::POST, "/mail/emails") {
            return refuse(StatusCode::NOT_FOUND, "nothing here");
        }
        let text = |name| call.head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let shown = text(header::AUTHORIZATION).strip_prefix("Bearer ").unwrap_or_default();
        if !same(shown, &self.token) {
            return refuse(StatusCode::UNAUTHORIZED, "missing or wrong token");
        }
        let letter = match call.body.as_deref().map(serde_json::from_slice::<Letter>) {
            Some(Ok(letter)) => letter,
            Some(Err(error)) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string()),
            None => return refuse(StatusCode::PAYLOAD_TOO_LARGE, "too large"),
        };
        let is_one = letter.to.matches('@').count() == 1 && !letter.to.contains([',', ';', '<', ' ']);
        if !is_one || !letter.from.contains('@') || letter.subject.is_empty() || letter.text.is_empty() {
            return refuse(StatusCode::UNPROCESSABLE_ENTITY, "not one address, no sender, or no words");
        }
        let key = call.head.headers.get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
        let mut sent = self.lock();
        if key.is_empty() || sent.iter().all(|(known, _)| known != key) {
            // Who runs this on their own machine reads it here.
            tracing::info!(target: "mail", "to {}: {}\n\n{}", letter.to, letter.subject, letter.text);
            if sent.len() == KEPT {
                sent.pop_front();
            }
            sent.push_back((key.to_owned(), letter));
        }
        json(StatusCode::OK, value!({ "id": uuid::Uuid::new_v4().to_string() }).to_string())
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(String, Letter)>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refuse(status: StatusCode, words: &str) -> Answer {
    json(status, value!({ "name": "refused", "message": words }).to_string())
}
