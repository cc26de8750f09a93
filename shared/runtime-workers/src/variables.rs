//! The Worker's environment: variables and secrets are both texts in it.

use async_trait::async_trait;
use platform::Variables;
use worker::Env;

/// `env`.
pub(crate) struct EnvVariables {
    env: Env,
}

impl EnvVariables {
    pub(crate) fn new(env: Env) -> Self {
        Self { env }
    }
}

#[async_trait(?Send)]
impl Variables for EnvVariables {
    async fn read(&self, name: &str) -> Option<String> {
        let value = js_sys::Reflect::get(&self.env, &name.into()).ok()?;
        value.as_string().filter(|text| !text.is_empty())
    }
}
