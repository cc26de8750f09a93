//! What Redis answers, and how Upstash' REST shows it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A reply, in RESP2's terms.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// Null.
    Nil,
    /// An integer.
    Int(i64),
    /// A status such as `OK`.
    Status(String),
    /// A string of any bytes.
    Bulk(Vec<u8>),
    /// A list.
    Array(Vec<Reply>),
    /// An error with its code: `ERR syntax error`.
    Error(String),
}

impl Reply {
    /// `OK`
    pub fn ok() -> Self {
        Self::Status("OK".to_owned())
    }

    /// A string.
    pub fn bulk(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Bulk(bytes.into())
    }

    /// `{"result":…}` or `{"error":…}`.
    pub fn to_json(&self, base64: bool) -> Value {
        match self {
            Self::Error(words) => json!({ "error": words }),
            other => json!({ "result": other.result(base64) }),
        }
    }

    fn result(&self, base64: bool) -> Value {
        match self {
            Self::Nil => Value::Null,
            Self::Int(number) => Value::from(*number),
            // Upstash leaves OK as it is, whatever the encoding.
            Self::Status(word) if word == "OK" || !base64 => Value::from(word.as_str()),
            Self::Status(word) => Value::from(STANDARD.encode(word)),
            Self::Bulk(bytes) if base64 => Value::from(STANDARD.encode(bytes)),
            Self::Bulk(bytes) => Value::from(String::from_utf8_lossy(bytes)),
            Self::Array(items) => items.iter().map(|item| item.result(base64)).collect(),
            Self::Error(words) => Value::from(words.as_str()),
        }
    }
}
