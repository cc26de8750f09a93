//! `cargo xtask deploy`: `wrangler deploy` after the checks that it does not make. `docs/deploy-workers.md` has the way
//! from three accounts to a running page.

mod placement;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

use anyhow::{Context, Error, Result, anyhow, bail};
use serde::Deserialize;

use crate::brand;
use crate::build;
use crate::dev::WorkerConfig;
use crate::project::Project;
use crate::runtime::Runtime;
use crate::setup::{self, Tools};
use crate::steps;
use crate::wrangler;
use placement::{PlacedConfig, Placement};

/// What the operator writes.
const CONFIG: &str = "wrangler.toml";

/// How far to go, and where to.
#[derive(clap::Args)]
pub struct Arguments {
    /// Build and check everything, then stop: nothing leaves this machine, no account is needed.
    #[arg(long)]
    pub dry_run: bool,
    /// The database, whose host name says where the Worker should run. It is sent nowhere.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Take what is already built: for tests.
    #[arg(long, hide = true)]
    pub skip_build: bool,
}

/// The command.
pub fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    publish(project, arguments, None)
}

/// Builds, checks and sends. `told`: a file in which wrangler writes, a line of JSON each, what it has done.
pub fn publish(project: &Project, arguments: &Arguments, told: Option<&Path>) -> Result<()> {
    let _lock = if arguments.skip_build { None } else { Some(setup::lock(project)?) };
    let tools = setup::tools(project, &[Runtime::Workers])?;
    if !arguments.skip_build {
        build::page(project, &tools)?;
        build::worker(project, &tools)?;
    }
    let config = WorkerConfig::read(project)?;
    let written = fs::read_to_string(project.path(CONFIG)).context("reading wrangler.toml")?;
    let placement = Placement::choose(&written, arguments.database_url.as_deref())?;
    steps::say(&placement.to_string());
    if !brand::leads_to_privacy(project)? {
        steps::say(&format!("! {}\n  what to do: {}", brand::NO_PRIVACY_LINK, brand::PRIVACY_LINK_REMEDY));
    }
    let placed = placement.write(project, &written)?;
    let mut wrangler = wrangler::command(project, &tools);
    wrangler.args(["deploy", "--config", placed.as_ref().map_or(CONFIG, PlacedConfig::name)]);
    if arguments.dry_run {
        wrangler.args(["--dry-run", "--outdir"]).arg(project.local("deploy"));
        wrangler.env("CI", "1");
    } else {
        secrets_are_set(project, &tools, &config)?;
    }
    if let Some(told) = told {
        wrangler.env("WRANGLER_OUTPUT_FILE_PATH", told);
    }
    // The bundle was just built: wrangler's own build command would wait for our lock.
    wrangler.env(build::DONE_VARIABLE, "1");
    steps::aloud("wrangler deploy", "wrangler's words above say what is wrong", &mut wrangler)
}

/// A secret as wrangler lists it.
#[derive(Deserialize)]
struct Secret {
    name: String,
}

/// Without its secrets every request would answer `misconfigured`.
fn secrets_are_set(project: &Project, tools: &Tools, config: &WorkerConfig) -> Result<()> {
    let Some(there) = listed_secrets(project, tools)? else {
        bail!(
            "Cloudflare has no Worker of this name yet\n  what to do: `cargo xtask setup` makes it, or one secret does: `cargo xtask \
             wrangler secret put JWT_SECRET`"
        );
    };
    let missing: Vec<_> = config.secrets().filter(|name| !there.contains(*name)).collect();
    if !missing.is_empty() {
        let commands: String =
            missing.iter().map(|name| format!("\n    cargo xtask wrangler secret put {name}")).collect();
        bail!("secrets are missing\n  what to do:{commands}");
    }
    Ok(())
}

/// The names of the secrets that the Worker has; none where there is no such Worker yet.
pub fn secrets_there(project: &Project, tools: &Tools) -> Result<BTreeSet<String>> {
    Ok(listed_secrets(project, tools)?.unwrap_or_default())
}

/// How Cloudflare says that there is no such Worker: its code, or wrangler's words for it.
const NO_WORKER: [&str; 2] = ["code: 10007", "If this is a new Worker"];

/// How Cloudflare says that it does not know who asks, or lets them do nothing.
const NO_ENTRY: [&str; 2] = ["code: 10000", "code: 9109"];

/// `None`: there is no such Worker.
fn listed_secrets(project: &Project, tools: &Tools) -> Result<Option<BTreeSet<String>>> {
    let mut wrangler = wrangler::command(project, tools);
    let output = wrangler.args(["secret", "list", "--format", "json"]).output().context("starting wrangler")?;
    if !output.status.success() {
        let words = words(&output);
        return match NO_WORKER.iter().any(|sign| words.contains(sign)) {
            true => Ok(None),
            false => Err(refused("wrangler cannot list the Worker's secrets", &words)),
        };
    }
    let listed: Vec<Secret> = serde_json::from_slice(&output.stdout).context("reading wrangler's list of secrets")?;
    Ok(Some(listed.into_iter().map(|secret| secret.name).collect()))
}

/// All that it has said.
fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

/// Why wrangler has not done `what`: a sentence for what everybody meets once, else its own words.
fn refused(what: &str, words: &str) -> Error {
    if NO_ENTRY.iter().any(|sign| words.contains(sign)) {
        return anyhow!(
            "{what}: Cloudflare refuses the login\n  what to do: `cargo xtask wrangler login`; a CLOUDFLARE_API_TOKEN in the environment \
             comes before that, and needs the template \"Edit Cloudflare Workers\" for the account that CLOUDFLARE_ACCOUNT_ID names"
        );
    }
    anyhow!("{what}: {}\n  what to do: `cargo xtask wrangler login`, if its words do not say", words.trim())
}

/// Puts secrets, all at once, by wrangler's standard input: no command line and no file has them.
pub fn put_secrets(project: &Project, tools: &Tools, secrets: &BTreeMap<String, String>) -> Result<()> {
    steps::step("secrets to Cloudflare", || {
        let mut wrangler = wrangler::command(project, tools);
        wrangler.args(["secret", "bulk"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Asks nothing: a Worker that is not there yet is made.
        let mut child = wrangler.env("CI", "1").spawn().context("starting wrangler")?;
        let mut input = child.stdin.take().context("wrangler's input is taken")?;
        input.write_all(serde_json::to_string(secrets)?.as_bytes()).context("writing to wrangler")?;
        drop(input);
        let output = child.wait_with_output().context("waiting for wrangler")?;
        if !output.status.success() {
            let shown = secrets.values().fold(words(&output), |words, secret| {
                // Cloudflare's words are JSON, where a quotation mark in a secret has its sign before it.
                let quoted = serde_json::Value::from(secret.as_str()).to_string();
                words.replace(secret, "***").replace(quoted.trim_matches('"'), "***")
            });
            return Err(refused("wrangler has not put the secrets", &shown));
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_meets_once_is_a_sentence_and_all_else_wranglers_own_words() {
        for words in ["Authentication error [code: 10000]", "Unauthorized to access requested resource [code: 9109]"] {
            let told = refused("it has not", words).to_string();
            assert!(told.starts_with("it has not: Cloudflare refuses the login\n  what to do: "), "{told}");
        }
        let told = refused("it has not", "too large [code: 10027]\n").to_string();
        assert!(told.starts_with("it has not: too large [code: 10027]\n  what to do: "), "{told}");
    }
}
