//! Waiting for what happens in the background, where no event tells of it.

use std::future::Future;
use std::time::{Duration, Instant};

/// Asks again until the answer is `Ok`, for ten seconds at most.
///
/// # Panics
/// With the last reason, when the time is over.
pub async fn eventually<T, F: Future<Output = Result<T, String>>>(what: &str, ask: impl FnMut() -> F) -> T {
    within(|| Duration::from_secs(10), ask).await.unwrap_or_else(|reason| panic!("{what}: {reason}"))
}

/// Asks again until the answer is `Ok`, for `limit` at most, which may change meanwhile.
///
/// # Errors
/// The last reason, when the time is over.
pub async fn within<T, F: Future<Output = Result<T, String>>>(
    limit: impl Fn() -> Duration,
    mut ask: impl FnMut() -> F,
) -> Result<T, String> {
    let started = Instant::now();
    loop {
        match ask().await {
            Err(_) if started.elapsed() <= limit() => tokio::time::sleep(Duration::from_millis(20)).await,
            outcome => return outcome,
        }
    }
}
