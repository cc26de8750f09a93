//! The operator's configuration.

use async_trait::async_trait;

/// What holds a variable gave no answer: it may be set, and no default must take its place. What was said is left out, for it may name secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VariableUnreadable;

/// Reads configuration by the names of docs/configuration.md. Asynchronous because Spin's is a host call.
#[async_trait(?Send)]
pub trait Variables {
    /// The value of `name`; unset and empty are both `None`.
    ///
    /// # Errors
    /// [`VariableUnreadable`], where variables come from elsewhere.
    async fn read(&self, name: &str) -> Result<Option<String>, VariableUnreadable>;

    /// Whether `name` is kept from this program on purpose, because it has no use for it: then its absence is no fault.
    async fn is_withheld(&self, _name: &str) -> bool {
        false
    }
}
