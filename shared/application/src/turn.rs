//! A message and its answer, from what the visitor wants to the stored end (docs/ARCHITECTURE.md, "One message").
//!
//! 1. `api` reads the request; [`send`] starts the turn as background work.
//! 2. `admission`: limits, key and branch, in one round trip.
//! 3. `opening`: the model is asked while the turn is written.
//! 4. `recorder`: the bytes reach the reader by themselves; a copy is recorded and appended to the `replay_buffer`.
//! 5. `recorder`: the end is stored, the `charge` settled, the stream closed.
//!
//! `repeated` answers a request that was made before under the same idempotency key. The rules without a store are in `domain::turn`.

mod admission;
mod charge;
mod last_events;
mod opening;
mod recorder;
mod repeated;
mod replay_buffer;
mod reply;
mod send;

pub use reply::{Accepted, AnswerBody, AnswerForm};
pub use send::{SendMessage, send};
