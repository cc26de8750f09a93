//! Where things are in the work tree.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// The work tree.
pub struct Project {
    root: PathBuf,
}

impl Project {
    /// The work tree that `cargo run` started this program from, else the one it was compiled in: two work trees may
    /// share a target folder.
    pub fn open() -> Result<Self> {
        let is_run_by_cargo = env::var("CARGO_PKG_NAME").is_ok_and(|name| name == env!("CARGO_PKG_NAME"));
        let told = env::var_os("CARGO_MANIFEST_DIR").filter(|_| is_run_by_cargo);
        let xtask = told.map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        Ok(Self { root: xtask.parent().context("xtask has no parent folder")?.to_path_buf() })
    }

    /// A work tree in this folder.
    pub fn at(root: PathBuf) -> Self {
        Self { root }
    }

    /// A path given from the root of the work tree.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// The root itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path in `.local/`: what the project installs and keeps for itself. Not in git, safe to delete.
    pub fn local(&self, relative: &str) -> PathBuf {
        self.root.join(".local").join(relative)
    }

    /// Where cargo puts what it builds.
    pub fn target(&self) -> PathBuf {
        match env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty()) {
            Some(folder) => self.root.join(folder),
            None => self.root.join("target"),
        }
    }

    /// A program of this workspace in the profile the developer commands use.
    pub fn program(&self, name: &str) -> PathBuf {
        self.target().join("debug").join(name)
    }

    /// `cargo` for the programs and tests of this machine. The members of the workspace go through clippy, which is rustc and says more: so
    /// the lints and the tests are one build. What is made for users does not: clippy turns some of rustc's optimisations off.
    pub fn native_cargo(&self) -> Command {
        let mut command = self.cargo();
        command.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver");
        command
    }

    /// `cargo`, in the root. The variables that `cargo run` set for this very program are not passed on:
    /// some build scripts would take the change for a reason to run again.
    pub fn cargo(&self) -> Command {
        let mut command = self.command("cargo");
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "CARGO_PRIMARY_PACKAGE"
            {
                command.env_remove(name);
            }
        }
        command
    }

    /// A program, in the root.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }
}

/// Folders that are results, not sources, wherever they turn up.
const RESULTS: &[&str] = &["node_modules", "dist", "generated", "target", "output", ".wrangler"];

/// Whether a build has made the folder `path`. Beside a manifest `build` is one, too: a function's.
pub fn is_result(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    RESULTS.iter().any(|result| name == *result) || (name == "build" && path.with_file_name("Cargo.toml").exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_called_build_is_no_result() {
        let root = Project::open().unwrap();
        for (folder, expected) in [
            ("functions/worker/build", true),
            ("static/src/generated", true),
            ("xtask/src/build", false),
            ("functions/worker", false),
        ] {
            assert_eq!(is_result(&root.path(folder)), expected, "{folder}");
        }
    }
}
