//! Use cases: what a visitor can do, in the order of docs/ARCHITECTURE.md, "One message". Reaches the outside through `platform` and the clients of `infrastructure`.

pub mod accounts;
mod address;
mod alerts;
pub mod answer;
mod app;
pub mod blocks;
pub mod config;
pub mod contexts;
mod error;
pub mod feedback;
pub mod guests;
pub mod handover;
pub mod health;
mod hex;
pub mod imports;
pub mod log;
mod mac;
pub mod maintenance;
mod once_secret;
pub mod operator_token;
pub mod overview;
mod proof_of_work;
pub mod quota;
mod remembered;
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
pub use remembered::Remembered;
pub use tries::TryError;

pub use infrastructure::model::{Wishes, text_chunk, text_end, write_event};
pub use infrastructure::providers::ProviderFault;
pub use infrastructure::{ModelError, PasskeyFault, RefusalClass, StoreError, TurnstileError, WebauthnError};
