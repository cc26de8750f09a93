//! Every crate of the workspace: what it compiles for, who runs its tests, and which of ours it may use.
//!
//! `check`, `test` and `tidy` read this table; `tidy` compares it with the manifests.

use crate::runtime::Runtime;

/// A crate of the workspace.
pub struct Crate {
    /// Its folder, from the root.
    pub folder: &'static str,
    /// Its package.
    pub name: &'static str,
    /// What it compiles for.
    pub target: Target,
    /// Who runs its tests.
    pub tests: Tests,
    /// Its layer: which of our crates it may link.
    pub uses: &'static [&'static str],
}

/// What a crate compiles for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Every target.
    Core,
    /// This machine.
    Native,
    /// A runtime alone.
    Only(Runtime),
}

/// Who runs a crate's tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tests {
    /// It has none.
    None,
    /// The suite `unit: Rust`.
    Unit,
    /// A suite of its own: it needs stores or a server, or must be compiled by itself.
    Suite,
}

const WORKERS: Target = Target::Only(Runtime::Workers);
const SPIN: Target = Target::Only(Runtime::Spin);

/// All of them.
pub const CRATES: &[Crate] = &[
    of("shared/domain", "domain", Target::Core, Tests::Unit, &[]),
    of("shared/wire", "wire", Target::Core, Tests::Unit, &[]),
    of("shared/platform", "platform", Target::Core, Tests::None, &[]),
    of("shared/infrastructure", "infrastructure", Target::Core, Tests::Unit, &["domain", "platform", "wire"]),
    of("shared/application", "application", Target::Core, Tests::Unit, &["domain", "infrastructure", "platform"]),
    of("shared/api", "api", Target::Core, Tests::Unit, &["application", "domain", "platform"]),
    of("shared/assets", "assets", Target::Native, Tests::Unit, &[]),
    of("shared/assets-build", "assets-build", Target::Native, Tests::Unit, &["assets"]),
    of("shared/runtime-native", "runtime-native", Target::Native, Tests::None, &["api", "application", "platform"]),
    of("shared/runtime-spin", "runtime-spin", SPIN, Tests::None, &["api", "platform"]),
    of(
        "shared/runtime-workers",
        "runtime-workers",
        WORKERS,
        Tests::None,
        &["api", "application", "assets", "platform"],
    ),
    of("functions/auth", "auth-function", SPIN, Tests::None, &["api", "runtime-spin"]),
    of("functions/messages", "messages-function", SPIN, Tests::None, &["api", "runtime-spin"]),
    of("functions/meta", "meta-function", SPIN, Tests::None, &["api", "runtime-spin"]),
    of("functions/page", "page-function", SPIN, Tests::None, &["assets", "runtime-spin"]),
    of("functions/quota", "quota-function", SPIN, Tests::None, &["api", "runtime-spin"]),
    of("functions/sessions", "sessions-function", SPIN, Tests::None, &["api", "runtime-spin"]),
    of("functions/worker", "worker-function", WORKERS, Tests::None, &["api", "runtime-workers"]),
    of("schema", "schema", Target::Native, Tests::Suite, &[]),
    of("static/markdown", "markdown", Target::Native, Tests::Unit, &[]),
    of("tests", "tests", Target::Native, Tests::Suite, &[]),
    // Together with other packages, cargo would choose other features and compile wasmtime twice.
    of("tests/spin-host", "spin-host", Target::Native, Tests::Suite, &[]),
    of("stack", "stack", Target::Native, Tests::Unit, &[]),
    of("xtask", "xtask", Target::Native, Tests::Unit, &[]),
    of("xtask/component", "componentize", Target::Native, Tests::None, &[]),
];

const fn of(
    folder: &'static str,
    name: &'static str,
    target: Target,
    tests: Tests,
    uses: &'static [&'static str],
) -> Crate {
    Crate { folder, name, target, tests, uses }
}

/// `--package NAME` for each crate that fits.
pub fn packages(fits: impl Fn(&Crate) -> bool) -> impl Iterator<Item = &'static str> {
    CRATES.iter().filter(move |one| fits(one)).flat_map(|one| ["--package", one.name])
}
