//! `cargo xtask migrate`: brings a Postgres database to a version of the schema, by the program of the crate `schema`.

use std::ffi::OsString;
use std::process::Command;

use anyhow::{Context, Result};

use crate::project::Project;
use crate::steps;

/// Where, and what.
#[derive(clap::Args)]
pub struct Arguments {
    /// The database: `postgres://user:password@host/name`, direct, not pooled.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// `up` (the default), `down --to N`, `status`, or `--help`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    action: Vec<OsString>,
}

/// The command.
pub fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    aloud(project, "migrate", arguments.database_url.as_deref(), arguments.action.iter().cloned())
}

/// Runs the program with these words, which speaks for itself.
pub fn aloud(project: &Project, name: &str, url: Option<&str>, words: impl Iterator<Item = OsString>) -> Result<()> {
    compile(project)?;
    let url = url.context(
        "no database named\n  what to do: give --database-url or set DATABASE_URL; `cargo xtask dev` migrates its own by itself",
    )?;
    steps::aloud(name, "the words above say what is wrong", command(project, url).args(words))
}

/// Compiles the program.
pub fn compile(project: &Project) -> Result<()> {
    let mut cargo = project.native_cargo();
    cargo.args(["build", "--bin", "edgewise-migrate"]);
    steps::run(project, "migrations: compile", "the compiler's words above say what is wrong", &mut cargo)
}

/// Brings the database of a development server up to date.
pub fn up(project: &Project, database_url: &str) -> Result<()> {
    let hint = "is the database reachable? `cargo xtask migrate status` asks it";
    steps::run(project, "schema up to date", hint, command(project, database_url).arg("up"))
}

/// The address goes through the environment: command lines can be read by every user of a machine.
fn command(project: &Project, database_url: &str) -> Command {
    let mut command = project.command(project.program("edgewise-migrate"));
    command.arg("--source").arg(project.path("schema/migrations")).env("DATABASE_URL", database_url);
    command
}
