//! Redis over HTTP: one function a script, one script a file in `redis/scripts/`, what several share in `redis/scripts/parts/`.
//!
//! Each script is one `EVAL` with its whole text: an `EVALSHA` would save 1 to 7 kB a call and cost a second round trip whenever
//! Redis has forgotten the script. It begins with its name, and replies names and values in turn.

mod admission;
mod breaker;
mod client;
mod guests;
mod keys;
mod replay_buffer;
mod reply;
mod settlement;
mod standing;
#[cfg(test)]
mod tests;

pub use admission::{Admission, AdmissionRequest, Claim, LEASE, LEASE_BEFORE_FIRST_BYTE, Repeated, Ticket};
pub use client::Redis;
pub use guests::Mint;
pub use keys::Run;
pub use replay_buffer::{
    Appended, Batch, Place, PlaceWish, Progress, REPLAY_LIMIT, ReplayEnd, ReplayPage, ReplayReader,
};
pub use settlement::{Settled, Settlement};

/// The script `$name`, after the parts it needs.
macro_rules! script {
    ($name:literal $(, after $($part:literal),+)?) => {
        $crate::embedded::embed!(Lua, $name, concat!(
            $($(include_str!(concat!("scripts/parts/", $part, ".lua")),)+)?
            include_str!(concat!("scripts/", $name, ".lua"))
        ))
    };
}
use script;
