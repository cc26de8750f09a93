//! Use cases: what a visitor can do, in the order of docs/ARCHITECTURE.md, "One message". Reaches the outside through `platform` and the clients of `infrastructure`.

mod address;
mod app;
mod charge;
pub mod config;
mod copyist;
mod error;
pub mod follow;
pub mod guests;
pub mod log;
mod opening;
pub mod quota;
mod recorder;
mod recovery;
mod repetition;
pub mod send_message;
pub mod sessions;
pub mod stop;
mod turn;

pub use app::App;
pub use config::Config;
pub use error::{MessageError, SendError, SessionError};

pub use infrastructure::{ModelError, RefusalClass, StoreError};
