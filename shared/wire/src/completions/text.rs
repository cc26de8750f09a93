//! The text of a chunk as JavaScript reads it: JSON may name half a UTF-16 pair, and the next chunk may bring the other half.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// Stands for half a pair whose other half never comes.
const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// A text that may begin or end within a character.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text<'a> {
    /// The second half of a pair, before all else.
    low: Option<u16>,
    whole: Cow<'a, str>,
    /// The first half of a pair, after all else.
    high: Option<u16>,
}

impl<'a> Text<'a> {
    /// The text by itself: half a character is none.
    pub(super) fn alone(self) -> Cow<'a, str> {
        if self.low.is_none() && self.high.is_none() {
            return self.whole;
        }
        let mut joined = Joined::default();
        joined.push(&self);
        joined.finish();
        Cow::Owned(joined.take())
    }

    pub(super) fn is(&self, other: &str) -> bool {
        self.low.is_none() && self.high.is_none() && self.whole == other
    }

    /// The text, if it is whole characters and a part of what was read.
    pub(super) fn borrowed(&self) -> Option<&'a str> {
        match self.whole {
            Cow::Borrowed(text) if self.low.is_none() && self.high.is_none() => Some(text),
            Cow::Borrowed(_) | Cow::Owned(_) => None,
        }
    }

    /// Whether it adds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.low.is_none() && self.whole.is_empty() && self.high.is_none()
    }
}

impl<'a> From<Cow<'a, str>> for Text<'a> {
    fn from(whole: Cow<'a, str>) -> Self {
        Self { low: None, whole, high: None }
    }
}

/// Texts put together as a reader puts them together: two halves of a character become one, a half alone becomes U+FFFD.
#[derive(Debug, Default)]
pub struct Joined {
    text: String,
    high: Option<u16>,
}

impl Joined {
    /// Adds the next text.
    pub fn push(&mut self, next: &Text<'_>) {
        if next.is_empty() {
            return;
        }
        match (self.high.take(), next.low) {
            (Some(high), Some(low)) => self.text.extend(char::decode_utf16([high, low]).flatten()),
            (Some(_), None) | (None, Some(_)) => self.text.push(REPLACEMENT),
            (None, None) => {}
        }
        self.text.push_str(&next.whole);
        self.high = next.high;
    }

    /// Nothing follows: half a character at the end is none any more.
    pub fn finish(&mut self) {
        if self.high.take().is_some() {
            self.text.push(REPLACEMENT);
        }
    }

    /// Whether the last text ended within a character, which the next may complete.
    #[must_use]
    pub fn is_within_character(&self) -> bool {
        self.high.is_some()
    }

    /// The whole characters so far.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Takes the whole characters out; half a character stays.
    pub fn take(&mut self) -> String {
        core::mem::take(&mut self.text)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    /// From a JSON string that is known to be well-formed: as bytes, which serde_json gives as WTF-8, surrogates and all.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl<'de> Visitor<'de> for Bytes {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<Text<'de>, E> {
                Ok(core::str::from_utf8(bytes).map_or_else(|_| from_wtf8(bytes), |text| Cow::Borrowed(text).into()))
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Text<'de>, E> {
                Ok(from_wtf8(bytes))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

fn from_wtf8(bytes: &[u8]) -> Text<'static> {
    let mut text = Text { low: None, whole: Cow::Borrowed(""), high: None };
    let whole = text.whole.to_mut();
    let mut rest = bytes;
    while !rest.is_empty() {
        let valid = rest.utf8_chunks().next().map(|chunk| chunk.valid()).unwrap_or_default();
        whole.push_str(valid);
        rest = rest.get(valid.len()..).unwrap_or_default();
        // What is no UTF-8 is one surrogate in three bytes: serde_json writes nothing else.
        let Some((surrogate, after)) = rest.split_first_chunk::<3>() else { break };
        let is_first = rest.len() == bytes.len();
        let [_, second, third] = surrogate.map(u16::from);
        let unit = 0xD000 | (second & 0x3F) << 6 | third & 0x3F;
        rest = after;
        match unit {
            0xDC00..=0xDFFF if is_first => text.low = Some(unit),
            0xD800..=0xDBFF if rest.is_empty() => text.high = Some(unit),
            _ => whole.push(REPLACEMENT),
        }
    }
    text
}
