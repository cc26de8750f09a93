//! Variables that a test names.

use std::collections::HashMap;

use async_trait::async_trait;
use platform::{Setting, VariableUnreadable, Variables};

/// A fixed set.
pub(crate) struct Map(pub HashMap<String, String>);

#[async_trait(?Send)]
impl Variables for Map {
    async fn read(&self, name: &str) -> Result<Setting, VariableUnreadable> {
        Ok(self.0.get(name).cloned().into())
    }
}
