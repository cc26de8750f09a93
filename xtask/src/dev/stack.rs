//! The local stack: embedded stores or gateways to real ones, and the demo model. The program of the crate `stack`.

use std::env;
use std::fs;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::variables::{Database, Environment};
use super::{Child, Event, process};
use crate::project::Project;
use crate::setup::Tools;
use crate::steps;

/// The npm project with the embedded Postgres.
pub const PGLITE_PROJECT: &str = "tests/stack/pglite";

/// The stack's own names for addresses with passwords in them: they go through its environment, which `ps` does not show.
const DATABASE_VARIABLE: &str = "EDGEWISE_STACK_DATABASE_URL";
const REDIS_VARIABLE: &str = "EDGEWISE_STACK_REDIS_URL";

/// How much the stack says of itself.
const LOG_VARIABLE: &str = "STACK_LOG";

/// A running stack.
pub struct Stack {
    /// Where its faces are.
    pub info: StackInfo,
    /// Held for its end.
    _child: Child,
}

/// What the stack prints when it can serve.
#[derive(Clone, Serialize, Deserialize)]
pub struct StackInfo {
    /// `http://host:port`, with `/sql`, `/redis` and `/v1` below it.
    pub base: String,
    /// What the functions send to `/sql`; nothing when the database is elsewhere.
    pub database_url: Option<String>,
    /// Where Postgres itself listens, for migrations.
    pub database_direct_url: Option<String>,
    /// The bearer token of `/redis`.
    pub redis_token: String,
    /// The bearer token of `/v1`.
    pub model_key: String,
}

impl Stack {
    /// Starts it and waits until it can serve. `None`: told to stop meanwhile.
    pub fn start(
        project: &Project,
        tools: &Tools,
        environment: &Environment,
        data: &Path,
        control: bool,
        sender: &Sender<Event>,
        events: &Receiver<Event>,
    ) -> Result<Option<Self>> {
        let folder = data.join("stack");
        fs::create_dir_all(&folder)?;
        let mut command = project.command(project.program("edgewise-stack"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&folder);
        command.args(control.then_some("--control"));
        // Decided here, also where the environment has them as empty texts.
        command.env_remove(DATABASE_VARIABLE).env_remove(REDIS_VARIABLE);
        match environment.database() {
            Database::Stack { url: Some(url) } => command.env(DATABASE_VARIABLE, url),
            Database::Hosted { .. } | Database::Fronted => command.arg("--no-database"),
            Database::Stack { url: None } => {
                command.arg("--pglite").arg(project.path(PGLITE_PROJECT)).arg("--node").arg(&tools.node)
            }
        };
        if let Some(url) = environment.redis_url() {
            command.env(REDIS_VARIABLE, url);
        }
        if env::var_os(LOG_VARIABLE).is_none_or(|level| level.is_empty()) {
            command.env(LOG_VARIABLE, "warn");
        }
        steps::step("local stack", || {
            let mut child = Child::start(&command)?;
            child.listen("the local stack", sender, process::json, steps::say)?;
            let info = match events.recv()? {
                Event::Ready(value) => serde_json::from_value(value).context("reading what the local stack printed")?,
                Event::Ended(name) => bail!("{name} ended while starting\n  what to do: its words are above"),
                Event::Stop => return Ok(None),
            };
            Ok(Some(Self { info, _child: child }))
        })
    }
}
