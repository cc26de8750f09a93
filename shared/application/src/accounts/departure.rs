//! What a browser carries while its visitor is away at a provider, and then, until the page asks for it, whom that has vouched for.
//!
//! Both are texts under an HMAC, each for a purpose of its own and for some minutes, so that nothing is stored of those who never come back. What a provider is
//! to send back, and what its code is redeemed with, is made of the nonce and a key of ours: who reads the cookie knows neither.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Identity, ProviderId, UserId};
use hmac::Mac;
use infrastructure::providers::VouchedFor;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::App;
use crate::mac::mac;

/// How long somebody may take at a provider: GitHub's own codes live as long.
pub const AWAY: SignedDuration = SignedDuration::from_mins(10);

/// How long a page may take that they come back to. There is work to be done in it where new guests are worked for.
pub const BACK: SignedDuration = SignedDuration::from_mins(5);

const DEPARTURE: &str = "edgewise departure";
const ARRIVAL: &str = "edgewise arrival";

/// What somebody goes to a provider for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Errand {
    /// To come in, whoever they are.
    SignIn,
    /// To add an identity to this account.
    Add(UserId),
}

/// What the two have alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trip {
    pub provider: ProviderId,
    pub errand: Errand,
    /// Hash of what the page keeps that has begun it: no other page ends it.
    page: String,
    ends_at: i64,
    nonce: String,
}

impl Trip {
    pub fn new(app: &App, provider: ProviderId, errand: Errand, page_key: &str) -> Self {
        let nonce = URL_SAFE_NO_PAD.encode(app.fresh_bytes::<16>());
        Self { provider, errand, page: hash(page_key), ends_at: in_a_while(app, AWAY), nonce }
    }

    /// By which it is known that a part of it was done.
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// Whether this is the page that has begun it.
    pub fn is_of_page(&self, key: &str) -> bool {
        // Hashes: how long they are alike tells nothing of a key.
        self.page == hash(key)
    }

    /// As the cookie of one who is away.
    pub fn departure(&self, key: &str) -> String {
        seal(key, DEPARTURE, &self.fields())
    }

    /// Reads such a cookie, and by which of `keys` it is ours.
    pub fn read_departure<'a>(
        text: &str,
        keys: impl IntoIterator<Item = &'a str>,
        now: Timestamp,
    ) -> Option<(Self, &'a str)> {
        let (fields, key) = open(text, keys, DEPARTURE)?;
        let [provider, user, page, ends_at, nonce] = <[String; 5]>::try_from(fields).ok()?;
        Self::parse([provider, user, page, ends_at, nonce], now).map(|trip| (trip, key))
    }

    /// What the provider is to send back, to put into its ID token, and to be shown with the code (43 characters, RFC 7636 §4.1).
    pub fn secrets(&self, key: &str) -> Secrets {
        let made = |purpose| {
            mac(key, purpose, self.nonce.as_bytes()).map(|mac| URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
        };
        let [state, nonce, verifier] = ["edgewise oauth state", "edgewise oauth nonce", "edgewise oauth verifier"]
            .map(|one| made(one).unwrap_or_default());
        Secrets { code_challenge: URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier)), state, nonce, verifier }
    }

    /// Whether this is what the provider was to send back.
    pub fn has_state(&self, key: &str, state: &str) -> bool {
        let mac = mac(key, "edgewise oauth state", self.nonce.as_bytes());
        let told = URL_SAFE_NO_PAD.decode(state).unwrap_or_default();
        mac.is_some_and(|mac| mac.verify_slice(&told).is_ok())
    }

    fn fields(&self) -> Vec<String> {
        let user = match self.errand {
            Errand::SignIn => String::new(),
            Errand::Add(user) => user.to_string(),
        };
        vec![self.provider.name().to_owned(), user, self.page.clone(), self.ends_at.to_string(), self.nonce.clone()]
    }

    fn parse([provider, user, page, ends_at, nonce]: [String; 5], now: Timestamp) -> Option<Self> {
        let errand = match user.as_str() {
            "" => Errand::SignIn,
            user => Errand::Add(UserId::parse(user).ok()?),
        };
        let trip =
            Self { provider: ProviderId::from_name(&provider)?, errand, page, ends_at: ends_at.parse().ok()?, nonce };
        (now.as_second() < trip.ends_at).then_some(trip)
    }
}

/// What is made of a trip's nonce.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secrets {
    pub state: String,
    pub nonce: String,
    pub verifier: String,
    pub code_challenge: String,
}

/// Somebody who is back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arrival {
    pub trip: Trip,
    pub vouched_for: VouchedFor,
}

impl Arrival {
    /// `trip` has ended well. Its nonce is spent: the rest of it has another.
    pub fn new(app: &App, trip: Trip, vouched_for: VouchedFor) -> Self {
        let nonce = URL_SAFE_NO_PAD.encode(app.fresh_bytes::<16>());
        Self { trip: Trip { ends_at: in_a_while(app, BACK), nonce, ..trip }, vouched_for }
    }

    /// As a cookie.
    pub fn encode(&self, key: &str) -> String {
        let VouchedFor { identity, email } = &self.vouched_for;
        let mut fields = self.trip.fields();
        fields.extend([identity.issuer(), identity.subject(), email.as_deref().unwrap_or_default()].map(str::to_owned));
        seal(key, ARRIVAL, &fields)
    }

    /// Reads such a cookie.
    pub fn read<'a>(text: &str, keys: impl IntoIterator<Item = &'a str>, now: Timestamp) -> Option<Self> {
        let (fields, _) = open(text, keys, ARRIVAL)?;
        let [provider, user, page, ends_at, nonce, issuer, subject, email] = <[String; 8]>::try_from(fields).ok()?;
        let trip = Trip::parse([provider, user, page, ends_at, nonce], now)?;
        let identity = Identity::new(&issuer, &subject)?;
        Some(Self { trip, vouched_for: VouchedFor { identity, email: Some(email).filter(|email| !email.is_empty()) } })
    }
}

fn in_a_while(app: &App, life: SignedDuration) -> i64 {
    let now = app.platform.clock.now();
    now.checked_add(life).unwrap_or(now).as_second()
}

fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

/// None of the fields has a line break: they are made of numbers, names, addresses and ASCII.
fn seal(key: &str, purpose: &str, fields: &[String]) -> String {
    let text = fields.join("\n");
    // HMAC takes keys of every length, so that there is one.
    let tag = mac(key, purpose, text.as_bytes()).map(|mac| mac.finalize().into_bytes().to_vec()).unwrap_or_default();
    format!("{}.{}", URL_SAFE_NO_PAD.encode(text), URL_SAFE_NO_PAD.encode(tag))
}

fn open<'a>(text: &str, keys: impl IntoIterator<Item = &'a str>, purpose: &str) -> Option<(Vec<String>, &'a str)> {
    let (fields, tag) = text.split_once('.')?;
    let fields = String::from_utf8(URL_SAFE_NO_PAD.decode(fields).ok()?).ok()?;
    let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
    let is_ours = |key: &&str| mac(key, purpose, fields.as_bytes()).is_some_and(|mac| mac.verify_slice(&tag).is_ok());
    let key = keys.into_iter().find(is_ours)?;
    Some((fields.split('\n').map(str::to_owned).collect(), key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trip(errand: Errand) -> Trip {
        Trip { provider: ProviderId::Oidc, errand, page: hash("page"), ends_at: 1000, nonce: "nonce".to_owned() }
    }

    fn user() -> UserId {
        UserId::new(Timestamp::UNIX_EPOCH, [1; 10])
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn arrival(email: Option<&str>) -> Arrival {
        let identity = Identity::new("https://i.example", "42").unwrap();
        Arrival { trip: trip(Errand::SignIn), vouched_for: VouchedFor { identity, email: email.map(str::to_owned) } }
    }

    #[test]
    fn a_departure_is_ours_until_it_ends() {
        for errand in [Errand::SignIn, Errand::Add(user())] {
            let text = trip(errand).departure("key");
            let read = |text: &str, keys: &[&'static str], second| {
                Trip::read_departure(text, keys.iter().copied(), at(second))
            };
            assert_eq!(read(&text, &["new key", "key"], 999), Some((trip(errand), "key")));
            assert_eq!(read(&text, &["key"], 1000), None, "ended");
            assert_eq!(read(&text, &["other"], 999), None, "another's");
            for end in 0..text.len() {
                assert_eq!(read(&text[..end], &["key"], 999), None, "{end} bytes");
            }
        }
    }

    #[test]
    fn an_arrival_is_no_departure_and_no_departure_is_an_arrival() {
        for email in [None, Some("a@b.example")] {
            let text = arrival(email).encode("key");
            assert_eq!(Arrival::read(&text, ["new key", "key"], at(999)), Some(arrival(email)));
            assert_eq!(Arrival::read(&text, ["key"], at(1000)), None);
            assert_eq!(Arrival::read(&text, ["other"], at(999)), None);
            assert_eq!(Trip::read_departure(&text, ["key"], at(999)), None);
        }
        assert_eq!(Arrival::read(&trip(Errand::SignIn).departure("key"), ["key"], at(999)), None);
    }

    #[test]
    fn what_a_provider_is_given_is_known_by_our_key_and_the_nonce_alone() {
        let made = trip(Errand::SignIn).secrets("key");
        assert_eq!((made.verifier.len(), made.state.len(), made.nonce.len()), (43, 43, 43));
        assert_eq!(made.code_challenge, URL_SAFE_NO_PAD.encode(Sha256::digest(&made.verifier)));
        let others = [
            trip(Errand::SignIn).secrets("other"),
            Trip { nonce: "another".to_owned(), ..trip(Errand::SignIn) }.secrets("key"),
        ];
        for other in others {
            assert!(other.state != made.state && other.nonce != made.nonce && other.verifier != made.verifier);
        }
        assert!(made.state != made.nonce && made.nonce != made.verifier && made.state != made.verifier);
        let trip = trip(Errand::SignIn);
        assert!(trip.has_state("key", &made.state));
        for wrong in ["", "AAAA", &made.nonce, &made.state[1..]] {
            assert!(!trip.has_state("key", wrong), "{wrong}");
        }
        assert!(trip.is_of_page("page") && !trip.is_of_page("other") && !trip.is_of_page(""));
    }
}
