//! What is sealed under one of the page's secrets, told apart by what it is for.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The MAC of `of`, for one purpose alone: a seal of another one never fits. HMAC takes keys of any length, so there always is one.
pub(crate) fn mac(secret: &str, purpose: &str, of: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(secret.as_bytes()).ok()?;
    for part in [purpose.as_bytes(), &[0], of] {
        mac.update(part);
    }
    Some(mac)
}
