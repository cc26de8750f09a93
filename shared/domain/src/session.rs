//! A session: a chat as it is stored and listed.

use jiff::Timestamp;

use crate::SessionId;
use crate::text::{is_blank, on_one_line};

/// A session without its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Its title; `None` until the first message gives it one.
    pub title: Option<String>,
    /// The id of the model that was chosen for it; `None`: the first one is asked.
    pub model: Option<String>,
    /// Whether its visitor wants it above the others.
    pub pinned: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last written to or renamed.
    pub updated_at: Timestamp,
}

/// Sessions of one user that may be pinned: it is asked for when one more is, so an account that a guest is merged into may have more.
pub const MOST_PINNED: u32 = 20;

/// Sessions that one user may have: a guest must not fill the database with rows that cost nothing to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionCap {
    /// All that are not deleted.
    All,
    /// Those without a message.
    Empty,
}

impl SessionCap {
    /// The most of this kind.
    #[must_use]
    pub fn most(self) -> u32 {
        match self {
            Self::All => 2_000,
            Self::Empty => 20,
        }
    }
}

/// A title as a person writes it: 1 to 255 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionTitle(String);

/// Why a text is no title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TitleError {
    /// Nothing that can be seen.
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

    /// Reads a title. An end of a line is a space, control characters are removed (NUL never reaches Postgres), surrounding blanks go.
    ///
    /// # Errors
    /// [`TitleError`] says what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, TitleError> {
        let mut kept = on_one_line(raw);
        kept.retain(|character| !character.is_control());
        let title = kept.trim();
        match title.chars().count() {
            _ if is_blank(title) => Err(TitleError::Blank),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_visible_line() {
        for (raw, title) in [
            (" a\nb ", "a b"),
            ("a\r\nb\rc\u{2028}d\u{85}e\tf\u{b}g", "a b c d e f g"),
            ("a\0b\u{7}", "ab"),
            ("\u{202e}abc", "\u{202e}abc"),
        ] {
            assert_eq!(SessionTitle::parse(raw).as_ref().map(SessionTitle::as_str), Ok(title));
        }
        for raw in ["", " \n ", "\0", "\u{200b}", "\u{3164}", "\u{2800} \u{feff}"] {
            assert_eq!(SessionTitle::parse(raw), Err(TitleError::Blank), "{raw:?}");
        }
        let long = "😀".repeat(256);
        assert_eq!(SessionTitle::parse(&long), Err(TitleError::TooLong { chars: 256, max: 255 }));
    }
}
