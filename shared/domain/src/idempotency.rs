//! The name under which a client repeats a request without it being done twice.

use std::fmt;

/// An idempotency key: 1 to 255 visible ASCII characters and inner blanks, as a client chose them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// A text that is no idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key has 1 to 255 visible ASCII characters")]
pub struct IdempotencyKeyError;

impl IdempotencyKey {
    /// The longest key, in characters.
    pub const MAX_CHARS: usize = 255;

    /// Reads a key.
    ///
    /// # Errors
    /// [`IdempotencyKeyError`] for one that is empty, too long, has other characters, or blanks at its ends.
    pub fn parse(text: &str) -> Result<Self, IdempotencyKeyError> {
        let is_visible = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        if is_visible && text.trim() == text && (1..=Self::MAX_CHARS).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdempotencyKeyError)
        }
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visible_ascii_of_some_length_is_a_key() {
        for text in ["a", "8e03978e-40d5-43e8-bc93-6894a57f9324", "with \"quotes\" and \\", &"k".repeat(255)] {
            assert_eq!(IdempotencyKey::parse(text).map(|key| key.to_string()).as_deref(), Ok(text));
        }
        for text in ["", " ", " a", "a ", "tab\t", "ü", "\u{7f}", &"k".repeat(256)] {
            assert_eq!(IdempotencyKey::parse(text), Err(IdempotencyKeyError), "{text:?}");
        }
    }
}
