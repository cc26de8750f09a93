//! An API key as a program shows it: `ew_` and 32 digits of base 62, which say whose it is and carry a secret.
//!
//! The first 21 digits are the user's id without the bits that all ids have in common, the other 11 a nonce of 33 bits and a tag over both of 32: who invents a key
//! has to guess 65 bits, and one guess of 2^32 gets as far as a store. No part of the secret is kept in the clear, so keys are told apart by their names.

use std::fmt;

use domain::UserId;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// By which a key is told from a token.
pub const API_KEY_PREFIX: &str = "ew_";

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const USER_DIGITS: usize = 21;
const SECRET_DIGITS: usize = 11;

/// Bits of a nonce.
const NONCE_BITS: u32 = 33;
const TAG_BYTES: usize = 4;

/// Bits of an id after its version, and after its variant (RFC 9562 §5.7).
const RAND_A_BITS: u32 = 12;
const RAND_B_BITS: u32 = 62;

/// A user and a secret. It has no `Debug` that shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownApiKey {
    user: UserId,
    text: String,
}

impl fmt::Debug for ShownApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ShownApiKey({})", self.user)
    }
}

impl ShownApiKey {
    /// A new key of `user`'s, under a tag by `key`.
    pub(super) fn new(user: UserId, random: [u8; 8], key: &str) -> Self {
        let nonce = u64::from_be_bytes(random) % (1 << NONCE_BITS);
        // HMAC takes keys of every length, so that there is one.
        let tag: [u8; 32] = hmac(user, nonce, key).map(|mac| mac.finalize().into_bytes().into()).unwrap_or_default();
        let tag = tag.iter().take(TAG_BYTES).fold(0, |tag, byte| tag << 8 | u128::from(*byte));
        let secret = u128::from(nonce) << (8 * TAG_BYTES) | tag;
        let (user_digits, secret) = (digits(packed(user), USER_DIGITS), digits(secret, SECRET_DIGITS));
        Self { user, text: format!("{API_KEY_PREFIX}{user_digits}{secret}") }
    }

    /// Reads one that was made under one of these keys; `None` for every other text.
    pub(super) fn parse<'a>(text: &str, keys: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let digits = text.strip_prefix(API_KEY_PREFIX)?;
        if digits.len() != USER_DIGITS + SECRET_DIGITS {
            return None;
        }
        let (user, secret) = digits.split_at_checked(USER_DIGITS)?;
        let (user, secret) = (unpacked(number(user)?)?, number(secret)?);
        let nonce = u64::try_from(secret >> (8 * TAG_BYTES)).ok().filter(|nonce| *nonce < 1 << NONCE_BITS)?;
        let tag = u32::try_from(secret & u128::from(u32::MAX)).ok()?.to_be_bytes();
        let fits = |key| hmac(user, nonce, key).is_some_and(|mac| mac.verify_truncated_left(&tag).is_ok());
        keys.into_iter().any(fits).then(|| Self { user, text: text.to_owned() })
    }

    /// Whose it says that it is.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.user
    }

    /// As its owner is shown it, once.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// By which it is known.
    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.text).into()
    }
}

fn hmac(user: UserId, nonce: u64, key: &str) -> Option<Hmac<Sha256>> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(b"edgewise api key");
    mac.update(&user.to_bytes());
    mac.update(&nonce.to_be_bytes());
    Some(mac)
}

/// The 122 bits of an id that are its own.
fn packed(user: UserId) -> u128 {
    let id = u128::from_be_bytes(user.to_bytes());
    let (millis, rand_a, rand_b) = (id >> 80, id >> 64 & low(RAND_A_BITS), id & low(RAND_B_BITS));
    (millis << RAND_A_BITS | rand_a) << RAND_B_BITS | rand_b
}

fn unpacked(number: u128) -> Option<UserId> {
    let (rand_a, rand_b) = (number >> RAND_B_BITS & low(RAND_A_BITS), number & low(RAND_B_BITS));
    let millis = number >> (RAND_A_BITS + RAND_B_BITS);
    let id = millis << 80 | 7 << 76 | rand_a << 64 | 2 << 62 | rand_b;
    (millis <= low(48)).then(|| UserId::from_bytes(id.to_be_bytes()))
}

fn low(bits: u32) -> u128 {
    (1 << bits) - 1
}

fn digits(mut number: u128, count: usize) -> String {
    let mut text = vec!['0'; count];
    for place in text.iter_mut().rev() {
        let digit = usize::try_from(number % 62).unwrap_or_default();
        *place = DIGITS.get(digit).copied().map_or('0', char::from);
        number /= 62;
    }
    text.into_iter().collect()
}

/// The number of at most 21 digits: there is room for it.
fn number(digits: &str) -> Option<u128> {
    digits.bytes().try_fold(0, |number: u128, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            b'a'..=b'z' => byte - b'a' + 36,
            _ => return None,
        };
        number.checked_mul(62)?.checked_add(u128::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn user() -> UserId {
        UserId::new(Timestamp::from_millisecond(1_795_000_000_000).unwrap(), [0xab; 10])
    }

    #[test]
    fn a_key_says_whose_it_is_and_looks_as_it_is_said_to() {
        for random in [[0; 8], [255; 8], [1, 2, 3, 4, 5, 6, 7, 8]] {
            for user in [user(), UserId::new(Timestamp::UNIX_EPOCH, [0; 10]), UserId::new(Timestamp::MAX, [255; 10])] {
                let made = ShownApiKey::new(user, random, "key");
                let text = made.text().strip_prefix("ew_").unwrap();
                assert!(text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{text}");
                let read = ShownApiKey::parse(made.text(), ["new key", "key"]).unwrap();
                assert_eq!((read.user(), read.hash()), (user, made.hash()));
            }
        }
        let (one, other) = (ShownApiKey::new(user(), [1; 8], "key"), ShownApiKey::new(user(), [2; 8], "key"));
        assert_ne!(one.hash(), other.hash());
        assert!(!format!("{one:?}").contains(one.text()), "a key in the log");
    }

    #[test]
    fn what_was_not_made_here_is_told_without_a_store() {
        let text = ShownApiKey::new(user(), [7; 8], "key").text;
        assert!(ShownApiKey::parse(&text, ["other key"]).is_none());
        // Each digit counts.
        for at in 3..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'5' { b'6' } else { b'5' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(ShownApiKey::parse(&changed, ["key"]).is_none(), "{changed}");
        }
        let long = format!("{text}0");
        let wide = format!("ew_{}", "z".repeat(32));
        let odd = format!("ew_{}", "ä".repeat(16));
        for wrong in ["", "ew_", &text[3..], &text[..text.len() - 1], &long, &wide, &odd, &text.replace("ew_", "EW_")] {
            assert!(ShownApiKey::parse(wrong, ["key"]).is_none(), "{wrong}");
        }
    }
}
