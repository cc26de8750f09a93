//! What is sent and answered about passkeys. What is a browser's own is in WebAuthn's JSON form.

use application::accounts::CHALLENGE_LIFE;
use application::accounts::passkeys::{Making, Signing};
use domain::Passkey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::input::Base64Url;

/// What a passkey is wanted for.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PasskeyPurpose {
    /// A new account.
    Register,
    /// Signing in.
    Login,
    /// One more passkey of the caller's.
    Add,
}

/// What is to be done with a passkey.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasskeyWish {
    /// What it is wanted for.
    pub purpose: PasskeyPurpose,
    /// With `register`: what the device shows of the account, 100 characters at most. Without it a name is made.
    #[serde(default)]
    pub user_name: Option<String>,
}

/// What a browser is asked: `create` for `navigator.credentials.create()`, `get` for `navigator.credentials.get()`.
#[derive(Serialize, ToSchema)]
pub(crate) struct PasskeyOptionsView {
    /// With `register` and `add`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub create: Option<CreationOptions>,
    /// With `login`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub get: Option<RequestOptions>,
    /// Seconds until the answer is worth nothing.
    pub expires_in: i64,
}

/// WebAuthn's `PublicKeyCredentialCreationOptionsJSON`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreationOptions {
    pub challenge: String,
    pub rp: RelyingParty,
    pub user: PasskeyUser,
    pub pub_key_cred_params: [KeyKind; 2],
    pub exclude_credentials: Vec<KnownPasskey>,
    pub authenticator_selection: Selection,
    pub attestation: &'static str,
    /// Milliseconds.
    pub timeout: i64,
}

/// WebAuthn's `PublicKeyCredentialRequestOptionsJSON`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestOptions {
    pub challenge: String,
    pub rp_id: String,
    pub user_verification: &'static str,
    /// Milliseconds.
    pub timeout: i64,
}

/// Whom a passkey is for.
#[derive(Serialize, ToSchema)]
pub(crate) struct RelyingParty {
    pub id: String,
    pub name: String,
}

/// Whose it will be.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PasskeyUser {
    /// The account's id, as bytes in base64url.
    pub id: String,
    pub name: String,
    pub display_name: String,
}

/// How it may sign: -7 is ES256, -8 EdDSA.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeyKind {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub alg: i32,
}

/// A passkey that there is.
#[derive(Serialize, ToSchema)]
pub(crate) struct KnownPasskey {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub id: String,
}

/// Which authenticators may make it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Selection {
    pub resident_key: &'static str,
    pub require_resident_key: bool,
    pub user_verification: &'static str,
}

/// A passkey that was made, as `toJSON()` gives it; what else stands in it is not read.
#[derive(Deserialize, ToSchema)]
pub(crate) struct MadeCredential {
    #[schema(value_type = String)]
    pub id: Base64Url,
    pub response: MadeResponse,
}

/// An `AuthenticatorAttestationResponse`.
#[derive(Deserialize, ToSchema)]
pub(crate) struct MadeResponse {
    #[serde(rename = "clientDataJSON")]
    #[schema(value_type = String)]
    pub client_data: Base64Url,
    #[serde(rename = "attestationObject")]
    #[schema(value_type = String)]
    pub attestation: Base64Url,
}

/// A passkey that has signed, as `toJSON()` gives it; what else stands in it is not read.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SignedCredential {
    #[schema(value_type = String)]
    pub id: Base64Url,
    pub response: SignedResponse,
}

/// An `AuthenticatorAssertionResponse`.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SignedResponse {
    #[serde(rename = "clientDataJSON")]
    #[schema(value_type = String)]
    pub client_data: Base64Url,
    #[serde(rename = "authenticatorData")]
    #[schema(value_type = String)]
    pub authenticator_data: Base64Url,
    #[schema(value_type = String)]
    pub signature: Base64Url,
    #[serde(rename = "userHandle", default)]
    #[schema(value_type = Option<String>)]
    pub user_handle: Option<Base64Url>,
}

/// A passkey to be kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPasskey {
    pub credential: MadeCredential,
    /// What its owner calls it, 100 characters at most.
    #[serde(default)]
    pub name: Option<String>,
}

/// A passkey to sign in by.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShownPasskey {
    pub credential: SignedCredential,
}

/// Another name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RenamePasskey {
    /// 100 characters at most.
    pub name: String,
}

/// The passkeys of an account.
#[derive(Serialize, ToSchema)]
pub(crate) struct PasskeysView {
    pub passkeys: Vec<PasskeyView>,
}

/// A passkey as its owner sees it.
#[derive(Serialize, ToSchema)]
pub(crate) struct PasskeyView {
    /// As the browser knows it.
    pub id: String,
    /// What its owner calls it; empty: nothing.
    pub name: String,
    /// Whether it is kept in more places than one device, so that it is not lost with it.
    pub backed_up: bool,
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When somebody last signed in by it.
    #[schema(required = true, format = DateTime)]
    pub used_at: Option<String>,
}

/// How many passkeys are gone.
#[derive(Serialize, ToSchema)]
pub(crate) struct RemovedView {
    pub removed: usize,
}

impl From<Passkey> for PasskeyView {
    fn from(passkey: Passkey) -> Self {
        Self {
            id: Base64Url::encode(passkey.id.as_bytes()),
            name: passkey.name,
            backed_up: passkey.is_backed_up,
            created_at: passkey.created_at.to_string(),
            used_at: passkey.used_at.map(|at| at.to_string()),
        }
    }
}

const PUBLIC_KEY: &str = "public-key";

/// The passkey is found without a name, and its owner must unlock it: it stands for a name and two factors.
const REQUIRED: &str = "required";

fn timeout() -> i64 {
    CHALLENGE_LIFE.as_secs() * 1000
}

impl From<Making> for CreationOptions {
    fn from(Making { challenge, rp_id, user, user_name, known }: Making) -> Self {
        let known = known.iter().map(|id| KnownPasskey { kind: PUBLIC_KEY, id: Base64Url::encode(id.as_bytes()) });
        Self {
            challenge: Base64Url::encode(&challenge),
            rp: RelyingParty { name: rp_id.clone(), id: rp_id },
            user: PasskeyUser {
                id: Base64Url::encode(&user.to_bytes()),
                display_name: user_name.clone(),
                name: user_name,
            },
            pub_key_cred_params: [-7, -8].map(|alg| KeyKind { kind: PUBLIC_KEY, alg }),
            exclude_credentials: known.collect(),
            authenticator_selection: Selection {
                resident_key: REQUIRED,
                require_resident_key: true,
                user_verification: REQUIRED,
            },
            attestation: "none",
            timeout: timeout(),
        }
    }
}

impl From<Signing> for RequestOptions {
    fn from(Signing { challenge, rp_id }: Signing) -> Self {
        Self { challenge: Base64Url::encode(&challenge), rp_id, user_verification: REQUIRED, timeout: timeout() }
    }
}
