//! The operator's commands, run as an operator runs them, against the local stack in the place of the three vendors.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test panics"
)]

mod broken;
mod cloudflare;
mod command;
mod deployed;
mod founded;
mod work_tree;
