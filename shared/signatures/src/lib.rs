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
}

fn es256(key: &[u8], message: &[u8], signature: &[u8]) -> Option<()> {
    let key = P256Key::from_sec1_bytes(key).ok()?;
    key.verify(message, &p256::ecdsa::Signature::from_slice(signature).ok()?).ok()
}

fn ed25519(key: &[u8], message: &[u8], signature: &[u8]) -> Option<()> {
    let key = Ed25519Key::from_bytes(key.try_into().ok()?).ok()?;
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
