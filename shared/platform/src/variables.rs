//! The operator's configuration.

use async_trait::async_trait;

/// What holds a variable gave no answer: it may be set, and no default must take its place. What was said is left out, for it may name secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VariableUnreadable;

/// What a variable is set to.
#[derive(Clone, PartialEq, Eq)]
pub enum Setting {
    /// A text, which is not empty. It may be a secret, so a setting cannot be printed.
    Value(String),
    /// Nothing, or the empty text.
    Unset,
    /// Nothing, because it is kept from this program, which has no use for it: its absence is no fault.
    Withheld,
}

/// Reads configuration by the names of docs/configuration.md. Asynchronous because Spin's is a host call.
#[async_trait(?Send)]
pub trait Variables {
    /// The setting of `name`.
    ///
    /// # Errors
    /// [`VariableUnreadable`], where variables come from elsewhere.
    async fn read(&self, name: &str) -> Result<Setting, VariableUnreadable>;
}

impl From<Option<String>> for Setting {
    fn from(value: Option<String>) -> Self {
        value.filter(|value| !value.is_empty()).map_or(Self::Unset, Self::Value)
    }
}
