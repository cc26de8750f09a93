//! A running `cargo xtask dev` with the stores of one round, and what the suites are told about it.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use super::round::Round;
use super::stores::{Private, Stores};
use super::suites::{CLIENTS_PROJECT, PROVIDER_PROJECT};
use crate::build;
use crate::dev::{Child, Events, FOR_WRANGLER, Written};
use crate::project::Project;
use crate::runtime::Runtime;
use crate::setup::{self, Tools};
use crate::steps;

/// The server under test. Dropping it stops it and its stores.
pub struct Served {
    round: Round,
    data: PathBuf,
    private: Option<Private>,
    /// Before the stores, which it still needs when it stops: fields are dropped in order, so `stop` says it again.
    server: Option<Child>,
}

impl Served {
    /// Starts it on an empty data folder.
    pub fn start(project: &Project, round: Round) -> Result<Self> {
        let data = project.local("test").join(round.name());
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        fs::create_dir_all(&data)?;
        let private = match round.stores {
            Stores::Embedded => None,
            Stores::Real => Some(Private::start(project)?),
        };
        let mut command = project.command(project.program("xtask"));
        command.args(["dev", "--listen", "127.0.0.1:0", "--skip-build", "--control", "--data-dir"]).arg(&data);
        command.args((round.runtime == Runtime::Spin).then_some("--spin"));
        // What the developer has set for real services is not for the tests.
        for name in ["DATABASE_HTTP_URL", "DATABASE_URL", "REDIS_URL"].iter().chain(SERVICES) {
            command.env_remove(name);
        }
        command.envs(OFF);
        if let Some(private) = &private {
            command.env("DATABASE_URL", &private.database_url).env("REDIS_URL", &private.redis_url);
        }
        let server = steps::step(&format!("server: {}", round.name()), || listen(&command, &data))?;
        Ok(Self { round, data, private, server: Some(server) })
    }

    /// What the suites read from their environment. The names of the functions' own variables are there too, so that another `dev`
    /// started by a test serves on the same stores.
    pub fn variables(&self, project: &Project, tools: &Tools) -> Result<Vec<(String, String)>> {
        let text = fs::read_to_string(self.data.join("dev.json")).context("reading dev.json")?;
        let written: Written = serde_json::from_str(&text).context("understanding dev.json")?;
        let stack = written.stack.context("the server has no local stack")?;
        let secret = fs::read_to_string(self.data.join("jwt-secret"))?;
        let database_url = stack.database_url.context("the stack has no database")?;
        let others = project.local("test").join(format!("{}-others", self.round.name()));
        let dev = project.program("xtask");
        let spin = if self.round.runtime == Runtime::Spin { " --spin" } else { "" };
        let (dev, others) = (dev.display(), others.display());
        let dev_command = format!("exec '{dev}' dev{spin} --listen 127.0.0.1:0 --skip-build --data-dir '{others}'");
        // Everything is built, and `test` holds the lock.
        let done = build::DONE_VARIABLE;
        let data = self.data.display();
        let wrangler = format!("{done}=1 exec '{dev}' wrangler dev --env-file '{data}/{FOR_WRANGLER}'");
        let provider = project.path(PROVIDER_PROJECT).join("provider.mjs");
        let node = tools.node.display();
        let provider = format!("exec '{node}' '{}'", provider.display());
        let serve = format!("exec '{node}' '{}'", project.path("xtask/node/serve.mjs").display());
        let base = stack.base;
        let mut variables = vec![
            ("BASE_URL", written.base),
            ("STACK_URL", base.clone()),
            ("STACK_DATABASE_URL", database_url.clone()),
            ("STACK_REDIS_TOKEN", stack.redis_token.clone()),
            ("STACK_REDIS_READ_ONLY_TOKEN", stack.redis_read_only_token),
            ("STACK_MODEL_KEY", stack.model_key.clone()),
            ("STACK_MAIL_TOKEN", stack.mail_token),
            ("XTASK", dev.to_string()),
            ("DATABASE_DIRECT_URL", stack.database_direct_url.unwrap_or_default()),
            ("JWT_SECRET", secret),
            ("DEV_COMMAND", dev_command),
            ("WRANGLER_COMMAND", wrangler),
            ("PROVIDER_COMMAND", provider),
            ("SERVE_COMMAND", serve),
            ("CLIENTS_PYTHON", setup::python_of_project(project, CLIENTS_PROJECT).display().to_string()),
            ("DATABASE_URL", database_url),
            ("DATABASE_HTTP_URL", format!("{base}/sql")),
            ("UPSTASH_REDIS_REST_URL", format!("{base}/redis")),
            ("UPSTASH_REDIS_REST_TOKEN", stack.redis_token),
            ("SAMBANOVA_API_BASE", format!("{base}/v1")),
            ("SAMBANOVA_API_KEY", stack.model_key),
        ];
        variables.extend(OFF.map(|(name, value)| (name, value.to_owned())));
        if let Some(private) = &self.private {
            variables.push(("REDIS_CLOCK_FILE", private.clock.display().to_string()));
            variables.push(("REDIS_DIRECT_URL", private.redis_url.clone()));
        }
        Ok(variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.server.take());
    }
}

/// Switched off: the breaker, because one test's model faults would open it for all, and limits that are counted for all or for one address, because
/// all tests come from one. The tests of these start a server of their own.
const OFF: [(&str, &str); 8] = [
    ("CHAT_BREAKER_FAILURES", "0"),
    ("CHAT_DAILY_BUDGET_USD", "0"),
    ("CHAT_MAX_RUNNING_ANSWERS", "0"),
    ("CHAT_ADDRESS_DAILY_MESSAGES", "0"),
    ("CHAT_GUEST_IP_DAILY_QUOTA", "100000"),
    ("GUEST_CHALLENGE", "off"),
    ("CHAT_USER_STORAGE_MB", "0"),
    ("STORAGE_LIMIT_MB", "0"),
];

const SERVICES: &[&str] = &[
    "UPSTASH_REDIS_REST_URL",
    "UPSTASH_REDIS_REST_TOKEN",
    "SAMBANOVA_API_BASE",
    "SAMBANOVA_API_KEY",
    "JWT_SECRET",
    "MAIL_API_URL",
];

/// Starts `dev` and waits for its ready line; the functions' log goes to a file.
fn listen(command: &std::process::Command, data: &std::path::Path) -> Result<Child> {
    let path = data.join("functions.log");
    let mut log = File::create(&path)?;
    let mut server = Child::start(command)?;
    let ready = |line: &str| line.strip_prefix("ready ").map(Value::from);
    server.wait_until_ready("`cargo xtask dev`", &Events::new(), ready, move |line| {
        // A full disk is not the suites' business.
        let _ = writeln!(log, "{line}");
    })?;
    Ok(server)
}
