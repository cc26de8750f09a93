//! The components and the page on Spin: on `spin` where it is installed, else on the host of `tests/spin-host`.

use std::env;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;
use url::Url;
use wire::spin_hosts::HOST_VARIABLES;

use super::config::WorkerConfig;
use super::process::{Child, Events};
use super::server::Server;
use super::variables::Variables;
use crate::build::MANIFEST;
use crate::project::Project;
use crate::setup;
use crate::steps;

/// Both hosts take variables from the environment under this prefix: secrets never stand on a command line.
const PREFIX: &str = "SPIN_VARIABLE_";

/// How it is started.
pub struct Options<'a> {
    /// The address of the page.
    pub listen: SocketAddr,
    /// Where Spin keeps its state.
    pub data: &'a Path,
    /// Handed on as they are: both hosts know the same options of instances.
    pub others: &'a [String],
}

/// Starts it and waits until it listens. `None`: told to stop meanwhile.
pub fn start(
    project: &Project,
    config: &WorkerConfig,
    variables: &Variables,
    options: &Options<'_>,
    events: &Events,
) -> Result<Option<Server>> {
    let (name, mut command) = match setup::find_spin() {
        Some(spin) => ("spin", by_spin(project, &spin, options.data)),
        None => ("the project's own host, because Spin 4.1 is not installed", by_own_host(project)),
    };
    command.args(["--listen", &options.listen.to_string()]).args(options.others);
    set_variables(&mut command, config, variables);
    steps::step(&format!("Spin components on {name}"), || {
        let mut child = Child::start_heard(&command, log)?;
        let ready = child.wait_until_ready("the components' server", events, ready, steps::say)?;
        let Some(ready) = ready else { return Ok(None) };
        Ok(Some(Server { base: ready.as_str().context("the server's first line")?.to_owned(), _child: child }))
    })
}

fn by_spin(project: &Project, spin: &Path, data: &Path) -> Command {
    let mut command = project.command(spin);
    command.args(["up", "--from", MANIFEST, "--state-dir"]).arg(data.join("spin"));
    command
}

fn by_own_host(project: &Project) -> Command {
    let mut command = project.command(project.program("edgewise-spin-host"));
    command.args(["--manifest", MANIFEST, "--cache"]).arg(project.local("spin-host"));
    command
}

/// Every variable that has a value; `spin.toml` has the defaults of the others.
fn set_variables(command: &mut Command, config: &WorkerConfig, variables: &Variables) {
    for name in config.names() {
        match variables.get(name) {
            Some(value) => command.env(format!("{PREFIX}{name}"), value),
            None => command.env_remove(format!("{PREFIX}{name}")),
        };
    }
    for (host, origin) in hosts(variables) {
        let host = format!("{PREFIX}{host}");
        if env::var_os(&host).is_none_or(|given| given.is_empty()) {
            command.env(host, origin);
        }
    }
}

/// The hosts that components must be allowed to call, by the addresses they are given.
pub fn hosts(variables: &Variables) -> impl Iterator<Item = (&'static str, String)> {
    HOST_VARIABLES.iter().filter_map(|host| {
        let address = host.addresses.iter().find_map(|name| variables.get(*name))?;
        Some((host.name, origin(address)?))
    })
}

/// `scheme://host:port` of an address: Spin wants no path there.
fn origin(address: &str) -> Option<String> {
    Some(Url::parse(address).ok()?.origin().ascii_serialization())
}

/// The line that says where it listens: our host's, or Spin's.
fn ready(line: &str) -> Option<Value> {
    let address = line.strip_prefix("ready ").or_else(|| line.strip_prefix("Serving "))?;
    Some(address.trim().into())
}

/// The functions' log is JSON and goes where that of the Worker goes; anything else is the host's own or a crash.
fn log(line: &str) {
    match line.starts_with('{') {
        true => println!("{line}"),
        false => steps::say(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: &str = include_str!("../../../docs/spin/edgewise@.service");
    const DAILY: &str = include_str!("../../../docs/spin/edgewise-maintenance.service");
    const TIMER: &str = include_str!("../../../docs/spin/edgewise-maintenance.timer");
    const CONTAINER: &str = include_str!("../../../docs/spin/Containerfile");
    const COMPOSE: &str = include_str!("../../../docs/spin/compose.yaml");
    const KUBERNETES: &str = include_str!("../../../docs/spin/kubernetes.yaml");
    const NGINX: &str = include_str!("../../../docs/spin/nginx.conf");
    const PAGE: &str = include_str!("../../../docs/deploy-spin.md");

    /// Of the keys that systemd has those of the examples: one that it does not know it passes over.
    const KEYS: [(&str, &str); 4] = [
        ("[Unit]", "Description After Wants"),
        (
            "[Service]",
            "Type DynamicUser StateDirectory CacheDirectory LogsDirectory WorkingDirectory EnvironmentFile Environment ExecStart LimitNOFILE \
             Restart RestartSec TimeoutStopSec MemoryMax NoNewPrivileges ProtectSystem ProtectHome PrivateTmp",
        ),
        ("[Timer]", "OnCalendar Persistent RandomizedDelaySec"),
        ("[Install]", "WantedBy"),
    ];

    /// Of the options of `spin up`.
    const OPTIONS: [&str; 5] = ["--from", "--listen", "--state-dir", "--log-dir", "--idle-instance-timeout"];

    /// What follows `before` wherever it stands, as far as it can be a name or a path.
    fn after<'a>(text: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
        let is_its = |c: char| c.is_ascii_alphanumeric() || "_/".contains(c);
        let names = text.split(before).skip(1).filter_map(move |rest| rest.split(|c: char| !is_its(c)).next());
        names.filter(|name| !name.is_empty())
    }

    #[test]
    fn the_units_have_keys_that_systemd_knows() {
        for unit in [SERVICE, DAILY, TIMER] {
            let unit = unit.replace("\\\n", "");
            let mut known = "";
            for line in unit.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
                if let Some((_, keys)) = KEYS.iter().find(|(section, _)| *section == line) {
                    known = keys;
                    continue;
                }
                let (key, value) = line.split_once('=').unwrap_or_else(|| panic!("no key: {line}"));
                assert!(known.split(' ').any(|one| one == key) && !value.is_empty(), "{line}");
            }
        }
    }

    #[test]
    fn the_examples_start_spin_by_options_that_it_has() {
        for (example, before) in
            [(SERVICE, "ExecStart=/usr/local/bin/spin up "), (CONTAINER, "ENTRYPOINT [\"spin\", \"up\", ")]
        {
            let (_, words) = example.split_once(before).unwrap();
            let words = words.split_whitespace().map(|word| word.trim_matches(|c: char| "\",[]".contains(c)));
            let options: Vec<&str> = words.filter(|word| word.starts_with("--")).collect();
            assert!(options.contains(&"--from") && options.contains(&"--listen"), "{options:?}");
            assert!(options.iter().all(|option| OPTIONS.contains(option)), "{options:?}");
        }
    }

    #[test]
    fn the_examples_name_variables_and_paths_that_there_are() {
        let spin: toml::Table = include_str!("../../../spin.toml").parse().unwrap();
        let variables = spin["variables"].as_table().unwrap();
        let contract: Value = serde_json::from_str(include_str!("../../../schema/openapi.json")).unwrap();
        let paths = contract["paths"].as_object().unwrap();
        let files = [SERVICE, DAILY, TIMER, CONTAINER, COMPOSE, KUBERNETES, NGINX];
        let told = files.iter().chain([&PAGE]).flat_map(|text| after(text, PREFIX));
        // Those of SpinKube.
        let told = told.chain(after(PAGE, "--from-literal=")).chain(after(PAGE, "- { name: "));
        let told: Vec<String> = told.map(str::to_lowercase).collect();
        assert!(told.len() > 10, "{told:?}");
        for name in told {
            assert!(variables.contains_key(name.as_str()), "spin.toml has no {name}");
        }
        for path in files.iter().flat_map(|text| after(text, "/api/v1/")) {
            assert!(paths.contains_key(&format!("/api/v1/{path}")), "there is no {path}");
        }
    }

    #[test]
    fn an_address_loses_its_path() {
        for (address, expected) in [
            ("http://127.0.0.1:8080/sql", Some("http://127.0.0.1:8080")),
            ("https://api.example.com/v1/x", Some("https://api.example.com")),
            ("https://api.example.com", Some("https://api.example.com")),
            ("no address", None),
        ] {
            assert_eq!(origin(address).as_deref(), expected);
        }
    }

    #[test]
    fn either_host_says_where_it_listens() {
        assert_eq!(ready("ready http://127.0.0.1:1"), Some("http://127.0.0.1:1".into()));
        assert_eq!(ready("Serving http://127.0.0.1:1"), Some("http://127.0.0.1:1".into()));
        assert_eq!(ready("Available Routes:"), None);
    }
}
