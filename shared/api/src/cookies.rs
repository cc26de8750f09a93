//! Cookies of the accounts: for their own routes, unreadable for scripts, never sent by another site.

use http::{HeaderMap, HeaderValue, header};

/// The refresh token of a device.
pub(crate) const REFRESH: &str = "__Secure-r";

/// What a browser has kept of a sign-in: its tries are counted apart from those of strangers.
pub(crate) const KNOWN: &str = "__Secure-k";

/// What a browser carries to a provider and back. It is for the whole host, so that no other one, not even of the same domain, can put it there (`__Host-`).
pub(crate) const TRIP: &str = "__Host-p";

/// With which requests [`TRIP`] is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SentFrom {
    /// Also when another site sends a browser here: that is how a provider does.
    LinksToo,
    /// With what our page asks for.
    ThePageAlone,
}

pub(crate) const YEAR_SECONDS: i64 = 365 * 24 * 60 * 60;

/// The value of a cookie, if it is there.
pub(crate) fn read<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == wanted).map(|(_, value)| value)
}

/// Has the browser keep a cookie for so long.
pub(crate) fn set(answered: &mut HeaderMap, name: &str, value: &str, seconds: i64) {
    let cookie = format!("{name}={value}; Path=/api/v1/auth; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        answered.append(header::SET_COOKIE, cookie);
    }
}

/// Has the browser carry this for so long.
pub(crate) fn set_trip(answered: &mut HeaderMap, value: &str, seconds: i64, sent: SentFrom) {
    let same_site = match sent {
        SentFrom::LinksToo => "Lax",
        SentFrom::ThePageAlone => "Strict",
    };
    let cookie = format!("{TRIP}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite={same_site}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        answered.append(header::SET_COOKIE, cookie);
    }
}

/// Has the browser forget it.
pub(crate) fn forget_trip(answered: &mut HeaderMap) {
    set_trip(answered, "", 0, SentFrom::ThePageAlone);
}

/// Has the browser forget a cookie.
pub(crate) fn forget(answered: &mut HeaderMap, name: &str) {
    set(answered, name, "", 0);
}
