//! `cargo xtask bench`: the product's budgets, measured in one run on private stores.

use anyhow::Result;

use crate::build;
use crate::project::Project;
use crate::setup;
use crate::steps;
use crate::test::{Served, Stores, prepare};

/// The command.
pub fn run(project: &Project) -> Result<()> {
    let _lock = setup::lock(project)?;
    let tools = prepare(project)?;
    build::page(project, &tools)?;
    build::programs(project)?;
    build::worker(project, &tools)?;
    let served = Served::start(project, Stores::Real)?;
    let mut cargo = project.cargo();
    cargo.args(["run", "--quiet", "--package", "tests", "--bin", "edgewise-bench"]);
    cargo.envs(served.variables(project)?);
    cargo.env("WORKERD", tools.module("@cloudflare/workerd-linux-64/bin/workerd"));
    cargo.env("WORKER_BUILD", build::worker_entry(project).with_file_name(""));
    steps::aloud("benchmark", "the words above say which budget is broken, or what could not be measured", &mut cargo)
}
