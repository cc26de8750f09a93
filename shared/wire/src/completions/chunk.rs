//! A chunk read as `JSON.parse` and a look at its fields read it, so that no text is lost that a reader sees: unknown keys are ignored, the
//! last of two equal ones counts, a field of another type is none, a string may hold half a surrogate pair.
//!
//! Chunks are most of what a message costs: where only the text is another, nothing else is read (`reader.rs`); as they usually are, they are read
//! in one pass (`usual.rs`). What is anyhow unusual is read here, member by member.

mod reader;
mod usual;

pub use reader::{ChunkReader, StreamedChunk};

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{Chunk, MalformedCompletion, ProviderError, Text, TextBytes, Usage};

impl<'a> Chunk<'a> {
    /// Reads the data of one event (not `[DONE]`).
    ///
    /// # Errors
    /// [`MalformedCompletion`]: a reader's `JSON.parse` would refuse it too.
    pub fn parse(data: &'a str) -> Result<Self, MalformedCompletion> {
        if let Some(chunk) = usual::read(data) {
            return Ok(chunk);
        }
        serde_json::from_str::<IgnoredAny>(data).map_err(|error| MalformedCompletion::new(&error))?;
        let [error, choices, model, usage] = members(data, ["error", "choices", "model", "usage"]);
        let [delta, finish_reason] = members(choices.and_then(first).unwrap_or_default(), ["delta", "finish_reason"]);
        let [content, reasoning @ ..] =
            members(delta.unwrap_or_default(), ["content", "reasoning", "reasoning_content"]);
        Ok(Chunk {
            error: error.and_then(provider_error),
            model: model.and_then(string),
            content: content.and_then(text).unwrap_or_default(),
            reasoning: reasoning.into_iter().flatten().filter_map(string).map(|words| TextBytes::of(&words)).sum(),
            finish_reason: finish_reason.and_then(string),
            usage: usage.and_then(counts),
        })
    }
}

/// The values of `keys`, as far as `json` is an object that has them.
fn members<'a, const N: usize>(json: &'a str, keys: [&str; N]) -> [Option<&'a str>; N] {
    let mut found = [None; N];
    // Of what is no object nothing is found.
    let _other = serde_json::Deserializer::from_str(json).deserialize_map(Members { keys: &keys, found: &mut found });
    found
}

struct Members<'k, 'a> {
    keys: &'k [&'k str],
    found: &'k mut [Option<&'a str>],
}

impl<'de> Visitor<'de> for Members<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((key, value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
            for (wanted, found) in self.keys.iter().zip(self.found.iter_mut()) {
                if key.is(wanted) {
                    *found = Some(value.get());
                }
            }
        }
        Ok(())
    }
}

/// The first item, if `json` is an array that has one.
fn first(json: &str) -> Option<&str> {
    serde_json::from_str::<Vec<&RawValue>>(json).ok()?.first().map(|item| item.get())
}

fn text(json: &str) -> Option<Text<'_>> {
    json.starts_with('"').then(|| serde_json::from_str(json).ok()).flatten()
}

fn string(json: &str) -> Option<Cow<'_, str>> {
    text(json).map(Text::alone)
}

/// Counts may come as floats or as null; anything else counts nothing.
fn counts(json: &str) -> Option<Usage> {
    if !json.starts_with('{') {
        return None;
    }
    let [prompt_tokens, completion_tokens] = members(json, ["prompt_tokens", "completion_tokens"]).map(|count| {
        // A float cast saturates: negative counts become 0.
        count.and_then(|count| serde_json::from_str::<f64>(count).ok()).map_or(0, |count| count as u64)
    });
    Some(Usage { prompt_tokens, completion_tokens })
}

/// An error inside the stream, if there is one.
fn provider_error(json: &str) -> Option<ProviderError> {
    Some(vendors_error(json)).filter(is_set).map(|error| ProviderError::from_json(None, &error))
}

/// The vendor's error, of which only a few words are read.
fn vendors_error(json: &str) -> Value {
    let value = |json: &str| match string(json) {
        Some(words) => Value::String(words.into_owned()),
        None => serde_json::from_str(json).unwrap_or_default(),
    };
    if !json.starts_with('{') {
        return value(json);
    }
    let [message, code, kind] = members(json, ["message", "code", "type"]).map(|word| word.map(value));
    json!({"message": message, "code": code, "type": kind})
}

/// Whether JavaScript takes the value for true: `"error": false` is no error.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(is_true) => *is_true,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}
