//! `cargo xtask release`: what is asked by hand before a release. Each question compiles everything once more, for which CI has no time.

mod clones;
mod reproducible;
mod upgrade;

use anyhow::Result;
use clap::Subcommand;

use crate::project::Project;

/// What to ask.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    question: Question,
}

#[derive(Subcommand)]
enum Question {
    /// Do the same sources make the same Worker? Builds it in two fresh clones of HEAD and compares every file.
    Reproducible,
    /// Does the version before go on with this schema? Runs its Worker and its own contract suite on it.
    Upgrade(upgrade::Arguments),
}

/// The command.
pub fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    match &arguments.question {
        Question::Reproducible => reproducible::run(project),
        Question::Upgrade(arguments) => upgrade::run(project, arguments),
    }
}
