//! Clients of the two stores, the model, Turnstile, a host of mail, a webhook and who vouches for somebody, and what browsers hand on of passkeys: one function a statement or script, foreign rows to
//! domain values.
//!
//! No decision about a chat is made here; a client does what a use case tells it and says what came of it.

mod error;
#[cfg(test)]
mod fixtures;
mod kept_connection;
mod mail;
pub mod model;
pub mod postgres;
pub mod providers;
mod query_text;
pub mod redis;
mod turnstile;
mod webauthn;
pub mod webhook;

pub use error::{ModelError, RefusalClass, StoreError};
pub use mail::{MailError, MailHost};
pub use turnstile::{Turnstile, TurnstileError};
pub use webauthn::{Assertion, PasskeyFault, Registration, Site};
pub use wire::mail::Mail;
pub use wire::webauthn::WebauthnError;
