//! Every crate of the workspace: what it compiles for, and which of ours it may use.
//!
//! `check` and `tidy` read this table; `tidy` compares it with the manifests. Commands for this machine name no package, only programs and
//! tests: cargo then takes all `default-members`, which are the native crates, with the same features each time. For a selection of them it
//! would choose other features, and compile a third of what they are made of again.

use crate::runtime::Runtime;

/// A crate of the workspace.
pub struct Crate {
    /// Its folder, from the root.
    pub folder: &'static str,
    /// Its package.
    pub name: &'static str,
    /// What it compiles for.
    pub target: Target,
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

const WORKERS: Target = Target::Only(Runtime::Workers);
const SPIN: Target = Target::Only(Runtime::Spin);

/// All of them.
pub const CRATES: &[Crate] = &[
    of("shared/domain", "domain", Target::Core, &[]),
    of("shared/wire", "wire", Target::Core, &[]),
    of("shared/platform", "platform", Target::Core, &[]),
    of("shared/reqwest-client", "reqwest-client", Target::Native, &["platform"]),
    of("shared/infrastructure", "infrastructure", Target::Core, &["domain", "platform", "wire"]),
    of("shared/application", "application", Target::Core, &["domain", "infrastructure", "platform"]),
    of("shared/api", "api", Target::Core, &["application", "domain", "platform"]),
    of("shared/signatures", "signatures", Target::Core, &["platform"]),
    of("shared/assets", "assets", Target::Native, &[]),
    of("shared/assets-build", "assets-build", Target::Native, &["assets"]),
    of("shared/runtime-native", "runtime-native", Target::Native, &["platform", "reqwest-client"]),
    of("shared/runtime-spin", "runtime-spin", SPIN, &["api", "platform", "wire"]),
    of("shared/runtime-workers", "runtime-workers", WORKERS, &["api", "assets", "platform", "reqwest-client"]),
    of("functions/accounts", "accounts-function", SPIN, &["api", "runtime-spin"]),
    of("functions/auth", "auth-function", SPIN, &["api", "runtime-spin"]),
    of("functions/compat", "compat-function", SPIN, &["api", "runtime-spin"]),
    of("functions/messages", "messages-function", SPIN, &["api", "runtime-spin"]),
    of("functions/meta", "meta-function", SPIN, &["api", "runtime-spin"]),
    of("functions/page", "page-function", SPIN, &["assets", "runtime-spin"]),
    of("functions/passkeys", "passkeys-function", SPIN, &["api", "runtime-spin", "signatures"]),
    of("functions/quota", "quota-function", SPIN, &["api", "runtime-spin"]),
    of("functions/responses", "responses-function", SPIN, &["api", "runtime-spin"]),
    of("functions/sessions", "sessions-function", SPIN, &["api", "runtime-spin"]),
    of("functions/share", "share-function", SPIN, &["api", "runtime-spin"]),
    of("functions/temporary", "temporary-function", SPIN, &["api", "runtime-spin"]),
    of("functions/worker", "worker-function", WORKERS, &["api", "runtime-workers"]),
    of("functions/worker-accounts", "worker-accounts-function", WORKERS, &["api", "runtime-workers"]),
    of("schema", "schema", Target::Native, &["domain", "infrastructure"]),
    of("static/markdown", "markdown", Target::Native, &[]),
    of("static/password", "password", Target::Native, &[]),
    of("tests", "tests", Target::Native, &[]),
    of("tests/spin-host", "spin-host", Target::Native, &[]),
    of("stack", "stack", Target::Native, &[]),
    of("xtask", "xtask", Target::Native, &["domain", "wire"]),
    of("xtask/component", "componentize", Target::Native, &[]),
];

const fn of(folder: &'static str, name: &'static str, target: Target, uses: &'static [&'static str]) -> Crate {
    Crate { folder, name, target, uses }
}

/// `--package NAME` for each crate that fits.
pub fn packages(fits: impl Fn(&Crate) -> bool) -> impl Iterator<Item = &'static str> {
    CRATES.iter().filter(move |one| fits(one)).flat_map(|one| ["--package", one.name])
}
