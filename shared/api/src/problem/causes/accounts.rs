//! What a client sees of an error about accounts.

use application::accounts::AccountError;
use application::handover::HandoverError;
use application::{PasskeyFault, ProviderFault, WebauthnError};
use domain::{
    ApiKeyName, ApiKeyNameError, MOST_API_KEYS, MOST_IDENTITIES, MOST_PASSKEYS, PasskeyName, PasskeyNameError,
};
use http::{HeaderValue, header};

use crate::problem::{ErrorCode, Problem, ProblemDetail};

/// Parts of what a browser hands on of a passkey.
const CLIENT_DATA: &str = "credential.response.clientDataJSON";
const AUTHENTICATOR_DATA: &str = "credential.response.authenticatorData";
const ATTESTATION: &str = "credential.response.attestationObject";

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::LoginTaken => {
                Self::new(ErrorCode::LoginTaken, "There is an account with this address. Please sign in.")
            }
            AccountError::WrongCredentials => {
                Self::new(ErrorCode::WrongCredentials, "Address and password do not fit together.")
                    .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("EdgewisePassword"))
            }
            AccountError::NotTried(error) => error.into(),
            AccountError::NoDevice(cause) => Self::unauthenticated(cause),
            AccountError::NotFresh => {
                Self::new(ErrorCode::ReauthenticationRequired, "Please sign in once more before you do this.")
            }
            AccountError::NoAccount => Self::new(ErrorCode::Forbidden, "This is for accounts. Please sign up first."),
            AccountError::NoSuchDevice => Self::not_found(),
            // The log says what the operator has left out.
            AccountError::PasskeysOff => {
                Self::new(ErrorCode::NotFound, "There are no passkeys on this page.").because(error.to_string())
            }
            AccountError::Passkey(fault) => fault.into(),
            AccountError::ChallengeEnded => Self::invalid_request(CLIENT_DATA, "That took too long. Please try again."),
            AccountError::ChallengeUsed => {
                Self::new(ErrorCode::ChallengeUsed, "This answer of your passkey was used before. Please try again.")
            }
            AccountError::WrongPasskey => Self::new(ErrorCode::WrongCredentials, "This passkey is not known here.")
                .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("EdgewisePasskey")),
            AccountError::NotVerified(cause) => Self::internal(cause.to_string()),
            AccountError::PasskeyTaken => {
                Self::new(ErrorCode::PasskeyTaken, "There is an account with this passkey. Please sign in.")
            }
            AccountError::TooManyPasskeys => {
                let message = "You have as many passkeys as can be kept. Please remove one of them first.";
                let detail = ProblemDetail::new(ErrorCode::TooManyPasskeys, message);
                ProblemDetail { limit: Some(u64::from(MOST_PASSKEYS)), ..detail }.into()
            }
            AccountError::LastWayIn => Self::new(
                ErrorCode::LastWayIn,
                "Nothing else would let you in. Please add another way in before you remove this one.",
            ),
            AccountError::NoSuchPasskey => Self::not_found(),
            AccountError::ApiKeysOff | AccountError::NoSuchApiKey => Self::not_found(),
            AccountError::TooManyApiKeys => {
                let message = "You have as many API keys as can be kept. Please revoke one of them first.";
                let detail = ProblemDetail::new(ErrorCode::TooManyApiKeys, message);
                ProblemDetail { limit: Some(u64::from(MOST_API_KEYS)), ..detail }.into()
            }
            // The log says what the operator has left out.
            AccountError::MailOff => {
                Self::new(ErrorCode::NotFound, "No mail is sent from this page.").because(error.to_string())
            }
            AccountError::LinkUnknown => {
                Self::new(ErrorCode::NotFound, "This link is not known, or its fifteen minutes are over.")
            }
            AccountError::LinkUsed => {
                Self::new(ErrorCode::Used, "This link was used before. Please ask for another one.")
            }
            AccountError::LinkOfOther => Self::new(
                ErrorCode::Forbidden,
                "Please sign in to the account that has asked for this link, then open it again.",
            ),
            AccountError::AddressTaken => {
                Self::new(ErrorCode::EmailTaken, "This address belongs to another account. Please sign in to that one.")
            }
            AccountError::NoSuchProvider => Self::not_found(),
            AccountError::SignInExpired => {
                Self::new(ErrorCode::SignInExpired, "That took too long, or was begun elsewhere. Please try again.")
            }
            AccountError::SignInDenied => {
                Self::new(ErrorCode::SignInDenied, "You were not signed in: it was called off there.")
            }
            AccountError::Provider(fault) => fault.into(),
            AccountError::IdentityTaken => Self::new(
                ErrorCode::IdentityTaken,
                "There is an account that this lets in. Please sign in by it, or take another one.",
            ),
            AccountError::TooManyIdentities => {
                let message = "You have as many of these as can be kept. Please remove one of them first.";
                let detail = ProblemDetail::new(ErrorCode::TooManyIdentities, message);
                ProblemDetail { limit: Some(u64::from(MOST_IDENTITIES)), ..detail }.into()
            }
            AccountError::NoSuchIdentity => Self::not_found(),
            AccountError::Guest(error) => error.into(),
            AccountError::Store(cause) => cause.into(),
        }
    }
}

impl From<ProviderFault> for Problem {
    fn from(fault: ProviderFault) -> Self {
        let cause = fault.to_string();
        match fault {
            // The operator has to do something.
            ProviderFault::WrongClient | ProviderFault::WrongMetadata(_) => Self::misconfigured(cause),
            ProviderFault::Unreachable(_)
            | ProviderFault::Unclear { .. }
            | ProviderFault::OtherProvider
            | ProviderFault::NoCode
            | ProviderFault::WrongCode
            | ProviderFault::WrongToken(_) => {
                Self::new(ErrorCode::SignInFailed, "You could not be signed in there right now. Please try again.")
                    .because(cause)
            }
        }
    }
}

impl From<HandoverError> for Problem {
    fn from(error: HandoverError) -> Self {
        match error {
            HandoverError::Account => Self::new(
                ErrorCode::Forbidden,
                "You have an account: sign in on the other device, and your chats are there.",
            ),
            HandoverError::Unknown => {
                Self::new(ErrorCode::NotFound, "This code is not known, or its five minutes are over.")
            }
            HandoverError::Used => {
                Self::new(ErrorCode::Used, "This code was used before. Please ask for another one on the other device.")
            }
            HandoverError::NotTried(error) => error.into(),
            HandoverError::Store(cause) => cause.into(),
        }
    }
}

impl From<PasskeyFault> for Problem {
    fn from(fault: PasskeyFault) -> Self {
        match fault {
            PasskeyFault::Unreadable(cause) => cause.into(),
            PasskeyFault::Ceremony => {
                Self::invalid_request(CLIENT_DATA, "The browser was asked for something else than this.")
            }
            PasskeyFault::Origin => Self::invalid_request(
                CLIENT_DATA,
                "Passkeys are for another address than this page's. Please open it by its own address.",
            ),
            PasskeyFault::RelyingParty => {
                Self::invalid_request(AUTHENTICATOR_DATA, "This passkey is for another page.")
            }
            PasskeyFault::Owner => Self::invalid_request(
                AUTHENTICATOR_DATA,
                "Your device has not made sure that it is you. Please unlock the passkey by a PIN, a finger or your face.",
            ),
            PasskeyFault::Backup => Self::invalid_request(
                AUTHENTICATOR_DATA,
                "Your device says of the passkey that it is kept in several places, and that it cannot be.",
            ),
            PasskeyFault::Credential => {
                Self::invalid_request("credential.id", "The passkey and its id do not belong together.")
            }
        }
    }
}

impl From<WebauthnError> for Problem {
    fn from(error: WebauthnError) -> Self {
        /// COSE's number of what Windows Hello has signed by in a TPM.
        const RS256: i64 = -257;
        let unreadable = |field| Self::invalid_request(field, format!("`{field}` cannot be read."));
        match error {
            WebauthnError::ClientData => unreadable(CLIENT_DATA),
            WebauthnError::Attestation | WebauthnError::Key => unreadable(ATTESTATION),
            WebauthnError::AuthenticatorData => unreadable(AUTHENTICATOR_DATA),
            WebauthnError::UnsupportedAlgorithm(number) => {
                let name = if number == RS256 { "RS256".to_owned() } else { format!("the algorithm {number}") };
                let message = format!(
                    "Your device signs by {name}, which is not accepted here. Please use another one: a phone, a security key."
                );
                Self::invalid_request(ATTESTATION, message)
            }
        }
    }
}

impl From<ApiKeyNameError> for Problem {
    fn from(error: ApiKeyNameError) -> Self {
        let most = ApiKeyName::MAX_CHARS;
        let message = match error {
            ApiKeyNameError::Empty => "Please give the key a name.".to_owned(),
            ApiKeyNameError::TooLong(chars) => {
                format!("The name has {chars} characters; at most {most} are allowed.")
            }
        };
        Self::invalid_request("name", message)
    }
}

impl From<PasskeyNameError> for Problem {
    fn from(PasskeyNameError { chars }: PasskeyNameError) -> Self {
        let most = PasskeyName::MAX_CHARS;
        Self::invalid_request("name", format!("The name has {chars} characters; at most {most} are allowed."))
    }
}
