//! A round: the functions on one runtime, with one kind of stores, and what runs against them.

use std::env;
use std::process::Command;

use super::stores::Stores;
use super::suite::Suite;
use crate::project::Project;
use crate::runtime::Runtime;
use crate::setup::Tools;

/// The npm project with the official clients of the three services.
pub const CLIENTS_PROJECT: &str = "tests/clients";

/// The black-box suites: test binaries of the crate `tests` that know no runtime.
const BLACK_BOX: &[&str] = &["contract", "streaming", "turns", "admission"];

/// An answer that is cut at every byte, read by the parsers of the page.
const EVERY_CUT: &str = "every cut";

/// How many turns the random run of `faults` has.
const FAULTS_TURNS: &str = "FAULTS_TURNS";

/// A runtime and its stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// Where the functions run.
    pub runtime: Runtime,
    /// What they keep things in.
    pub stores: Stores,
}

/// What one round does about one suite.
pub enum Planned {
    /// It runs.
    Runs(Suite),
    /// It would show nothing, for this reason.
    LeftOut(&'static str, &'static str),
}

impl Planned {
    /// The suite's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Runs(suite) => suite.name,
            Self::LeftOut(name, _) => name,
        }
    }
}

impl Round {
    /// All of them, the embedded stores first: they start faster.
    pub fn all() -> impl Iterator<Item = Self> {
        let both = |runtime| Stores::all().map(|stores| Self { runtime, stores });
        Runtime::ALL.into_iter().flat_map(both)
    }

    /// As in a title or a folder's name.
    pub fn name(self) -> String {
        format!("{}-{}", self.runtime.name(), self.stores.name())
    }

    /// Every suite, in the order of the table.
    pub fn suites(self, project: &Project, tools: &Tools) -> Vec<Planned> {
        let mut planned: Vec<Planned> =
            BLACK_BOX.iter().map(|name| Planned::Runs(cargo_suite(project, name))).collect();
        planned.push(self.faults(project));
        planned.push(match (self.runtime, self.stores) {
            (Runtime::Spin, Stores::Real) => Planned::Runs(cargo_suite(project, "spin")),
            (Runtime::Spin, Stores::Embedded) => {
                Planned::LeftOut("spin", "it is about Spin's instances, not the stores")
            }
            (Runtime::Workers, _) => Planned::LeftOut("spin", "it is about what a manifest of Spin allows"),
        });
        planned.push(match self.stores {
            Stores::Real => Planned::Runs(Suite {
                name: EVERY_CUT,
                command: npm(project, tools, "static", &["run", "--silent", "test:api"]),
            }),
            Stores::Embedded => Planned::LeftOut(EVERY_CUT, "it is about the runtime: one kind of stores is enough"),
        });
        planned.extend(self.without_runtime(project, tools));
        planned.extend(self.page(project, tools));
        planned
    }

    /// Minutes each, so each runtime and each kind of stores is in it once, and the random run is whole in one of them.
    fn faults(self, project: &Project) -> Planned {
        const OTHERS: &str = "minutes long: each runtime and each kind of stores is in one round that runs it";
        let mut suite = cargo_suite(project, "faults");
        match (self.runtime, self.stores) {
            (Runtime::Workers, Stores::Real) => Planned::Runs(suite),
            (Runtime::Spin, Stores::Embedded) => {
                if env::var_os(FAULTS_TURNS).is_none() {
                    suite.command.env(FAULTS_TURNS, "500");
                }
                Planned::Runs(suite)
            }
            _ => Planned::LeftOut("faults", OTHERS),
        }
    }

    /// In Chromium once for each runtime, on the second without what is the document's alone; in Firefox once.
    fn page(self, project: &Project, tools: &Tools) -> [Planned; 2] {
        const FIREFOX: &str = "page: firefox";
        let chromium = match self.stores {
            Stores::Embedded => {
                let script = if self.runtime == Runtime::Workers { "test:page" } else { "test:served" };
                Planned::Runs(Suite { name: "page", command: self.npm(project, tools, script) })
            }
            Stores::Real => Planned::LeftOut("page", "the page cannot tell the stores apart"),
        };
        let firefox = match (self.runtime, self.stores) {
            (Runtime::Workers, Stores::Embedded) => {
                Planned::Runs(Suite { name: FIREFOX, command: self.npm(project, tools, "test:firefox") })
            }
            _ => Planned::LeftOut(FIREFOX, "it is about the browser: one round is enough"),
        };
        [chromium, firefox]
    }

    /// A script of the page that runs Playwright, with a folder of its own for what it finds, outside of where Playwright looks for
    /// tests: it would stumble over what another run beside it removes there.
    pub fn npm(self, project: &Project, tools: &Tools, script: &str) -> Command {
        let mut command = npm(project, tools, "static", &["run", "--silent", script]);
        let folder = format!("{}-{}", self.name(), script.replace(':', "-"));
        command.env("PAGE_OUTPUT", project.local("test").join(folder));
        command
    }

    /// Suites that talk to the stores or the local stack and to no function: once for each kind of stores is enough.
    fn without_runtime(self, project: &Project, tools: &Tools) -> [Planned; 3] {
        const NO_FUNCTION: &str = "it calls no function, only the stores: the other runtime's round has run it";
        const OWN_DATABASES: &str = "it makes databases of its own, which the embedded Postgres cannot";
        let is_first = self.runtime == Runtime::Workers;
        let planned = |suite: Suite| match is_first {
            true => Planned::Runs(suite),
            false => Planned::LeftOut(suite.name, NO_FUNCTION),
        };
        let schema = match self.stores {
            Stores::Real => planned(schema(project)),
            Stores::Embedded => Planned::LeftOut("schema", OWN_DATABASES),
        };
        [planned(cargo_suite(project, "native")), schema, planned(clients(project, tools))]
    }
}

fn cargo_suite(project: &Project, name: &'static str) -> Suite {
    let mut cargo = project.cargo();
    cargo.args(["test", "--package", "tests", "--test", name]);
    Suite { name, command: cargo }
}

fn schema(project: &Project) -> Suite {
    let mut cargo = project.cargo();
    cargo.args(["test", "--package", "schema"]);
    Suite { name: "schema", command: cargo }
}

fn clients(project: &Project, tools: &Tools) -> Suite {
    Suite { name: "official clients", command: npm(project, tools, CLIENTS_PROJECT, &["run", "--silent", "test"]) }
}

/// A script of an npm project.
pub fn npm(project: &Project, tools: &Tools, folder: &str, words: &[&str]) -> Command {
    let mut npm = project.command("npm");
    npm.args(words).current_dir(project.path(folder));
    tools.equip(&mut npm);
    npm
}
