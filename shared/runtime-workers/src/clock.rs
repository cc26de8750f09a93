//! `Date.now` and `setTimeout`.

use std::time::Duration;

use futures::future::LocalBoxFuture;
use jiff::Timestamp;
use platform::Clock;

use crate::timers::Timers;

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
        now()
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        Box::pin(self.timers.sleep(duration))
    }
}

/// The present moment.
pub(crate) fn now() -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of this age fit 53 bits")]
    let millis = js_sys::Date::now() as i64;
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}
