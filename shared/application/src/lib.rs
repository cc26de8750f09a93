//! Use cases: what a visitor can do, in the order of docs/ARCHITECTURE.md, "One message". Reaches the outside through `platform` and the clients of `infrastructure`.

pub mod accounts;
mod address;
pub mod answer;
mod app;
pub mod config;
mod error;
pub mod guests;
pub mod handover;
mod hex;
pub mod log;
mod mac;
pub mod maintenance;
mod once_secret;
mod proof_of_work;
pub mod quota;
pub mod search;
pub mod sessions;
pub mod shares;
mod storage;
mod tries;
pub mod turn;

pub use app::{App, FaultEvent, StreamFault};
pub use config::Config;
pub use error::{MessageError, SendError, SessionError};
pub use proof_of_work::WorkAsked;
pub use tries::TryError;

pub use infrastructure::model::Wishes;
pub use infrastructure::providers::ProviderFault;
pub use infrastructure::{ModelError, PasskeyFault, RefusalClass, StoreError, TurnstileError, WebauthnError};
