//! Proof of work: what a client is asked for where its address has had much already (docs/proof-of-work.md).
//!
//! A challenge is kept nowhere: it contains its time and its bits, under a MAC with the address that it is for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use infrastructure::redis::{Address, PROOF_LIFE, Proof};
use sha2::{Digest, Sha256};

use crate::App;

/// How long a challenge can be answered, in seconds: a phone that sleeps in between should still be in time. Its nonce is remembered for longer,
/// so that it is taken once.
const LIFETIME_SECS: i64 = PROOF_LIFE.as_secs() as i64 - 60;

/// What is to be done before the same request succeeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkAsked {
    /// What the work is done on.
    pub challenge: String,
    /// How many zero bits the hash of `<challenge>.<n>` must begin with.
    pub bits: u32,
}

/// Asks `address` for work.
pub(crate) fn ask(app: &App, address: &Address, bits: u32) -> WorkAsked {
    let mut nonce = [0; 12];
    app.platform.random.fill(&mut nonce);
    let made = app.platform.clock.now().as_second();
    WorkAsked { challenge: challenge(&app.config.jwt_secret, address, made, bits, nonce), bits }
}

/// The work in `proof`, `<challenge>.<n>`; `None`: it is not what this address was asked for, too late, or not done.
pub(crate) fn check(app: &App, address: &Address, proof: &str) -> Option<Proof> {
    verified(&app.config.jwt_secret, address, app.platform.clock.now().as_second(), proof)
}

fn challenge(secret: &str, address: &Address, made: i64, bits: u32, nonce: [u8; 12]) -> String {
    let facts = format!("{made}.{bits}.{}", URL_SAFE_NO_PAD.encode(nonce));
    // HMAC takes keys of every length, so that there is one.
    let mac = mac(secret, address, &facts).map(|mac| URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
    format!("{facts}.{}", mac.unwrap_or_default())
}

fn verified(secret: &str, address: &Address, now: i64, proof: &str) -> Option<Proof> {
    let (challenge, _) = proof.rsplit_once('.')?;
    let (facts, sent) = challenge.rsplit_once('.')?;
    let sent = URL_SAFE_NO_PAD.decode(sent).ok()?;
    mac(secret, address, facts)?.verify_slice(&sent).ok()?;
    // The facts are our own from here on.
    let mut facts = facts.split('.');
    let made: i64 = facts.next()?.parse().ok()?;
    let bits: u32 = facts.next()?.parse().ok()?;
    let nonce = facts.next()?.to_owned();
    let is_done = leading_zeros(&Sha256::digest(proof)) >= bits;
    (now - made <= LIFETIME_SECS && is_done).then_some(Proof { nonce, bits })
}

fn mac(secret: &str, address: &Address, facts: &str) -> Option<Hmac<Sha256>> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(secret.as_bytes()).ok()?;
    for part in ["edgewise work", &address.pool, &address.net, facts] {
        mac.update(part.as_bytes());
        mac.update(&[0]);
    }
    Some(mac)
}

fn leading_zeros(hash: &[u8]) -> u32 {
    let mut zeros = 0;
    for byte in hash {
        zeros += byte.leading_zeros();
        if *byte != 0 {
            break;
        }
    }
    zeros
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_of_its_address_its_time_and_its_work() {
        let address = |pool: &str| Address { pool: pool.to_owned(), net: String::new() };
        let challenge = challenge("secret", &address("here"), 1_000, 8, [7; 12]);
        let verified = |pool, now, proof: &str| verified("secret", &address(pool), now, proof);
        let proofs = (0..).map(|number| format!("{challenge}.{number}"));
        let (done, undone): (Vec<_>, Vec<_>) =
            proofs.take(2_000).partition(|proof| Sha256::digest(proof.as_bytes())[0] == 0);
        let proof = Some(Proof { nonce: "BwcHBwcHBwcHBwcH".to_owned(), bits: 8 });
        assert_eq!(verified("here", 1_000, &done[0]), proof);
        assert_eq!(verified("here", 1_600, &done[0]), proof);
        assert_eq!(verified("here", 1_601, &done[0]), None);
        assert_eq!(verified("there", 1_000, &done[0]), None);
        assert_eq!(verified("here", 1_000, &undone[0]), None);
        let altered = done[0].replacen("1000.8.", "1000.0.", 1);
        assert_eq!(verified("here", 1_000, &altered), None);
        for nothing in ["", ".", "....", &challenge] {
            assert_eq!(verified("here", 1_000, nothing), None, "{nothing}");
        }
    }

    #[test]
    fn leading_zeros_are_those_of_all_bytes() {
        assert_eq!(leading_zeros(&[0x80]), 0);
        assert_eq!(leading_zeros(&[0x01, 0xff]), 7);
        assert_eq!(leading_zeros(&[0, 0, 0x10]), 19);
        assert_eq!(leading_zeros(&[0, 0]), 16);
    }
}
