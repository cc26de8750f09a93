//! What wrangler.toml says, as far as `dev` and `deploy` need it.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::project::Project;

/// Secrets that a deployment can do without: wrangler.toml has no place for them.
const OPTIONAL_SECRETS: &[&str] = &[
    "ACCOUNTS_PEPPER",
    "ALERT_WEBHOOK_URL",
    "JWT_SECRET_PREVIOUS",
    "MAIL_API_TOKEN",
    "MAINTENANCE_TOKEN",
    "METRICS_TOKEN",
    "OAUTH_GITHUB_SECRET",
    "OAUTH_GOOGLE_SECRET",
    "OIDC_SECRET",
    "TURNSTILE_SECRET",
];

/// The Worker as it is deployed.
#[derive(Deserialize)]
pub struct WorkerConfig {
    /// The Worker's name.
    pub name: String,
    /// The version of workerd's behaviour.
    pub compatibility_date: String,
    /// Behaviour switched on beside that.
    #[serde(default)]
    pub compatibility_flags: Vec<String>,
    /// The page.
    pub assets: Assets,
    vars: BTreeMap<String, String>,
    secrets: Secrets,
}

/// How the page's files are served.
#[derive(Deserialize)]
pub struct Assets {
    /// The folder, from the root.
    pub directory: String,
    /// What an unknown path gets.
    pub not_found_handling: String,
    /// What the function calls the folder.
    pub binding: String,
    /// The paths that are functions.
    pub run_worker_first: Vec<String>,
}

#[derive(Deserialize)]
struct Secrets {
    required: Vec<String>,
}

impl WorkerConfig {
    /// Reads `wrangler.toml`.
    pub fn read(project: &Project) -> Result<Self> {
        Self::parse(&fs::read_to_string(project.path("wrangler.toml")).context("reading wrangler.toml")?)
    }

    /// Understands the text of a `wrangler.toml`.
    pub fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).context("wrangler.toml is not as expected")
    }

    /// Every variable that `wrangler.toml` names, with its default where it is not a secret.
    pub fn variables(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let vars = self.vars.iter().map(|(name, value)| (name.as_str(), Some(value.as_str())));
        vars.chain(self.secrets.required.iter().map(|name| (name.as_str(), None)))
    }

    /// The names of all variables that the functions know.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables().map(|(name, _)| name).chain(OPTIONAL_SECRETS.iter().copied())
    }

    /// The names of the secrets without which nothing is served.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.secrets.required.iter().map(String::as_str)
    }

    /// The names of all secrets, also of those that a deployment can do without.
    pub fn hidden(&self) -> impl Iterator<Item = &str> {
        self.secrets().chain(OPTIONAL_SECRETS.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::process::Command;

    use super::*;

    #[test]
    fn the_names_are_those_that_spin_toml_declares() {
        let spin: toml::Table = include_str!("../../../spin.toml").parse().unwrap();
        let declared = spin["variables"].as_table().unwrap().keys().filter(|name| !name.ends_with("_host"));
        let config = WorkerConfig::parse(include_str!("../../../wrangler.toml")).unwrap();
        assert_eq!(config.names().map(str::to_lowercase).collect::<BTreeSet<_>>(), declared.cloned().collect());
    }

    /// Cloudflare refuses a deployment over what workerd only remarks on: a flag that the date has made the default, say.
    #[test]
    fn workerd_has_nothing_to_say_of_the_date_and_the_flags() {
        let workerd = "xtask/node/node_modules/@cloudflare/workerd-linux-64/bin/workerd";
        let workerd = Project::open().unwrap().path(workerd);
        let config = WorkerConfig::parse(include_str!("../../../wrangler.toml")).unwrap();
        let said = |date: &str, flags: &[String]| {
            let written = format!(
                "using Workerd = import \"/workerd/workerd.capnp\";
                const config :Workerd.Config = (services = [(name = \"main\", worker = (
                    modules = [(name = \"entry\", esModule = \"export default {{ test() {{}} }};\")],
                    compatibilityDate = {date:?}, compatibilityFlags = {flags:?}))]);"
            );
            let file = std::env::temp_dir().join(format!("edgewise-flags-{}-{date}.capnp", std::process::id()));
            fs::write(&file, written).unwrap();
            let output = Command::new(&workerd).arg("test").arg(&file).output().unwrap();
            fs::remove_file(file).unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(said.contains("[ PASS ] main"), "{said}");
            said
        };
        let known = "compatibility flag";
        let ours = said(&config.compatibility_date, &config.compatibility_flags);
        assert!(!ours.contains(known), "{ours}");
        let default_since = said("2026-11-17", &["enable_request_signal".to_owned()]);
        assert!(default_since.contains(known), "{default_since}");
    }
}
