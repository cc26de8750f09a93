//! The system's clock and tokio's timer.

use std::time::Duration;

use futures::future::LocalBoxFuture;
use jiff::Timestamp;
use platform::Clock;

/// The system's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}
