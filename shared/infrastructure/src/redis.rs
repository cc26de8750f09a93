//! Redis over HTTP: one function a script, one script a file in `redis/scripts/`, what several share in `redis/scripts/parts/`.
//!
//! A script is called by its SHA-1; its text, up to 12 kB, travels only when Redis does not have it: once for all instances after a deployment or
//! a restart of Redis. It begins with its name, which is its last argument too, and replies names and values in turn.

mod accounts;
mod admission;
mod api_keys;
mod blocks;
mod breaker;
mod client;
mod guests;
mod kept_figures;
mod keys;
mod once;
mod overview;
mod replay_buffer;
mod reply;
mod script;
mod settlement;
mod standing;
#[cfg(test)]
mod tests;
mod user_value;

pub use accounts::{TooManyTries, Tries};
pub use admission::{
    AddressLimit, Admission, AdmissionRequest, BEYOND, BUDGET_HOURS, Claim, LEASE, LEASE_BEFORE_FIRST_BYTE, PROOF_LIFE,
    Repeated, Spending, Ticket,
};
pub use api_keys::KnownApiKey;
pub use client::Redis;
pub use guests::Mint;
pub use kept_figures::KeptFigures;
pub use keys::{Address, Proof, Run};
pub use once::{Once, OnceKey};
pub use overview::{COPY_SECONDS, KeptCopy, SharedOverview};
pub use replay_buffer::{
    Appended, BUFFER_LIMIT, Batch, BufferEnd, BufferFollower, BufferPage, PlaceAction, PlaceOutcome, Progress,
};
pub use settlement::{Settled, Settlement};
pub use standing::RunState;
