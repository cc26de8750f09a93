//! The stream: upstream's bytes unchanged, every byte kept, and a reader who leaves is noticed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test panics"
)]

mod breaking;
mod ending;
mod leaving;
mod relay;
