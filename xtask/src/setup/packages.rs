//! Debian packages: installed by root, named to anybody else.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::project::Project;
use crate::steps;

/// What the tests use beside Rust and Node: a file that shows the package is there, and the package.
const FOR_TESTS: &[(&str, &str)] = &[
    ("/usr/lib/postgresql/*/bin/postgres", "postgresql"),
    ("/usr/bin/redis-server", "redis-server"),
    ("/usr/lib/*/faketime/libfaketime.so.1", "libfaketime"),
    ("/usr/bin/chromium-headless-shell", "chromium-headless-shell"),
    // What a profile forbids, the shell does not know: a frame of another site needs the whole browser.
    ("/usr/bin/chromium", "chromium"),
    ("/usr/bin/firefox-esr", "firefox-esr"),
    ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "fonts-dejavu-core"),
    // One of the documented clients is a script of it.
    ("/usr/bin/python3", "python3"),
    // One of the official clients is a package of PyPI.
    ("/usr/lib/*/ensurepip/__init__.py", "python3-venv"),
];

/// Installs PostgreSQL, Redis, Chromium and Firefox, for the tests against real stores and real browsers.
pub fn for_tests(project: &Project) -> Result<()> {
    let missing = FOR_TESTS.iter().filter(|(file, _)| find(file).is_none()).map(|(_, package)| *package);
    install(project, &missing.collect::<Vec<_>>(), "the tests")
}

/// Where the file is that shows a package of the tests to be installed.
pub fn file_of(package: &str) -> Option<PathBuf> {
    FOR_TESTS.iter().find(|(_, name)| *name == package).and_then(|(file, _)| find(file))
}

/// worker-build links against the system's OpenSSL.
pub fn openssl_headers(project: &Project) -> Result<()> {
    let found = Command::new("pkg-config").args(["--exists", "openssl"]).status().is_ok_and(|status| status.success());
    if found || cfg!(not(target_os = "linux")) {
        return Ok(());
    }
    install(project, &["pkg-config", "libssl-dev"], "compiling worker-build")
}

fn install(project: &Project, packages: &[&str], purpose: &str) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let by_hand = format!("apt-get install --no-install-recommends {}", packages.join(" "));
    if !rustix::process::geteuid().is_root() || !Path::new("/usr/bin/apt-get").exists() {
        bail!("{purpose} need packages that are missing here\n  what to do: sudo {by_hand}");
    }
    steps::step(&format!("Debian packages for {purpose}: {}", packages.join(" ")), || {
        // Stale lists are no reason to stop: the packages may be known already.
        let update = steps::quietly(project, "apt-get update", "", Command::new("apt-get").arg("update"));
        let mut apt = Command::new("apt-get");
        apt.args(["install", "--yes", "--no-install-recommends"]).args(packages);
        // Servers that the package would start at once are not wanted: the tests start their own.
        apt.env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1");
        steps::quietly(project, "apt-get install", &format!("try by hand: {by_hand}"), &mut apt)
            .map_err(|error| update.err().map_or(error, |cause| cause.context(format!("then {by_hand} failed too"))))
    })
}

/// The first path that matches a pattern with at most one `*`, which stands for one name. The newest in name order.
fn find(pattern: &str) -> Option<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else {
        return Path::new(pattern).exists().then(|| pattern.into());
    };
    let mut found: Vec<_> = std::fs::read_dir(before)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join(after.trim_start_matches('/'))))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    found.pop()
}
