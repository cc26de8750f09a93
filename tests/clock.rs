//! Redis' clock, which decides all quotas, moved for everybody at once.

use std::time::Duration;

use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::{control, optional_variable};

static CLOCK: RwLock<()> = RwLock::const_new(());

/// Holds the clock still for a test that counts on it.
pub async fn still() -> RwLockReadGuard<'static, ()> {
    CLOCK.read().await
}

/// Holds the clock still for a test that also needs the stores to itself: where a timeout decides that Redis is down, a crowd would fail
/// a test that counts beside it.
pub async fn still_and_alone() -> RwLockWriteGuard<'static, ()> {
    CLOCK.write().await
}

/// Redis' clock, alone in a test's hands; it is put right at the end.
pub struct MovedClock {
    _alone: RwLockWriteGuard<'static, ()>,
}

impl MovedClock {
    /// Waits until no other test needs the clock still.
    pub async fn take() -> Self {
        Self { _alone: CLOCK.write().await }
    }

    /// Sets the clock `ahead` of the true time.
    pub async fn set(&self, ahead: Duration) {
        move_to(ahead).await;
    }
}

impl Drop for MovedClock {
    /// Puts the clock right, also when the test has failed.
    fn drop(&mut self) {
        let put_right = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(move_to(Duration::ZERO));
        });
        let outcome = put_right.join();
        assert!(outcome.is_ok() || std::thread::panicking(), "the clock could not be put right");
    }
}

/// A real Redis reads its offset from a file of libfaketime's, the embedded store takes it by its control plane.
async fn move_to(ahead: Duration) {
    match optional_variable("REDIS_CLOCK_FILE") {
        Some(file) => std::fs::write(&file, format!("+{}\n", ahead.as_secs())).expect("the clock file"),
        None => control::clock(ahead).await,
    }
}
