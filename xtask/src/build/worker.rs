//! The Worker's bundle, in `functions/worker/build`.

use std::path::PathBuf;

use anyhow::Result;

use crate::paths;
use crate::pins;
use crate::project::Project;
use crate::setup::Tools;
use crate::stamp::Stamp;
use crate::steps;

/// What it is made of.
const INPUTS: &[&str] = &["functions/worker", "shared", "Cargo.toml", "Cargo.lock", ".cargo"];

/// The names of functions are a tenth of what is uploaded, and nothing runs by them. The section that says which features the target
/// has would go with them: wasm-bindgen needs it.
const FLAGS: &[&str] = &["-Cstrip=symbols", "-Clink-arg=--keep-section=target_features"];

/// Builds it.
pub fn build(project: &Project, tools: &Tools) -> Result<()> {
    let versions = format!("{} {} {} {FLAGS:?}", pins::RUST, pins::WORKER_BUILD, pins::WASM_BINDGEN);
    let stamp = Stamp::of(project, "worker", INPUTS, &versions)?;
    if stamp.is_current(&[entry(project)]) {
        return Ok(());
    }
    let mut command = project.command(tools.cargo_bin("worker-build"));
    command.arg("--release").current_dir(project.path("functions/worker"));
    paths::shorten(project, &mut command, FLAGS);
    steps::run(project, "Worker", "the compiler's words above say what is wrong", tools.equip(&mut command))?;
    paths::refuse(project, &project.path("functions/worker/build"))?;
    stamp.keep()
}

/// The script that workerd starts with.
pub fn entry(project: &Project) -> PathBuf {
    project.path("functions/worker/build/index.js")
}
