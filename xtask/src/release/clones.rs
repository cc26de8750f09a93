//! Clones of this repository outside of the work tree, which are built as on a machine that has just fetched them.

use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::{env, fs};

use anyhow::{Context, Result, anyhow, ensure};

use crate::project::Project;
use crate::runtime::Runtime;
use crate::setup;
use crate::steps;

/// Does `work` in a new folder, which goes with all that is in it when all was well.
pub fn in_new_folder(work: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let folder = env::temp_dir().join(format!("edgewise-release-{}", process::id()));
    fs::create_dir(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let result = work(&folder);
    match result {
        Ok(()) => fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?,
        Err(_) => steps::say(&format!("left for a look, and yours to remove: {}", folder.display())),
    }
    result
}

/// A clone in `place` with this commit checked out. It is given a copy of the tools that are installed here, which take minutes to compile: its
/// own set-up takes those whose version is right.
pub fn clone(project: &Project, commit: &str, place: PathBuf) -> Result<Project> {
    let hint = "the words above say what is wrong";
    let _lock = setup::lock(project)?;
    setup::tools(project, &[Runtime::Workers])?;
    let clone = Project::at(place);
    steps::step(&format!("clone in {}", clone.root().display()), || {
        let mut git = project.command("git");
        git.args(["clone", "--quiet", "--no-checkout"]).arg(project.root()).arg(clone.root());
        steps::quietly(project, "git clone", hint, &mut git)?;
        let mut git = clone.command("git");
        steps::quietly(project, "git checkout", hint, git.args(["checkout", "--quiet", "--detach", commit]))?;
        fs::create_dir_all(clone.local("tools"))?;
        let mut cp = project.command("cp");
        cp.arg("-a").arg(project.local("tools/.")).arg(clone.local("tools"));
        steps::quietly(project, "copy of the tools", hint, &mut cp)
    })?;
    Ok(clone)
}

/// The clone's own developer commands. Nothing that was compiled elsewhere is used, and the toolchain is the one that is pinned there: rustup has
/// set its variable for this very process.
pub fn xtask(clone: &Project) -> Command {
    let mut cargo = clone.cargo();
    cargo
        .arg("xtask")
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("CARGO_BUILD_TARGET_DIR")
        .env_remove("RUSTUP_TOOLCHAIN");
    cargo
}

/// What git tells of the work tree.
pub fn git(project: &Project, words: &[&str]) -> Result<String> {
    let output = project.command("git").args(words).output();
    let output = output.map_err(|error| anyhow!("cannot start git: {error}\n  what to do: install it"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "git {}: {}", words.join(" "), complaint.trim());
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
