//! `Date.now` and `setTimeout`.

use std::time::Duration;

use futures::future::LocalBoxFuture;
use jiff::Timestamp;
use platform::Clock;

use crate::timers::{Timers, millis};

/// The runtime's clock. It stands still while a Worker computes and moves with every I/O.
pub(crate) struct JsClock {
    timers: Timers,
}

impl JsClock {
    pub(crate) fn new(timers: Timers) -> Self {
        Self { timers }
    }
}

impl Clock for JsClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(millis()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        Box::pin(self.timers.sleep(duration))
    }
}
