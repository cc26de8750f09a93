//! Faults on purpose: each kind at each place, then many at random, and the breaker that keeps a broken model from being asked.
//!
//! The outcome of each single fault is kept in `docs/reliability.md`, which the
//! matrix writes anew when it no longer says what happens.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test panics"
)]

mod aim;
mod at_once;
mod breaker;
mod cell;
mod matrix;
mod random;
mod unread;

use std::time::Duration;

use tokio::sync::Mutex;

/// Each of these tests has the machine to itself: where a timeout decides that Redis is down, another crowd would be one more fault.
static ALONE: Mutex<()> = Mutex::const_new(());

/// What a turn leaves to be done is done by then.
const REPAIRED_WITHIN: Duration = Duration::from_secs(28);

/// How long the model may take to its first byte at the servers started here, in seconds.
const FIRST_BYTE_SECS: u64 = 2;

/// What such a server is started with: limits nobody meets, no breaker, because it is about single failures, and little patience.
const VARIABLES: [(&str, &str); 6] = [
    ("UPSTREAM_TIMEOUT_SECS", "2"),
    ("CHAT_BREAKER_FAILURES", "0"),
    ("CHAT_RESUME_INTERVAL_MS", "100"),
    ("CHAT_DAILY_MESSAGE_QUOTA", "100000"),
    ("CHAT_RATE_LIMIT_PER_MINUTE", "100000"),
    ("CHAT_MAX_CONCURRENT_STREAMS", "1000"),
];
