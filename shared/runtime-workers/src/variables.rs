//! The Worker's environment: variables and secrets are both texts in it.

use std::rc::Rc;

use async_trait::async_trait;
use platform::{Setting, VariableUnreadable, Variables};
use worker::Env;

/// `env`.
pub(crate) struct EnvVariables {
    env: Rc<Env>,
}

impl EnvVariables {
    pub(crate) fn new(env: Rc<Env>) -> Self {
        Self { env }
    }
}

#[async_trait(?Send)]
impl Variables for EnvVariables {
    async fn read(&self, name: &str) -> Result<Setting, VariableUnreadable> {
        let value = js_sys::Reflect::get(&self.env, &name.into()).map_err(|_| VariableUnreadable)?;
        Ok(value.as_string().into())
    }
}
