//! WASI's clocks.

use std::time::Duration;

use futures::future::LocalBoxFuture;
use jiff::Timestamp;
use platform::Clock;
use spin_sdk::wasip3::clocks::{monotonic_clock, system_clock};

/// The host's clocks.
pub(crate) struct WasiClock;

impl Clock for WasiClock {
    fn now(&self) -> Timestamp {
        let now = system_clock::now();
        // WASI promises less than a thousand million nanoseconds.
        let nanoseconds = i32::try_from(now.nanoseconds).unwrap_or_default();
        Timestamp::new(now.seconds, nanoseconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        Box::pin(sleep(duration))
    }
}

/// Resolves once `duration` has passed.
pub(crate) async fn sleep(duration: Duration) {
    monotonic_clock::wait_for(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)).await;
}
