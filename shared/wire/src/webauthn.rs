//! Passkeys as browsers hand them on (Web Authentication Level 3, <https://www.w3.org/TR/webauthn-3/>): client data, authenticator data, public keys
//! and signatures.
//!
//! It reads what is there and judges nothing: whether challenge, origin and flags are the right ones is for others to say. An attestation, of
//! whatever format, is read past: nobody here asks who has made an authenticator.

mod cbor;
mod signature;
#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use self::cbor::{Reader, Value};

pub use signature::ecdsa_signature;

/// COSE's number of ECDSA on P-256 with SHA-256 (RFC 9053 §2.1).
pub const ES256: i64 = -7;

/// COSE's number of EdDSA (RFC 9053 §2.2), here on Ed25519 alone.
pub const EDDSA: i64 = -8;

/// The longest credential id there is (§4, "Credential ID").
pub const LONGEST_ID: usize = 1023;

/// Why something cannot be read. Each is of another part of what a browser sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebauthnError {
    /// The client data are no JSON of the known shape.
    #[error("the client data cannot be read")]
    ClientData,
    /// The attestation object is no CBOR of the known shape.
    #[error("the attestation object cannot be read")]
    Attestation,
    /// The authenticator's data are cut off, or have something behind them.
    #[error("the authenticator's data cannot be read")]
    AuthenticatorData,
    /// The key is of an algorithm that is not known here, by COSE's number: -257 is RS256.
    #[error("the key's algorithm is {0}")]
    UnsupportedAlgorithm(i64),
    /// The key is not one of its algorithm's.
    #[error("the public key cannot be read")]
    Key,
}

/// What the browser was asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ceremony {
    /// Make a key.
    Create,
    /// Sign with one.
    Get,
}

/// What the browser has seen (§5.8.1). It is signed, by its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientData {
    /// What it was asked to do.
    pub ceremony: Ceremony,
    /// By which challenge.
    pub challenge: Vec<u8>,
    /// By which page.
    pub origin: String,
    /// Whether that page stood in a frame of another origin's.
    pub is_cross_origin: bool,
}

impl ClientData {
    /// Reads the JSON; fields that are not known are none of ours.
    ///
    /// # Errors
    /// [`WebauthnError::ClientData`].
    pub fn parse(json: &[u8]) -> Result<Self, WebauthnError> {
        #[derive(Deserialize)]
        struct Collected {
            #[serde(rename = "type")]
            kind: String,
            challenge: String,
            origin: String,
            #[serde(rename = "crossOrigin", default)]
            is_cross_origin: bool,
        }
        let read: Collected = serde_json::from_slice(json).map_err(|_| WebauthnError::ClientData)?;
        let ceremony = match read.kind.as_str() {
            "webauthn.create" => Ceremony::Create,
            "webauthn.get" => Ceremony::Get,
            _ => return Err(WebauthnError::ClientData),
        };
        let challenge = URL_SAFE_NO_PAD.decode(&read.challenge).map_err(|_| WebauthnError::ClientData)?;
        Ok(Self { ceremony, challenge, origin: read.origin, is_cross_origin: read.is_cross_origin })
    }
}

/// A public key in its algorithm's shortest usual form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// A point of P-256, uncompressed (SEC 1 §2.3.3). Whether it lies on the curve is not known.
    Es256([u8; 65]),
    /// A key of RFC 8032.
    Ed25519([u8; 32]),
}

impl PublicKey {
    /// COSE's number of its algorithm.
    #[must_use]
    pub fn algorithm(&self) -> i64 {
        match self {
            Self::Es256(_) => ES256,
            Self::Ed25519(_) => EDDSA,
        }
    }

    /// The key itself.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Es256(bytes) => bytes,
            Self::Ed25519(bytes) => bytes,
        }
    }

    /// Puts a key together that was kept as number and bytes; `None` for what is none.
    #[must_use]
    pub fn from_parts(algorithm: i64, bytes: &[u8]) -> Option<Self> {
        match algorithm {
            ES256 => bytes.try_into().ok().map(Self::Es256),
            EDDSA => bytes.try_into().ok().map(Self::Ed25519),
            _ => None,
        }
    }

    /// A COSE key (RFC 9052 §7), as far as the two algorithms go.
    fn read(reader: &mut Reader<'_>) -> Result<Self, WebauthnError> {
        const KEY: WebauthnError = WebauthnError::Key;
        const EC2: i64 = 2;
        const OKP: i64 = 1;
        const P256: i64 = 1;
        const CURVE_25519: i64 = 6;
        let (mut kind, mut algorithm, mut curve, mut x, mut y) = (None, None, None, None, None);
        for _ in 0..reader.map().ok_or(KEY)? {
            let label = reader.integer().ok_or(KEY)?;
            match (label, reader.value().ok_or(KEY)?) {
                (1, Value::Integer(number)) => kind = Some(number),
                (3, Value::Integer(number)) => algorithm = Some(number),
                (-1, Value::Integer(number)) => curve = Some(number),
                (-2, Value::Bytes(bytes)) => x = Some(bytes),
                (-3, Value::Bytes(bytes)) => y = Some(bytes),
                // RSA's numbers, and what only other kinds of keys have.
                (_, Value::Integer(_) | Value::Bytes(_) | Value::Other) => {}
            }
        }
        let coordinate = |bytes: Option<&[u8]>| -> Result<[u8; 32], WebauthnError> {
            bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(KEY)
        };
        match (algorithm.ok_or(KEY)?, kind, curve) {
            (ES256, Some(EC2), Some(P256)) => {
                let mut point = [4; 65];
                let numbers = coordinate(x)?.into_iter().chain(coordinate(y)?);
                point.iter_mut().skip(1).zip(numbers).for_each(|(place, byte)| *place = byte);
                Ok(Self::Es256(point))
            }
            (EDDSA, Some(OKP), Some(CURVE_25519)) => match coordinate(x)? {
                key if is_of_small_order(&key) => Err(KEY),
                key => Ok(Self::Ed25519(key)),
            },
            (ES256 | EDDSA, _, _) => Err(KEY),
            (other, _, _) => Err(WebauthnError::UnsupportedAlgorithm(other)),
        }
    }
}

/// Whether a key of Ed25519 is one of the eight points of small order, in whatever spelling: one signature would fit all that is signed by it.
///
/// These are the numbers `y` of them, least byte first; the highest bit is the sign of `x`. The last two are the first two again, spelled with a number above the field's.
fn is_of_small_order(key: &[u8; 32]) -> bool {
    const MOST: u8 = 0xff;
    const fn near_the_end(first: u8) -> [u8; 32] {
        let mut y = [MOST; 32];
        y[0] = first;
        y[31] = 0x7f;
        y
    }
    const fn small(first: u8) -> [u8; 32] {
        let mut y = [0; 32];
        y[0] = first;
        y
    }
    const OF_SMALL_ORDER: [[u8; 32]; 7] = [
        small(0),
        small(1),
        near_the_end(0xec),
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
            0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
            0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
        ],
        near_the_end(0xed),
        near_the_end(0xee),
    ];
    let mut y = *key;
    y[31] &= 0x7f;
    OF_SMALL_ORDER.contains(&y)
}

/// A key that an authenticator has just made (§6.5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCredential {
    /// By which the authenticator knows it.
    pub id: Vec<u8>,
    /// What its signatures are verified by.
    pub key: PublicKey,
}

/// What an authenticator says (§6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticatorData {
    /// SHA-256 of the relying party's id.
    pub rp_id_hash: [u8; 32],
    /// Somebody was there.
    pub is_user_present: bool,
    /// It was the owner, by a PIN or a finger.
    pub is_user_verified: bool,
    /// The key may be kept in more places than one.
    pub is_backup_eligible: bool,
    /// The key is kept in more places than one.
    pub is_backed_up: bool,
    /// How often it has signed, or zero.
    pub sign_count: u32,
    /// The key that it has made.
    pub credential: Option<NewCredential>,
}

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const HAS_CREDENTIAL: u8 = 1 << 6;
const HAS_EXTENSIONS: u8 = 1 << 7;

impl AuthenticatorData {
    /// Reads all of it: nothing may stand behind.
    ///
    /// # Errors
    /// [`WebauthnError::AuthenticatorData`], and for the key of a credential [`WebauthnError::Key`] and [`WebauthnError::UnsupportedAlgorithm`].
    pub fn parse(bytes: &[u8]) -> Result<Self, WebauthnError> {
        const CUT_OFF: WebauthnError = WebauthnError::AuthenticatorData;
        let mut reader = Reader::new(bytes);
        let rp_id_hash = reader.array().ok_or(CUT_OFF)?;
        let [flags] = reader.array().ok_or(CUT_OFF)?;
        let sign_count = u32::from_be_bytes(reader.array().ok_or(CUT_OFF)?);
        let has = |flag: u8| flags & flag != 0;
        let credential = match has(HAS_CREDENTIAL) {
            false => None,
            true => {
                // The model of the authenticator, which may be told or not.
                let [..]: [u8; 16] = reader.array().ok_or(CUT_OFF)?;
                let length = u16::from_be_bytes(reader.array().ok_or(CUT_OFF)?).into();
                let id = reader.take(length).filter(|id| (1..=LONGEST_ID).contains(&id.len())).ok_or(CUT_OFF)?;
                Some(NewCredential { id: id.to_vec(), key: PublicKey::read(&mut reader)? })
            }
        };
        if has(HAS_EXTENSIONS) {
            reader.value().ok_or(CUT_OFF)?;
        }
        if !reader.is_at_end() {
            return Err(CUT_OFF);
        }
        Ok(Self {
            rp_id_hash,
            is_user_present: has(USER_PRESENT),
            is_user_verified: has(USER_VERIFIED),
            is_backup_eligible: has(BACKUP_ELIGIBLE),
            is_backed_up: has(BACKED_UP),
            sign_count,
            credential,
        })
    }

    /// Reads the data out of an attestation object (§6.5), and nothing else of it.
    ///
    /// # Errors
    /// [`WebauthnError::Attestation`], and as [`Self::parse`].
    pub fn of_attestation(object: &[u8]) -> Result<Self, WebauthnError> {
        const WRONG: WebauthnError = WebauthnError::Attestation;
        let mut reader = Reader::new(object);
        let mut data = None;
        for _ in 0..reader.map().ok_or(WRONG)? {
            let name = reader.text().ok_or(WRONG)?;
            match (name, reader.value().ok_or(WRONG)?) {
                (b"authData", Value::Bytes(bytes)) => data = Some(bytes),
                (_, Value::Integer(_) | Value::Bytes(_) | Value::Other) => {}
            }
        }
        if !reader.is_at_end() {
            return Err(WRONG);
        }
        Self::parse(data.ok_or(WRONG)?)
    }
}
