//! Spin's variables: the same names in lower case, declared in spin.toml for each component.

use async_trait::async_trait;
use platform::{Setting, VariableUnreadable, Variables};
use spin_sdk::variables;

/// `spin:variables`.
pub(crate) struct SpinVariables;

#[async_trait(?Send)]
impl Variables for SpinVariables {
    async fn read(&self, name: &str) -> Result<Setting, VariableUnreadable> {
        match variables::get(name.to_ascii_lowercase()).await {
            Ok(value) => Ok(Some(value).into()),
            // The component's list has no such variable.
            Err(variables::Error::Undefined(_)) => Ok(Setting::Withheld),
            Err(variables::Error::InvalidName(_)) => Ok(Setting::Unset),
            Err(variables::Error::Provider(_) | variables::Error::Other(_)) => Err(VariableUnreadable),
        }
    }
}
