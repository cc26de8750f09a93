//! What a passkey signs, so that its answer is good for one wish, once, for two minutes. Nothing is kept of a challenge until it is answered.

use domain::UserId;
use hmac::{Hmac, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

use super::AccountError;
use crate::App;
use crate::hex::hex;

/// How long somebody may take to answer.
pub const CHALLENGE_LIFE: SignedDuration = SignedDuration::from_mins(2);

/// What an answer is wished for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A new account.
    Register,
    /// Signing in, whoever it is.
    Login,
    /// One more passkey of an account.
    Add,
}

impl Purpose {
    fn byte(self) -> u8 {
        match self {
            Self::Register => 1,
            Self::Login => 2,
            Self::Add => 3,
        }
    }
}

/// A challenge: a purpose, a user, an end and a nonce, under an HMAC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    purpose: Purpose,
    /// Whose passkey it is to be; at a sign-in nobody is known yet.
    user: Option<UserId>,
    ends_at: i64,
    nonce: [u8; 16],
}

const PARTS: usize = 1 + 16 + 8 + 16;

impl Challenge {
    pub fn new(app: &App, purpose: Purpose, user: Option<UserId>) -> Self {
        let now = app.platform.clock.now();
        let ends_at = now.checked_add(CHALLENGE_LIFE).unwrap_or(now).as_second();
        Self { purpose, user, ends_at, nonce: app.fresh_bytes() }
    }

    pub fn user(&self) -> Option<UserId> {
        self.user
    }

    /// By which it is known that it was answered.
    pub fn nonce(&self) -> String {
        hex(&self.nonce)
    }

    /// As it travels.
    pub fn encode(&self, key: &str) -> Vec<u8> {
        let parts = self.parts();
        let mac = hmac(key, &parts).map(|mac| mac.finalize().into_bytes().to_vec());
        [parts.to_vec(), mac.unwrap_or_default()].concat()
    }

    /// Reads one that was made under one of these keys for this purpose and has not ended.
    ///
    /// # Errors
    /// [`AccountError::ChallengeEnded`] for all others, and for what is none.
    pub fn read<'a>(
        bytes: &[u8],
        keys: impl IntoIterator<Item = &'a str>,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Self, AccountError> {
        let (parts, tag) = bytes.split_first_chunk::<PARTS>().ok_or(AccountError::ChallengeEnded)?;
        let is_ours = |key| hmac(key, parts).is_some_and(|mac| mac.verify_slice(tag).is_ok());
        if !keys.into_iter().any(is_ours) {
            return Err(AccountError::ChallengeEnded);
        }
        let (_, parts) = parts.split_at(1);
        let (user, parts) = parts.split_first_chunk::<16>().ok_or(AccountError::ChallengeEnded)?;
        let (ends_at, nonce) = parts.split_first_chunk::<8>().ok_or(AccountError::ChallengeEnded)?;
        let challenge = Self {
            purpose,
            user: (user != &NOBODY).then(|| UserId::from_bytes(*user)),
            ends_at: i64::from_be_bytes(*ends_at),
            nonce: nonce.try_into().map_err(|_| AccountError::ChallengeEnded)?,
        };
        // What was made for another purpose has other parts.
        let is_wished = challenge.parts().as_slice() == bytes.get(..PARTS).unwrap_or_default();
        if is_wished && now.as_second() < challenge.ends_at { Ok(challenge) } else { Err(AccountError::ChallengeEnded) }
    }

    fn parts(&self) -> [u8; PARTS] {
        let mut parts = [0; PARTS];
        let user = self.user.map_or(NOBODY, UserId::to_bytes);
        let all = [&[self.purpose.byte()][..], &user, &self.ends_at.to_be_bytes(), &self.nonce];
        parts.iter_mut().zip(all.into_iter().flatten()).for_each(|(place, byte)| *place = *byte);
        parts
    }
}

const NOBODY: [u8; 16] = [0; 16];

fn hmac(key: &str, parts: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(b"edgewise passkey challenge");
    mac.update(parts);
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_good_for_its_purpose_until_it_ends() {
        let user = UserId::new(Timestamp::UNIX_EPOCH, [1; 10]);
        let now = |second| Timestamp::from_second(second).unwrap();
        for (purpose, user) in [(Purpose::Register, Some(user)), (Purpose::Login, None), (Purpose::Add, Some(user))] {
            let challenge = Challenge { purpose, user, ends_at: 1000, nonce: [7; 16] };
            let bytes = challenge.encode("key");
            let read = |bytes: &[u8], keys: &[&str], purpose, second| {
                Challenge::read(bytes, keys.iter().copied(), purpose, now(second)).ok()
            };
            assert_eq!(read(&bytes, &["new key", "key"], purpose, 999), Some(challenge));
            assert_eq!(read(&bytes, &["key"], purpose, 1000), None, "ended");
            assert_eq!(read(&bytes, &["other"], purpose, 999), None, "another's");
            for other in [Purpose::Register, Purpose::Login, Purpose::Add] {
                assert_eq!(read(&bytes, &["key"], other, 999).is_some(), other == purpose, "{other:?}");
            }
            for at in 0..bytes.len() {
                let mut changed = bytes.clone();
                changed[at] ^= 1;
                assert_eq!(read(&changed, &["key"], purpose, 999), None, "{at}");
                assert_eq!(read(&bytes[..at], &["key"], purpose, 999), None, "{at} bytes");
            }
        }
    }
}
