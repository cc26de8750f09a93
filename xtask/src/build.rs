//! `cargo xtask build`: the page, the Worker and the Spin components, each only when something it is made of has changed;
//! and lists of what is in them.

mod components;
mod page;
mod sbom;
mod sizes;
mod worker;

use std::{env, thread};

use anyhow::{Result, anyhow};

pub use self::components::{MANIFEST, sources as component_sources};
pub use self::page::build as page;
pub use self::sbom::digest;
pub use self::worker::{build as worker, entry as worker_entry, files as worker_files};
use crate::project::Project;
use crate::runtime::Runtime;
use crate::setup::{self, Tools};
use crate::steps;

/// Set for wrangler by a command that has just built everything and still holds the lock.
pub const DONE_VARIABLE: &str = "EDGEWISE_BUILT";

/// Parts to build.
#[derive(clap::Args)]
pub struct Arguments {
    /// Only the Worker: the build command of wrangler.toml.
    #[arg(long)]
    worker: bool,
    /// Only the page.
    #[arg(long, conflicts_with = "worker")]
    page: bool,
    /// Only the Spin components.
    #[arg(long, conflicts_with_all = ["worker", "page"])]
    spin: bool,
    /// Only this Spin component: the build commands of spin.toml. It can be given more than once.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["worker", "page", "spin"])]
    component: Vec<String>,
}

/// Whether another command has built everything and waits for this one.
pub fn is_done() -> bool {
    env::var_os(DONE_VARIABLE).is_some_and(|value| !value.is_empty())
}

/// The command.
pub fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    if is_done() {
        return Ok(());
    }
    let Arguments { worker: for_workers, page: for_page, spin, component: only } = arguments;
    let for_spin = *spin || !only.is_empty();
    let everything = !for_workers && !for_page && !for_spin;
    let _lock = setup::lock(project)?;
    let runtimes = [(*for_workers, Runtime::Workers), (for_spin, Runtime::Spin)].into_iter();
    let runtimes: Vec<Runtime> = runtimes.filter(|(wanted, _)| everything || *wanted).map(|(_, one)| one).collect();
    let tools = setup::tools(project, &runtimes)?;
    if everything || *for_page {
        page(project, &tools)?;
        sizes::print(project, "page, whole", "static/dist")?;
        sbom::of_page(project, &tools)?;
    }
    functions(project, &tools, &runtimes, only)?;
    for runtime in runtimes {
        sbom::of_functions(project, runtime)?;
        match runtime {
            Runtime::Workers => sizes::of_worker(project)?,
            Runtime::Spin => sizes::of_components(project, only)?,
        }
    }
    Ok(())
}

/// The functions of these runtimes; for Spin all components, or those named. The runtimes are built side by side: each ends in a link that takes one
/// processor for minutes.
pub fn functions(project: &Project, tools: &Tools, runtimes: &[Runtime], only: &[String]) -> Result<()> {
    thread::scope(|scope| {
        let builds = runtimes.iter().map(|runtime| match runtime {
            Runtime::Workers => scope.spawn(|| worker(project, tools)),
            Runtime::Spin => scope.spawn(|| components::build(project, tools, only)),
        });
        let builds: Vec<_> = builds.collect();
        builds.into_iter().try_for_each(|build| build.join().map_err(|_| anyhow!("a build panicked"))?)
    })
}

/// A test is named beside a program, because cargo leaves out what only tests want of other crates where none is asked for: the lints and the tests would
/// compile hundreds of crates once more, minutes on a fresh machine.
const AS_TESTS_ARE: [&str; 2] = ["--test", "embed"];

/// The native programs that `dev` and the tests run: the local stack, the migrations, and the host for Spin's components
/// where there is no Spin.
pub fn programs(project: &Project, runtimes: &[Runtime]) -> Result<()> {
    let mut cargo = project.native_cargo();
    cargo.args(["build", "--bin", "edgewise-stack", "--bin", "edgewise-migrate"]).args(AS_TESTS_ARE);
    if runtimes.contains(&Runtime::Spin) && setup::find_spin().is_none() {
        cargo.args(["--bin", "edgewise-spin-host"]);
    }
    steps::run(project, "native programs (minutes, once)", "the compiler's words above say what is wrong", &mut cargo)
}
