//! A JSON body as one of our inputs, or what is wrong with it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{DeserializeOwned, Error as _, Unexpected};
use serde::{Deserialize, Deserializer};
use serde_json::Error;

use crate::problem::{Problem, Wanted};

/// Reads a body as JSON of the shape `T`.
///
/// # Errors
/// `invalid_json`, or `invalid_request` with the field.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // serde's derived structs read arrays too, by position; the contract knows objects only.
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        return Err(Problem::not_an_object());
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        match error.into_inner() {
            inner if inner.is_data() => wrong(&path, &inner),
            inner => Problem::not_json(&inner),
        }
    })?;
    deserializer.end().map_err(|_| Problem::several_values())?;
    Ok(value)
}

/// serde tells the kind of an error by the beginning of its words, and the field by backticks or by the path. Its words are for
/// programmers: they name Rust's types and quote what a client sent.
fn wrong(path: &str, error: &Error) -> Problem {
    let words = error.to_string();
    let named = |kind: &str| words.strip_prefix(kind).map(|rest| rest.split('`').next().unwrap_or_default());
    if let Some(field) = named("missing field `") {
        return Problem::missing_field(field);
    }
    if let Some(field) = named("duplicate field `") {
        return Problem::repeated_field(field);
    }
    if let Some(field) = named("unknown field `") {
        return Problem::unknown_field(field);
    }
    if path == "." || path == "?" {
        return Problem::not_an_object();
    }
    let expected = words.rsplit_once("expected ").map_or("", |(_, rest)| rest);
    let wanted = match expected.split(" at line ").next() {
        Some("a string") => Some(Wanted::Text),
        Some("a boolean") => Some(Wanted::Switch),
        Some("u32") => Some(Wanted::Number),
        Some(Base64Url::EXPECTED) => Some(Wanted::Bytes),
        Some(_) | None => None,
    };
    Problem::wrong_kind(path, wanted)
}

/// Bytes, which are a text in base64url without padding.
#[derive(Debug)]
pub(crate) struct Base64Url(pub Vec<u8>);

impl Base64Url {
    const EXPECTED: &str = "base64url without padding";

    /// As it is written.
    pub fn encode(bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads such a text; `None` for every other one.
    pub fn decode(text: &str) -> Option<Vec<u8>> {
        URL_SAFE_NO_PAD.decode(text).ok()
    }
}

impl<'de> Deserialize<'de> for Base64Url {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // What was sent is not repeated.
        let wrong = || D::Error::invalid_value(Unexpected::Other("another text"), &Self::EXPECTED);
        Self::decode(&text).map(Self).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only reading it is of interest")]
    struct Input {
        content: String,
        #[serde(default)]
        stream: bool,
        seen: Option<u32>,
        /// Stands for what an input may hold one day.
        list: Option<Vec<u8>>,
        bytes: Option<Base64Url>,
    }

    #[test]
    fn errors_name_the_field_and_neither_types_nor_what_was_sent() {
        let long = "x".repeat(9_000);
        let hostile = "a string, expected a boolean field `evil`";
        for (body, field, words) in [
            (r#"{}"#.to_owned(), "content", "`content` is missing."),
            (r#"{"content":"a","content":"b"}"#.to_owned(), "content", "`content` stands there twice."),
            (r#"{"content":"a","xyz":1}"#.to_owned(), "xyz", "The request has a field that is not known here."),
            (
                format!(r#"{{"content":"a","{long}":1}}"#),
                &format!("{}…", "x".repeat(99)),
                "The request has a field that is not known here.",
            ),
            (r#"{"content":null}"#.to_owned(), "content", "`content` must be a text."),
            (format!(r#"{{"content":["{long}"]}}"#), "content", "`content` must be a text."),
            (format!(r#"{{"content":"a","stream":"{long}"}}"#), "stream", "`stream` must be `true` or `false`."),
            (format!(r#"{{"content":"a","stream":"{hostile}"}}"#), "stream", "`stream` must be `true` or `false`."),
            (r#"{"content":"a","seen":-1}"#.to_owned(), "seen", "`seen` must be a whole number from 0 to 4294967295."),
            (
                r#"{"content":"a","seen":4294967296}"#.to_owned(),
                "seen",
                "`seen` must be a whole number from 0 to 4294967295.",
            ),
            (r#"{"content":"a","list":7}"#.to_owned(), "list", "`list` has a value of a wrong kind."),
            (r#"{"content":"a","bytes":"+/="}"#.to_owned(), "bytes", "`bytes` must be base64url without padding."),
            (r#"null"#.to_owned(), "body", "The body must be a JSON object."),
            (r#"[]"#.to_owned(), "body", "The body must be a JSON object."),
            (format!("\"{long}\""), "body", "The body must be a JSON object."),
        ] {
            let problem = parse::<Input>(body.as_bytes()).unwrap_err();
            let shown: String = body.chars().take(80).collect();
            let detail = problem.detail();
            assert_eq!((detail.field.as_deref(), detail.message.as_str()), (Some(field), words), "{shown}");
        }
    }
}
