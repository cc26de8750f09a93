//! What the suites are told about the servers they talk to.

use std::collections::BTreeMap;
use std::future::Future;

tokio::task_local! {
    /// What a test with a world of its own is told instead.
    static ELSEWHERE: BTreeMap<String, String>;
}

/// Variables of docs/configuration.md that say where things are.
pub const WHERE_THINGS_ARE: [&str; 7] = [
    "DATABASE_URL",
    "DATABASE_HTTP_URL",
    "UPSTASH_REDIS_REST_URL",
    "UPSTASH_REDIS_REST_TOKEN",
    "SAMBANOVA_API_BASE",
    "SAMBANOVA_API_KEY",
    "JWT_SECRET",
];

/// A variable the suites cannot run without.
///
/// # Panics
/// When it is not set: a suite that cannot run has failed, it is never skipped.
pub fn variable(name: &str) -> String {
    optional_variable(name).unwrap_or_else(|| {
        panic!("{name} is not set: these tests need running servers, start them with `cargo xtask test`")
    })
}

/// A variable that is set and not empty.
pub fn optional_variable(name: &str) -> Option<String> {
    let elsewhere = ELSEWHERE.try_with(|variables| variables.get(name).cloned()).ok().flatten();
    elsewhere.or_else(|| std::env::var(name).ok()).filter(|value| !value.is_empty())
}

/// Does `work` with other values of some variables.
pub(crate) async fn elsewhere<T>(variables: BTreeMap<String, String>, work: impl Future<Output = T>) -> T {
    ELSEWHERE.scope(variables, work).await
}
