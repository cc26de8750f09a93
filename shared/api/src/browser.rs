//! The browser that asks, told apart from others while the chat is rolled out to a percentage.
//!
//! A guest's id would be no measure: a visitor who is out could take a new one until it is in. So the draw goes by a cookie that outlives
//! guests. It holds the id of the browser's first guest, by which that guest is drawn without the cookie, too: nobody's answer changes when
//! it is set. It is not signed, for it opens nothing that a patient visitor could not draw; it is set only while there is a percentage.
//! A client without cookies (a program, a page of another origin) is drawn by its guest's id.

use domain::{Role, Rollout, User, UserId};
use http::{HeaderMap, HeaderValue, header};

const NAME: &str = "edgewise_browser";

/// A year, renewed with each new token.
const LIFETIME_SECONDS: u32 = 365 * 24 * 60 * 60;

/// By what `user` is drawn: guests by their browser, accounts by themselves on every device.
pub(crate) fn drawn_by(headers: &HeaderMap, user: &User) -> UserId {
    match user.role {
        Role::Guest => known(headers).unwrap_or(user.id),
        Role::User | Role::Admin => user.id,
    }
}

/// The browser, if it has been here before.
pub(crate) fn known(headers: &HeaderMap) -> Option<UserId> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == NAME).and_then(|(_, value)| UserId::parse(value).ok())
}

/// Has the browser of `guest` remembered, if that matters.
pub(crate) fn remember(answered: &mut HeaderMap, rollout: Rollout, asked: Option<UserId>, guest: &User) {
    match rollout {
        Rollout::Percent(_) => {}
        Rollout::All | Rollout::Admins => return,
    }
    let browser = asked.unwrap_or(guest.id);
    let cookie = format!("{NAME}={browser}; Path=/api/v1; Max-Age={LIFETIME_SECONDS}; Secure; HttpOnly; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        answered.append(header::SET_COOKIE, cookie);
    }
}
