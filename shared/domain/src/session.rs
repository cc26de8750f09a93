//! A conversation.

use jiff::Timestamp;

use crate::SessionId;

/// A conversation without its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Its title; `None` until the first message gives it one.
    pub title: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When somebody last wrote or renamed.
    pub updated_at: Timestamp,
}

/// A title as a person writes it: 1 to 255 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionTitle(String);

/// Why a text is no title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TitleError {
    /// Nothing but blanks and control characters.
    #[error("the title is empty")]
    Blank,
    /// More than 255 characters.
    #[error("the title has {chars} characters, at most {max} fit")]
    TooLong {
        /// How many there are.
        chars: usize,
        /// How many fit.
        max: usize,
    },
}

impl SessionTitle {
    /// The width of `chat_sessions.title`.
    pub const MAX_CHARS: usize = 255;

    /// Reads a title. Control characters are removed (NUL never reaches Postgres), surrounding blanks go.
    ///
    /// # Errors
    /// [`TitleError`] says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, TitleError> {
        let kept: String = raw.chars().filter(|character| !character.is_control()).collect();
        let title = kept.trim();
        match title.chars().count() {
            0 => Err(TitleError::Blank),
            chars if chars > Self::MAX_CHARS => Err(TitleError::TooLong { chars, max: Self::MAX_CHARS }),
            _ => Ok(Self(title.to_owned())),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
