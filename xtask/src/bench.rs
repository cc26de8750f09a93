//! `cargo xtask bench`: the product's budgets, measured in one run on private stores.

mod peers;

use anyhow::Result;

use crate::build;
use crate::dev::WorkerConfig;
use crate::project::Project;
use crate::runtime::Runtime;
use crate::setup;
use crate::steps;
use crate::test::{Round, Served, Stores, playwright, prepare};

/// The command line.
#[derive(clap::Args)]
pub struct Arguments {
    /// Only these parts; without one, all of them but `peers`, which installs other gateways to compare with.
    #[arg(value_parser = ["store-trips", "redis", "throughput", "doors", "requests", "scale", "many-streams", "accounts", "spin", "sizes", PAGE, PEERS])]
    parts: Vec<String>,
}

/// The part that is measured in a browser, by `npm run measure` of the page.
const PAGE: &str = "page";

/// The part that is measured beside other gateways.
const PEERS: &str = "peers";

/// What a part says when it fails.
const BROKEN: &str = "the words above say which budget is broken, or what could not be measured";

/// The command.
pub fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    let _lock = setup::lock(project)?;
    let tools = prepare(project)?;
    build::page(project, &tools)?;
    build::programs(project, &Runtime::ALL)?;
    build::functions(project, &tools, &Runtime::ALL, &[])?;
    let config = WorkerConfig::read(project)?;
    let round = Round { runtime: Runtime::Workers, stores: Stores::Real };
    let served = Served::start(project, round)?;
    let variables = served.variables(project, &tools)?;
    let (page, parts): (Vec<_>, Vec<_>) = arguments.parts.iter().partition(|part| *part == PAGE);
    let wants_all = arguments.parts.is_empty();

    let mut cargo = project.native_cargo();
    cargo.args(["run", "--quiet", "--bin", "edgewise-bench", "--"]).args(&parts);
    cargo.envs(variables.clone());
    cargo.env("WORKERD", tools.module("@cloudflare/workerd-linux-64/bin/workerd"));
    cargo.env("FUNCTIONS", project.path("functions"));
    cargo.env("PAGE_BUILD", project.path(&config.assets.directory));
    cargo.env("COMPATIBILITY_DATE", &config.compatibility_date);
    cargo.env("COMPATIBILITY_FLAGS", config.compatibility_flags.join(" "));
    cargo.env("SPIN_HOST", project.program("edgewise-spin-host"));
    cargo.env("SPIN_MANIFEST", project.path(build::MANIFEST));
    let sources = build::component_sources(project)?;
    let sources: Vec<_> = sources.values().map(|source| project.root().join(source).display().to_string()).collect();
    cargo.env("SPIN_COMPONENTS", sources.join(" "));
    if parts.iter().any(|part| *part == PEERS) {
        cargo.envs(peers::variables(project, &tools));
    }
    let functions = match wants_all || !parts.is_empty() {
        true => steps::aloud("benchmark", BROKEN, &mut cargo),
        false => Ok(()),
    };

    let mut npm = playwright(project, &tools, round, "measure");
    npm.envs(variables);
    let page = match wants_all || !page.is_empty() {
        true => steps::aloud("benchmark of the page", BROKEN, &mut npm),
        false => Ok(()),
    };
    functions.and(page)
}
