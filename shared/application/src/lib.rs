//! Use cases: what a visitor can do, in the order of design §4. Reaches the outside through `platform` and the clients of `infrastructure`.

mod app;
pub mod config;
mod error;
pub mod guests;
pub mod quota;
mod recorder;
pub mod send_message;
pub mod sessions;

pub use app::App;
pub use config::Config;
pub use error::{SendError, SessionError};

pub use infrastructure::{ModelError, ModelRefusal, StoreError};
