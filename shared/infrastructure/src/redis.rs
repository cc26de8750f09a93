//! Redis over HTTP: one function a script, one script a file in `redis/scripts/`.
//!
//! Each script is one `EVAL` with its whole text: an `EVALSHA` would save 3 to 9 kB a call and cost a second round trip whenever
//! Redis has forgotten the script.

mod admission;
mod client;
mod copy;
mod guests;

pub use admission::{Admission, ChargeId, Claim, CopyEnd, Repeated, Request, Settled, Settlement, Ticket};
pub use client::Redis;
pub use copy::{AlongReader, Batch, Look, Place, PlaceWish, Progress, REPLAY_LIMIT};
pub use guests::Mint;
