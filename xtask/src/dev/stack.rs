//! The local stack: embedded stores or gateways to real ones, and the demo model. The program of the crate `stack`.

use std::env;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::process::{self, Child, Events};
use crate::project::Project;
use crate::setup::Tools;
use crate::steps;

/// The npm project with the embedded Postgres.
pub const PGLITE_PROJECT: &str = "stack/pglite";

/// The stack's own names for addresses with passwords in them: they go through its environment, which `ps` does not show.
const DATABASE_VARIABLE: &str = "EDGEWISE_STACK_DATABASE_URL";
const REDIS_VARIABLE: &str = "EDGEWISE_STACK_REDIS_URL";

/// How much the stack says of itself.
const LOG_VARIABLE: &str = "STACK_LOG";

/// What it stands in front of.
pub struct Fronts<'a> {
    /// Where the conversations are kept.
    pub database: Database<'a>,
    /// The Redis behind `/redis`; the embedded store when there is none.
    pub redis_url: Option<&'a str>,
}

/// Where the conversations are kept.
#[derive(Debug, PartialEq, Eq)]
pub enum Database<'a> {
    /// Behind the local stack: the embedded Postgres, or the one named.
    Stack { url: Option<&'a str> },
    /// At a host that speaks SQL over HTTP itself.
    Hosted { url: &'a str },
    /// Behind a gateway that somebody else runs and whose schema they look after.
    Fronted,
}

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
    /// `http://host:port`, with `/sql`, `/redis`, `/v1` and `/mail` below it.
    pub base: String,
    /// What the functions send to `/sql`; nothing when the database is elsewhere.
    pub database_url: Option<String>,
    /// Where Postgres itself listens, for migrations.
    pub database_direct_url: Option<String>,
    /// The bearer token of `/redis`.
    pub redis_token: String,
    /// One that only reads.
    #[serde(default)]
    pub redis_read_only_token: String,
    /// The bearer token of `/v1`.
    pub model_key: String,
    /// The bearer token of `/mail`.
    #[serde(default)]
    pub mail_token: String,
}

impl Stack {
    /// Starts it and waits until it can serve. `None`: told to stop meanwhile.
    pub fn start(
        project: &Project,
        tools: &Tools,
        fronts: &Fronts<'_>,
        data: &Path,
        control: bool,
        events: &Events,
    ) -> Result<Option<Self>> {
        let folder = data.join("stack");
        fs::create_dir_all(&folder)?;
        let mut command = project.command(project.program("edgewise-stack"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&folder);
        command.args(control.then_some("--control"));
        // Decided here, also where the environment has them as empty texts.
        command.env_remove(DATABASE_VARIABLE).env_remove(REDIS_VARIABLE);
        match fronts.database {
            Database::Stack { url: Some(url) } => command.env(DATABASE_VARIABLE, url),
            Database::Hosted { .. } | Database::Fronted => command.arg("--no-database"),
            Database::Stack { url: None } => {
                command.arg("--pglite").arg(project.path(PGLITE_PROJECT)).arg("--node").arg(&tools.node)
            }
        };
        if let Some(url) = fronts.redis_url {
            command.env(REDIS_VARIABLE, url);
        }
        if env::var_os(LOG_VARIABLE).is_none_or(|level| level.is_empty()) {
            // Mails are read where `dev` runs: nobody else gets them.
            command.env(LOG_VARIABLE, "warn,mail=info");
        }
        steps::step("local stack", || {
            let mut child = Child::start(&command)?;
            let ready = child.wait_until_ready("the local stack", events, process::json, steps::say)?;
            let Some(ready) = ready else { return Ok(None) };
            let info = serde_json::from_value(ready).context("reading what the local stack printed")?;
            Ok(Some(Self { info, _child: child }))
        })
    }
}
