//! `cargo xtask test`: everything CI checks, on a fresh machine too.
//!
//! 1. set up, with the Debian packages of the tests;
//! 2. the checks of `cargo xtask check`;
//! 3. unit tests, of the Rust crates and of the page;
//! 4. build;
//! 5. for each runtime with embedded stores, then with a private PostgreSQL and Redis: start `dev`, run the black-box suites,
//!    the official clients and the browser tests against it;
//! 6. at the end the slowest steps, one table of suites by runtimes, and the names of the tests that failed or had to be tried again.
//!    A failing suite does not keep the others from running, and of a suite up to three red tests are tried again: those that are green then are named.
//!
//! A suite that was green on exactly these files is not run again, unless `--again` asks for it.

mod known;
mod report;
mod round;
mod served;
mod stores;
mod suite;
mod suites;
mod table;

use std::thread;

use anyhow::{Result, anyhow, bail};

use self::known::Known;
pub use self::round::Round;
pub use self::served::Served;
pub use self::stores::Stores;
use self::suite::Row;
pub use self::suites::playwright;
use self::suites::{CLIENTS_PROJECT, PROVIDER_PROJECT, SERVED};
use crate::build;
use crate::check;
use crate::dev::PGLITE_PROJECT;
use crate::project::Project;
use crate::runtime::Runtime;
use crate::setup::{self, Tools};
use crate::steps;

/// What to run.
#[derive(clap::Args)]
pub struct Arguments {
    /// Only suites whose name contains this, such as `unit`, `contract` or `page`.
    #[arg(long)]
    suite: Option<String>,
    /// Only these stores.
    #[arg(long)]
    stores: Option<Stores>,
    /// Only this runtime.
    #[arg(long)]
    runtime: Option<Runtime>,
    /// Also what was green on exactly these files.
    #[arg(long)]
    again: bool,
    /// Of the suites only this: a part of a test's name for those in Rust, of a file's name for those of the page.
    #[arg(long, requires = "suite")]
    only: Option<String>,
}

impl Arguments {
    fn wants(&self, suite: &str) -> bool {
        self.suite.as_ref().is_none_or(|part| suite.contains(part.as_str()))
    }

    /// Who names a suite, a runtime and the stores has the time for them.
    fn is_one_cell(&self) -> bool {
        self.suite.is_some() && self.runtime.is_some() && self.stores.is_some()
    }

    /// Whether a suite is asked for in this round.
    fn wants_in(&self, suite: &suites::Served, round: Round) -> bool {
        self.wants(suite.name) && (suite.rounds.contains(&round) || self.is_one_cell() && suite.takes_minutes())
    }

    /// The runtimes of which something is needed: functions of the others are not built.
    fn needed_runtimes(&self) -> Vec<Runtime> {
        let is_needed = |runtime: &Runtime| {
            self.rounds()
                .any(|round| SERVED.iter().any(|suite| self.wants_in(suite, round) && suite.needs(*runtime, round)))
        };
        Runtime::ALL.into_iter().filter(is_needed).collect()
    }

    /// A part of a suite that is green says nothing about the whole.
    fn keep(&self, known: &Known, row: &Row) -> Result<()> {
        if self.only.is_some() { Ok(()) } else { known.keep(row) }
    }

    fn rounds(&self) -> impl Iterator<Item = Round> {
        let wanted = |round: &Round| {
            self.stores.is_none_or(|stores| stores == round.stores)
                && self.runtime.is_none_or(|runtime| runtime == round.runtime)
        };
        Round::ALL.iter().copied().filter(wanted)
    }
}

/// The command.
pub fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    let _lock = setup::lock(project)?;
    let tools = prepare(project)?;
    let known = Known::of(project, arguments.again || arguments.only.is_some())?;
    let mut rows = Vec::new();
    for (name, check) in check::CHECKS {
        if arguments.wants("check") {
            rows.push(suite::step(name, || check(project, &tools)));
        }
    }
    build::page(project, &tools)?;
    for suite in suites::unit(project, &tools).into_iter().filter(|suite| arguments.wants(suite.name)) {
        let suite = suite.only(arguments.only.as_deref());
        let row = known.row(suite.name, None).unwrap_or_else(|| suite.run(None, &[]));
        arguments.keep(&known, &row)?;
        rows.push(row);
    }
    let runtimes = arguments.needed_runtimes();
    build::programs(project, &runtimes)?;
    build::functions(project, &tools, &runtimes, &[])?;
    rows.extend(served(project, &tools, &known, arguments)?);
    println!("\n{}\n{}", steps::slowest(), table::of(&rows));
    let names = table::names(&rows);
    let failed = rows.iter().filter(|row| row.has_failed()).count();
    if rows.iter().all(Row::is_left_out) {
        bail!("nothing was run: no suite is named like that");
    }
    if failed != 0 {
        bail!("{failed} of {} failed: the reasons are above, the functions' logs in .local/test\n{names}", rows.len());
    }
    print!("{names}");
    Ok(())
}

/// The suites that need a server, round after round and one by one: where 300 ms decide that Redis is down, nothing else may keep the
/// machine busy.
fn served(project: &Project, tools: &Tools, known: &Known, arguments: &Arguments) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for round in arguments.rounds() {
        let mut suites = Vec::new();
        for suite in SERVED.iter().filter(|suite| arguments.wants(suite.name)) {
            match known.row(suite.name, Some(round)) {
                _ if !arguments.wants_in(suite, round) => rows.push(Row::left_out(suite.name, round, suite.otherwise)),
                Some(row) => rows.push(row),
                None => suites.push(suite.suite(project, tools, round).only(arguments.only.as_deref())),
            }
        }
        if suites.is_empty() {
            continue;
        }
        match Served::start(project, round) {
            Ok(served) => {
                let variables = served.variables(project, tools)?;
                for suite in suites {
                    let row = suite.run(Some(round), &variables);
                    arguments.keep(known, &row)?;
                    rows.push(row);
                }
            }
            Err(error) => {
                steps::failed(&error);
                rows.push(Row::failed("server", round));
            }
        }
    }
    Ok(rows)
}

/// Everything that is installed, the slow downloads beside each other.
pub fn prepare(project: &Project) -> Result<Tools> {
    thread::scope(|scope| {
        let packages = scope.spawn(|| setup::packages_for_tests(project));
        let tools = setup::tools(project, &Runtime::ALL)?;
        for folder in ["static", PGLITE_PROJECT, CLIENTS_PROJECT, PROVIDER_PROJECT] {
            setup::install_node_project(project, &tools, folder)?;
        }
        packages.join().map_err(|_| anyhow!("installing packages panicked"))??;
        setup::install_python_project(project, CLIENTS_PROJECT)?;
        Ok(tools)
    })
}
