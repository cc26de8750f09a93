//! The Worker: a script and the two modules of Wasm that it calls, each with its glue in the `build` of its folder.

use std::path::PathBuf;

use anyhow::Result;

use crate::brand;
use crate::paths;
use crate::pins;
use crate::project::Project;
use crate::setup::Tools;
use crate::stamp::Stamp;
use crate::steps;

/// What it is made of.
const INPUTS: &[&str] =
    &["functions/worker", "functions/worker-accounts", "shared", "Cargo.toml", "Cargo.lock", ".cargo"];

/// The names of functions are a tenth of what is uploaded, and nothing runs by them. The section that says which features the target
/// has would go with them: wasm-bindgen needs it.
const FLAGS: &[&str] = &["-Cstrip=symbols", "-Clink-arg=--keep-section=target_features"];

/// The modules: what a message needs, and what only accounts do.
pub const MODULES: &[&str] = &["functions/worker/build", "functions/worker-accounts/build"];

/// What worker-build makes of each.
const FILES: [&str; 2] = ["index.js", "index_bg.wasm"];

/// Builds it.
pub fn build(project: &Project, tools: &Tools) -> Result<()> {
    let told = brand::told()?;
    let versions = format!("{} {} {} {FLAGS:?} {told:?}", pins::RUST, pins::WORKER_BUILD, pins::WASM_BINDGEN);
    let stamp = Stamp::of(project, "worker", INPUTS, &versions)?;
    if stamp.is_current(&files(project)) {
        return Ok(());
    }
    for module in MODULES {
        let folder = project.path(module).with_file_name("");
        let mut command = project.command(tools.cargo_bin("worker-build"));
        command.arg("--release").current_dir(folder);
        command.envs(told.iter().map(|(name, text)| (*name, text)));
        paths::shorten(project, &mut command, FLAGS);
        let title = format!("Worker: {module}");
        steps::run(project, &title, "the compiler's words above say what is wrong", tools.equip(&mut command))?;
        paths::refuse(project, &project.path(module))?;
    }
    stamp.keep()
}

/// The script that workerd starts with.
pub fn entry(project: &Project) -> PathBuf {
    project.path("functions/worker/entry.js")
}

/// What it loads with the first WebSocket.
const SOCKET: &str = "functions/worker/socket.js";

/// What is deployed with it.
pub fn files(project: &Project) -> Vec<PathBuf> {
    let modules = MODULES.iter().flat_map(|module| FILES.map(|file| project.path(module).join(file)));
    modules.chain([project.path(SOCKET)]).collect()
}
