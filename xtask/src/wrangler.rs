//! `cargo xtask wrangler`: the pinned wrangler on a Node it runs on.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};

use crate::project::Project;
use crate::runtime::Runtime;
use crate::setup::{self, Tools};

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
        let _lock = setup::lock(project)?;
        setup::tools(project, &[Runtime::Workers])?
    };
    // In place of this process, so that whoever stops it stops wrangler. `exec` returns only when it could not start.
    let error = command(project, &tools).args(&arguments.arguments).exec();
    Err(error).context("starting wrangler")
}

/// wrangler in the root of the project.
pub fn command(project: &Project, tools: &Tools) -> Command {
    let mut command = project.command(&tools.node);
    command.arg(tools.module("wrangler/bin/wrangler.js")).env("WRANGLER_SEND_METRICS", "false");
    tools.equip(&mut command);
    command
}
