//! `cargo xtask dev`: everything on this machine, from an empty folder to an address to open.
//!
//! 1. set up and build what is missing or stale;
//! 2. start the local stack for the stores and the model that the environment does not name;
//! 3. bring the schema up to date;
//! 4. serve the functions and the page, on workerd or on Spin;
//! 5. print `ready http://…`, pass on the functions' log, and stop everything on SIGTERM or Ctrl-C.

mod config;
mod files;
mod process;
mod server;
mod spin;
mod stack;
mod variables;

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

pub use self::config::WorkerConfig;
use self::files::Files;
pub use self::files::{FOR_WRANGLER, for_spin, for_wrangler};
pub use self::process::{Child, Event, Events};
pub use self::server::Server;
pub use self::stack::PGLITE_PROJECT;
use self::stack::{Database, Stack, StackInfo};
use self::variables::Environment;
pub use self::variables::{Variables, random_secret};
use crate::build;
use crate::migrate;
use crate::project::Project;
use crate::runtime::Runtime;
use crate::setup::{self, Tools};
use crate::steps;

/// A cold workerd on a busy machine is there in some 5 s.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// How often the new server is asked whether it answers.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// How long one such question may take.
const ASK_WITHIN: Duration = Duration::from_secs(10);

/// Where to serve, and what.
#[derive(clap::Args)]
pub struct Arguments {
    /// The address of the page; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// Where conversations, counters and the secret for tokens are kept (default: .local/).
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// On Spin instead of workerd: on `spin` where it is installed, else on the project's own host for its components.
    #[arg(long)]
    spin: bool,
    /// Let the local stack be told to fail: for tests.
    #[arg(long, hide = true)]
    control: bool,
    /// Serve what is already built: for tests that start several servers.
    #[arg(long, hide = true)]
    skip_build: bool,
    /// Options for `spin up` or the project's own host, such as `-- --max-instance-reuse-count 1`.
    #[arg(last = true, requires = "spin")]
    spin_options: Vec<String>,
}

/// The file `dev.json` in the data folder, for programs that want to find a running `dev`. Only its owner can read it.
#[derive(Serialize, Deserialize)]
pub struct Written {
    /// The address of the page.
    pub base: String,
    /// The local stack, if there is one.
    pub stack: Option<StackInfo>,
}

/// The command.
pub fn run(project: &Project, arguments: Arguments) -> Result<()> {
    free(arguments.listen)?;
    let data = arguments.data_dir.clone().unwrap_or_else(|| project.local(""));
    fs::create_dir_all(&data)?;
    let data = data.canonicalize()?;
    let runtime = if arguments.spin { Runtime::Spin } else { Runtime::Workers };
    let tools = prepare(project, runtime, arguments.skip_build)?;
    let config = WorkerConfig::read(project)?;

    let events = Events::new();
    watch_signals(events.sender.clone())?;
    let environment = Environment::read(&config);
    let stack = match environment.needs_stack() {
        true => match Stack::start(project, &tools, &environment.fronts(), &data, arguments.control, &events)? {
            Some(stack) => Some(stack),
            None => return Ok(()),
        },
        false => None,
    };
    bring_up_schema(project, &environment, stack.as_ref())?;
    let mut variables = environment.variables(&config, stack.as_ref().map(|stack| &stack.info), &data)?;
    let listen = arguments.listen;
    let local = local_origin(listen);
    if let Some(local) = &local {
        variables.entry("PUBLIC_ORIGIN".to_owned()).or_insert_with(|| local.clone());
    }
    if let Some(stack) = &stack {
        environment.add_mail(&mut variables, &stack.info);
    }
    let server = match runtime {
        Runtime::Workers => server::start(project, &tools, &config, &variables, listen, &events)?,
        Runtime::Spin => {
            let options = spin::Options { listen, data: &data, others: &arguments.spin_options };
            spin::start(project, &config, &variables, &options, &events)?
        }
    };
    let Some(server) = server else { return Ok(()) };
    wait_until_it_answers(&server.base, &events)?;
    let written = Written { base: server.base.clone(), stack: stack.as_ref().map(|stack| stack.info.clone()) };
    write_private(&data.join("dev.json"), &serde_json::to_string(&written)?)?;
    let files = Files::write(&variables, &data)?;
    println!("ready {}", server.base);
    steps::say(&files.hint());
    steps::say(&format!("open {} (Ctrl-C stops it)", local.as_ref().unwrap_or(&server.base)));
    let ended = match events.receiver.recv()? {
        Event::Ended(name) => Some(name),
        Event::Stop | Event::Ready(_) => None,
    };
    drop(files);
    // The server first: its last saves still need the stores. Dropping a process stops it and waits for its end.
    drop(server);
    drop(stack);
    match ended {
        Some(name) => bail!("{name} ended by itself\n  what to do: its words are above, or in {}", data.display()),
        None => Ok(()),
    }
}

/// Serves the built components on this machine, with these variables and no others: on Spin, at a free port.
pub fn serve_once(project: &Project, config: &WorkerConfig, variables: &Variables, data: &Path) -> Result<Server> {
    let events = Events::new();
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let options = spin::Options { listen, data, others: &[] };
    let server = spin::start(project, config, variables, &options, &events)?.context("told to stop while starting")?;
    wait_until_it_answers(&server.base, &events)?;
    Ok(server)
}

/// Set-up and build, one process at a time.
fn prepare(project: &Project, runtime: Runtime, skip_build: bool) -> Result<Tools> {
    let _lock = match skip_build {
        true => None,
        false => Some(setup::lock(project)?),
    };
    let tools = setup::tools(project, &[runtime])?;
    if !skip_build {
        thread::scope(|scope| {
            // npm mostly waits for the network.
            let packages = scope.spawn(|| setup::install_node_project(project, &tools, PGLITE_PROJECT));
            build::programs(project, &[runtime])?;
            packages.join().map_err(|_| anyhow::anyhow!("installing npm packages panicked"))?
        })?;
        build::page(project, &tools)?;
        build::functions(project, &tools, &[runtime], &[])?;
    }
    Ok(tools)
}

/// Where a browser finds what listens there: by a name, for passkeys are made for no address. `None`: the port is not known before it is taken, or
/// another machine is to come.
fn local_origin(listen: SocketAddr) -> Option<String> {
    let is_here = listen.ip().is_loopback() && listen.port() != 0;
    is_here.then(|| format!("http://localhost:{}", listen.port()))
}

/// Told before minutes of building: the address is taken.
fn free(address: SocketAddr) -> Result<()> {
    TcpListener::bind(address).map(drop).with_context(|| {
        format!("cannot listen on {address}\n  what to do: stop what runs there, or `--listen 127.0.0.1:0`")
    })
}

fn watch_signals(sender: Sender<Event>) -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::spawn(move || {
        for _ in signals.forever() {
            if sender.send(Event::Stop).is_err() {
                break;
            }
        }
    });
    Ok(())
}

fn bring_up_schema(project: &Project, environment: &Environment, stack: Option<&Stack>) -> Result<()> {
    match environment.database() {
        Database::Hosted { url } => migrate::up(project, url),
        Database::Fronted => Ok(()),
        Database::Stack { .. } => {
            let direct = stack.and_then(|stack| stack.info.database_direct_url.as_deref());
            migrate::up(project, direct.context("the local stack has no database")?)
        }
    }
}

/// Asks until health and page both answer. 503 is an answer too: a server may be started on purpose without a variable.
fn wait_until_it_answers(base: &str, events: &Events) -> Result<()> {
    let started = Instant::now();
    let mut last = String::from("nothing");
    while started.elapsed() < READY_WITHIN {
        match (ask(base, "/api/v1/health"), ask(base, "/")) {
            (Ok(200 | 503), Ok(200)) => return Ok(()),
            (health, page) => last = format!("health: {health:?}, page: {page:?}"),
        }
        match events.receiver.recv_timeout(ASK_EVERY) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(Event::Ended(name)) => bail!("{name} ended while starting\n  what to do: its words are above"),
            Ok(_) => bail!("stopped while starting"),
            Err(error) => return Err(error.into()),
        }
    }
    bail!("the server does not answer as it should ({last})\n  what to do: its words are above")
}

fn ask(base: &str, path: &str) -> Result<u16, String> {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).timeout_global(Some(ASK_WITHIN));
    let answer = agent.build().new_agent().get(format!("{base}{path}")).call().map_err(|error| error.to_string())?;
    Ok(answer.status().as_u16())
}

/// Writes a file that only its owner can read.
pub fn write_private(path: &Path, text: &str) -> Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = fs::OpenOptions::new();
    options.create(true).write(true).truncate(true).mode(0o600);
    let mut file = options.open(path).with_context(|| format!("writing {}", path.display()))?;
    Ok(file.write_all(text.as_bytes())?)
}
