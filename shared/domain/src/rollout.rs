//! Who gets to see the chat while it is rolled out.

use std::fmt;

use crate::{Role, UserId};

/// `CHAT_ROLLOUT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rollout {
    /// Everybody.
    All,
    /// Admins only.
    Admins,
    /// Admins, and this share of the others, in per cent.
    Percent(u8),
}

impl fmt::Display for Rollout {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => formatter.write_str("all"),
            Self::Admins => formatter.write_str("admins"),
            Self::Percent(percent) => percent.fmt(formatter),
        }
    }
}

/// A text that is neither `all`, `admins` nor a percentage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected all, admins or a percentage from 0 to 100")]
pub struct RolloutError;

impl Rollout {
    /// Reads `all`, `admins`, `25` or `25%`.
    ///
    /// # Errors
    /// [`RolloutError`] for everything else.
    pub fn parse(text: &str) -> Result<Self, RolloutError> {
        match text.trim() {
            "all" => Ok(Self::All),
            "admins" => Ok(Self::Admins),
            share => match share.strip_suffix('%').unwrap_or(share).parse() {
                Ok(percent @ 0..=100) => Ok(Self::Percent(percent)),
                _ => Err(RolloutError),
            },
        }
    }

    /// Whether nobody is left out, whoever it is drawn by.
    #[must_use]
    pub fn includes_everybody(self) -> bool {
        matches!(self, Self::All | Self::Percent(100))
    }

    /// Whether this id is in the percentage. A higher percentage never leaves out an id that was in.
    #[must_use]
    pub fn includes(self, role: Role, drawn_by: UserId) -> bool {
        match (self, role) {
            (Self::All, _) | (_, Role::Admin) => true,
            (Self::Admins, Role::Guest | Role::User) => false,
            (Self::Percent(percent), Role::Guest | Role::User) => {
                fnv1a(drawn_by.to_string().as_bytes()) % 100 < u64::from(percent)
            }
        }
    }
}

/// FNV-1a, 64 bit: stable across versions and platforms, which `std`'s hasher does not promise.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_growing_share_keeps_those_who_are_in() {
        let browsers: Vec<UserId> = (0..1000u16)
            .map(|n| UserId::new(Timestamp::UNIX_EPOCH, [n as u8, (n >> 8) as u8, 3, 4, 5, 6, 7, 8, 9, 10]))
            .collect();
        let includes = |percent, browser| Rollout::Percent(percent).includes(Role::Guest, browser);
        let count = |percent| browsers.iter().filter(|browser| includes(percent, **browser)).count();
        assert_eq!((count(0), count(100)), (0, 1000));
        assert!((200..=300).contains(&count(25)), "{}", count(25));
        for browser in browsers {
            let answers: Vec<bool> = (0..=100).map(|percent| includes(percent, browser)).collect();
            assert!(answers.is_sorted(), "{browser} was in and is out again: {answers:?}");
            assert!(Rollout::All.includes(Role::Guest, browser) && Rollout::Admins.includes(Role::Admin, browser));
            assert!(
                !Rollout::Admins.includes(Role::User, browser) && Rollout::Percent(0).includes(Role::Admin, browser)
            );
        }
    }

    #[test]
    fn only_known_words_are_a_rollout() {
        assert_eq!(Rollout::parse("25%"), Ok(Rollout::Percent(25)));
        for text in ["", "some", "101", "-1", "1.5"] {
            assert_eq!(Rollout::parse(text), Err(RolloutError), "{text}");
        }
    }
}
