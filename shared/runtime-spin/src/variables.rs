//! Spin's variables: the same names in lower case, declared in spin.toml for each component.

use async_trait::async_trait;
use platform::Variables;
use spin_sdk::variables;

/// `spin:variables`.
pub(crate) struct SpinVariables;

#[async_trait(?Send)]
impl Variables for SpinVariables {
    async fn read(&self, name: &str) -> Option<String> {
        // A provider that fails looks like a variable that is not set: the core then names it.
        let value = variables::get(name.to_ascii_lowercase()).await.ok()?;
        Some(value).filter(|value| !value.is_empty())
    }

    async fn is_withheld(&self, name: &str) -> bool {
        matches!(variables::get(name.to_ascii_lowercase()).await, Err(variables::Error::Undefined(_)))
    }
}
