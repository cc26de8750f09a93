//! A message and its answer, from what the visitor wants to the stored end (docs/ARCHITECTURE.md, "One message").
//!
//! 1. `api` reads the request; [`send`] starts the turn as background work.
//! 2. `admission`: limits, key and branch, in one round trip.
//! 3. `opening`: the model is asked while the turn is written.
//! 4. `recorder`: the bytes reach the reader by themselves; a copy is recorded and appended to the `replay_buffer`.
//! 5. `recorder`: the end is stored, the `charge` settled, the stream closed.
//!
//! `repeated` answers a request that was made before under the same idempotency key, `rewriting` is for readers who want other bytes than the model's. The rules without a store are in `domain::turn`.

mod admission;
mod charge;
mod last_events;
mod like_a_message;
mod naming;
mod one_shot;
mod opening;
mod recorder;
mod repeated;
mod replay_buffer;
mod reply;
mod rewriting;
mod send;

pub(crate) use like_a_message::let_in_like_a_message;
pub use one_shot::{ONE_SHOT_BYTES, ONE_SHOT_CHARS, one_shot};
pub use reply::{Accepted, AnswerBody, AnswerForm, Timings};
pub use rewriting::{Heard, Rewrite, Rewritten, Whole, rewritten, whole};
pub use send::{SendMessage, send};
