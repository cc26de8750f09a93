//! worker-build and wasm-bindgen, compiled from crates.io into `.local/tools`.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use super::packages;
use crate::pins;
use crate::project::Project;
use crate::steps;

/// Installs wasm-bindgen, and worker-build if a Worker is to be built, unless the pinned versions are there.
pub fn install(project: &Project, for_workers: bool) -> Result<()> {
    let programs = [
        ("wasm-bindgen", "wasm-bindgen-cli", pins::WASM_BINDGEN),
        ("worker-build", "worker-build", pins::WORKER_BUILD),
    ];
    let missing: Vec<_> = programs
        .into_iter()
        .filter(|(program, ..)| for_workers || *program != "worker-build")
        .filter(|(program, _, version)| !is_there(project, program, version))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if missing.iter().any(|(program, ..)| *program == "worker-build") {
        packages::openssl_headers(project)?;
    }
    for (program, package, version) in missing {
        install_one(project, package, version)?;
        if !is_there(project, program, version) {
            bail!("{program} was installed but does not answer as version {version}");
        }
    }
    // Some hundred megabytes of intermediate files that nothing uses again.
    fs::remove_dir_all(project.local("tools/target")).or_else(|_| Ok(()))
}

fn install_one(project: &Project, package: &str, version: &str) -> Result<()> {
    let title = format!("compile {package} {version} (a minute or two, once)");
    let hint = format!(
        "check the network and crates.io, then run this again; or put {package} {version} into .local/tools/bin"
    );
    // With the lock file of its authors first. A registry mirror may lack a version named there; then without.
    steps::step(&title, || {
        steps::quietly(project, package, &hint, &mut command(project, package, version, true))
            .or_else(|_| steps::quietly(project, package, &hint, &mut command(project, package, version, false)))
    })
}

/// Without optimisation wasm-bindgen compiles in 45 s instead of 130, and turns the Worker's 2 MB in 0.6 s instead of 0.1.
fn command(project: &Project, package: &str, version: &str, locked: bool) -> Command {
    let mut cargo = project.cargo();
    cargo.args(["install", "--debug", "--root"]).arg(project.local("tools"));
    cargo.args(["--version", version]).args(locked.then_some("--locked")).arg(package);
    cargo
        .env("CARGO_TARGET_DIR", project.local("tools/target"))
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_PROFILE_DEV_DEBUG_ASSERTIONS", "false")
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", "0");
    cargo
}

fn is_there(project: &Project, program: &str, version: &str) -> bool {
    let output = Command::new(project.local("tools/bin").join(program)).arg("--version").stderr(Stdio::null()).output();
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).split_whitespace().any(|word| word == version))
}
