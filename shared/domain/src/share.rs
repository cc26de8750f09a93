//! A share: a link that shows one branch of a session, as it stood, to whoever has it.

use jiff::{SignedDuration, Timestamp};

use crate::{MessageId, MessageRole, SessionId, ShareId};

/// Links that one user may have at once: a row each, which cost nothing to make.
pub const MOST_SHARES: u32 = 100;

/// Messages that a link shows, at most: the last of its branch.
pub const SHARED_MESSAGES: u32 = 200;

/// A share as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Its id. It opens nothing.
    pub id: ShareId,
    /// The session it shows a branch of.
    pub session: SessionId,
    /// The branch's last message.
    pub leaf: MessageId,
    /// The session's title when the link was made or moved.
    pub title: Option<String>,
    /// Counted from 1: which of the branches that it was moved to.
    pub revision: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; `None`: never by itself.
    pub expires_at: Option<Timestamp>,
}

/// What a reader sees: no id, and nothing of other branches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedBranch {
    /// The title.
    pub title: Option<String>,
    /// The share's revision.
    pub revision: u32,
    /// Whether the branch begins earlier than what is shown.
    pub has_earlier: bool,
    /// Oldest first.
    pub messages: Vec<SharedMessage>,
}

/// One message of a shared branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedMessage {
    /// Who speaks.
    pub role: MessageRole,
    /// Markdown, as it stood when the link was made or moved.
    pub content: String,
    /// Whether the answer had broken off then.
    pub is_cut: bool,
    /// The model that answered.
    pub model: Option<String>,
}

/// How long a link is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareLife(SignedDuration);

/// A time that no link can be good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a link is good for {} to {} seconds", ShareLife::LEAST_SECONDS, ShareLife::MOST_SECONDS)]
pub struct ShareLifeError;

impl ShareLife {
    /// The shortest: caches keep what a link shows for a minute.
    pub const LEAST_SECONDS: u32 = 60;

    /// The longest: a year.
    pub const MOST_SECONDS: u32 = 365 * 24 * 60 * 60;

    /// So many seconds.
    ///
    /// # Errors
    /// [`ShareLifeError`]: too few or too many.
    pub fn from_seconds(seconds: u32) -> Result<Self, ShareLifeError> {
        let is_good = (Self::LEAST_SECONDS..=Self::MOST_SECONDS).contains(&seconds);
        is_good.then(|| Self(SignedDuration::from_secs(i64::from(seconds)))).ok_or(ShareLifeError)
    }

    /// When a link that is made `now` ends.
    #[must_use]
    pub fn end(self, now: Timestamp) -> Timestamp {
        now.checked_add(self.0).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_good_for_a_minute_to_a_year() {
        for (seconds, is_good) in [(0, false), (59, false), (60, true), (31_536_000, true), (31_536_001, false)] {
            assert_eq!(ShareLife::from_seconds(seconds).is_ok(), is_good, "{seconds}");
        }
        let day = ShareLife::from_seconds(86_400).unwrap();
        assert_eq!(day.end(Timestamp::UNIX_EPOCH).as_second(), 86_400);
        assert_eq!(day.end(Timestamp::MAX), Timestamp::MAX);
    }
}
