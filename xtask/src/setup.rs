//! Installs what is missing, and nothing that is there.
//!
//! Rust and Node are expected; everything else of `dev` goes to `.local/tools` and `node_modules`. Debian packages are
//! installed only for the tests, and only by root.

mod cargo_tools;
mod node;
mod offline;
mod packages;
mod python;
mod wasm_target;

use std::env;
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, anyhow};

pub use self::node::install as install_node_project;
pub use self::packages::{file_of as find_package_file, for_tests as packages_for_tests};
pub use self::python::{
    environment as python_environment, install as install_python_project, of_project as python_of_project,
};
use crate::pins;
use crate::project::Project;
use crate::runtime::Runtime;
use crate::steps;

/// Where the tools are, once they are there.
pub struct Tools {
    /// A Node that wrangler runs on.
    pub node: PathBuf,
    bin: PathBuf,
    node_modules: PathBuf,
}

impl Tools {
    /// A program that cargo installed.
    pub fn cargo_bin(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    /// A file of a package in `xtask/node`.
    pub fn module(&self, path: &str) -> PathBuf {
        self.node_modules.join(path)
    }

    /// Adds what the Worker's and the page's builds look for. Without these variables worker-build would download the
    /// helpers from places that not every machine reaches.
    pub fn equip<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let esbuild = if cfg!(windows) { "esbuild.exe" } else { "bin/esbuild" };
        let platform = format!("@esbuild/{}/{esbuild}", node::platform());
        command
            .env("PATH", self.path())
            .env("WASM_BINDGEN_BIN", self.cargo_bin("wasm-bindgen"))
            .env("WASM_OPT_BIN", self.module("binaryen/bin/wasm-opt"))
            .env("ESBUILD_BIN", self.module(&platform))
    }

    /// The search path with our Node in front: npm's scripts start `node` by name.
    fn path(&self) -> OsString {
        let inherited = env::var_os("PATH").unwrap_or_default();
        let folders = self.node.parent().map(Path::to_path_buf).into_iter().chain(env::split_paths(&inherited));
        env::join_paths(folders).unwrap_or(inherited)
    }
}

/// Only one set-up or build at a time; a second one waits. Released when dropped.
pub fn lock(project: &Project) -> Result<File> {
    fs::create_dir_all(project.local(""))?;
    let file = File::create(project.local("lock"))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            steps::say("waiting for another `cargo xtask`, which is installing, building or testing here");
            file.lock().context("waiting for another `cargo xtask`")?;
        }
        Err(TryLockError::Error(error)) => return Err(error).context("locking .local/lock"),
    }
    Ok(file)
}

/// Everything that building and running on these runtimes needs. The page's own Wasm is made with the tools of Workers.
pub fn tools(project: &Project, runtimes: &[Runtime]) -> Result<Tools> {
    let node = node::runtime(project)?;
    let tools = Tools { node, bin: project.local("tools/bin"), node_modules: project.path("xtask/node/node_modules") };
    let mut targets = vec![pins::WORKERS_TARGET];
    targets.extend(runtimes.iter().map(|runtime| runtime.target()).filter(|target| *target != pins::WORKERS_TARGET));
    // One waits for the network, one for the processor, so they run side by side.
    thread::scope(|scope| {
        let jobs = [
            scope.spawn(|| targets.iter().try_for_each(|target| wasm_target::ensure(project, target))),
            scope.spawn(|| node::install(project, &tools, "xtask/node")),
            scope.spawn(|| cargo_tools::install(project, runtimes.contains(&Runtime::Workers))),
        ];
        jobs.into_iter().try_for_each(|job| job.join().map_err(|_| anyhow!("a step of the set-up panicked"))?)
    })?;
    Ok(tools)
}

/// Spin, where it is installed and new enough for the components' interfaces.
pub fn find_spin() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let program = env::split_paths(&path).map(|folder| folder.join("spin")).find(|program| program.is_file())?;
    let output = Command::new(&program).arg("--version").output().ok()?;
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = words.split_whitespace().nth(1)?;
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(str::parse::<u32>);
    let version = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    (pins::SPIN_MINIMUM <= version).then_some(program)
}
