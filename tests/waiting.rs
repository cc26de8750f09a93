//! Waiting for what happens in the background, where no event tells of it.

use std::future::Future;
use std::time::{Duration, Instant};

/// Asks again until the answer is `Ok`, for ten seconds at most.
///
/// # Panics
/// With the last reason, when the time is over.
pub async fn eventually<T, F: Future<Output = Result<T, String>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let started = Instant::now();
    loop {
        match ask().await {
            Ok(value) => return value,
            Err(reason) if started.elapsed() > Duration::from_secs(10) => panic!("{what}: {reason}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}
