//! What a browser hands on of a passkey, held against the site it is for. Its challenge and its owner are for the use case to know.

use domain::PasskeyId;
use platform::{NotVerified, SignatureAlgorithm, Signatures};
use sha2::{Digest, Sha256};
use wire::webauthn::{AuthenticatorData, Ceremony, ClientData, PublicKey, WebauthnError, ecdsa_signature};

use crate::postgres::NewKey;

/// Whom passkeys are made for.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// The page's origin.
    pub origin: &'a str,
    /// The relying party's id.
    pub rp_id: &'a str,
}

/// Why what a browser has handed on is not what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyFault {
    /// A part of it cannot be read, or is of an algorithm that is not known.
    #[error(transparent)]
    Unreadable(#[from] WebauthnError),
    /// The browser was asked for something else.
    #[error("another ceremony")]
    Ceremony,
    /// Another page has asked the browser, or one within another's frame.
    #[error("another origin")]
    Origin,
    /// The passkey is another site's.
    #[error("another relying party")]
    RelyingParty,
    /// The authenticator has not made sure that it was the owner.
    #[error("the owner was not verified")]
    Owner,
    /// It is kept in several places, it says, and may not be.
    #[error("backed up against its own word")]
    Backup,
    /// There is no key in it, or one of another id than is told.
    #[error("another credential")]
    Credential,
}

/// A passkey that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The challenge that it answers.
    pub challenge: Vec<u8>,
    /// The passkey.
    pub key: NewKey,
}

/// A passkey that has signed, it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// The challenge that it answers.
    pub challenge: Vec<u8>,
    /// How often the passkey has signed, or zero.
    pub sign_count: u32,
    /// Whether it is kept in more places than one.
    pub is_backed_up: bool,
    signed: Vec<u8>,
    signature: Vec<u8>,
}

impl Site<'_> {
    /// Reads what came of making the passkey `id` (WebAuthn §7.1). Nothing is asked of its attestation.
    ///
    /// # Errors
    /// [`PasskeyFault`].
    pub fn registration(
        &self,
        id: &PasskeyId,
        client_data: &[u8],
        attestation: &[u8],
    ) -> Result<Registration, PasskeyFault> {
        let challenge = self.challenge(client_data, Ceremony::Create)?;
        let data = AuthenticatorData::of_attestation(attestation)?;
        self.check(&data)?;
        let AuthenticatorData { sign_count, is_backed_up, credential, .. } = data;
        let made = credential.filter(|made| made.id == id.as_bytes()).ok_or(PasskeyFault::Credential)?;
        Ok(Registration { challenge, key: NewKey { id: id.clone(), key: made.key, sign_count, is_backed_up } })
    }

    /// Reads what came of signing in (WebAuthn §7.2). Whose it is and whether it is signed is not known yet.
    ///
    /// # Errors
    /// [`PasskeyFault`].
    pub fn assertion(&self, client_data: &[u8], data: &[u8], signature: &[u8]) -> Result<Assertion, PasskeyFault> {
        let challenge = self.challenge(client_data, Ceremony::Get)?;
        let read = AuthenticatorData::parse(data)?;
        self.check(&read)?;
        let signed = [data, Sha256::digest(client_data).as_slice()].concat();
        let AuthenticatorData { sign_count, is_backed_up, .. } = read;
        Ok(Assertion { challenge, sign_count, is_backed_up, signed, signature: signature.to_vec() })
    }

    fn challenge(&self, client_data: &[u8], wanted: Ceremony) -> Result<Vec<u8>, PasskeyFault> {
        let seen = ClientData::parse(client_data)?;
        if seen.ceremony != wanted {
            return Err(PasskeyFault::Ceremony);
        }
        if seen.origin != self.origin || seen.is_cross_origin {
            return Err(PasskeyFault::Origin);
        }
        Ok(seen.challenge)
    }

    fn check(&self, data: &AuthenticatorData) -> Result<(), PasskeyFault> {
        if data.rp_id_hash != <[u8; 32]>::from(Sha256::digest(self.rp_id)) {
            return Err(PasskeyFault::RelyingParty);
        }
        if !data.is_user_present || !data.is_user_verified {
            return Err(PasskeyFault::Owner);
        }
        // WebAuthn §6.1.3: no authenticator says so.
        if data.is_backed_up && !data.is_backup_eligible {
            return Err(PasskeyFault::Backup);
        }
        Ok(())
    }
}

impl Registration {
    /// Whether the passkey's key is one that can sign.
    ///
    /// # Errors
    /// [`NotVerified`].
    pub async fn has_key(&self, signatures: &dyn Signatures) -> Result<bool, NotVerified> {
        let algorithm = match self.key.key {
            PublicKey::Es256(_) => SignatureAlgorithm::Es256,
            PublicKey::Ed25519(_) => SignatureAlgorithm::Ed25519,
        };
        signatures.is_key(algorithm, self.key.key.as_bytes()).await
    }
}

impl Assertion {
    /// Whether it is signed by `key`.
    ///
    /// # Errors
    /// [`NotVerified`].
    pub async fn is_signed_by(&self, key: &PublicKey, signatures: &dyn Signatures) -> Result<bool, NotVerified> {
        match key {
            PublicKey::Es256(point) => match ecdsa_signature(&self.signature) {
                Some(raw) => signatures.verify(SignatureAlgorithm::Es256, point, &self.signed, &raw).await,
                None => Ok(false),
            },
            PublicKey::Ed25519(bytes) => {
                signatures.verify(SignatureAlgorithm::Ed25519, bytes, &self.signed, &self.signature).await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use async_trait::async_trait;

    use super::*;
    use crate::fixtures::now;

    /// A value of the specification's vectors.
    fn vector(name: &str, value: &str) -> Vec<u8> {
        let line = format!("{name} {value} ");
        let mut lines = include_str!("../../wire/src/webauthn/vectors.txt").lines();
        let hex = lines.find_map(|known| known.strip_prefix(&line)).unwrap();
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    const SITE: Site<'_> = Site { origin: "https://example.org", rp_id: "example.org" };
    const ELSEWHERE: Site<'_> = Site { origin: "https://example.com", ..SITE };
    const OTHER_PARTY: Site<'_> = Site { rp_id: "example.com", ..SITE };

    #[test]
    fn a_passkey_that_was_made_is_held_against_the_site() {
        for (name, site, expected) in [
            ("packed_self_es256", SITE, None),
            ("packed_self_es256", ELSEWHERE, Some(PasskeyFault::Origin)),
            ("packed_self_es256", OTHER_PARTY, Some(PasskeyFault::RelyingParty)),
            ("none_es256_crossorigin", SITE, Some(PasskeyFault::Origin)),
            ("none_es256", SITE, Some(PasskeyFault::Owner)),
            ("packed_eddsa", SITE, Some(PasskeyFault::Owner)),
            ("packed_rs256", SITE, Some(PasskeyFault::Unreadable(WebauthnError::UnsupportedAlgorithm(-257)))),
        ] {
            let id = PasskeyId::new(vector(name, "register.credential_id")).unwrap();
            let attestation = vector(name, "register.attestation_object");
            let read = site.registration(&id, &vector(name, "register.client_data"), &attestation);
            assert_eq!(read.as_ref().err().copied(), expected, "{name}");
            if let Ok(read) = read {
                assert_eq!(
                    (read.challenge, read.key.id, read.key.is_backed_up),
                    (vector(name, "register.challenge"), id, true)
                );
            }
            let signing = site.registration(
                &PasskeyId::new(vec![1]).unwrap(),
                &vector(name, "sign_in.client_data"),
                &attestation,
            );
            let is_elsewhere = expected == Some(PasskeyFault::Origin);
            assert!(is_elsewhere || signing == Err(PasskeyFault::Ceremony), "{name}: {signing:?}");
        }
        let name = "packed_self_es256";
        let (data, attestation) = (vector(name, "register.client_data"), vector(name, "register.attestation_object"));
        let other = SITE.registration(&PasskeyId::new(vec![1]).unwrap(), &data, &attestation);
        assert_eq!(other, Err(PasskeyFault::Credential));
    }

    /// How, of what message, and which signature.
    type Question = (SignatureAlgorithm, Vec<u8>, Vec<u8>);

    /// Remembers what was to be verified.
    struct Asked(RefCell<Vec<Question>>);

    #[async_trait(?Send)]
    impl Signatures for Asked {
        async fn verify(
            &self,
            algorithm: SignatureAlgorithm,
            _: &[u8],
            message: &[u8],
            signature: &[u8],
        ) -> Result<bool, NotVerified> {
            self.0.borrow_mut().push((algorithm, message.to_vec(), signature.to_vec()));
            Ok(true)
        }

        async fn is_key(&self, _: SignatureAlgorithm, _: &[u8]) -> Result<bool, NotVerified> {
            Ok(true)
        }
    }

    #[test]
    fn a_signature_is_of_the_authenticators_data_and_the_hash_of_the_clients() {
        let name = "none_es256_long_credential_id";
        let [client_data, data, signature] =
            ["client_data", "authenticator_data", "signature"].map(|value| vector(name, &format!("sign_in.{value}")));
        let read = SITE.assertion(&client_data, &data, &signature).unwrap();
        assert_eq!(
            (&read.challenge, read.sign_count, read.is_backed_up),
            (&vector(name, "sign_in.challenge"), 0, false)
        );
        let asked = Asked(RefCell::default());
        assert_eq!(now(read.is_signed_by(&PublicKey::Es256([4; 65]), &asked)), Ok(true));
        assert_eq!(now(read.is_signed_by(&PublicKey::Ed25519([4; 32]), &asked)), Ok(true));
        let signed = [&data[..], &Sha256::digest(&client_data)].concat();
        let raw = ecdsa_signature(&signature).unwrap().to_vec();
        let expected = [
            (SignatureAlgorithm::Es256, signed.clone(), raw),
            (SignatureAlgorithm::Ed25519, signed, signature.clone()),
        ];
        assert_eq!(*asked.0.borrow(), expected);
        // What is no signature at all need not be verified.
        let garbled = SITE.assertion(&client_data, &data, &signature[1..]).unwrap();
        assert_eq!(now(garbled.is_signed_by(&PublicKey::Es256([4; 65]), &asked)), Ok(false));
        assert_eq!(asked.0.borrow().len(), 2);
        assert_eq!(ELSEWHERE.assertion(&client_data, &data, &signature), Err(PasskeyFault::Origin));
        assert_eq!(OTHER_PARTY.assertion(&client_data, &data, &signature), Err(PasskeyFault::RelyingParty));
        let made = vector(name, "register.client_data");
        assert_eq!(SITE.assertion(&made, &data, &signature), Err(PasskeyFault::Ceremony));
    }
}
