//! What is Spin's own: a manifest that says which hosts a component may call, instances that come and go with requests, and its manners on a connection.
//! Everything else about Spin is shown by the suites that know no runtime.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test panics"
)]

mod connections;
mod hosts;
mod load;
mod manners;

use tokio::sync::RwLock;

/// Held by a test that needs the machine to itself, and shared by all others.
pub static ALONE: RwLock<()> = RwLock::const_new(());
