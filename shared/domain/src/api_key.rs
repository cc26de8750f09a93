//! API keys: what an account gives a program to ask the model by, as its owner knows them.

use jiff::Timestamp;

use crate::{ApiKeyId, text};

/// API keys that one account may have: one for each program, and each can be revoked alone.
pub const MOST_API_KEYS: u32 = 5;

/// The longest that a key lasts which ends by itself, in days.
pub const MOST_API_KEY_DAYS: u32 = 366;

/// A key as its owner sees it. The key itself was shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What its owner calls it.
    pub name: ApiKeyName,
    /// When it was made.
    pub created_at: Timestamp,
    /// The last day (UTC, `YYYY-MM-DD`) on which somebody has come by it.
    pub used_on: Option<String>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// What a key is called, by which its owner tells it from others: 1 to 100 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKeyName(String);

/// Why a text is no name for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyNameError {
    /// Nothing of it can be seen.
    #[error("the name is empty")]
    Empty,
    /// It is too long.
    #[error("the name has {0} characters, at most {max} fit", max = ApiKeyName::MAX_CHARS)]
    TooLong(usize),
}

impl ApiKeyName {
    /// The width of `api_keys.name`.
    pub const MAX_CHARS: usize = 100;

    /// Reads a name. An end of a line is a space, control characters are removed, surrounding blanks go.
    ///
    /// # Errors
    /// [`ApiKeyNameError`] for a name that is too long, or cannot be seen.
    pub fn parse(raw: &str) -> Result<Self, ApiKeyNameError> {
        match text::name(raw, Self::MAX_CHARS) {
            Ok(name) if name.is_empty() => Err(ApiKeyNameError::Empty),
            Ok(name) => Ok(Self(name)),
            Err(chars) => Err(ApiKeyNameError::TooLong(chars)),
        }
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
    fn a_name_is_one_line_that_can_be_seen() {
        assert_eq!(ApiKeyName::parse(" my\nlaptop\0 ").as_ref().map(ApiKeyName::as_str), Ok("my laptop"));
        for empty in ["", " ", "\u{200b}"] {
            assert_eq!(ApiKeyName::parse(empty), Err(ApiKeyNameError::Empty));
        }
        assert!(ApiKeyName::parse(&"ä".repeat(100)).is_ok());
        assert_eq!(ApiKeyName::parse(&"ä".repeat(101)), Err(ApiKeyNameError::TooLong(101)));
    }
}
