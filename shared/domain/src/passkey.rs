//! Passkeys: keys of a user's devices, as their owner knows them.

use jiff::Timestamp;

use crate::text;

/// Passkeys that one account may have: one a device, and some that are lost.
pub const MOST_PASSKEYS: u32 = 20;

/// By which an authenticator knows a passkey: 1 to 1023 bytes of its own choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyId(Vec<u8>);

impl PasskeyId {
    /// The longest there is (WebAuthn §4).
    pub const MAX_BYTES: usize = 1023;

    /// Takes bytes for an id; `None` for none and for too many.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        (1..=Self::MAX_BYTES).contains(&bytes.len()).then_some(Self(bytes))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A passkey as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// Its id.
    pub id: PasskeyId,
    /// What its owner calls it.
    pub name: String,
    /// Whether it is kept in more places than one device.
    pub is_backed_up: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// When somebody last signed in by it.
    pub used_at: Option<Timestamp>,
}

/// What a passkey is called, by which its owner tells it from others: at most 100 characters on one line, or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PasskeyName(String);

/// A name of so many characters is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name has {chars} characters, at most {} fit", PasskeyName::MAX_CHARS)]
pub struct PasskeyNameError {
    /// How many there are.
    pub chars: usize,
}

impl PasskeyName {
    /// The width of `user_keys.name`.
    pub const MAX_CHARS: usize = 100;

    /// Reads a name. An end of a line is a space, control characters are removed, surrounding blanks go; of a text that cannot be seen nothing is left.
    ///
    /// # Errors
    /// [`PasskeyNameError`] for a name that is too long.
    pub fn parse(raw: &str) -> Result<Self, PasskeyNameError> {
        text::name(raw, Self::MAX_CHARS).map(Self).map_err(|chars| PasskeyNameError { chars })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_or_nothing() {
        for (raw, name) in [(" my\nphone ", "my phone"), ("a\0b", "ab"), ("", ""), ("\u{200b}", "")] {
            assert_eq!(PasskeyName::parse(raw).as_ref().map(PasskeyName::as_str), Ok(name), "{raw:?}");
        }
        assert_eq!(PasskeyName::parse(&"ä".repeat(101)), Err(PasskeyNameError { chars: 101 }));
        assert!(PasskeyName::parse(&"ä".repeat(100)).is_ok());
    }
}
