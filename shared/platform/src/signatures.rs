//! Signatures of keys that are not ours: passkeys.

use async_trait::async_trait;

/// How a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// ECDSA on P-256 with SHA-256. A key is its point, uncompressed (65 bytes), a signature `r` and `s` (64 bytes).
    Es256,
    /// Ed25519 (RFC 8032). A key has 32 bytes, a signature 64.
    Ed25519,
}

/// The runtime has nothing to verify with, or it failed: nothing is said of the signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("signatures cannot be verified: {0}")]
pub struct NotVerified(pub String);

/// Verifies signatures. Asynchronous because WebCrypto's is a promise.
#[async_trait(?Send)]
pub trait Signatures {
    /// Whether `key` has signed `message`. A key or a signature that is none has not.
    ///
    /// # Errors
    /// [`NotVerified`].
    async fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, NotVerified>;

    /// Whether `key` is a key of `algorithm`. Of P-256 it must be a point on the curve; of Ed25519 a runtime may ask for the length alone, for 32 bytes that are
    /// no point verify nothing.
    ///
    /// # Errors
    /// [`NotVerified`].
    async fn is_key(&self, algorithm: SignatureAlgorithm, key: &[u8]) -> Result<bool, NotVerified>;
}

/// For programs that let nobody in by a passkey: what verifies is a weight that they are spared.
#[derive(Clone, Copy, Debug)]
pub struct NoSignatures;

#[async_trait(?Send)]
impl Signatures for NoSignatures {
    async fn verify(&self, _: SignatureAlgorithm, _: &[u8], _: &[u8], _: &[u8]) -> Result<bool, NotVerified> {
        Err(NotVerified("this program has no use for it".to_owned()))
    }

    async fn is_key(&self, _: SignatureAlgorithm, _: &[u8]) -> Result<bool, NotVerified> {
        Err(NotVerified("this program has no use for it".to_owned()))
    }
}
