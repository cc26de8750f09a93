//! The Worker and the page on workerd, by `xtask/node/serve.mjs`.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::config::WorkerConfig;
use super::process::{self, Child, Events};
use super::variables::Variables;
use crate::build;
use crate::project::Project;
use crate::setup::Tools;
use crate::steps;

/// A running server.
pub struct Server {
    /// `http://host:port`.
    pub base: String,
    /// Held for its end.
    pub(super) _child: Child,
}

/// Starts it and waits until it listens. `None`: told to stop meanwhile.
pub fn start(
    project: &Project,
    tools: &Tools,
    config: &WorkerConfig,
    variables: &Variables,
    listen: SocketAddr,
    events: &Events,
) -> Result<Option<Server>> {
    let module = |path: PathBuf| {
        let is_wasm = path.extension().is_some_and(|extension| extension == "wasm");
        json!({ "type": if is_wasm { "CompiledWasm" } else { "ESModule" }, "path": path })
    };
    let modules = [build::worker_entry(project)].into_iter().chain(build::worker_files(project));
    let modules: Vec<Value> = modules.map(module).collect();
    let served = json!({
        "name": config.name,
        "root": project.root(),
        "modules": modules,
        "modules_root": project.path("functions"),
        "compatibility_date": config.compatibility_date,
        "compatibility_flags": config.compatibility_flags,
        "assets": {
            "directory": project.path(&config.assets.directory),
            "binding": config.assets.binding,
            "not_found_handling": config.assets.not_found_handling,
            "run_worker_first": config.assets.run_worker_first,
        },
        "variables": variables,
        "host": listen.ip(),
        "port": listen.port(),
    });
    let mut command = project.command(&tools.node);
    command.arg(project.path("xtask/node/serve.mjs"));
    steps::step("workerd", || {
        let mut child = Child::start(&command)?;
        child.tell(&served.to_string())?;
        let ready = child.wait_until_ready("the Worker's server", events, process::json, |line| println!("{line}"))?;
        let Some(ready) = ready else { return Ok(None) };
        let base = ready.get("ready").and_then(|url| url.as_str()).context("the server's first line")?.to_owned();
        Ok(Some(Server { base, _child: child }))
    })
}
