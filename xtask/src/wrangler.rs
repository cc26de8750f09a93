//! `cargo xtask wrangler`: the pinned wrangler on a Node it runs on.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};

use crate::build;
use crate::dev::{FOR_WRANGLER, WorkerConfig};
use crate::project::Project;
use crate::runtime::Runtime;
use crate::setup::{self, Tools};
use crate::steps;

/// Words for wrangler.
#[derive(clap::Args)]
pub struct Arguments {
    /// For example `dev`, `secret put JWT_SECRET`, `tail`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// The command.
pub fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    let tools = {
        // A command that has built everything itself holds the lock.
        let _lock = if build::is_done() { None } else { Some(setup::lock(project)?) };
        setup::tools(project, &[Runtime::Workers])?
    };
    let mut command = command(project, &tools);
    command.args(&arguments.arguments);
    if arguments.arguments.first().is_some_and(|word| word == "dev") {
        serve_as_dev_does(project, &arguments.arguments, &mut command)?;
    }
    // In place of this process, so that stopping it stops wrangler. `exec` returns only when it could not start.
    let error = command.exec();
    Err(error).context("starting wrangler")
}

/// `wrangler dev` gets the variables of a running `cargo xtask dev`, unless it is told others.
fn serve_as_dev_does(project: &Project, arguments: &[OsString], command: &mut Command) -> Result<()> {
    let is_told = arguments.iter().any(|word| word.to_string_lossy().starts_with("--env-file"));
    let written = project.local(FOR_WRANGLER);
    if !is_told && (project.path(FOR_WRANGLER).exists() || !written.exists()) {
        if !project.path(FOR_WRANGLER).exists() {
            steps::say("no variables: start `cargo xtask dev` first and leave it running, or write them to .dev.vars");
        }
        return Ok(());
    }
    if !is_told {
        command.arg("--env-file").arg(written);
    }
    // wrangler would take the environment's before the file's; `dev` has put them into the file as they are for functions.
    for name in WorkerConfig::read(project)?.names() {
        command.env_remove(name);
    }
    Ok(())
}

/// wrangler in the root of the project.
pub fn command(project: &Project, tools: &Tools) -> Command {
    let mut command = project.command(&tools.node);
    command.arg(tools.module("wrangler/bin/wrangler.js")).env("WRANGLER_SEND_METRICS", "false");
    tools.equip(&mut command);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_secrets_is_not_for_git() {
        let project = Project::open().unwrap();
        for name in [".dev.vars", ".dev.vars.production", ".env", ".env.local", ".local/.dev.vars"] {
            let status = project.command("git").args(["check-ignore", "--quiet", name]).status().unwrap();
            assert!(status.success(), "git would take {name}");
        }
    }
}
