//! A browser that has signed in to an account before: it is counted apart, so that nobody's tries lock the owner out.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{DeviceId, LoginName};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::App;

/// What tells one such browser from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownBrowser(String);

impl KnownBrowser {
    /// One that has just signed in.
    #[must_use]
    pub fn new(app: &App) -> Self {
        Self(URL_SAFE_NO_PAD.encode(app.fresh_bytes::<12>()))
    }

    /// One that shows a device's token: it has signed in.
    #[must_use]
    pub fn of_device(device: DeviceId) -> Self {
        Self(device.to_string())
    }

    /// What counts its tries apart.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As the browser keeps it.
    #[must_use]
    pub fn encode(&self, key: &str, login: &LoginName) -> String {
        let mac = self.mac(key, login).map(|mac| URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
        format!("{}.{}", self.0, mac.unwrap_or_default())
    }

    /// Reads what was kept of a sign-in to this account; `None` for every other text.
    #[must_use]
    pub fn parse(text: &str, key: &str, login: &LoginName) -> Option<Self> {
        let (known, mac) = text.split_once('.')?;
        let known = Self(known.to_owned());
        known.mac(key, login)?.verify_slice(&URL_SAFE_NO_PAD.decode(mac).ok()?).ok()?;
        Some(known)
    }

    fn mac(&self, key: &str, login: &LoginName) -> Option<Hmac<Sha256>> {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key.as_bytes()).ok()?;
        for part in ["edgewise known browser", &self.0, login.as_str()] {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        Some(mac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_known_to_the_account_that_it_has_signed_in_to() {
        let login = |text| LoginName::parse(text).unwrap();
        let (jo, al) = (login("jo@example.org"), login("al@example.org"));
        let known = KnownBrowser("abc".to_owned());
        let kept = known.encode("key", &jo);
        assert_eq!(KnownBrowser::parse(&kept, "key", &jo), Some(known));
        assert_eq!(KnownBrowser::parse(&kept, "key", &al), None);
        assert_eq!(KnownBrowser::parse(&kept, "other", &jo), None);
        assert_eq!(KnownBrowser::parse(&kept.replacen('a', "b", 1), "key", &jo), None);
    }
}
