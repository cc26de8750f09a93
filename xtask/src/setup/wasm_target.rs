//! The Wasm targets of the toolchain: from rustup, else the standard library compiled from source.
//!
//! A machine may reach package registries but no Rust distribution server. Then the library's sources come from Debian's
//! `rust-src` of exactly this Rust version, by way of the archive the machine already uses, and wasi-libc likewise.
//! Compiled once into the toolchain's folder, plain `cargo build --target …` works from there on.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};

use crate::paths;
use crate::pins;
use crate::project::Project;
use crate::steps;

/// Last resort: a folder with the `library` sources of this Rust (and `wasi-libc_*.deb` for a WASI target).
const LIBRARY_VARIABLE: &str = "EDGEWISE_RUST_LIBRARY";

/// Set in a test of this file's second half: do as if rustup could not reach its server.
const SKIP_RUSTUP_VARIABLE: &str = "EDGEWISE_SKIP_RUSTUP_TARGET";

/// The Debian suites that carry the sources: this Rust's library, and a wasi-libc with the second preview's target.
const SUITES: [&str; 2] = ["trixie-backports", "sid"];

/// Makes a target usable.
pub fn ensure(project: &Project, target: &str) -> Result<()> {
    if is_there(target)? {
        return Ok(());
    }
    let rustup = |_: &()| {
        let hint = "without a network to the Rust server the library is compiled instead";
        steps::run(
            project,
            &format!("rustup target add {target}"),
            hint,
            project.command("rustup").args(["target", "add", target]),
        )
    };
    let by_rustup = match env::var_os(SKIP_RUSTUP_VARIABLE) {
        Some(_) => Err(anyhow!("skipped by {SKIP_RUSTUP_VARIABLE}")),
        None => rustup(&()),
    };
    let Err(refused) = by_rustup else { return Ok(()) };
    steps::step(&format!("compile the standard library for {target}"), || from_source(project, target)).with_context(|| {
        format!(
            "the Rust target {target} is missing; rustup said: {refused:#}\n  what to do: `rustup target add {target}` where the \
             Rust server is reachable, or set {LIBRARY_VARIABLE} to a folder with the library sources of Rust {}",
            pins::RUST
        )
    })
}

fn is_there(target: &str) -> Result<bool> {
    let folder = sysroot()?.join("lib/rustlib").join(target).join("lib");
    Ok(folder.read_dir().is_ok_and(|mut entries| {
        entries.any(|entry| entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("libstd-")))
    }))
}

fn sysroot() -> Result<PathBuf> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output().context("starting rustc")?;
    Ok(PathBuf::from(String::from_utf8(output.stdout)?.trim()))
}

fn from_source(project: &Project, target: &str) -> Result<()> {
    let work = project.local("tools/rust-library");
    fs::create_dir_all(&work)?;
    let sources = sources(project, &work)?;
    let sysroot = sysroot()?;
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
    let built = compile(project, &work, target)?;
    install(&built, &place)
}

/// Compiles `std` by building an empty crate with it. Without `embed-bitcode`, `lto = true` would fail later.
fn compile(project: &Project, work: &Path, target: &str) -> Result<PathBuf> {
    let empty = work.join("empty");
    fs::create_dir_all(empty.join("src"))?;
    fs::write(empty.join("Cargo.toml"), "[package]\nname = \"empty\"\nedition = \"2024\"\n\n[lib]\n\n[workspace]\n")?;
    fs::write(empty.join("src/lib.rs"), "#![no_std]\n")?;
    fs::copy(project.path("rust-toolchain.toml"), empty.join("rust-toolchain.toml"))?;
    // As in the libraries that rustup brings: what is built with this one names no folder of this machine.
    let remap = paths::remap(&sysroot()?.join("lib/rustlib/src/rust"), "/rustc");
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

/// Puts the libraries where rustc looks. `libstd` last: it is what [`is_there`] asks for.
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

/// A folder with `library/` and, for WASI, wasi-libc below it.
fn sources(project: &Project, work: &Path) -> Result<PathBuf> {
    let unpacked = work.join("sources");
    if unpacked.join("library/std/Cargo.toml").exists() {
        return Ok(unpacked);
    }
    fs::create_dir_all(&unpacked)?;
    let from_archive = from_debian(project, work, &unpacked);
    if from_archive.is_ok() {
        return Ok(unpacked);
    }
    let Some(folder) = env::var_os(LIBRARY_VARIABLE).map(PathBuf::from) else { return from_archive.map(|()| unpacked) };
    let library =
        [folder.join("library"), folder.clone()].into_iter().find(|path| path.join("std/Cargo.toml").exists());
    copy_tree(
        &library.with_context(|| format!("{LIBRARY_VARIABLE} names a folder without `library`"))?,
        &unpacked.join("library"),
    )?;
    for package in entries(&folder)?.iter().filter(|path| file_name(path).ends_with(".deb")) {
        unpack(project, package, &unpacked)?;
    }
    Ok(unpacked)
}

/// Downloads and unpacks the two packages, with lists of our own: the machine's configuration is only read.
fn from_debian(project: &Project, work: &Path, unpacked: &Path) -> Result<()> {
    let archive = debian_archive()?;
    let lists = work.join("lists");
    fs::create_dir_all(lists.join("partial"))?;
    let list = work.join("sources.list");
    let key = "/usr/share/keyrings/debian-archive-keyring.gpg";
    let lines: String = SUITES.iter().map(|suite| format!("deb [signed-by={key}] {archive} {suite} main\n")).collect();
    fs::write(&list, lines)?;
    let apt = |action: &str, packages: &[&str]| {
        let mut command = Command::new("apt-get");
        command.arg(format!("-oDir::Etc::SourceList={}", list.display())).arg("-oDir::Etc::SourceParts=/dev/null");
        command.arg(format!("-oDir::State::Lists={}", lists.display())).arg("-oAPT::Sandbox::User=root");
        command.arg(action).args(packages).current_dir(work);
        steps::quietly(project, &format!("apt-get {action}"), "the Debian archive must be reachable", &mut command)
    };
    apt("update", &[])?;
    apt("download", &[&format!("rust-src={}*", pins::RUST), "wasi-libc"])?;
    for package in entries(work)?.iter().filter(|path| file_name(path).ends_with(".deb")) {
        unpack(project, package, unpacked)?;
    }
    let library = unpacked.join(format!("usr/src/rustc-{}/library", pins::RUST));
    fs::rename(&library, unpacked.join("library")).context("rust-src has another layout than expected")
}

/// The address of the Debian archive in the machine's own sources.
fn debian_archive() -> Result<String> {
    let mut command = Command::new("apt-get");
    command.args(["indextargets", "--format", "$(REPO_URI) $(RELEASE) $(ORIGIN)", "Created-By: Packages"]);
    let output = command.output().context("this machine has no apt-get")?;
    let text = String::from_utf8(output.stdout)?;
    let found = text.lines().find_map(|line| {
        let mut words = line.split(' ');
        let (archive, release, origin) = (words.next()?, words.next()?, words.next()?);
        let is_main = origin == "Debian" && !release.contains('-') && !release.contains('/');
        is_main.then(|| archive.to_owned())
    });
    found.context("no Debian archive in this machine's apt sources (is `apt-get update` due?)")
}

fn unpack(project: &Project, package: &Path, into: &Path) -> Result<()> {
    let mut command = Command::new("dpkg");
    command.arg("-x").arg(package).arg(into);
    steps::quietly(project, "dpkg", "dpkg must be installed", &mut command)
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    let status = Command::new("cp").arg("-r").arg(from).arg(to).status()?;
    if !status.success() {
        bail!("copying {} to {} failed", from.display(), to.display());
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

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
