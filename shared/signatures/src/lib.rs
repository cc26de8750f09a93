//! Signatures of passkeys, verified in Rust: for runtimes that have nothing of their own for it.

use async_trait::async_trait;
use ed25519_dalek::VerifyingKey as Ed25519Key;
use p256::ecdsa::VerifyingKey as P256Key;
use p256::ecdsa::signature::Verifier;
use platform::{NotVerified, SignatureAlgorithm, Signatures};

/// `p256` and `ed25519-dalek`.
#[derive(Clone, Copy, Debug)]
pub struct InRust;

#[async_trait(?Send)]
impl Signatures for InRust {
    async fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, NotVerified> {
        let is_signed = match algorithm {
            SignatureAlgorithm::Es256 => es256(key, message, signature),
            SignatureAlgorithm::Ed25519 => ed25519(key, message, signature),
        };
        Ok(is_signed.is_some())
    }

    async fn is_key(&self, algorithm: SignatureAlgorithm, key: &[u8]) -> Result<bool, NotVerified> {
        Ok(match algorithm {
            SignatureAlgorithm::Es256 => p256_key(key).is_some(),
            SignatureAlgorithm::Ed25519 => ed25519_key(key).is_some(),
        })
    }
}

fn p256_key(key: &[u8]) -> Option<P256Key> {
    P256Key::from_sec1_bytes(key).ok()
}

fn ed25519_key(key: &[u8]) -> Option<Ed25519Key> {
    Ed25519Key::from_bytes(key.try_into().ok()?).ok()
}

fn es256(key: &[u8], message: &[u8], signature: &[u8]) -> Option<()> {
    let key = p256_key(key)?;
    key.verify(message, &p256::ecdsa::Signature::from_slice(signature).ok()?).ok()
}

fn ed25519(key: &[u8], message: &[u8], signature: &[u8]) -> Option<()> {
    let key = ed25519_key(key)?;
    // Strictly: a key of small order would be fit by one signature for every message.
    key.verify_strict(message, &ed25519_dalek::Signature::from_slice(signature).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use sha2::{Digest, Sha256};
    use wire::webauthn::{AuthenticatorData, PublicKey, ecdsa_signature};

    use super::*;

    /// A value of the specification's vectors.
    fn vector(name: &str, value: &str) -> Vec<u8> {
        let line = format!("{name} {value} ");
        let mut lines = include_str!("../../wire/src/webauthn/vectors.txt").lines();
        let hex = lines.find_map(|known| known.strip_prefix(&line)).unwrap();
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    fn is_signed(algorithm: SignatureAlgorithm, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
        block_on(InRust.verify(algorithm, key, message, signature)).unwrap()
    }

    #[test]
    fn the_vectors_of_the_specification_are_signed_and_nothing_that_was_changed() {
        for name in ["none_es256", "packed_self_es256", "none_es256_long_credential_id", "apple_es256", "packed_eddsa"]
        {
            let made = AuthenticatorData::of_attestation(&vector(name, "register.attestation_object")).unwrap();
            let key = made.credential.unwrap().key;
            let (algorithm, signature) = match key {
                PublicKey::Es256(_) => {
                    (SignatureAlgorithm::Es256, ecdsa_signature(&vector(name, "sign_in.signature")).unwrap().to_vec())
                }
                PublicKey::Ed25519(_) => (SignatureAlgorithm::Ed25519, vector(name, "sign_in.signature")),
            };
            let client_data = Sha256::digest(vector(name, "sign_in.client_data"));
            let message = [vector(name, "sign_in.authenticator_data"), client_data.to_vec()].concat();
            assert!(is_signed(algorithm, key.as_bytes(), &message, &signature), "{name}");
            let changed = |bytes: &[u8], at: usize| {
                let mut bytes = bytes.to_vec();
                bytes[at] ^= 1;
                bytes
            };
            for at in [0, 31, 63] {
                assert!(!is_signed(algorithm, key.as_bytes(), &message, &changed(&signature, at)), "{name} {at}");
            }
            assert!(!is_signed(algorithm, key.as_bytes(), &changed(&message, 33), &signature), "{name}");
            assert!(!is_signed(algorithm, &changed(key.as_bytes(), 9), &message, &signature), "{name}");
            assert!(!is_signed(algorithm, key.as_bytes(), &message, &signature[1..]), "{name}");
            assert!(!is_signed(algorithm, &key.as_bytes()[1..], &message, &signature), "{name}");
        }
    }

    fn is_key(algorithm: SignatureAlgorithm, key: &[u8]) -> bool {
        block_on(InRust.is_key(algorithm, key)).unwrap()
    }

    #[test]
    fn a_key_is_a_point_on_its_curve() {
        for (name, algorithm) in
            [("none_es256", SignatureAlgorithm::Es256), ("packed_eddsa", SignatureAlgorithm::Ed25519)]
        {
            let made = AuthenticatorData::of_attestation(&vector(name, "register.attestation_object")).unwrap();
            let key = made.credential.unwrap().key.as_bytes().to_vec();
            assert!(is_key(algorithm, &key), "{name}");
            assert!(!is_key(algorithm, &key[1..]), "{name}");
            // About half of all numbers belong to a point of Ed25519, none of those beside one to a point of P-256.
            let beside = (0..=255_u8).map(|byte| [&key[..key.len() - 1], &[byte]].concat());
            let points = beside.filter(|key| is_key(algorithm, key)).count();
            assert!(if algorithm == SignatureAlgorithm::Es256 { points == 1 } else { (64..192).contains(&points) });
        }
    }

    /// What is read of a passkey, whichever runtime reads it.
    #[test]
    fn no_key_of_small_order_is_read_and_all_that_are_not_read_are_of_small_order() {
        let read = |key: &[u8]| {
            let cose = [b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20", key].concat();
            let data = [&[0; 32][..], &[0x41], &[0; 4], &[0; 16], &[0, 1, 9], &cose].concat();
            AuthenticatorData::parse(&data).is_ok()
        };
        // Every multiple of a point of order eight, by the curve's own arithmetic, and what else is spelled like one.
        let hex = |text: &str| -> [u8; 32] {
            std::array::from_fn(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
        };
        let ends = ["ec", "ed", "ee"].map(|first| hex(&format!("{first}{}7f", "ff".repeat(30))));
        let small = ["00", "01"].map(|first| hex(&format!("{first}{}", "00".repeat(31))));
        let eighth = [
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        ]
        .map(hex);
        let mut weak = 0;
        for key in ends.into_iter().chain(small).chain(eighth) {
            for sign in [0, 0x80] {
                let mut key = key;
                key[31] |= sign;
                assert!(!read(&key), "{key:02x?}");
                // Of spellings that are no point nothing more is to be said.
                weak += u32::from(ed25519_key(&key).is_some_and(|key| key.is_weak()));
            }
        }
        assert!(weak >= 8, "all eight are among them: {weak}");
        for seed in 0..=255 {
            let key = Ed25519Key::from(&ed25519_dalek::SigningKey::from_bytes(&[seed; 32]));
            assert!(read(key.as_bytes()), "{seed}");
        }
    }

    /// The neutral element as a key: for it `s = 0` and `R` neutral would fit every message.
    #[test]
    fn a_key_of_small_order_signs_nothing() {
        let mut key = [0; 32];
        key[0] = 1;
        let mut signature = [0; 64];
        signature[0] = 1;
        assert!(!is_signed(SignatureAlgorithm::Ed25519, &key, b"anything", &signature));
    }
}
