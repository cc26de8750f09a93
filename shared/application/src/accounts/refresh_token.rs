//! The refresh token: 256 bits that a device shows for its next access token, and that change each time.
//!
//! Its successor is an HMAC of it, so two tabs that ask at the same time, and one that asks again after a lost reply, get the same one. It
//! carries a tag by which one that we never gave is told without a store.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::DeviceId;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// How much of the tag travels, in bytes.
const TAG_BYTES: usize = 16;

/// A device and its secret. It has no `Debug` that shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    device: DeviceId,
    secret: [u8; 32],
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RefreshToken({})", self.device)
    }
}

impl RefreshToken {
    /// The first token of a device.
    pub(super) fn new(device: DeviceId, secret: [u8; 32]) -> Self {
        Self { device, secret }
    }

    /// Whose it is.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        self.device
    }

    /// What is stored of it.
    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.secret).into()
    }

    /// The one that follows it: always the same by the same key.
    pub(super) fn successor(&self, key: &str) -> Self {
        Self { device: self.device, secret: self.mac(key, "edgewise refresh successor") }
    }

    /// As it travels, under a tag by `key`.
    #[must_use]
    pub fn encode(&self, key: &str) -> String {
        let secret = URL_SAFE_NO_PAD.encode(self.secret);
        let tag = self.mac(key, "edgewise refresh tag");
        let tag = URL_SAFE_NO_PAD.encode(tag.get(..TAG_BYTES).unwrap_or_default());
        format!("{}.{secret}.{tag}", self.device)
    }

    /// Reads one that was given under one of these keys; `None` for every other text.
    pub fn parse<'a>(text: &str, keys: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut parts = text.split('.');
        let (device, secret, tag) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let token = Self {
            device: DeviceId::parse(device).ok()?,
            secret: URL_SAFE_NO_PAD.decode(secret).ok()?.try_into().ok()?,
        };
        let tag = URL_SAFE_NO_PAD.decode(tag).ok().filter(|tag| tag.len() == TAG_BYTES)?;
        let fits =
            |key| token.hmac(key, "edgewise refresh tag").is_some_and(|mac| mac.verify_truncated_left(&tag).is_ok());
        keys.into_iter().any(fits).then_some(token)
    }

    fn mac(&self, key: &str, purpose: &str) -> [u8; 32] {
        // HMAC takes keys of every length, so that there is one.
        self.hmac(key, purpose).map(|mac| mac.finalize().into_bytes().into()).unwrap_or_default()
    }

    fn hmac(&self, key: &str, purpose: &str) -> Option<Hmac<Sha256>> {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key.as_bytes()).ok()?;
        mac.update(purpose.as_bytes());
        mac.update(self.device.to_string().as_bytes());
        mac.update(&self.secret);
        Some(mac)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn token() -> RefreshToken {
        RefreshToken::new(DeviceId::new(Timestamp::UNIX_EPOCH, [1; 10]), [7; 32])
    }

    #[test]
    fn the_successor_is_the_same_for_all_who_ask_and_another_for_each_token() {
        let next = token().successor("key");
        assert_eq!(next, token().successor("key"));
        assert_ne!(next, token());
        assert_ne!(next.successor("key"), next);
        assert_ne!(token().successor("other key"), next);
        assert_eq!(next.device(), token().device());
        assert_ne!(next.hash(), token().hash());
    }

    #[test]
    fn only_what_was_given_is_read() {
        let text = token().encode("key");
        assert_eq!(RefreshToken::parse(&text, ["new key", "key"]), Some(token()));
        assert_eq!(RefreshToken::parse(&text, ["new key"]), None);
        let other = RefreshToken::new(token().device(), [8; 32]).encode("key");
        let mixed = format!("{}.{}", text.rsplit_once('.').unwrap().0, other.rsplit_once('.').unwrap().1);
        for wrong in ["", "..", &text[1..], &text[..text.len() - 2], &format!("{text}."), &format!("{text}.x"), &mixed]
        {
            assert_eq!(RefreshToken::parse(wrong, ["key"]), None, "{wrong}");
        }
        assert!(!format!("{:?}", token()).contains("Bwc"), "a token in the log");
    }
}
