//! Variables: the manifest's, with values from `SPIN_VARIABLE_<NAME>`, as `spin up` takes them.

use std::collections::BTreeMap;
use std::env;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use wasmtime::component::{Accessor, HasData, Linker};

use self::spin::variables::variables::{Error, Host, HostWithStore, add_to_linker};
use crate::manifest::{self, Variable};

// The interface as spin-sdk 7 imports it.
wasmtime::component::bindgen!({
    inline: "
        package spin:variables@3.0.0;

        interface variables {
            get: async func(name: string) -> result<string, error>;

            variant error {
                invalid-name(string),
                undefined(string),
                provider(string),
                other(string),
            }
        }

        world imports {
            import variables;
        }
    ",
});

/// What an environment variable's name begins with.
const PREFIX: &str = "SPIN_VARIABLE_";

/// The values of an application's variables.
pub struct Variables {
    values: BTreeMap<String, String>,
}

impl Variables {
    /// Fails, as Spin does, when a variable has neither a value nor a default.
    pub fn of(declared: &BTreeMap<String, Variable>) -> Result<Self> {
        let value = |(name, variable): (&String, &Variable)| {
            let given = env::var(format!("{PREFIX}{}", name.to_uppercase())).ok();
            let value = given.or_else(|| variable.default.clone());
            let value = value.with_context(|| format!("no provider resolved required variable(s): {name}"))?;
            Ok((name.clone(), value))
        };
        Ok(Self { values: declared.iter().map(value).collect::<Result<_>>()? })
    }

    /// What a component gets when it asks for its variables.
    pub fn of_component(&self, component: &manifest::Component) -> Result<ComponentVariables> {
        let entries = component.variables.iter().map(|(name, template)| Ok((name.clone(), self.fill(template)?)));
        Ok(ComponentVariables(Arc::new(entries.collect::<Result<_>>()?)))
    }

    /// Puts values in the place of each `{{ name }}`.
    pub fn fill(&self, template: &str) -> Result<String> {
        let mut filled = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, after)) = after.split_once("}}") else { bail!("{template:?}: a {{{{ that does not end") };
            let name = name.trim();
            filled += before;
            filled += self.values.get(name).with_context(|| format!("{template:?}: unknown variable {name:?}"))?;
            rest = after;
        }
        Ok(filled + rest)
    }
}

#[cfg(test)]
impl<'text> FromIterator<(&'text str, &'text str)> for Variables {
    fn from_iter<T: IntoIterator<Item = (&'text str, &'text str)>>(values: T) -> Self {
        Self { values: values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect() }
    }
}

/// A component's variables.
#[derive(Clone)]
pub struct ComponentVariables(Arc<BTreeMap<String, String>>);

impl ComponentVariables {
    /// Lets components ask.
    pub fn add_to_linker<T: Send>(linker: &mut Linker<T>, of: fn(&mut T) -> &mut Self) -> Result<()> {
        Ok(add_to_linker::<_, Self>(linker, of)?)
    }
}

impl HasData for ComponentVariables {
    type Data<'a> = &'a mut Self;
}

impl Host for ComponentVariables {}

impl<T: Send> HostWithStore<T> for ComponentVariables {
    async fn get(accessor: &Accessor<T, Self>, name: String) -> Result<String, Error> {
        let value = accessor.with(|mut access| access.get().0.get(&name).cloned());
        value.ok_or_else(|| Error::Undefined(format!("no variable {name:?}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled_and_what_is_unknown_is_told() {
        let variables = Variables::from_iter([("host", "127.0.0.1"), ("port", "80")]);
        assert_eq!(variables.fill("http://{{ host }}:{{port}}").unwrap(), "http://127.0.0.1:80");
        assert_eq!(variables.fill("plain").unwrap(), "plain");
        assert!(variables.fill("{{ unknown }}").is_err());
        assert!(variables.fill("{{ host").is_err());
    }
}
