//! The last steps of `setup`: the variables go to Cloudflare or into files for Spin, and the functions are served with them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::given::Given;
use super::message;
use super::variables::{is_json, read};
use crate::deploy;
use crate::dev::{self, Server, Variables, WorkerConfig, write_private};
use crate::project::Project;
use crate::setup::Tools;
use crate::steps;

/// A new address at workers.dev is known everywhere within a minute.
const SERVED_WITHIN: Duration = Duration::from_secs(90);

/// How often it is asked.
const ASK_EVERY: Duration = Duration::from_secs(2);

/// The line of `wrangler.toml` that keeps the chat off, and the one that switches it on.
const OFF: &str = "FEATURE_CHAT_ENABLED = \"false\"";
const ON: &str = "FEATURE_CHAT_ENABLED = \"true\"";

/// Switches the chat on in `wrangler.toml`: a deployment without it answers 404.
pub fn switch_on(project: &Project) -> Result<()> {
    let path = project.path("wrangler.toml");
    let text = fs::read_to_string(&path).context("reading wrangler.toml")?;
    if text.contains(OFF) {
        fs::write(&path, text.replacen(OFF, ON, 1)).context("writing wrangler.toml")?;
        steps::say("wrangler.toml: FEATURE_CHAT_ENABLED is true from now on; the file is yours, keep the change");
    }
    Ok(())
}

/// To Cloudflare; the address that came of it, if wrangler names one.
pub fn to_workers(
    project: &Project,
    tools: &Tools,
    secrets: &Variables,
    arguments: &deploy::Arguments,
) -> Result<Option<String>> {
    deploy::put_secrets(project, tools, secrets)?;
    let told = project.local("operator/wrangler.jsonl");
    // What an earlier deployment told.
    let _ = fs::remove_file(&told);
    deploy::publish(project, arguments, Some(&told))?;
    Ok(address(&fs::read_to_string(&told).unwrap_or_default()))
}

/// The first address that wrangler has deployed to: `https://name.account.workers.dev`, or `chat.example.com (custom domain)`.
fn address(lines: &str) -> Option<String> {
    let deployed = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut deployed = deployed.filter(|told| told.get("type").and_then(Value::as_str) == Some("deploy"));
    let deployed = deployed.next_back()?;
    let mut targets = deployed.get("targets")?.as_array()?.iter().filter_map(Value::as_str);
    // A Worker that only its operator's own door leads to has no other target; one for all names of a domain is no address.
    let target = targets
        .find(|target| !target.starts_with("schedule:") && !target.starts_with('*'))?
        .split_whitespace()
        .next()?
        .trim_end_matches("/*")
        .to_owned();
    Some(if target.contains("://") { target } else { format!("https://{target}") })
}

/// Waits until the address serves.
pub fn wait(base: &str) -> Result<()> {
    steps::step(&format!("wait for {base}"), || {
        let started = Instant::now();
        while started.elapsed() < SERVED_WITHIN {
            if message::send(base, "GET", "/api/v1/health", "", None).is_ok_and(|reply| reply.status == 200) {
                return Ok(());
            }
            thread::sleep(ASK_EVERY);
        }
        bail!("{base} does not serve yet\n  what to do: `cargo xtask doctor {base} --message` in a few minutes")
    })
}

/// What a deployment on Spin gets: all that is set, the chat switched on, and the hosts that its addresses lead to.
pub fn for_spin(config: &WorkerConfig, given: &Given) -> Variables {
    let known = config.names().map(|name| (name.to_owned(), given.get(name).to_owned()));
    let mut variables: Variables = known.filter(|(_, value)| !value.is_empty()).collect();
    variables.insert("FEATURE_CHAT_ENABLED".to_owned(), "true".to_owned());
    variables
}

/// What a Worker gets beside `wrangler.toml`: its secrets.
pub fn for_a_worker(config: &WorkerConfig, given: &Given) -> Variables {
    let secrets = config.hidden().map(|name| (name.to_owned(), given.get(name).to_owned()));
    secrets.filter(|(_, value)| !value.is_empty()).collect()
}

/// The variables, and what is kept of the secrets that the deployment has and that were not told again: nobody else has a copy of what was made.
pub fn beside_what_was_kept(path: &Path, told: &Variables, there: &BTreeSet<String>) -> Result<Variables> {
    let mut all = if path.exists() { read(path)? } else { Variables::new() };
    all.retain(|name, _| there.contains(name));
    all.extend(told.clone());
    Ok(all)
}

/// Writes the variables where `doctor` and the next `setup` find them, readable by their owner alone. A name that ends on `.json` is for Spin:
/// for `spin up --variable @FILE`, too, and with lines beside it, for systemd and for Spin's own `.env`.
pub fn keep(path: &Path, variables: &Variables) -> Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    if !is_json(path) {
        return write_private(path, &dev::for_wrangler(variables));
    }
    let json = dev::for_spin(variables)?;
    write_private(path, &json)?;
    let named: Variables = serde_json::from_str(&json).context("reading what was written")?;
    let line = |(name, value): (&String, &String)| format!("SPIN_VARIABLE_{}={}\n", name.to_uppercase(), quoted(value));
    write_private(&path.with_extension("env"), &named.iter().map(line).collect::<String>())
}

/// In quotes as systemd and dotenv read them.
fn quoted(value: &str) -> String {
    if !value.contains('\'') {
        return format!("'{value}'");
    }
    let escaped =
        ["\\", "\"", "$", "`"].iter().fold(value.to_owned(), |text, sign| text.replace(sign, &format!("\\{sign}")));
    format!("\"{escaped}\"")
}

/// Serves the components on this machine for as long as the result lives. Their log is not wanted here.
pub fn on_spin_here(project: &Project, config: &WorkerConfig, variables: &Variables) -> Result<Server> {
    let mut quiet = variables.clone();
    quiet.insert("LOG_LEVEL".to_owned(), "error".to_owned());
    dev::serve_once(project, config, &quiet, &project.local("operator"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_address_is_what_wrangler_tells_last() {
        let told = r#"{"type":"wrangler-session","version":1}
{"type":"deploy","version":1,"targets":["https://old.example.workers.dev"]}
{"type":"deploy","version":1,"targets":["chat.example.com (custom domain)"]}"#;
        assert_eq!(address(told).as_deref(), Some("https://chat.example.com"));
        assert_eq!(
            address(r#"{"type":"deploy","targets":["https://a.b.workers.dev"]}"#).as_deref(),
            Some("https://a.b.workers.dev")
        );
        assert_eq!(address(r#"{"type":"deploy","targets":[]}"#), None);
        assert_eq!(address(r#"{"type":"deploy","targets":["schedule: 17 4 * * *"]}"#), None);
    }

    #[test]
    fn wrangler_toml_has_the_line_that_is_switched() {
        assert!(include_str!("../../../wrangler.toml").contains(OFF));
    }

    #[test]
    fn values_are_quoted_for_systemd() {
        assert_eq!(quoted("p$w\\d \"x\""), "'p$w\\d \"x\"'");
        assert_eq!(quoted("It's $5 \\ `x`"), "\"It's \\$5 \\\\ \\`x\\`\"");
    }

    #[test]
    fn what_is_kept_is_its_owners_alone() {
        let folder = std::env::temp_dir().join(format!("edgewise-kept-{}", std::process::id()));
        let path = folder.join("variables.json");
        let variables = Variables::from([("DATABASE_HTTP_URL".to_owned(), "http://127.0.0.1:1/sql".to_owned())]);
        keep(&path, &variables).unwrap();
        for path in [path.clone(), path.with_extension("env")] {
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let env = fs::read_to_string(path.with_extension("env")).unwrap();
        let expected = "SPIN_VARIABLE_DATABASE_HOST='http://127.0.0.1:1'\nSPIN_VARIABLE_DATABASE_HTTP_URL='http://127.0.0.1:1/sql'\n";
        assert_eq!(env, expected);
        let secrets = folder.join("secrets.vars");
        keep(&secrets, &Variables::from([("JWT_SECRET".to_owned(), "p$w'd".to_owned())])).unwrap();
        assert_eq!(fs::metadata(&secrets).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(read(&secrets).unwrap()["JWT_SECRET"], "p$w'd");
        // The deployment has a secret that is not told again; of another one it knows nothing.
        let told = Variables::from([("SAMBANOVA_API_KEY".to_owned(), "new".to_owned())]);
        let both = beside_what_was_kept(&secrets, &told, &BTreeSet::from(["JWT_SECRET".to_owned()])).unwrap();
        assert_eq!(both.keys().collect::<Vec<_>>(), ["JWT_SECRET", "SAMBANOVA_API_KEY"]);
        assert_eq!(beside_what_was_kept(&secrets, &told, &BTreeSet::new()).unwrap(), told);
        fs::remove_dir_all(folder).unwrap();
    }
}
