//! `cargo xtask test`: everything CI checks, on a fresh machine too.
//!
//! 1. set up, with the Debian packages of the tests;
//! 2. the checks of `cargo xtask check`;
//! 3. unit tests, of the Rust crates and of the page;
//! 4. build;
//! 5. for embedded stores, then for a private PostgreSQL and Redis: start `dev`, run the black-box suites, the official
//!    clients and the browser tests against it;
//! 6. one table at the end. A failing suite does not keep the others from running.

mod counts;
mod served;
mod stores;
mod suite;

use std::thread;

use anyhow::{Result, anyhow, bail};

pub use self::served::Served;
pub use self::stores::Stores;
use self::suite::{Row, Suite};
use crate::build;
use crate::check;
use crate::dev::PGLITE_PROJECT;
use crate::project::Project;
use crate::setup::{self, Tools};
use crate::steps;

/// The npm project with the official clients of the three services.
const CLIENTS_PROJECT: &str = "tests/clients";

/// Crates that do not compile natively, and tests that need stores or a server.
const NO_UNIT_TESTS: &[&str] = &["runtime-workers", "worker-function", "schema", "tests"];

/// The black-box suites: test binaries of the crate `tests`.
const BLACK_BOX: &[&str] = &["contract", "streaming", "admission", "native"];

/// What to run.
#[derive(clap::Args)]
pub struct Arguments {
    /// Only suites whose name contains this, such as `unit`, `contract` or `page`.
    #[arg(long)]
    suite: Option<String>,
    /// Only these stores.
    #[arg(long)]
    stores: Option<Stores>,
}

impl Arguments {
    fn wants(&self, suite: &str) -> bool {
        self.suite.as_ref().is_none_or(|part| suite.contains(part.as_str()))
    }
}

/// The command.
pub fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    let _lock = setup::lock(project)?;
    let tools = prepare(project)?;
    let mut rows = Vec::new();
    for (name, check) in check::CHECKS {
        if arguments.wants("check") {
            rows.push(suite::step(name, || check(project, &tools)));
        }
    }
    build::page(project, &tools)?;
    for suite in unit_suites(project, &tools).into_iter().filter(|suite| arguments.wants(suite.name)) {
        rows.push(suite.run("", &[]));
    }
    build::programs(project)?;
    build::worker(project, &tools)?;
    for stores in Stores::all().into_iter().filter(|stores| arguments.stores.is_none_or(|wanted| wanted == *stores)) {
        let suites: Vec<_> =
            served_suites(project, &tools, stores).into_iter().filter(|suite| arguments.wants(suite.name)).collect();
        if suites.is_empty() {
            continue;
        }
        match Served::start(project, stores) {
            Ok(served) => {
                let variables = served.variables(project)?;
                rows.extend(suites.iter().map(|suite| suite.run(stores.name(), &variables)));
            }
            Err(error) => {
                steps::failed(&error);
                rows.push(Row::failed("server", stores.name()));
            }
        }
    }
    println!("\n{}", suite::table(&rows));
    let failed = rows.iter().filter(|row| !row.passed).count();
    if rows.is_empty() {
        bail!("nothing was run: no suite is named like that");
    }
    if failed != 0 {
        bail!("{failed} of {} failed: the reasons are above, the functions' logs in .local/test", rows.len());
    }
    Ok(())
}

/// Everything that is installed, the slow downloads beside each other.
pub fn prepare(project: &Project) -> Result<Tools> {
    thread::scope(|scope| {
        let packages = scope.spawn(|| setup::packages_for_tests(project));
        let tools = setup::for_workers(project)?;
        for folder in ["static", PGLITE_PROJECT, CLIENTS_PROJECT] {
            setup::install_node_project(project, &tools, folder)?;
        }
        packages.join().map_err(|_| anyhow!("installing packages panicked"))??;
        Ok(tools)
    })
}

fn unit_suites(project: &Project, tools: &Tools) -> Vec<Suite> {
    let mut cargo = project.cargo();
    cargo
        .args(["test", "--workspace", "--no-fail-fast"])
        .args(NO_UNIT_TESTS.iter().flat_map(|name| ["--exclude", name]));
    let mut npm = project.command("npm");
    npm.args(["test", "--silent"]).current_dir(project.path("static"));
    tools.equip(&mut npm);
    vec![Suite { name: "unit: Rust", command: cargo }, Suite { name: "unit: page", command: npm }]
}

fn served_suites(project: &Project, tools: &Tools, stores: Stores) -> Vec<Suite> {
    let black_box = BLACK_BOX.iter().map(|name| {
        let mut cargo = project.cargo();
        cargo.args(["test", "--package", "tests", "--test", name]);
        Suite { name, command: cargo }
    });
    // The page cannot tell the stores apart: once is enough.
    let page = (stores == Stores::Embedded).then_some(("page", "static", "test:page"));
    let scripts =
        [("official clients", CLIENTS_PROJECT, "test")].into_iter().chain(page).map(|(name, folder, script)| {
            let mut npm = project.command("npm");
            npm.args(["run", "--silent", script]).current_dir(project.path(folder));
            tools.equip(&mut npm);
            Suite { name, command: npm }
        });
    // It makes databases of its own, which the embedded Postgres cannot.
    let schema = (stores == Stores::Real).then(|| {
        let mut cargo = project.cargo();
        cargo.args(["test", "--package", "schema"]);
        Suite { name: "schema", command: cargo }
    });
    black_box.chain(schema).chain(scripts).collect()
}
