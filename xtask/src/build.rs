//! `cargo xtask build`: the page and the Worker, each only when something it is made of has changed.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::pins;
use crate::project::Project;
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
}

/// The command.
pub fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    if env::var_os(DONE_VARIABLE).is_some() {
        return Ok(());
    }
    let _lock = setup::lock(project)?;
    let tools = setup::for_workers(project)?;
    if !arguments.worker {
        page(project, &tools)?;
    }
    if !arguments.page {
        worker(project, &tools)?;
    }
    if !arguments.worker {
        size(project, "page, whole", &project.path("static/dist"))?;
    }
    if !arguments.page {
        size(project, "Worker", &project.path("functions/worker/build"))?;
    }
    Ok(())
}

/// The native programs that `dev` and the tests run: the local stack and the migrations.
pub fn programs(project: &Project) -> Result<()> {
    let mut cargo = project.cargo();
    cargo.args(["build", "--package", "stack", "--package", "schema", "--bins"]);
    steps::run(project, "native programs", "the compiler's words above say what is wrong", &mut cargo)
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
        steps::run(project, title, "the words above say what is wrong", tools.equip(&mut npm))?;
    }
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
    steps::run(project, "Worker", "the compiler's words above say what is wrong", tools.equip(&mut command))?;
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

fn add_sizes(path: &Path, totals: &mut (usize, usize)) -> Result<()> {
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
