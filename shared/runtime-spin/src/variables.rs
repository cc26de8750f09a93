//! Spin's variables: the same names in lower case, declared in spin.toml for each component.

use async_trait::async_trait;
use platform::{VariableUnreadable, Variables};
use spin_sdk::variables;

/// `spin:variables`.
pub(crate) struct SpinVariables;

#[async_trait(?Send)]
impl Variables for SpinVariables {
    async fn read(&self, name: &str) -> Result<Option<String>, VariableUnreadable> {
        match variables::get(name.to_ascii_lowercase()).await {
            Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
            Err(variables::Error::Undefined(_) | variables::Error::InvalidName(_)) => Ok(None),
            Err(variables::Error::Provider(_) | variables::Error::Other(_)) => Err(VariableUnreadable),
        }
    }

    async fn is_withheld(&self, name: &str) -> bool {
        matches!(variables::get(name.to_ascii_lowercase()).await, Err(variables::Error::Undefined(_)))
    }
}
