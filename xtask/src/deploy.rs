//! `cargo xtask deploy`: `wrangler deploy` after the checks that it does not make. `docs/deploy-workers.md` has the way
//! from three accounts to a running page.

mod placement;

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

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
    dry_run: bool,
    /// The database, whose host name says where the Worker should run. It is sent nowhere.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
}

/// The command.
pub fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    let _lock = setup::lock(project)?;
    let tools = setup::tools(project, &[Runtime::Workers])?;
    build::page(project, &tools)?;
    build::worker(project, &tools)?;
    let config = WorkerConfig::read(project)?;
    let written = fs::read_to_string(project.path(CONFIG)).context("reading wrangler.toml")?;
    let placement = Placement::choose(&written, arguments.database_url.as_deref())?;
    steps::say(&placement.to_string());
    let placed = placement.write(project, &written)?;
    let mut wrangler = wrangler::command(project, &tools);
    wrangler.args(["deploy", "--config", placed.as_ref().map_or(CONFIG, PlacedConfig::name)]);
    if arguments.dry_run {
        wrangler.args(["--dry-run", "--outdir"]).arg(project.local("deploy"));
        wrangler.env("CI", "1");
    } else {
        secrets_are_set(project, &tools, &config)?;
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
    let output = wrangler::command(project, tools).args(["secret", "list", "--format", "json"]).output()?;
    if !output.status.success() {
        bail!(
            "wrangler cannot list the Worker's secrets: {}\n  what to do: `cargo xtask wrangler login`; before the very first \
             deployment, put one secret: `cargo xtask wrangler secret put JWT_SECRET` creates the Worker",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let listed: Vec<Secret> = serde_json::from_slice(&output.stdout).context("reading wrangler's list of secrets")?;
    let there: BTreeSet<String> = listed.into_iter().map(|secret| secret.name).collect();
    let missing: Vec<_> = config.secrets().filter(|name| !there.contains(*name)).collect();
    if !missing.is_empty() {
        let commands: String =
            missing.iter().map(|name| format!("\n    cargo xtask wrangler secret put {name}")).collect();
        bail!("secrets are missing\n  what to do:{commands}");
    }
    Ok(())
}
