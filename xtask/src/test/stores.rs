//! The stores a round of tests runs against: embedded ones, or a PostgreSQL and a Redis of our own on free ports.

use std::env;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::dev::{Child, write_private};
use crate::project::Project;
use crate::setup::find_package_file;
use crate::steps;

/// Both are there within a second on an idle machine.
const UP_WITHIN: Duration = Duration::from_secs(30);

/// How often a starting server is asked.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// Only for the servers of one run, which listen on loopback.
const PASSWORD: &str = "edgewise-test";

/// Which stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Stores {
    /// Those of the local stack, with nothing installed.
    Embedded,
    /// PostgreSQL and Redis as Debian packages them.
    Real,
}

impl Stores {
    /// As in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Real => "real",
        }
    }
}

/// A PostgreSQL and a Redis that end, with their data, when this is dropped.
pub struct Private {
    /// Where PostgreSQL is.
    pub database_url: String,
    /// Where Redis is.
    pub redis_url: String,
    /// libfaketime's file: what is written there moves Redis' clock.
    pub clock: PathBuf,
    servers: Vec<Child>,
    folder: PathBuf,
}

impl Private {
    /// Starts both.
    pub fn start(project: &Project) -> Result<Self> {
        steps::step("PostgreSQL and Redis", || {
            let folder = env::temp_dir().join(format!("edgewise-stores-{}", std::process::id()));
            fs::create_dir_all(&folder)?;
            let mut stores = Self {
                database_url: String::new(),
                redis_url: String::new(),
                clock: folder.join("clock"),
                servers: Vec::new(),
                folder,
            };
            stores.start_redis(project)?;
            stores.start_postgres(project)?;
            Ok(stores)
        })
    }

    fn start_redis(&mut self, project: &Project) -> Result<()> {
        let port = free_port()?;
        fs::write(&self.clock, "+0\n")?;
        let faketime = find_package_file("libfaketime").context("libfaketime is not installed")?;
        // Redis' allocator asks for the time before libfaketime is ready and both go round in circles; with libc in front
        // of it there is no such allocator.
        let preload = format!("{}:libc.so.6", faketime.with_file_name("libfaketimeMT.so.1").display());
        let mut redis = project.command("redis-server");
        redis.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port", &port.to_string()]);
        redis.args(["--requirepass", PASSWORD, "--dir"]).arg(&self.folder);
        // Every read of the wall clock looks into the file; the monotonic clock stays, timers hang on it.
        redis.env("LD_PRELOAD", preload).env("FAKETIME_TIMESTAMP_FILE", &self.clock);
        redis.env("FAKETIME_NO_CACHE", "1").env("DONT_FAKE_MONOTONIC", "1");
        self.redis_url = format!("redis://:{PASSWORD}@127.0.0.1:{port}/");
        self.start_server(&redis, "redis.log", || TcpStream::connect(("127.0.0.1", port)).is_ok())
    }

    fn start_postgres(&mut self, project: &Project) -> Result<()> {
        let port = free_port()?;
        let bin = find_package_file("postgresql").context("PostgreSQL is not installed")?;
        let bin = bin.parent().context("PostgreSQL has no folder")?.to_path_buf();
        let data = self.folder.join("postgres");
        let password = self.folder.join("password");
        write_private(&password, PASSWORD)?;
        fs::create_dir_all(&data)?;
        let user = unprivileged_user();
        if let Some(user) = user {
            own(&[&data, &password], user)?;
        }
        let mut initdb = as_user(project, user, &bin.join("initdb"));
        initdb.args(["--username", "edgewise", "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8"]);
        initdb.arg("--no-sync").arg("--pwfile").arg(&password).arg("--pgdata").arg(&data);
        steps::quietly(project, "initdb", "PostgreSQL 15 must be installed", initdb.current_dir("/"))?;
        let mut postgres = as_user(project, user, &bin.join("postgres"));
        postgres.arg("-D").arg(&data).arg("-k").arg(&data).args(["-p", &port.to_string()]).current_dir("/");
        // Nothing has to survive a crash here.
        for setting in ["listen_addresses=127.0.0.1", "fsync=off", "synchronous_commit=off", "full_page_writes=off"] {
            postgres.args(["-c", setting]);
        }
        self.database_url = format!("postgres://edgewise:{PASSWORD}@127.0.0.1:{port}/postgres");
        self.start_server(&postgres, "postgres.log", || {
            let mut probe = Command::new(bin.join("pg_isready"));
            probe.args(["--quiet", "--host", "127.0.0.1", "--port", &port.to_string()]);
            probe.status().is_ok_and(|status| status.success())
        })
    }

    fn start_server(&mut self, command: &Command, log: &str, is_up: impl Fn() -> bool) -> Result<()> {
        let log = self.folder.join(log);
        let mut server = Child::start_logged(command, &log)?;
        let started = Instant::now();
        while !is_up() {
            if !server.is_running() || UP_WITHIN < started.elapsed() {
                bail!("{} did not start:\n{}", command.get_program().to_string_lossy(), steps::tail(&log));
            }
            thread::sleep(ASK_EVERY);
        }
        self.servers.push(server);
        Ok(())
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        self.servers.clear();
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            steps::say(&format!("{} is left behind: {error}", self.folder.display()));
        }
    }
}

/// PostgreSQL refuses to run as root: then its own user does it, or nobody.
fn unprivileged_user() -> Option<&'static str> {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = if users.lines().any(|line| line.starts_with("postgres:")) { "postgres" } else { "nobody" };
    rustix::process::geteuid().is_root().then_some(name)
}

fn as_user(project: &Project, user: Option<&str>, program: &Path) -> Command {
    let Some(user) = user else { return project.command(program) };
    let mut command = project.command("setpriv");
    command.args(["--reuid", user, "--regid", user, "--init-groups", "--"]).arg(program);
    command
}

fn own(paths: &[&Path], user: &str) -> Result<()> {
    let status = Command::new("chown").arg(user).args(paths).status()?;
    if !status.success() {
        bail!("cannot give PostgreSQL's folder to the user {user}");
    }
    Ok(())
}

/// Another process may take it before ours does; then the start fails and says so.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
