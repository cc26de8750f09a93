//! What comes in: limits, JSON, ids, pages.

use std::net::IpAddr;

use domain::{IdempotencyKey, MessageId, SessionId};
use futures::future::LocalBoxFuture;
use http::header::AsHeaderName;
use http::{HeaderMap, HeaderValue, header};
use platform::{HttpError, IncomingBody};
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use crate::input::parse;
use crate::problem::Problem;

/// A request as a runtime hands it in.
pub struct Incoming {
    /// Method, path, headers.
    pub parts: http::request::Parts,
    /// Its body, not read yet.
    pub body: Box<dyn IncomingBody>,
    /// The client's address as the platform saw it, never as a header of the client says.
    pub client: Option<IpAddr>,
}

/// A request on its way through a handler.
pub struct Request {
    /// Boxed: a request is handed through every handler.
    pub(crate) parts: Box<http::request::Parts>,
    pub(crate) client: Option<IpAddr>,
    pub(crate) path_values: Vec<(String, String)>,
    body: Box<dyn IncomingBody>,
}

/// Room for everything in a body but the message: braces, names, blanks, other fields.
const BODY_OVERHEAD: usize = 8 * 1024;

/// A character takes at most 12 bytes in JSON: an emoji written as a pair of escapes, `\ud83d\ude00`.
const BYTES_PER_CHAR: usize = 12;

/// A path that names a session.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct SessionPath {
    /// The session
    #[param(value_type = String, format = Uuid)]
    pub id: SessionId,
}

/// A path that names a message of a session.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct MessagePath {
    /// The session
    #[param(value_type = String, format = Uuid)]
    pub id: SessionId,
    /// The message
    #[param(value_type = String, format = Uuid)]
    pub message_id: MessageId,
}

impl Request {
    pub(crate) fn new(incoming: Incoming, path_values: Vec<(String, String)>) -> Self {
        Self { parts: Box::new(incoming.parts), client: incoming.client, path_values, body: incoming.body }
    }

    pub(crate) fn path(&self) -> &str {
        self.parts.uri.path()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// Reads the body as JSON of the shape `T`, for a message of at most `message_chars` characters.
    pub(crate) async fn json<T: DeserializeOwned>(self, message_chars: usize) -> Result<T, Problem> {
        self.json_within(with_message(message_chars)).await
    }

    /// As [`Request::json`], but an empty body is taken for `{}` and needs no type.
    pub(crate) async fn optional_json<T: DeserializeOwned + Default>(self, message_chars: usize) -> Result<T, Problem> {
        let is_json = is_json(&self.parts.headers);
        let body = self.bytes(with_message(message_chars)).await?;
        match body.is_empty() {
            true => Ok(T::default()),
            false if is_json => parse(&body),
            false => Err(Problem::unsupported_media_type()),
        }
    }

    /// As [`Request::json`], of at most `limit` bytes.
    pub(crate) async fn json_within<T: DeserializeOwned>(self, limit: usize) -> Result<T, Problem> {
        if !is_json(&self.parts.headers) {
            return Err(Problem::unsupported_media_type());
        }
        parse(&self.bytes(limit).await?)
    }

    /// The body, of at most `limit` bytes. Boxed, so that it is compiled once and not into each handler.
    fn bytes(self, limit: usize) -> LocalBoxFuture<'static, Result<bytes::Bytes, Problem>> {
        Box::pin(self.read_within(limit))
    }

    async fn read_within(self, limit: usize) -> Result<bytes::Bytes, Problem> {
        let announced = self
            .parts
            .headers
            .get(header::CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok())
            .and_then(|length| length.parse::<usize>().ok());
        if announced.is_some_and(|length| length > limit) {
            return Err(Problem::body_too_large(limit));
        }
        self.body.collect(limit).await.map_err(|error| match error {
            HttpError::TooLarge(_) => Problem::body_too_large(limit),
            HttpError::Timeout(_) | HttpError::Connection(_) | HttpError::BadRequest(_) => {
                Problem::body_not_whole(&error)
            }
        })
    }

    /// The session in the path. What cannot be an id is answered as an id that does not exist.
    pub(crate) fn session_path(&self) -> Result<SessionPath, Problem> {
        let id = self.path_value("id").and_then(|value| SessionId::parse(value).ok());
        Ok(SessionPath { id: id.ok_or_else(Problem::session_not_found)? })
    }

    /// The session and its message in the path, likewise.
    pub(crate) fn message_path(&self) -> Result<MessagePath, Problem> {
        let SessionPath { id } = self.session_path()?;
        let message_id = self.path_value("message_id").and_then(|value| MessageId::parse(value).ok());
        Ok(MessagePath { id, message_id: message_id.ok_or_else(Problem::not_found)? })
    }

    pub(crate) fn path_value(&self, wanted: &str) -> Option<&str> {
        self.path_values.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }

    /// The one value of a header that may stand once; `None` without it.
    ///
    /// # Errors
    /// 400 for a second one: some runtimes join them, others do not, and nobody knows which is meant.
    fn single(&self, name: &'static str, wrong: impl Fn() -> Problem) -> Result<Option<&str>, Problem> {
        match sole(&self.parts.headers, name) {
            Ok(value) => value.map(|value| value.to_str().map(str::trim)).transpose().map_err(|_| wrong()),
            Err(SentTwice) => Err(wrong()),
        }
    }

    /// The name under which the request may be repeated: a structured string (draft-ietf-httpapi-idempotency-key-header), or the bare
    /// text that most clients send.
    pub(crate) fn idempotency_key(&self) -> Result<Option<IdempotencyKey>, Problem> {
        let wrong = Problem::wrong_idempotency_key;
        let Some(text) = self.single("idempotency-key", wrong)? else { return Ok(None) };
        // A comma is where a runtime has joined two of them.
        if text.len() > IdempotencyKey::MAX_CHARS || text.contains(',') {
            return Err(wrong());
        }
        let key = if text.starts_with('"') {
            IdempotencyKey::parse(&structured_string(text).ok_or_else(wrong)?)
        } else {
            IdempotencyKey::parse(text)
        };
        key.map(Some).map_err(|_| wrong())
    }

    /// Proof of work. One that cannot be read proves nothing, and is answered by a challenge where one is needed.
    pub(crate) fn proof_of_work(&self) -> Option<&str> {
        self.single("x-proof-of-work", Problem::not_found).ok().flatten()
    }

    /// A token of Turnstile's; one that cannot be read proves nobody.
    pub(crate) fn turnstile_token(&self) -> Option<&str> {
        self.single("x-turnstile-token", Problem::not_found).ok().flatten()
    }

    /// Whether anything stands in the query string.
    pub(crate) fn has_query(&self) -> bool {
        self.parts.uri.query().is_some_and(|query| !query.is_empty())
    }

    /// The value of `name` in the query string; the last one wins.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let query = self.parts.uri.query().unwrap_or_default();
        form_urlencoded::parse(query.as_bytes())
            .filter(|(key, _)| key == name)
            .last()
            .map(|(_, value)| value.into_owned())
    }

    /// A number in the query string.
    pub(crate) fn query_number(&self, name: &'static str, default: u32, least: u32, most: u32) -> Result<u32, Problem> {
        let Some(text) = self.query(name) else { return Ok(default) };
        match text.parse() {
            Ok(number) if (least..=most).contains(&number) => Ok(number),
            Ok(_) | Err(_) => Err(Problem::out_of_range(name, least, most)),
        }
    }
}

/// The longest body with a message of so many characters, in bytes.
fn with_message(chars: usize) -> usize {
    chars * BYTES_PER_CHAR + BODY_OVERHEAD
}

/// A header stands there more than once.
pub(crate) struct SentTwice;

/// The one value of a header that may stand once; `None` without it.
///
/// # Errors
/// [`SentTwice`] for a second one.
pub(crate) fn sole(headers: &HeaderMap, name: impl AsHeaderName) -> Result<Option<&HeaderValue>, SentTwice> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(SentTwice),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let media = sole(headers, header::CONTENT_TYPE).ok().flatten();
    media.and_then(|value| value.to_str().ok()).is_some_and(|value| {
        let mut parts = value.split(';').map(str::trim);
        let is_json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
        is_json
            && parts.all(|parameter| match parameter.split_once('=') {
                Some((name, charset)) if name.eq_ignore_ascii_case("charset") => {
                    charset.trim_matches('"').eq_ignore_ascii_case("utf-8")
                }
                _ => true,
            })
    })
}

/// A string of RFC 9651 (4.2.5), what parameters there are left out. By hand: the crate for all kinds of structured fields is 8 kB of each component.
fn structured_string(text: &str) -> Option<String> {
    let mut rest = text.strip_prefix('"')?.chars();
    let mut string = String::new();
    loop {
        match rest.next()? {
            '"' => break,
            '\\' => string.push(rest.next().filter(|escaped| matches!(escaped, '"' | '\\'))?),
            one @ ' '..='~' => string.push(one),
            _ => return None,
        }
    }
    (rest.as_str().is_empty() || rest.as_str().starts_with(';')).then_some(string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_structured_string_ends_with_its_quote_and_escapes_two_characters() {
        for (text, string) in [
            (r#""a b""#, Some("a b")),
            (r#""""#, Some("")),
            (r#""a\"b\\c""#, Some(r#"a"b\c"#)),
            (r#""a";of=1"#, Some("a")),
            (r#""a" b"#, None),
            (r#""a""#, Some("a")),
            (r#""a"#, None),
            (r#""a\"#, None),
            (r#""a\n""#, None),
            ("\"a\nb\"", None),
            ("\"ä\"", None),
            ("a", None),
        ] {
            assert_eq!(structured_string(text).as_deref(), string, "{text}");
        }
    }
}
