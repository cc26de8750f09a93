//! The Worker and the page on workerd, by `xtask/node/serve.mjs`.

use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, Sender};

use anyhow::{Context, Result, bail};
use serde_json::json;

use super::variables::Variables;
use super::{Child, Event, WorkerConfig, process};
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
    sender: &Sender<Event>,
    events: &Receiver<Event>,
) -> Result<Option<Server>> {
    let entry = build::worker_entry(project);
    let wasm = entry.with_file_name("index_bg.wasm");
    let served = json!({
        "name": config.name,
        "root": project.root(),
        "modules": [{ "type": "ESModule", "path": entry }, { "type": "CompiledWasm", "path": wasm }],
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
        child.listen("the Worker's server", sender, process::json, |line| println!("{line}"))?;
        child.tell(&served.to_string())?;
        let base = match events.recv()? {
            Event::Ready(value) => {
                value.get("ready").and_then(|url| url.as_str()).context("the server's first line")?.to_owned()
            }
            Event::Ended(name) => bail!("{name} ended while starting\n  what to do: its words are above"),
            Event::Stop => return Ok(None),
        };
        Ok(Some(Server { base, _child: child }))
    })
}
