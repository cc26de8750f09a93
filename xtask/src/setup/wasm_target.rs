//! The Wasm targets of the toolchain: from rustup, and where that cannot, by [`offline`].

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, anyhow};

use super::offline;
use crate::pins;
use crate::project::Project;
use crate::steps;

/// Set in a test of [`offline`]: do as if rustup could not reach its server.
const SKIP_RUSTUP_VARIABLE: &str = "EDGEWISE_SKIP_RUSTUP_TARGET";

/// Makes a target usable.
pub fn ensure(project: &Project, target: &str) -> Result<()> {
    let sysroot = sysroot()?;
    let installed = sysroot.join("lib/rustlib").join(target).join("lib").read_dir();
    let is_std = |name: std::ffi::OsString| name.to_string_lossy().starts_with("libstd-");
    if installed.is_ok_and(|mut files| files.any(|file| file.is_ok_and(|file| is_std(file.file_name())))) {
        return Ok(());
    }
    let hint = "without a network to the Rust server the library is compiled instead";
    let mut rustup = project.command("rustup");
    rustup.args(["target", "add", target]);
    let by_rustup = match env::var_os(SKIP_RUSTUP_VARIABLE) {
        Some(_) => Err(anyhow!("skipped by {SKIP_RUSTUP_VARIABLE}")),
        None => steps::run(project, &format!("rustup target add {target}"), hint, &mut rustup),
    };
    let Err(refused) = by_rustup else { return Ok(()) };
    offline::install_target(project, &sysroot, target).with_context(|| {
        format!(
            "the Rust target {target} is missing; rustup said: {refused:#}\n  what to do: `rustup target add {target}` where the \
             Rust server is reachable, or set {} to a folder with the library sources of Rust {}",
            offline::LIBRARY_VARIABLE,
            pins::RUST
        )
    })
}

fn sysroot() -> Result<PathBuf> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output().context("starting rustc")?;
    Ok(PathBuf::from(String::from_utf8(output.stdout)?.trim()))
}
