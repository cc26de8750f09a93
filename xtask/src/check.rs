//! `cargo xtask check`: everything that can be said without running the product.

use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::build;
use crate::crates::{self, Target};
use crate::project::Project;
use crate::runtime::Runtime;
use crate::setup::{self, Tools};
use crate::steps;
use crate::tidy;

/// How far to go.
#[derive(clap::Args)]
pub struct Arguments {
    /// Also what needs more of the network than package registries: advisories about crates, signatures of npm's packages.
    #[arg(long)]
    online: bool,
}

/// The command.
pub fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    let _lock = setup::lock(project)?;
    let tools = setup::tools(project, &Runtime::ALL)?;
    let mut broken = Vec::new();
    let online = if arguments.online { ONLINE } else { &[] };
    for (name, check) in CHECKS.iter().chain(online) {
        if let Err(error) = check(project, &tools) {
            steps::failed(&error);
            broken.push(*name);
        }
    }
    match broken.is_empty() {
        true => Ok(()),
        false => bail!("not in order: {}", broken.join(", ")),
    }
}

/// One of the checks.
pub type Check = fn(&Project, &Tools) -> Result<()>;

/// All of them, the quick ones first.
pub const CHECKS: &[(&str, Check)] = &[
    ("format", |project, _| format(project)),
    ("layout rules", |project, _| tidy::run(project)),
    ("lints", |project, _| lints(project)),
    ("lints for Workers", |project, _| lints_for(project, Runtime::Workers)),
    // The page component is made with the page inside.
    ("lints for Spin", |project, tools| build::page(project, tools).and_then(|()| lints_for(project, Runtime::Spin))),
    ("cargo deny, if installed", |project, _| deny(project)),
    ("page: types, lints, size", page),
];

/// Those that ask other hosts than registries, so that neither CI nor a machine behind a mirror runs them.
const ONLINE: &[(&str, Check)] =
    &[("advisories", |project, _| advisories(project)), ("signatures of npm's packages", signatures)];

fn format(project: &Project) -> Result<()> {
    let mut cargo = project.cargo();
    steps::run(project, "format", "cargo fmt", cargo.args(["fmt", "--all", "--check"]))
}

/// What `cargo clippy` does, as a build: a check reads the 400 crates of others once more, minutes on a fresh machine, and the tests need
/// all of them, and ours, built anyway.
fn lints(project: &Project) -> Result<()> {
    let mut cargo = project.native_cargo();
    cargo.args(["build", "--all-targets", "--keep-going"]);
    steps::without_warnings(project, "lints", "the words above say what is wrong", &mut cargo)
}

/// The core is named beside the runtime's own crates: this is what shows that it compiles for each target.
fn lints_for(project: &Project, runtime: Runtime) -> Result<()> {
    let mut cargo = project.cargo();
    cargo.args(["clippy", "--target", runtime.target()]);
    cargo.args(crates::packages(|one| [Target::Core, Target::Only(runtime)].contains(&one.target)));
    cargo.args(["--", "--deny", "warnings"]);
    let title = format!("lints for {} ({})", runtime.name(), runtime.target());
    steps::run(project, &title, "the words above say what is wrong", &mut cargo)
}

/// Where cargo-deny is installed; `tidy` checks licences and sources everywhere. Its list of advisories needs a network.
fn deny(project: &Project) -> Result<()> {
    let mut probe = Command::new("cargo");
    let probe = probe.args(["deny", "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    if !probe.status().is_ok_and(|status| status.success()) {
        steps::say("- cargo deny: not installed, left out");
        return Ok(());
    }
    let mut cargo = project.cargo();
    cargo.args(["deny", "check", "bans", "licenses", "sources"]);
    steps::run(project, "cargo deny", "the words above say what is wrong", &mut cargo)
}

/// RustSec's list, which is a repository of its own.
fn advisories(project: &Project) -> Result<()> {
    let hint = "`cargo install --locked cargo-deny`, or the words above";
    steps::run(project, "advisories", hint, project.cargo().args(["deny", "check", "advisories"]))
}

/// npm asks the registry for its keys and Sigstore for the roots of its attestations.
fn signatures(project: &Project, tools: &Tools) -> Result<()> {
    ["static", "xtask/node"].iter().try_for_each(|folder| {
        setup::install_node_project(project, tools, folder)?;
        let mut npm = project.command("npm");
        npm.args(["audit", "signatures"]).current_dir(project.path(folder));
        let hint = "is the registry npm's own, and tuf-repo-cdn.sigstore.dev reached? Else the words above";
        steps::run(project, &format!("signatures of {folder}'s packages"), hint, tools.equip(&mut npm))
    })
}

/// The size gate looks at the built page.
fn page(project: &Project, tools: &Tools) -> Result<()> {
    build::page(project, tools)?;
    let mut npm = project.command("npm");
    npm.args(["run", "--silent", "check"]).current_dir(project.path("static"));
    steps::run(project, "page: types, lints, size", "`npm run check` in static/", tools.equip(&mut npm))
}
