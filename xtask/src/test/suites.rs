//! Every suite: what it runs, and in which rounds.

use std::env;
use std::num::NonZero;
use std::process::Command;
use std::thread;

use super::round::Round;
use super::stores::Stores;
use super::suite::Suite;
use crate::project::Project;
use crate::runtime::Runtime;
use crate::setup::Tools;

/// The npm project with the official clients of the three services.
pub const CLIENTS_PROJECT: &str = "tests/clients";

/// The npm project with an OpenID provider.
pub const PROVIDER_PROJECT: &str = "tests/provider";

/// How many turns the random run of `faults` has.
const FAULTS_TURNS: &str = "FAULTS_TURNS";

/// How many tests of a binary run side by side.
const TEST_THREADS: &str = "RUST_TEST_THREADS";

/// The fewest of them: they wait more than they compute, so that a small machine has time for more than one on each processor.
const SIDE_BY_SIDE: usize = 5;

const WORKERS_EMBEDDED: Round = Round { runtime: Runtime::Workers, stores: Stores::Embedded };
const WORKERS_REAL: Round = Round { runtime: Runtime::Workers, stores: Stores::Real };
const SPIN_EMBEDDED: Round = Round { runtime: Runtime::Spin, stores: Stores::Embedded };
const SPIN_REAL: Round = Round { runtime: Runtime::Spin, stores: Stores::Real };

/// A suite that needs a served Edgewise, or its stores.
pub struct Served {
    /// As in the table.
    pub name: &'static str,
    program: Program,
    /// Where it runs.
    pub rounds: &'static [Round],
    /// Why it would show nothing elsewhere.
    pub otherwise: &'static str,
}

enum Program {
    /// The test binary of that name, of whatever crate.
    Cargo,
    /// A script of an npm project.
    Npm(&'static str, &'static str),
    /// Playwright, by a script of the page for each runtime.
    Page(fn(Runtime) -> &'static str),
}

/// All of them, in the order of the table.
pub const SERVED: &[Served] = &[
    of("contract", Program::Cargo, CROSSED, MINUTES),
    of("streaming", Program::Cargo, CROSSED, MINUTES),
    of("turns", Program::Cargo, CROSSED, MINUTES),
    of("admission", Program::Cargo, CROSSED, MINUTES),
    of("faults", Program::Cargo, CROSSED, MINUTES),
    of(
        "spin",
        Program::Cargo,
        &[SPIN_REAL],
        "it is about Spin's instances and what its manifest allows, not the stores",
    ),
    of(
        "wrangler",
        Program::Cargo,
        &[WORKERS_EMBEDDED],
        "it is about wrangler, which knows no Spin, and not about the stores",
    ),
    // An answer that is cut at every byte, read by the parsers of the page.
    of(
        "every cut",
        Program::Npm("static", "test:api"),
        &[WORKERS_REAL, SPIN_REAL],
        "it is about the runtime: one kind of stores is enough",
    ),
    of(
        "operator",
        Program::Cargo,
        &[SPIN_REAL],
        "it is about `setup` and `doctor`, and makes databases of its own, which the embedded Postgres cannot",
    ),
    of("native", Program::Cargo, &[WORKERS_EMBEDDED, WORKERS_REAL], NO_FUNCTION),
    of(
        "schema",
        Program::Cargo,
        &[WORKERS_REAL],
        "it calls no function and makes databases of its own, which the embedded Postgres cannot",
    ),
    of(
        "openai clients",
        Program::Npm(CLIENTS_PROJECT, "test:door"),
        CROSSED,
        "the clients cannot tell the stores apart",
    ),
    of("official clients", Program::Npm(CLIENTS_PROJECT, "test"), &[WORKERS_EMBEDDED, WORKERS_REAL], NO_FUNCTION),
    // The tests of the document alone run on the first runtime only.
    of(
        "page",
        Program::Page(|runtime| if runtime == Runtime::Workers { "test:page" } else { "test:served" }),
        &[WORKERS_EMBEDDED, SPIN_EMBEDDED],
        "the page cannot tell the stores apart",
    ),
    of(
        "page: alone",
        Program::Page(|_| "test:alone"),
        &[WORKERS_EMBEDDED, SPIN_EMBEDDED],
        "the page cannot tell the stores apart",
    ),
    of(
        "page: firefox",
        Program::Page(|_| "test:firefox"),
        &[WORKERS_EMBEDDED],
        "it is about the browser: one round is enough",
    ),
];

/// Test binaries that need no server: how the page gets into a program, and the local stack from outside.
const UNIT: &[&str] = &["embed", "outside"];

/// Each runtime once, and each kind of stores once.
const CROSSED: &[Round] = &[WORKERS_REAL, SPIN_EMBEDDED];

const MINUTES: &str = "minutes long: each runtime and each kind of stores is in one round that runs it; naming suite, runtime and stores runs another";

const NO_FUNCTION: &str = "it calls no function, only the stores: the other runtime's round has run it";

const fn of(name: &'static str, program: Program, rounds: &'static [Round], otherwise: &'static str) -> Served {
    Served { name, program, rounds, otherwise }
}

impl Served {
    /// Whether it could run in every round.
    pub fn takes_minutes(&self) -> bool {
        self.otherwise == MINUTES
    }

    /// Whether it needs the functions for this runtime, in this round. From one on Spin `operator` deploys a Worker, too.
    pub fn needs(&self, runtime: Runtime, round: Round) -> bool {
        round.runtime == runtime || self.name == "operator"
    }

    /// The suite in one of its rounds.
    pub fn suite(&self, project: &Project, tools: &Tools, round: Round) -> Suite {
        let (mut command, again) = match self.program {
            Program::Cargo => {
                let words = ["--test", self.name, "--", "--exact"];
                (cargo(project, &words[..2]), Some(cargo(project, &words)))
            }
            Program::Npm(folder, script) => (npm(project, tools, folder, script), None),
            Program::Page(script) => (playwright(project, tools, round, script(round.runtime)), None),
        };
        if matches!(self.program, Program::Cargo) && env::var_os(TEST_THREADS).is_none() {
            command.env(TEST_THREADS, side_by_side().to_string());
        }
        // One round plays more of it.
        if self.name == "faults" && round == SPIN_EMBEDDED && env::var_os(FAULTS_TURNS).is_none() {
            command.env(FAULTS_TURNS, "250");
        }
        Suite { name: self.name, command, again }
    }
}

/// The suites that need no server.
pub fn unit(project: &Project, tools: &Tools) -> [Suite; 2] {
    let words: Vec<&str> = ["--no-fail-fast", "--lib", "--bins"]
        .into_iter()
        .chain(UNIT.iter().flat_map(|name| ["--test", name]))
        .collect();
    [
        Suite { name: "unit: Rust", command: cargo(project, &words), again: None },
        Suite { name: "unit: page", command: npm(project, tools, "static", "test"), again: None },
    ]
}

/// A script of the page that runs Playwright, with a folder of its own for what it finds, outside of where Playwright looks for
/// tests: it would stumble over what another run beside it removes there.
pub fn playwright(project: &Project, tools: &Tools, round: Round, script: &str) -> Command {
    let mut command = npm(project, tools, "static", script);
    let folder = format!("{}-{}", round.name(), script.replace(':', "-"));
    command.env("PAGE_OUTPUT", project.local("test").join(folder));
    command
}

/// How many tests against a server run at once, unless its variable says so.
fn side_by_side() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get).max(SIDE_BY_SIDE)
}

/// No package is named: see [`crate::crates`].
fn cargo(project: &Project, words: &[&str]) -> Command {
    let mut cargo = project.native_cargo();
    cargo.arg("test").args(words);
    cargo
}

fn npm(project: &Project, tools: &Tools, folder: &str, script: &str) -> Command {
    let mut npm = project.command("npm");
    npm.args(["run", "--silent", script]).current_dir(project.path(folder));
    tools.equip(&mut npm);
    npm
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_that_deploys_a_worker_has_it_built_also_from_a_round_on_spin() {
        let of = |name: &str| SERVED.iter().find(|suite| suite.name == name).unwrap();
        let needed = |name: &str| Runtime::ALL.map(|runtime| of(name).needs(runtime, SPIN_REAL));
        assert_eq!(needed("operator"), [true, true]);
        assert_eq!(needed("spin"), [false, true]);
    }

    #[test]
    fn each_test_binary_is_in_one_suite() {
        let project = Project::open().unwrap();
        let output = project.cargo().args(["metadata", "--no-deps", "--format-version", "1"]).output().unwrap();
        let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let targets =
            metadata["packages"].as_array().unwrap().iter().flat_map(|one| one["targets"].as_array().unwrap());
        let binaries =
            targets.filter(|target| target["kind"][0] == "test").map(|target| target["name"].as_str().unwrap());
        let mut binaries: Vec<&str> = binaries.collect();
        let suites = SERVED.iter().filter(|suite| matches!(suite.program, Program::Cargo)).map(|suite| suite.name);
        let mut named: Vec<&str> = suites.chain(UNIT.iter().copied()).collect();
        binaries.sort_unstable();
        named.sort_unstable();
        assert_eq!(binaries, named);
    }
}
