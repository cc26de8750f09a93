//! Wall clock and timers.

use std::time::Duration;

use futures::future::{Either, LocalBoxFuture, select};
use jiff::Timestamp;

/// Tells the time and waits. An adapter promises that `now` never fails; it may stand still while no I/O happens (it does on Workers).
pub trait Clock {
    /// The present moment, UTC.
    fn now(&self) -> Timestamp;
    /// Resolves once `duration` has passed, never before.
    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()>;
}

/// The time given to [`within`] has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed;

/// Runs `work` for at most `limit`; what has not ended by then is dropped, which cancels it.
///
/// # Errors
/// [`Elapsed`] when the limit came first.
pub async fn within<T>(clock: &dyn Clock, limit: Duration, work: impl Future<Output = T>) -> Result<T, Elapsed> {
    let work = std::pin::pin!(work);
    match select(work, clock.sleep(limit)).await {
        Either::Left((value, _)) => Ok(value),
        Either::Right(((), _)) => Err(Elapsed),
    }
}
