//! `crypto.subtle`: the runtime verifies, and no curve is part of the Worker.

use async_trait::async_trait;
use js_sys::{Array, Object, Reflect, Uint8Array};
use platform::{NotVerified, SignatureAlgorithm, Signatures};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto};

use crate::js;

/// The runtime's own.
pub(crate) struct WebCrypto;

#[async_trait(?Send)]
impl Signatures for WebCrypto {
    async fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, NotVerified> {
        let subtle = subtle()?;
        let of_signature = match algorithm {
            SignatureAlgorithm::Es256 => named("ECDSA", Some(("hash", "SHA-256"))),
            SignatureAlgorithm::Ed25519 => named("Ed25519", None),
        };
        // A key that is none of its curve's is refused there, and has signed nothing.
        let Ok(key) = import(&subtle, key, algorithm).await? else { return Ok(false) };
        let (signature, message) = (Uint8Array::from(signature), Uint8Array::from(message));
        let verifying = subtle
            .verify_with_object_and_buffer_source_and_buffer_source(&of_signature?, &key, &signature, &message)
            .map_err(|error| failed(&error))?;
        let verified = JsFuture::from(verifying).await.map_err(|error| failed(&error))?;
        Ok(verified.is_truthy())
    }

    async fn is_key(&self, algorithm: SignatureAlgorithm, key: &[u8]) -> Result<bool, NotVerified> {
        Ok(import(&subtle()?, key, algorithm).await?.is_ok())
    }
}

fn subtle() -> Result<SubtleCrypto, NotVerified> {
    let global: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
    Ok(global.crypto().map_err(|error| failed(&error))?.subtle())
}

/// What the runtime takes a key for; the inner error: for none.
async fn import(
    subtle: &SubtleCrypto,
    key: &[u8],
    algorithm: SignatureAlgorithm,
) -> Result<Result<CryptoKey, JsValue>, NotVerified> {
    let named = match algorithm {
        SignatureAlgorithm::Es256 => named("ECDSA", Some(("namedCurve", "P-256"))),
        SignatureAlgorithm::Ed25519 => named("Ed25519", None),
    }?;
    let uses = Array::of1(&"verify".into());
    let importing = subtle
        .import_key_with_object("raw", &Uint8Array::from(key), &named, false, &uses)
        .map_err(|error| failed(&error))?;
    Ok(JsFuture::from(importing).await.map(JsCast::unchecked_into))
}

/// An algorithm as WebCrypto wants it: a name, and at most one thing more.
fn named(name: &str, more: Option<(&str, &str)>) -> Result<Object, NotVerified> {
    let algorithm = Object::new();
    for (key, value) in [("name", name)].into_iter().chain(more) {
        Reflect::set(&algorithm, &key.into(), &value.into()).map_err(|error| failed(&error))?;
    }
    Ok(algorithm)
}

fn failed(error: &JsValue) -> NotVerified {
    NotVerified(js::words(error))
}
