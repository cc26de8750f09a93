//! Use cases: what a visitor can do, in the order of docs/ARCHITECTURE.md, "One message". Reaches the outside through `platform` and the clients of `infrastructure`.

pub mod accounts;
mod address;
pub mod answer;
mod app;
pub mod config;
mod error;
pub mod guests;
pub mod log;
pub mod quota;
pub mod sessions;
mod storage;
pub mod turn;
mod work;

pub use app::{App, FaultBody, StreamFault};
pub use config::Config;
pub use error::{MessageError, SendError, SessionError};
pub use work::WorkAsked;

pub use infrastructure::{ModelError, RefusalClass, StoreError, TurnstileError};
