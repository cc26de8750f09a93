//! Variables that a test names.

use std::collections::HashMap;

use async_trait::async_trait;
use platform::{VariableUnreadable, Variables};

/// A fixed set.
pub(crate) struct Map(pub HashMap<String, String>);

#[async_trait(?Send)]
impl Variables for Map {
    async fn read(&self, name: &str) -> Result<Option<String>, VariableUnreadable> {
        Ok(self.0.get(name).filter(|value| !value.is_empty()).cloned())
    }
}
