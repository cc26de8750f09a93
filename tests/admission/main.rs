//! Admission: who may send how much, counted by Redis' clock, however many callers come at once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test panics"
)]

mod alerts;
mod charging;
mod crowd;
mod figures;
mod lives;
mod lost_reply;
mod money;
mod storage;
mod windows;
mod work;
