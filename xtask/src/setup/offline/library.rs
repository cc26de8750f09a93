//! The standard library of a target, compiled and put where rustc looks.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};

use super::sources::{copy_tree, entries, file_name, sources};
use crate::paths;
use crate::project::Project;
use crate::steps;

/// Makes a target usable by the toolchain in `sysroot`.
pub fn install_target(project: &Project, sysroot: &Path, target: &str) -> Result<()> {
    steps::step(&format!("compile the standard library for {target}"), || from_source(project, sysroot, target))
}

fn from_source(project: &Project, sysroot: &Path, target: &str) -> Result<()> {
    let work = project.local("tools/rust-library");
    fs::create_dir_all(&work)?;
    let sources = sources(project, &work)?;
    let library = sysroot.join("lib/rustlib/src/rust/library");
    if !library.join("std/Cargo.toml").exists() {
        copy_tree(&sources.join("library"), &library)?;
    }
    let place = sysroot.join("lib/rustlib").join(target).join("lib");
    if target.contains("wasip") {
        let libc = find_folder(&sources, target).ok_or_else(|| anyhow!("wasi-libc has no folder {target}"))?;
        let own = place.join("self-contained");
        fs::create_dir_all(&own)?;
        for file in ["crt1-command.o", "crt1-reactor.o", "libc.a"] {
            fs::copy(libc.join(file), own.join(file)).with_context(|| format!("copying {file} of wasi-libc"))?;
        }
    }
    let built = compile(project, &work, sysroot, target)?;
    install(&built, &place)
}

/// Compiles `std` by building an empty crate with it. Without `embed-bitcode`, `lto = true` would fail later.
fn compile(project: &Project, work: &Path, sysroot: &Path, target: &str) -> Result<PathBuf> {
    let empty = work.join("empty");
    fs::create_dir_all(empty.join("src"))?;
    fs::write(empty.join("Cargo.toml"), "[package]\nname = \"empty\"\nedition = \"2024\"\n\n[lib]\n\n[workspace]\n")?;
    fs::write(empty.join("src/lib.rs"), "#![no_std]\n")?;
    fs::copy(project.path("rust-toolchain.toml"), empty.join("rust-toolchain.toml"))?;
    // As in the libraries that rustup brings: what is built with this one names no folder of this machine.
    let remap = paths::remap(&sysroot.join("lib/rustlib/src/rust"), "/rustc");
    let mut cargo = project.cargo();
    cargo.current_dir(&empty);
    cargo.args(["build", "--release", "--lib", "-Z", "build-std=std,panic_abort", "--target", target]);
    cargo
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_ENCODED_RUSTFLAGS", ["-Cembed-bitcode=yes", &remap].join("\u{1f}"))
        .env("CARGO_TARGET_DIR", empty.join("target"));
    steps::quietly(project, "standard library", "see the log for what the compiler missed", &mut cargo)?;
    Ok(empty.join("target").join(target).join("release/deps"))
}

/// Puts the libraries where rustc looks. `libstd` last: it is what shows that the target is there.
fn install(built: &Path, place: &Path) -> Result<()> {
    fs::create_dir_all(place)?;
    let mut libraries: Vec<PathBuf> = entries(built)?
        .into_iter()
        .filter(|path| path.extension() == Some(OsStr::new("rlib")))
        .filter(|path| !file_name(path).starts_with("libempty-"))
        .collect();
    libraries.sort_by_key(|path| file_name(path).starts_with("libstd-"));
    for library in libraries {
        fs::copy(&library, place.join(file_name(&library)))?;
    }
    Ok(())
}

/// The folder of that name somewhere below that holds a `libc.a`.
fn find_folder(below: &Path, name: &str) -> Option<PathBuf> {
    entries(below).ok()?.into_iter().filter(|path| path.is_dir() && !path.is_symlink()).find_map(|path| {
        let is_it = file_name(&path) == name && path.join("libc.a").exists();
        if is_it { Some(path) } else { find_folder(&path, name) }
    })
}
