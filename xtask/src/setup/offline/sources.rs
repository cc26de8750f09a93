//! The sources: from the Debian archive, else from a folder that somebody names.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::pins;
use crate::project::Project;
use crate::steps;

/// Last resort: a folder with the `library` sources of this Rust (and `wasi-libc_*.deb` for a WASI target).
pub const LIBRARY_VARIABLE: &str = "EDGEWISE_RUST_LIBRARY";

/// The Debian suites that carry the sources: this Rust's library, and a wasi-libc with the second preview's target.
const SUITES: [&str; 2] = ["trixie-backports", "sid"];

/// A folder with `library/` and, for WASI, wasi-libc below it.
pub fn sources(project: &Project, work: &Path) -> Result<PathBuf> {
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

/// Copies a folder with all that is in it.
pub fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    let status = Command::new("cp").arg("-r").arg(from).arg(to).status()?;
    if !status.success() {
        bail!("copying {} to {} failed", from.display(), to.display());
    }
    Ok(())
}

/// What is in a folder, by name.
pub fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();
    Ok(paths)
}

/// The last part of a path.
pub fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
