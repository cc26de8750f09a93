//! Packages of PyPI, each set in an environment of its own below `.local`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::project::Project;
use crate::stamp::Stamp;
use crate::steps;

/// Where the Python is that has the packages of a folder with a `requirements.txt`.
pub fn of_project(project: &Project, folder: &str) -> PathBuf {
    place(project, folder).join("bin/python")
}

/// Installs these packages, unless that was done for this very list.
pub fn install(project: &Project, folder: &str) -> Result<()> {
    let list = format!("{folder}/requirements.txt");
    let place = place(project, folder);
    // Its programs name the place: one that was moved is made anew.
    let stamp =
        Stamp::of(project, &format!("python-{}", folder.replace('/', "-")), &[&list], &place.to_string_lossy())?;
    if stamp.is_current(&[of_project(project, folder)]) {
        return Ok(());
    }
    if place.exists() {
        fs::remove_dir_all(&place)?;
    }
    environment(project, &place, folder, &["--requirement".as_ref(), project.path(&list).as_os_str()])?;
    stamp.keep()
}

/// Makes an environment at `place`, and installs `packages` there, as pip's words name them.
pub fn environment(project: &Project, place: &Path, purpose: &str, packages: &[&OsStr]) -> Result<()> {
    let mut python = project.command("python3");
    python.args(["-m", "venv"]).arg(place);
    let hint = "install Python 3 with its module venv (Debian: python3-venv)";
    steps::run(project, &format!("Python's environment of {purpose}"), hint, &mut python)?;
    let mut pip = project.command(place.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check"]).args(packages);
    let hint = "check the network and PyPI (`pip download openai`), then run this again";
    steps::run(project, &format!("Python packages of {purpose}"), hint, &mut pip)
}

fn place(project: &Project, folder: &str) -> PathBuf {
    project.local("python").join(folder.replace('/', "-"))
}
