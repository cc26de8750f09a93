//! The schema on a real PostgreSQL: migrations, and the statements of the core on tables with rows.
//!
//! `DATABASE_DIRECT_URL` names it, with the right to create databases. `cargo xtask test` provides one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test panics"
)]

mod accounts;
mod compression;
mod counting;
mod listing;
mod maintenance;
mod migrations;
mod plans;
mod repetition;
mod rows;
mod rules;
mod scratch;
mod searching;
mod version_before;
