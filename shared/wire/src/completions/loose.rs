//! A chunk read as `JSON.parse` and a look at its fields read it: the last of two equal keys counts, a field of another type is
//! none, and a string may hold half a surrogate pair. Slower than serde's derived way, so only what that refuses comes here.

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::fmt;

use super::{Chunk, Joined, MalformedCompletion, ProviderError, Text, is_set};

pub(super) fn parse(data: &str) -> Result<Chunk<'_>, MalformedCompletion> {
    serde_json::from_str::<IgnoredAny>(data).map_err(|error| MalformedCompletion::new(&error))?;
    let choice = member(data, "choices").and_then(first);
    let delta = choice.and_then(|choice| member(choice, "delta"));
    let error = member(data, "error").map(error).filter(is_set);
    let request_id = member(data, "request_id").and_then(string).map(Cow::into_owned);
    Ok(Chunk {
        error: error.map(|error| ProviderError::from_json(None, error, request_id)),
        model: member(data, "model").and_then(string),
        content: delta.and_then(|delta| member(delta, "content")).and_then(text).unwrap_or_default(),
        finish_reason: choice.and_then(|choice| member(choice, "finish_reason")).and_then(string),
        usage: member(data, "usage").and_then(|usage| serde_json::from_str(usage).ok()),
    })
}

/// The value of `key`, if `json` is an object that has it.
fn member<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    struct Member<'k>(&'k str);
    impl<'de> Visitor<'de> for Member<'_> {
        type Value = Option<&'de RawValue>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = None;
            while let Some((key, value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
                if key == Text::from(Cow::Borrowed(self.0)) {
                    found = Some(value);
                }
            }
            Ok(found)
        }
    }
    serde_json::Deserializer::from_str(json).deserialize_map(Member(key)).ok().flatten().map(RawValue::get)
}

/// The first item, if `json` is an array that has one.
fn first(json: &str) -> Option<&str> {
    serde_json::from_str::<Vec<&RawValue>>(json).ok()?.first().map(|item| item.get())
}

fn text(json: &str) -> Option<Text<'_>> {
    json.starts_with('"').then(|| serde_json::from_str(json).ok()).flatten()
}

fn string(json: &str) -> Option<Cow<'_, str>> {
    let mut joined = Joined::default();
    joined.push(&text(json)?);
    joined.finish();
    Some(Cow::Owned(joined.take()))
}

/// The vendor's error, of which only a few words are read.
fn error(json: &str) -> Value {
    let value = |json: &str| {
        serde_json::from_str(json)
            .unwrap_or_else(|_| string(json).map_or(Value::Null, |words| words.into_owned().into()))
    };
    let word = |key| member(json, key).map_or(Value::Null, value);
    match json.starts_with('{') {
        true => json!({"message": word("message"), "code": word("code"), "type": word("type")}),
        false => value(json),
    }
}
