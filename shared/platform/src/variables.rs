//! The operator's configuration.

use async_trait::async_trait;

/// Reads configuration by the names of docs/configuration.md. Asynchronous because Spin's is a host call.
#[async_trait(?Send)]
pub trait Variables {
    /// The value of `name`; unset and empty are both `None`.
    async fn read(&self, name: &str) -> Option<String>;

    /// Whether `name` is kept from this program on purpose, because it has no use for it: then its absence is no fault.
    async fn is_withheld(&self, _name: &str) -> bool {
        false
    }
}
