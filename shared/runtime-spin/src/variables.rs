//! Spin's variables: the same names in lower case, declared in spin.toml for each component.

use async_trait::async_trait;
use platform::Variables;
use spin_sdk::variables;

/// `spin:variables`.
pub(crate) struct SpinVariables;

#[async_trait(?Send)]
impl Variables for SpinVariables {
    async fn read(&self, name: &str) -> Option<String> {
        // A component that is not given a variable has no use for it; a provider that fails looks the same, and the core then
        // names the variable.
        let value = variables::get(name.to_ascii_lowercase()).await.ok()?;
        Some(value).filter(|value| !value.is_empty())
    }
}
