//! `cargo xtask bench`: the product's budgets, measured in one run on private stores.

use anyhow::Result;

use crate::build;
use crate::components;
use crate::dev::WorkerConfig;
use crate::project::Project;
use crate::runtime::Runtime;
use crate::setup;
use crate::steps;
use crate::test::{Round, Served, Stores, prepare};

/// The command line.
#[derive(clap::Args)]
pub struct Arguments {
    /// Only these parts; without one, all of them.
    #[arg(value_parser = ["store-trips", "throughput", "scale", "many-streams", "spin", "sizes"])]
    parts: Vec<String>,
}

/// The command.
pub fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    let _lock = setup::lock(project)?;
    let tools = prepare(project)?;
    build::page(project, &tools)?;
    build::programs(project, &Runtime::ALL)?;
    for runtime in Runtime::ALL {
        build::functions(project, &tools, runtime)?;
    }
    let config = WorkerConfig::read(project)?;
    let served = Served::start(project, Round { runtime: Runtime::Workers, stores: Stores::Real })?;
    let mut cargo = project.cargo();
    cargo.args(["run", "--quiet", "--package", "tests", "--bin", "edgewise-bench", "--"]).args(&arguments.parts);
    cargo.envs(served.variables(project)?);
    cargo.env("WORKERD", tools.module("@cloudflare/workerd-linux-64/bin/workerd"));
    cargo.env("WORKER_BUILD", build::worker_entry(project).with_file_name(""));
    cargo.env("PAGE_BUILD", project.path(&config.assets.directory));
    cargo.env("COMPATIBILITY_DATE", &config.compatibility_date);
    cargo.env("COMPATIBILITY_FLAGS", config.compatibility_flags.join(" "));
    cargo.env("SPIN_HOST", project.program("edgewise-spin-host"));
    cargo.env("SPIN_MANIFEST", project.path(components::MANIFEST));
    let sources = components::sources(project)?;
    let sources: Vec<_> = sources.values().map(|source| project.root().join(source).display().to_string()).collect();
    cargo.env("SPIN_COMPONENTS", sources.join(" "));
    steps::aloud("benchmark", "the words above say which budget is broken, or what could not be measured", &mut cargo)
}
