//! The gateways that `cargo xtask bench peers` compares with, installed beside the project.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::pins;
use crate::project::Project;
use crate::setup::{self, Tools};
use crate::steps;

/// What the benchmark is told of them: where each is, or why it is not there. One that cannot be installed here is no reason to stop.
pub fn variables(project: &Project, tools: &Tools) -> Vec<(String, String)> {
    let mut variables = vec![("PEER_NODE".to_owned(), tools.node.display().to_string())];
    for (name, place) in [("PEER_PORTKEY", portkey(project, tools)), ("PEER_LITELLM", litellm(project))] {
        variables.push(match place {
            Ok(place) => (name.to_owned(), place.display().to_string()),
            Err(error) => {
                let why = error.to_string();
                (format!("{name}_MISSING"), why.lines().next().unwrap_or_default().to_owned())
            }
        });
    }
    variables
}

/// Portkey's gateway, from npm: the script that serves.
fn portkey(project: &Project, tools: &Tools) -> Result<PathBuf> {
    let folder = project.local(&format!("peers/portkey-{}", pins::PORTKEY));
    let script = folder.join("node_modules/@portkey-ai/gateway/build/start-server.js");
    if script.is_file() {
        return Ok(script);
    }
    fs::create_dir_all(&folder)?;
    let mut npm = project.command("npm");
    npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--prefix"]).arg(&folder);
    npm.arg(format!("@portkey-ai/gateway@{}", pins::PORTKEY));
    steps::run(project, "install @portkey-ai/gateway", "check the npm registry (`npm ping`)", tools.equip(&mut npm))?;
    present(script)
}

/// litellm's proxy, from PyPI into an environment of its own: the program that serves.
fn litellm(project: &Project) -> Result<PathBuf> {
    let folder = project.local(&format!("peers/litellm-{}", pins::LITELLM));
    let program = folder.join("bin/litellm");
    if program.is_file() {
        return Ok(program);
    }
    let package = format!("litellm[proxy]=={}", pins::LITELLM);
    setup::python_environment(project, &folder, "litellm", &[package.as_ref()])?;
    present(program)
}

fn present(place: PathBuf) -> Result<PathBuf> {
    ensure!(Path::new(&place).is_file(), "the package has no {}", place.display());
    Ok(place)
}
