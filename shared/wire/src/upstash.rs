//! Redis over Upstash's REST: commands out, replies back.
//!
//! A script runs as one command, so a counter that must be atomic is one `EVAL`. With [`Encoding::Base64`] strings arrive exactly
//! as they are in Redis; plain ones arrive as JSON, which cannot carry arbitrary bytes.

#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::Value;

/// One command with its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Command(Vec<String>);

impl Command {
    /// A command of these words, its name first.
    #[must_use]
    pub fn new<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Self {
        Self(words.into_iter().map(Into::into).collect())
    }

    /// The body of `POST /`.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        // Strings only: serialising them has no way to fail.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// `EVAL`: runs `script` atomically on `keys` and `args`.
#[must_use]
pub fn eval<K: AsRef<str>, A: AsRef<str>>(script: &str, keys: &[K], args: &[A]) -> Command {
    scripted("EVAL", script, keys, args)
}

/// `EVALSHA`: as [`eval`], by the script's SHA-1 in hexadecimal digits; [`RedisError::is_missing_script`] when Redis does not have it.
#[must_use]
pub fn eval_sha<K: AsRef<str>, A: AsRef<str>>(sha1: &str, keys: &[K], args: &[A]) -> Command {
    scripted("EVALSHA", sha1, keys, args)
}

fn scripted<K: AsRef<str>, A: AsRef<str>>(name: &str, script: &str, keys: &[K], args: &[A]) -> Command {
    let mut words = Vec::with_capacity(3 + keys.len() + args.len());
    words.extend([name.to_owned(), script.to_owned(), keys.len().to_string()]);
    words.extend(keys.iter().map(|key| key.as_ref().to_owned()));
    words.extend(args.iter().map(|arg| arg.as_ref().to_owned()));
    Command(words)
}

/// The body of `POST /pipeline`: `commands` run in their order, other clients' between them.
#[must_use]
pub fn pipeline_body(commands: &[Command]) -> Vec<u8> {
    // Strings only: serialising them has no way to fail.
    serde_json::to_vec(commands).unwrap_or_default()
}

/// How strings come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// As JSON strings.
    #[default]
    Plain,
    /// In base64, except that Upstash itself sends `"OK"` as it is.
    Base64,
}

/// The headers of every request; names in lower case, as HTTP/2 and the `http` crate want them.
#[must_use]
pub fn headers(token: &str, encoding: Encoding) -> Vec<(&'static str, String)> {
    let mut headers =
        vec![("authorization", format!("Bearer {token}")), ("content-type", "application/json".to_owned())];
    if encoding == Encoding::Base64 {
        headers.push(("upstash-encoding", "base64".to_owned()));
    }
    headers
}

/// What Redis answered to one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Nothing there.
    Null,
    /// A whole number.
    Integer(i64),
    /// A string, whatever bytes it holds.
    Text(Vec<u8>),
    /// Replies in order.
    Array(Vec<Reply>),
}

impl Reply {
    /// The number, also one that was kept as text (`GET` of a counter).
    ///
    /// # Errors
    /// [`RedisError::Malformed`] for a reply that is no whole number.
    pub fn integer(&self) -> Result<i64, RedisError> {
        match self {
            Self::Integer(value) => Ok(*value),
            Self::Text(_) => self.text()?.parse().map_err(|_| unexpected("an integer", self)),
            Self::Null | Self::Array(_) => Err(unexpected("an integer", self)),
        }
    }

    /// The string as UTF-8.
    ///
    /// # Errors
    /// [`RedisError::Malformed`] for a reply that is no string, or one of other bytes.
    pub fn text(&self) -> Result<&str, RedisError> {
        match self {
            Self::Text(bytes) => core::str::from_utf8(bytes).map_err(|_| unexpected("UTF-8 text", self)),
            Self::Null | Self::Integer(_) | Self::Array(_) => Err(unexpected("a string", self)),
        }
    }

    /// The string as UTF-8, `None` for null.
    ///
    /// # Errors
    /// [`RedisError::Malformed`] for a reply that is neither null nor a string of UTF-8.
    pub fn optional_text(&self) -> Result<Option<&str>, RedisError> {
        if *self == Self::Null { Ok(None) } else { self.text().map(Some) }
    }

    /// The elements of an array.
    ///
    /// # Errors
    /// [`RedisError::Malformed`] for a reply that is no array.
    pub fn array(&self) -> Result<&[Reply], RedisError> {
        match self {
            Self::Array(items) => Ok(items),
            Self::Null | Self::Integer(_) | Self::Text(_) => Err(unexpected("an array", self)),
        }
    }

    /// Element `i` of an array.
    ///
    /// # Errors
    /// [`RedisError::Malformed`] for a reply that is no array, or one that is too short.
    pub fn item(&self, i: usize) -> Result<&Reply, RedisError> {
        let items = self.array()?;
        items.get(i).ok_or_else(|| RedisError::Malformed(format!("no element {i} among {}", items.len())))
    }
}

fn unexpected(wanted: &str, reply: &Reply) -> RedisError {
    let got = match reply {
        Reply::Null => "null",
        Reply::Integer(_) => "an integer",
        Reply::Text(_) => "another string",
        Reply::Array(_) => "an array",
    };
    RedisError::Malformed(format!("expected {wanted}, got {got}"))
}

/// Why there is no reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedisError {
    /// Redis refused or failed the command; the text begins with its class (`ERR`, `WRONGTYPE`, …).
    #[error("redis refused the command: {0}")]
    Command(String),
    /// The token is not accepted: a matter for the operator.
    #[error("redis refused the token")]
    Unauthorized,
    /// The plan's own limit is used up. Redis is as good as down; it says nothing about a visitor's quota.
    #[error("redis plan limit: {0}")]
    Limit(String),
    /// The gateway could not serve the request. Whether the command ran is unknown.
    #[error("redis gateway answered {status}: {message}")]
    Unavailable {
        /// HTTP status.
        status: u16,
        /// The gateway's words, if it had any.
        message: String,
    },
    /// An answer of another shape than the protocol's, or a reply of another type than asked for.
    #[error("malformed redis answer: {0}")]
    Malformed(String),
}

impl RedisError {
    /// Whether an `EVALSHA` failed because Redis does not have the script. Nothing was run.
    #[must_use]
    pub fn is_missing_script(&self) -> bool {
        matches!(self, Self::Command(text) if text.starts_with("NOSCRIPT"))
    }
}

/// Reads the answer to one command.
///
/// # Errors
/// [`RedisError`]: what the answer says instead of a reply.
pub fn parse_reply(status: u16, body: &[u8], encoding: Encoding) -> Result<Reply, RedisError> {
    parse_item(status, parse_json(status, body)?, encoding)
}

/// Reads the answer to a pipeline: a reply to each command.
///
/// # Errors
/// [`RedisError`]: what the answer says instead, as a whole or of the first command that failed.
pub fn parse_pipeline(status: u16, body: &[u8], encoding: Encoding) -> Result<Vec<Reply>, RedisError> {
    match parse_json(status, body)? {
        Value::Array(items) if status == 200 => {
            items.into_iter().map(|item| parse_item(status, item, encoding)).collect()
        }
        whole => match parse_item(status, whole, encoding) {
            Err(error) => Err(error),
            Ok(_) => Err(RedisError::Malformed("one result for a whole pipeline".to_owned())),
        },
    }
}

fn parse_item(status: u16, mut item: Value, encoding: Encoding) -> Result<Reply, RedisError> {
    match item.get_mut("error").map(Value::take) {
        None | Some(Value::Null) if status == 200 => {}
        Some(Value::String(text)) => return Err(classify(status, text)),
        other => return Err(classify(status, other.map(|value| value.to_string()).unwrap_or_default())),
    }
    match item.get_mut("result") {
        Some(result) => decode(result.take(), encoding),
        None => Err(RedisError::Malformed("neither result nor error".to_owned())),
    }
}

fn parse_json(status: u16, body: &[u8]) -> Result<Value, RedisError> {
    match serde_json::from_slice(body) {
        Ok(value) => Ok(value),
        Err(error) if status == 200 => Err(RedisError::Malformed(error.to_string())),
        // A proxy on the way answers in its own words; the status says what to make of it.
        Err(_) => Ok(Value::Null),
    }
}

fn classify(status: u16, text: String) -> RedisError {
    let plan_limit = text.starts_with("ERR max") && text.contains("exceeded");
    match status {
        401 | 403 => RedisError::Unauthorized,
        _ if text.starts_with("WRONGPASS") || text.starts_with("Unauthorized") => RedisError::Unauthorized,
        429 => RedisError::Limit(text),
        _ if plan_limit => RedisError::Limit(text),
        200 | 400 if !text.is_empty() => RedisError::Command(text),
        _ => RedisError::Unavailable { status, message: text },
    }
}

fn decode(value: Value, encoding: Encoding) -> Result<Reply, RedisError> {
    match value {
        Value::Null => Ok(Reply::Null),
        Value::Number(number) => {
            Ok(number.as_i64().map_or_else(|| Reply::Text(number.to_string().into_bytes()), Reply::Integer))
        }
        // "OK" is not valid base64, so it cannot be mistaken: Upstash sends it bare, other gateways encode it.
        Value::String(text) if encoding == Encoding::Base64 && text != "OK" => STANDARD
            .decode(text.as_bytes())
            .map(Reply::Text)
            .map_err(|_| RedisError::Malformed("a string is not base64".to_owned())),
        Value::String(text) => Ok(Reply::Text(text.into_bytes())),
        Value::Array(items) => {
            items.into_iter().map(|item| decode(item, encoding)).collect::<Result<_, _>>().map(Reply::Array)
        }
        Value::Bool(_) | Value::Object(_) => Err(RedisError::Malformed("a result of no Redis type".to_owned())),
    }
}
