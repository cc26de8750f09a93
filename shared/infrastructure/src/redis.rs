//! Redis over HTTP: one function a script, one script a file in `redis/scripts/`.
//!
//! Each script is one `EVAL` with its whole text: an `EVALSHA` would save 3 kB a call and cost a second round trip whenever
//! Redis has forgotten the script.

mod admission;
mod client;

pub use admission::{Admission, ChargeId, Mint, Settlement};
pub use client::Redis;
