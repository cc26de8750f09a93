//! An authenticator and its browser: it makes a passkey and signs with it, as WebAuthn's JSON goes through a page. Kept apart from the product's own parser.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Signer as _;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// How a passkey signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256.
    Es256,
    /// Ed25519.
    EdDsa,
    /// RSA, as Windows Hello did in a TPM: the key is no real one, and nothing is signed.
    Rs256,
    /// ES256, it says, by two numbers that are no point of P-256; nothing is signed.
    OffCurve,
    /// EdDSA by a point of small order, for which anybody could sign; nothing is signed.
    SmallOrder,
}

#[derive(Clone)]
enum Key {
    Es256(p256::ecdsa::SigningKey),
    EdDsa(ed25519_dalek::SigningKey),
    /// One that signs nothing, in COSE's form.
    Mute(Vec<u8>),
}

/// An authenticator with one passkey. What it says can be changed, to see whether anybody notices.
#[derive(Clone)]
pub struct Authenticator {
    /// The page that asks it.
    pub origin: String,
    /// Whether that page stands in another one's frame.
    pub is_in_frame: bool,
    /// What it takes the relying party for; `None`: what it is asked for.
    pub rp_id: Option<String>,
    /// Its owner was there (1) and known (4), the passkey can be backed up (8) and is (16).
    pub flags: u8,
    /// How often it has signed; zero stays zero.
    pub count: u32,
    /// Whose the passkey is, once it was made.
    pub user_handle: Value,
    id: Vec<u8>,
    key: Key,
}

impl Authenticator {
    /// One on a page of `origin`, whose passkey is kept in several places and counts nothing.
    pub fn new(origin: &str, algorithm: Algorithm) -> Self {
        let secret: [u8; 32] = Sha256::digest(Uuid::new_v4()).into();
        let key = match algorithm {
            Algorithm::Es256 => {
                Key::Es256(p256::ecdsa::SigningKey::from_slice(&secret).expect("a number below the order"))
            }
            Algorithm::EdDsa => Key::EdDsa(ed25519_dalek::SigningKey::from_bytes(&secret)),
            Algorithm::Rs256 => Key::Mute(
                [&b"\xa4\x01\x03\x03\x39\x01\x00\x20\x59\x01\x00"[..], &[7; 256], b"\x21\x43\x01\x00\x01"].concat(),
            ),
            Algorithm::OffCurve => Key::Mute(es256_key(&[7; 32], &[7; 32])),
            Algorithm::SmallOrder => {
                let mut neutral = [0; 32];
                neutral[0] = 1;
                Key::Mute(eddsa_key(&neutral))
            }
        };
        Self {
            origin: origin.to_owned(),
            is_in_frame: false,
            rp_id: None,
            flags: 0x1d,
            count: 0,
            user_handle: Value::Null,
            id: Uuid::new_v4().as_bytes().repeat(2),
            key,
        }
    }

    /// Another one whose passkey has the same id.
    #[must_use]
    pub fn of_the_same_id(&self) -> Self {
        Self { id: self.id.clone(), ..Self::new(&self.origin, Algorithm::Es256) }
    }

    /// The passkey's id, as a browser writes it.
    pub fn id(&self) -> String {
        encode(&self.id)
    }

    /// Makes the passkey, asked by what stands in `create` of the options, and gives what the browser hands on.
    pub fn create(&mut self, options: &Value) -> Value {
        let asked = &options["create"];
        assert_eq!(asked["attestation"], "none");
        self.user_handle = asked["user"]["id"].clone();
        let client_data = self.client_data("webauthn.create", &asked["challenge"]);
        let id = [&u16::try_from(self.id.len()).unwrap().to_be_bytes()[..], &self.id].concat();
        let data = self.data(0x40, &asked["rp"]["id"]);
        let data = [data, vec![0; 16], id, self.public_key()].concat();
        let length = u8::try_from(data.len()).ok().map_or_else(
            || [&[0x59][..], &u16::try_from(data.len()).unwrap().to_be_bytes()].concat(),
            |length| vec![0x58, length],
        );
        // {"fmt": "none", "attStmt": {}, "authData": …}
        let object = [&b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData"[..], &length, &data].concat();
        json!({
            "id": self.id(), "rawId": self.id(), "type": "public-key", "authenticatorAttachment": "platform", "clientExtensionResults": {},
            "response": {"clientDataJSON": client_data, "attestationObject": encode(&object), "transports": ["internal"]},
        })
    }

    /// Signs, asked by what stands in `get` of the options.
    pub fn get(&mut self, options: &Value) -> Value {
        let asked = &options["get"];
        if self.count > 0 {
            self.count += 1;
        }
        let client_data = self.client_data("webauthn.get", &asked["challenge"]);
        let data = self.data(0, &asked["rpId"]);
        let hash = Sha256::digest(URL_SAFE_NO_PAD.decode(&client_data).unwrap());
        let message = [&data[..], &hash[..]].concat();
        let signature = match &self.key {
            Key::Es256(key) => {
                let signature: p256::ecdsa::Signature = p256::ecdsa::signature::Signer::sign(key, &message);
                der(&signature.to_bytes())
            }
            Key::EdDsa(key) => key.sign(&message).to_bytes().to_vec(),
            Key::Mute(_) => vec![1; 256],
        };
        json!({
            "id": self.id(), "rawId": self.id(), "type": "public-key", "authenticatorAttachment": "platform", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": client_data, "authenticatorData": encode(&data), "signature": encode(&signature), "userHandle": self.user_handle,
            },
        })
    }

    fn client_data(&self, kind: &str, challenge: &Value) -> String {
        let data =
            json!({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.is_in_frame});
        encode(data.to_string().as_bytes())
    }

    fn data(&self, more_flags: u8, rp_id: &Value) -> Vec<u8> {
        let rp_id = self.rp_id.as_deref().or(rp_id.as_str()).expect("a relying party");
        [&Sha256::digest(rp_id)[..], &[self.flags | more_flags], &self.count.to_be_bytes()].concat()
    }

    /// The key in COSE's form.
    fn public_key(&self) -> Vec<u8> {
        match &self.key {
            Key::Es256(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                let [x, y] = [&point.as_bytes()[1..33], &point.as_bytes()[33..]];
                es256_key(x, y)
            }
            Key::EdDsa(key) => eddsa_key(key.verifying_key().as_bytes()),
            Key::Mute(key) => key.clone(),
        }
    }
}

fn es256_key(x: &[u8], y: &[u8]) -> Vec<u8> {
    [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20", x, b"\x22\x58\x20", y].concat()
}

fn eddsa_key(key: &[u8]) -> Vec<u8> {
    [b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20", key].concat()
}

/// Two numbers of 32 bytes as DER has them.
fn der(raw: &[u8]) -> Vec<u8> {
    let number = |bytes: &[u8]| {
        let digits: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
        let sign = digits.first().is_some_and(|first| *first > 127).then_some(0);
        let contents: Vec<u8> = sign.into_iter().chain(digits).collect();
        [vec![2, u8::try_from(contents.len()).unwrap()], contents].concat()
    };
    let contents = [number(&raw[..32]), number(&raw[32..])].concat();
    [vec![0x30, u8::try_from(contents.len()).unwrap()], contents].concat()
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
