//! The variables that a deployment gets, from wherever an operator has them, and which of them are never shown.

use std::env;
use std::path::PathBuf;

use anyhow::Result;
use url::Url;
use wire::spin_hosts::HOST_VARIABLES;

use super::variables::{self, Values};
use crate::dev::WorkerConfig;
use crate::project::Project;

/// Where `setup` keeps what it was told, readable by its owner alone: the secrets of a Worker, all variables for Spin.
pub const KEPT_FOR_WORKERS: &str = "operator/secrets.vars";

/// See [`KEPT_FOR_WORKERS`].
pub const KEPT_FOR_SPIN: &str = "operator/variables.json";

/// Where a running `dev` writes its variables for Spin.
const OF_DEV: &str = "spin-variables.json";

/// What Spin calls a variable in the environment.
const PREFIX: &str = "SPIN_VARIABLE_";

/// What stands in the place of a secret.
const HIDDEN: &str = "***";

/// The variables of a deployment.
pub struct Given {
    values: Values,
    secrets: Vec<String>,
    /// Where they are from, beside the environment.
    pub file: Option<PathBuf>,
    /// Whether they are for Spin, whose lists of hosts then count.
    pub is_for_spin: bool,
}

impl Given {
    /// The environment's, else the file's, else the defaults of `wrangler.toml`.
    pub fn read(config: &WorkerConfig, file: Option<PathBuf>) -> Result<Self> {
        let written = file.as_deref().map(variables::read).transpose()?.unwrap_or_default();
        Ok(Self::of(config, written, file))
    }

    /// Where an operator usually has them: the first that is there of `.dev.vars`, what `setup` has kept, and what a running `dev` has
    /// written.
    pub fn usual_file(project: &Project) -> Option<PathBuf> {
        let kept = [KEPT_FOR_WORKERS, KEPT_FOR_SPIN, OF_DEV].map(|name| project.local(name));
        [project.path(".dev.vars")].into_iter().chain(kept).find(|path| path.exists())
    }

    fn of(config: &WorkerConfig, written: Values, file: Option<PathBuf>) -> Self {
        let defaults = config.variables().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
        let names: Vec<&str> = config.names().chain(HOST_VARIABLES.map(|host| host.name)).collect();
        let from_spin =
            names.iter().filter_map(|name| Some(((*name).to_owned(), env::var(format!("{PREFIX}{name}")).ok()?)));
        let from_spin = variables::of(from_spin);
        let plain = names.iter().filter_map(|name| Some(((*name).to_owned(), env::var(name).ok()?)));
        let is_for_spin = !from_spin.is_empty() || file.as_deref().is_some_and(variables::is_json);
        let mut values = variables::of(defaults);
        for more in [written, from_spin, variables::of(plain)] {
            values.extend(more);
        }
        let secrets = config.hidden().map(str::to_owned).collect();
        Self { values, secrets, file, is_for_spin }
    }

    /// A variable's value; empty where it is not set.
    pub fn get(&self, name: &str) -> &str {
        self.values.get(name).map_or("", |value| value.trim())
    }

    /// Whether they are a running `dev`'s, whose data nobody has promised to remove.
    pub fn is_of_dev(&self) -> bool {
        self.file.as_deref().is_some_and(|file| file.ends_with(OF_DEV))
    }

    /// Sets one.
    pub fn set(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), value.trim().to_owned());
    }

    /// Keeps the secrets, and takes the others from `wrangler.toml` alone: a Worker gets no others.
    pub fn as_a_worker_gets_them(&mut self, config: &WorkerConfig) {
        let defaults: Values =
            config.variables().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect();
        self.values.retain(|name, _| self.secrets.contains(name));
        self.values.extend(variables::of(defaults));
    }

    /// Somebody else's words without any secret that may stand in them, in one line.
    pub fn shown(&self, words: &str) -> String {
        let address = Url::parse(self.get("DATABASE_URL")).ok();
        let password = address.as_ref().and_then(Url::password).unwrap_or_default().to_owned();
        let secrets = self.secrets.iter().map(|name| self.get(name)).chain([password.as_str()]);
        // A short one would be found everywhere, and is none.
        let hidden = secrets
            .filter(|secret| 4 <= secret.len())
            .fold(words.to_owned(), |words, secret| words.replace(secret, HIDDEN));
        let line: Vec<&str> = hidden.split_whitespace().collect();
        line.join(" ").chars().take(200).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown() {
        let config = WorkerConfig::parse(include_str!("../../../wrangler.toml")).unwrap();
        let written =
            [("DATABASE_URL", "postgres://ann:hunter22@host.example/db"), ("UPSTASH_REDIS_REST_TOKEN", "AX0kAA")];
        let written = variables::of(written.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let given = Given::of(&config, written, None);
        assert_eq!(
            given.shown("no hunter22\n nor AX0kAA, not postgres://ann:hunter22@host.example/db"),
            "no *** nor ***, not ***"
        );
    }
}
