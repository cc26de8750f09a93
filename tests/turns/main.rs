//! One turn and what comes of it: sent twice, stopped, resumed, answered again, continued, or left behind by an instance that died.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test panics"
)]

mod branches;
mod continuations;
mod dead;
mod ends;
mod far;
mod idempotency;
mod models;
mod readers;
mod replay;
mod resume;
mod stop;
mod trips;

use serde_json::{Value, json};
use tests::{Reader, Visitor};

/// This many chunks with a pause between them, and a proper end.
pub fn paced(chunks: usize, pace_ms: u64) -> Value {
    json!({"chunks": chunks, "chunk_text": "wört{i} ", "pace_ms": pace_ms, "usage": true, "finish": "stop", "done": true})
}

/// The text of [`paced`].
pub fn paced_text(chunks: usize) -> String {
    (0..chunks).map(|i| format!("wört{i} ")).collect()
}

/// The path of a message of a session.
pub fn message_path(session: &str, message: &str) -> String {
    format!("/chat/sessions/{session}/messages/{message}")
}

/// An answer that has begun: its reader, and where it is kept.
pub struct Begun {
    /// The visitor who reads it.
    pub reader: Reader,
    /// Its session.
    pub session: String,
    /// What was asked.
    pub question: String,
    /// Its row.
    pub answer: String,
}

/// Sends a message that starts a session and reads this many chunks of its answer.
pub async fn begin(visitor: &Visitor, text: &str, chunks: usize) -> Begun {
    let mut reader = visitor.open_stream(None, text).await;
    assert_eq!(reader.status, 200, "{}", String::from_utf8_lossy(&reader.body));
    assert!(reader.read_chunks(chunks).await, "chunk {chunks} arrives: {}", reader.said());
    let header = |name: &str| reader.header(name).to_owned();
    let (session, question, answer) = (header("x-session-id"), header("x-user-message-id"), header("x-message-id"));
    Begun { reader, session, question, answer }
}
