//! What a user thinks of an answer.

use crate::text::{is_blank, with_newlines};

/// The most characters of a reason.
const REASON_CHARS: usize = 500;

/// A thumb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vote {
    /// It helped.
    Up,
    /// It did not.
    Down,
}

impl Vote {
    /// The name in the API and the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }

    /// Reads a name; `None` for one that does not exist.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Up, Self::Down].into_iter().find(|vote| vote.name() == name)
    }
}

/// A vote, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feedback {
    /// The vote.
    pub vote: Vote,
    /// In the user's words.
    pub reason: Option<String>,
}

/// A reason with too many characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the reason has {chars} characters, at most {max} are allowed")]
pub struct FeedbackError {
    /// How many there are.
    pub chars: usize,
    /// How many are allowed.
    pub max: usize,
}

impl Feedback {
    /// A vote for this reason. Control characters are removed; one that cannot be seen is none.
    ///
    /// # Errors
    /// [`FeedbackError`]: it is too long.
    pub fn new(vote: Vote, reason: Option<&str>) -> Result<Self, FeedbackError> {
        let mut text = with_newlines(reason.unwrap_or_default());
        text.retain(|character| !character.is_control() || matches!(character, '\n' | '\t'));
        let text = text.trim();
        match text.chars().count() {
            _ if is_blank(text) => Ok(Self { vote, reason: None }),
            chars if chars > REASON_CHARS => Err(FeedbackError { chars, max: REASON_CHARS }),
            _ => Ok(Self { vote, reason: Some(text.to_owned()) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_what_can_be_seen_of_it() {
        let reason = |text: &str| Feedback::new(Vote::Down, Some(text)).map(|feedback| feedback.reason);
        assert_eq!(reason(" too\r\nlong\0 "), Ok(Some("too\nlong".to_owned())));
        assert_eq!(reason("\u{200b} \n"), Ok(None));
        assert_eq!(reason(&"\u{1F600}".repeat(500)).unwrap().unwrap().chars().count(), 500);
        assert_eq!(reason(&"x".repeat(501)), Err(FeedbackError { chars: 501, max: 500 }));
    }
}
