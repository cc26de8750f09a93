//! `cargo xtask build`: the page, the Worker and the Spin components, each only when something it is made of has changed.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::components;
use crate::paths;
use crate::pins;
use crate::project::Project;
use crate::runtime::Runtime;
use crate::setup::{self, Tools};
use crate::stamp::Stamp;
use crate::steps;

/// What the Worker's bundle is made of.
const WORKER_INPUTS: &[&str] =
    &["functions/worker", "shared", "schema/openapi.json", "Cargo.toml", "Cargo.lock", ".cargo"];

/// What the page is made of.
const PAGE_INPUTS: &[&str] = &["static", "schema/openapi.json", "Cargo.toml", "Cargo.lock", ".cargo"];

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
    let (for_workers, for_page, for_spin) =
        (everything || *for_workers, everything || *for_page, everything || for_spin);
    let _lock = setup::lock(project)?;
    let runtimes = [(for_workers, Runtime::Workers), (for_spin, Runtime::Spin)];
    let runtimes: Vec<_> = runtimes.into_iter().filter_map(|(wanted, runtime)| wanted.then_some(runtime)).collect();
    let tools = setup::tools(project, &runtimes)?;
    if for_page {
        page(project, &tools)?;
    }
    if for_workers {
        worker(project, &tools)?;
    }
    if for_spin {
        components::build(project, &tools, only)?;
    }
    if for_page {
        size(project, "page, whole", &project.path("static/dist"))?;
    }
    if for_workers {
        size(project, "Worker", &project.path("functions/worker/build"))?;
    }
    if for_spin {
        components::sizes(project, only)?;
    }
    Ok(())
}

/// The functions of a runtime.
pub fn functions(project: &Project, tools: &Tools, runtime: Runtime) -> Result<()> {
    match runtime {
        Runtime::Workers => worker(project, tools),
        Runtime::Spin => components::build(project, tools, &[]),
    }
}

/// The native programs that `dev` and the tests run: the local stack, the migrations, and the host for Spin's components
/// where there is no Spin.
pub fn programs(project: &Project, runtimes: &[Runtime]) -> Result<()> {
    let hint = "the compiler's words above say what is wrong";
    let mut cargo = project.cargo();
    cargo.args(["build", "--package", "stack", "--package", "schema", "--bins"]);
    steps::run(project, "native programs", hint, &mut cargo)?;
    if runtimes.contains(&Runtime::Spin) && setup::find_spin().is_none() {
        // Always by itself: together with other packages, cargo would choose other features and compile wasmtime again.
        let mut cargo = project.cargo();
        cargo.args(["build", "--package", "spin-host"]);
        steps::run(project, "host for Spin components (minutes, once)", hint, &mut cargo)?;
    }
    Ok(())
}

/// The page, in `static/dist`.
pub fn page(project: &Project, tools: &Tools) -> Result<()> {
    let versions = format!("{} {}", pins::RUST, pins::WASM_BINDGEN);
    let stamp = Stamp::of(project, "page", PAGE_INPUTS, &versions)?;
    if stamp.is_current(&[project.path("static/dist/index.html"), project.path("static/src/generated")]) {
        return Ok(());
    }
    setup::install_node_project(project, tools, "static")?;
    for (script, title) in [("wasm", "page: markdown as Wasm"), ("build", "page: bundle")] {
        let mut npm = project.command("npm");
        npm.args(["run", "--silent", script]).current_dir(project.path("static"));
        paths::shorten(project, &mut npm, &[]);
        steps::run(project, title, "the words above say what is wrong", tools.equip(&mut npm))?;
    }
    paths::refuse(project, &project.path("static/dist"))?;
    stamp.keep()
}

/// The Worker's bundle, in `functions/worker/build`.
pub fn worker(project: &Project, tools: &Tools) -> Result<()> {
    let versions = format!("{} {} {}", pins::RUST, pins::WORKER_BUILD, pins::WASM_BINDGEN);
    let stamp = Stamp::of(project, "worker", WORKER_INPUTS, &versions)?;
    if stamp.is_current(&[worker_entry(project)]) {
        return Ok(());
    }
    let mut command = project.command(tools.cargo_bin("worker-build"));
    command.arg("--release").current_dir(project.path("functions/worker"));
    paths::shorten(project, &mut command, &[]);
    steps::run(project, "Worker", "the compiler's words above say what is wrong", tools.equip(&mut command))?;
    paths::refuse(project, &project.path("functions/worker/build"))?;
    stamp.keep()
}

/// The script that workerd starts with.
pub fn worker_entry(project: &Project) -> PathBuf {
    project.path("functions/worker/build/index.js")
}

/// Prints how large a folder is, and how large when each file is gzipped.
fn size(project: &Project, what: &str, folder: &Path) -> Result<()> {
    let mut totals = (0, 0);
    add_sizes(folder, &mut totals)?;
    let folder = folder.strip_prefix(project.root()).unwrap_or(folder).display();
    println!("{what}: {} kB, {} kB gzip ({folder})", totals.0 / 1000, totals.1 / 1000);
    Ok(())
}

/// Adds a file's, or a folder's, bytes as they are and gzipped.
pub fn add_sizes(path: &Path, totals: &mut (usize, usize)) -> Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            add_sizes(&entry?.path(), totals)?;
        }
        return Ok(());
    }
    let bytes = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&bytes)?;
    totals.0 += bytes.len();
    totals.1 += gzip.finish()?.len();
    Ok(())
}
