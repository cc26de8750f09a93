//! A search through one's own sessions: what may be asked for, and how far it has come.

use std::fmt;

use jiff::Timestamp;

use crate::text::{is_blank, on_one_line};
use crate::{MessageId, SessionId};

/// Sessions that a page of a search looks at, at most.
pub const SEARCHED_SESSIONS: u32 = 50;

/// Messages that a page of a search looks at, at most.
pub const SEARCHED_MESSAGES: u32 = 5_000;

/// Bytes of messages that a page of a search reads, at most, but for the end of the last message. Ten pages, as many as a minute has, go through the 20 MB
/// that an account may keep.
pub const SEARCHED_BYTES: u32 = 2_000_000;

/// Hits of one session on a page.
pub const HITS_PER_SESSION: u32 = 3;

/// What is looked for: 2 to 100 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchText(String);

/// Why a text cannot be looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text has {chars} characters, {least} to {most} can be looked for")]
pub struct SearchTextError {
    /// How many it has, but for blanks around it; 0: nothing that can be seen.
    pub chars: usize,
    /// The fewest.
    pub least: usize,
    /// The most.
    pub most: usize,
}

impl SearchText {
    /// The fewest characters: one alone is in nearly every message.
    pub const LEAST_CHARS: usize = 2;

    /// The most characters.
    pub const MOST_CHARS: usize = 100;

    /// Reads a text. An end of a line is a space, control characters are removed (NUL never reaches Postgres), surrounding blanks go.
    ///
    /// # Errors
    /// [`SearchTextError`]: it is too short or too long.
    pub fn parse(raw: &str) -> Result<Self, SearchTextError> {
        let mut kept = on_one_line(raw);
        kept.retain(|character| !character.is_control());
        let text = kept.trim();
        let chars = if is_blank(text) { 0 } else { text.chars().count() };
        let (least, most) = (Self::LEAST_CHARS, Self::MOST_CHARS);
        if !(least..=most).contains(&chars) {
            return Err(SearchTextError { chars, least, most });
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where the next page of a search begins. Its text is the cursor that a client hands back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchPlace {
    /// The activity of the last session that was looked at, by which sessions are in order.
    pub activity: Timestamp,
    /// That session.
    pub session: SessionId,
    /// The oldest of its messages that was looked at; `None`: all were.
    pub message: Option<MessageId>,
}

/// A text that is no cursor of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no cursor of a search")]
pub struct NoSearchPlace;

impl SearchPlace {
    /// Reads what its `Display` writes.
    ///
    /// # Errors
    /// [`NoSearchPlace`]: it is something else.
    pub fn parse(text: &str) -> Result<Self, NoSearchPlace> {
        let mut parts = text.split('.');
        let (Some(activity), Some(session), message, None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NoSearchPlace);
        };
        let activity = activity.parse().map_err(|_| NoSearchPlace)?;
        Ok(Self {
            activity: Timestamp::from_microsecond(activity).map_err(|_| NoSearchPlace)?,
            session: SessionId::parse(session).map_err(|_| NoSearchPlace)?,
            message: message.map(MessageId::parse).transpose().map_err(|_| NoSearchPlace)?,
        })
    }
}

impl fmt::Display for SearchPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.activity.as_microsecond(), self.session)?;
        self.message.map_or(Ok(()), |message| write!(formatter, ".{message}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_as_it_is_looked_for() {
        let read = |raw: &str| SearchText::parse(raw).map(|text| text.as_str().to_owned()).map_err(|error| error.chars);
        let (most, over) = ("ж".repeat(100), "ж".repeat(101));
        for (raw, expected) in [
            ("ab", Ok("ab".to_owned())),
            ("  two\r\nlines ", Ok("two lines".to_owned())),
            ("a\0b", Ok("ab".to_owned())),
            (r"50%_\", Ok(r"50%_\".to_owned())),
            ("你好", Ok("你好".to_owned())),
            ("👩‍💻", Ok("👩‍💻".to_owned())),
            (&most, Ok(most.clone())),
            (&over, Err(101)),
            ("a", Err(1)),
            (" a ", Err(1)),
            ("", Err(0)),
            ("\u{200b}\u{200b}\u{200b}", Err(0)),
        ] {
            assert_eq!(read(raw), expected, "{raw:?}");
        }
    }

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let zero = Timestamp::from_microsecond(1_795_704_881_003_123).unwrap();
        let session = SessionId::new(Timestamp::UNIX_EPOCH, [1; 10]);
        for message in [None, Some(MessageId::new(Timestamp::UNIX_EPOCH, [2; 10]))] {
            let place = SearchPlace { activity: zero, session, message };
            assert_eq!(SearchPlace::parse(&place.to_string()), Ok(place));
        }
        let whole = SearchPlace { activity: zero, session, message: None }.to_string();
        for text in
            ["", "1", "x.y", ".", "..", &format!("{whole}."), &format!("{whole}.x"), &format!("9{whole}9"), "1.2.3.4"]
        {
            assert_eq!(SearchPlace::parse(text), Err(NoSearchPlace), "{text}");
        }
        assert_eq!(SearchPlace::parse(&format!("{}.{session}", i64::MAX)), Err(NoSearchPlace));
    }
}
