//! The developer commands: `cargo xtask dev | test | build | check | migrate | admin | maintain | bench | release | deploy | setup | doctor`.
//!
//! One file a command; `setup.rs` and `setup/` install what they need, `steps.rs` shows what is going on.

mod admin;
mod bench;
mod brand;
mod build;
mod check;
mod crates;
mod deploy;
mod dev;
mod maintain;
mod migrate;
mod operator;
mod paths;
mod pins;
mod project;
mod release;
mod runtime;
mod setup;
mod stamp;
mod steps;
mod test;
mod tidy;
mod wrangler;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::operator::{doctor, set_up};
use crate::project::Project;

/// Builds, runs and tests Edgewise.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// The commands, in the order a newcomer meets them.
#[derive(Subcommand)]
enum Command {
    /// Serve everything on this machine: page, functions on workerd or Spin, embedded stores, demo model.
    Dev(dev::Arguments),
    /// Everything CI checks, on a fresh machine too.
    Test(test::Arguments),
    /// Build the page, the Worker and the Spin components, and print their sizes.
    Build(build::Arguments),
    /// Format, lints, layout rules and licences, without running anything.
    Check(check::Arguments),
    /// Bring a Postgres database to a version of the schema.
    Migrate(migrate::Arguments),
    /// Make an account an admin, or no admin any more, or list them.
    Admin(admin::Arguments),
    /// Remove what has been kept long enough, as the functions do each day; `--dry-run` says what that is.
    Maintain(maintain::Arguments),
    /// Measure the product's budgets in one run.
    Bench(bench::Arguments),
    /// What is asked by hand before a release: whether builds are reproducible, whether the version before goes on with this schema.
    Release(release::Arguments),
    /// Publish to Cloudflare Workers; `--dry-run` stops before anything leaves this machine.
    Deploy(deploy::Arguments),
    /// Make a deployment of three accounts: ask for them, try them, migrate, put secrets, deploy, send one message.
    Setup(set_up::Arguments),
    /// Say what is wrong with a deployment, or with the accounts for one, and what to do.
    Doctor(doctor::Arguments),
    /// Run the pinned wrangler with the arguments given.
    Wrangler(wrangler::Arguments),
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            steps::failed(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    let project = Project::open()?;
    match command {
        Command::Dev(arguments) => dev::run(&project, arguments),
        Command::Test(arguments) => test::run(&project, &arguments),
        Command::Build(arguments) => build::run(&project, &arguments),
        Command::Check(arguments) => check::run(&project, &arguments),
        Command::Migrate(arguments) => migrate::run(&project, &arguments),
        Command::Admin(arguments) => admin::run(&project, &arguments),
        Command::Maintain(arguments) => maintain::run(&project, &arguments),
        Command::Bench(arguments) => bench::run(&project, &arguments),
        Command::Release(arguments) => release::run(&project, &arguments),
        Command::Deploy(arguments) => deploy::run(&project, &arguments),
        Command::Setup(arguments) => set_up::run(&project, &arguments),
        Command::Doctor(arguments) => doctor::run(&project, &arguments),
        Command::Wrangler(arguments) => wrangler::run(&project, &arguments),
    }
}
