//! A chunk whose members have the types they usually have, in one pass of serde_json, which copies nothing but text with escapes.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{counts, provider_error};
use crate::completions::{Chunk, TextBytes};

/// The chunk; nothing if anything in it is unusual, which need not be wrong.
pub(super) fn read(data: &str) -> Option<Chunk<'_>> {
    let Object(Top { error, model, usage, choices }) = serde_json::from_str(data).ok()?;
    let Choice { delta, finish_reason } = choices.and_then(|choices| choices.0).unwrap_or_default();
    let Delta { content, reasoning, reasoning_content } = delta.map(|delta| delta.0).unwrap_or_default();
    Some(Chunk {
        error: error.and_then(|error| provider_error(error.get())),
        model: model.map(|words| words.0),
        content: content.map(|words| words.0.into()).unwrap_or_default(),
        reasoning: [reasoning, reasoning_content].iter().flatten().map(|words| TextBytes::of(&words.0)).sum(),
        finish_reason: finish_reason.map(|words| words.0),
        usage: usage.and_then(|usage| counts(usage.get())),
    })
}

#[derive(Default)]
struct Top<'a> {
    error: Option<&'a RawValue>,
    model: Option<Words<'a>>,
    usage: Option<&'a RawValue>,
    choices: Option<First<Choice<'a>>>,
}

#[derive(Default)]
struct Choice<'a> {
    delta: Option<Object<Delta<'a>>>,
    finish_reason: Option<Words<'a>>,
}

#[derive(Default)]
struct Delta<'a> {
    content: Option<Words<'a>>,
    reasoning: Option<Words<'a>>,
    reasoning_content: Option<Words<'a>>,
}

/// Takes over the members it knows; of two equal ones the last counts. `Deserialize` as serde derives it would refuse two equal ones, and take
/// an array for an object.
trait Members<'de>: Default {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;
}

impl<'de> Members<'de> for Top<'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "error" => self.error = map.next_value()?,
            "model" => self.model = map.next_value()?,
            "usage" => self.usage = map.next_value()?,
            "choices" => self.choices = map.next_value()?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl<'de> Members<'de> for Choice<'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "delta" => self.delta = map.next_value()?,
            "finish_reason" => self.finish_reason = map.next_value()?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl<'de> Members<'de> for Delta<'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "content" => self.content = map.next_value()?,
            "reasoning" => self.reasoning = map.next_value()?,
            "reasoning_content" => self.reasoning_content = map.next_value()?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

fn skip<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>().map(drop)
}

/// A JSON object.
struct Object<T>(T);

impl<'de, T: Members<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<'de, T: Members<'de>> Visitor<'de> for Reader<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<T>, A::Error> {
                let mut members = T::default();
                while let Some(Words(key)) = map.next_key()? {
                    members.take(&key, &mut map)?;
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Reader(PhantomData))
    }
}

/// A string of whole characters.
#[derive(serde::Deserialize)]
struct Words<'a>(#[serde(borrow)] Cow<'a, str>);

/// The first item of a JSON array, an object.
struct First<T>(Option<T>);

impl<'de, T: Members<'de>> Deserialize<'de> for First<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<'de, T: Members<'de>> Visitor<'de> for Reader<T> {
            type Value = First<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<First<T>, A::Error> {
                let first = items.next_element::<Object<T>>()?;
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Ok(First(first.map(|Object(first)| first)))
            }
        }
        deserializer.deserialize_seq(Reader(PhantomData))
    }
}
