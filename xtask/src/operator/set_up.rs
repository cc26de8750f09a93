//! `cargo xtask setup`: from three accounts to a deployment that has answered one message.
//!
//! 1. asks for what is missing, and tries each account;
//! 2. makes the secrets that nobody has to think of;
//! 3. brings the schema up to date;
//! 4. puts the secrets to Cloudflare and deploys, or writes Spin's variables and serves once on this machine;
//! 5. sends a message through the address and says what it cost.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::accounts;
use super::clock::Clocks;
use super::database::{self, newest_migration};
use super::doctor::tell;
use super::fault::{Fault, Found};
use super::given::{Given, KEPT_FOR_SPIN, KEPT_FOR_WORKERS};
use super::{message, publish, questions};
use crate::build;
use crate::deploy;
use crate::dev::{WorkerConfig, random_secret};
use crate::migrate;
use crate::project::Project;
use crate::runtime::Runtime;
use crate::setup::{self, Tools};
use crate::steps;

/// Where to, and with what.
#[derive(clap::Args)]
pub struct Arguments {
    /// What to deploy to.
    #[arg(long, value_enum, default_value = "workers")]
    target: Runtime,
    /// A file with variables, `NAME=value` or JSON, instead of questions. Variables of the environment come before it.
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// Where to keep what you tell, readable by you alone (default: .local/operator/secrets.vars, for Spin variables.json).
    #[arg(long, value_name = "FILE")]
    keep: Option<PathBuf>,
    /// Where Postgres itself listens, if DATABASE_URL leads to a gateway: migrations go there.
    #[arg(long, env = "DATABASE_DIRECT_URL", hide_env_values = true)]
    direct_database_url: Option<String>,
    /// Where visitors reach it, if not where wrangler deploys to. With `--target spin`: a server that has been restarted with the new
    /// variables; without it one is started here for the message.
    #[arg(long)]
    url: Option<String>,
    /// Stop before anything leaves this machine: nobody is asked, nothing is written or sent.
    #[arg(long)]
    dry_run: bool,
    /// Take what is already built: for tests.
    #[arg(long, hide = true)]
    skip_build: bool,
}

/// A Worker without an address of its own: only its operator knows where it is reached.
const NO_ADDRESS: &str = "wrangler has deployed and named no address\n  what to do: run this again with --url, the address that visitors open";

/// The command.
pub fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    let config = WorkerConfig::read(project)?;
    let usual = if arguments.target == Runtime::Workers { KEPT_FOR_WORKERS } else { KEPT_FOR_SPIN };
    let keep = arguments.keep.clone().unwrap_or_else(|| project.local(usual));
    let file = arguments.answers.clone().or_else(|| Some(keep.clone()).filter(|path| path.exists()));
    let mut given = Given::read(&config, file)?;
    // Spin's lists of hosts are made of the addresses, whatever a file says.
    given.is_for_spin = false;
    if arguments.target == Runtime::Workers {
        given.as_a_worker_gets_them(&config);
    }
    if arguments.dry_run {
        return rehearse(project, arguments, &config, &given);
    }
    let tools = prepare(project, arguments)?;
    let there = match arguments.target {
        Runtime::Workers => deploy::secrets_there(project, &tools)?,
        Runtime::Spin => BTreeSet::new(),
    };
    let needed = newest_migration(project)?;
    questions::ask(&mut given, &config, needed)?;
    make_secrets(&mut given, &config, arguments.target, &there)?;
    try_accounts(&given, &config, &there, needed)?;
    let direct = arguments.direct_database_url.as_deref().filter(|url| !url.is_empty());
    let own = database::unpooled(given.get("DATABASE_URL"));
    migrate::up(project, direct.unwrap_or(&own))?;
    let variables = match arguments.target {
        Runtime::Workers => publish::for_a_worker(&config, &given),
        Runtime::Spin => publish::for_spin(&config, &given),
    };
    publish::keep(&keep, &publish::beside_what_was_kept(&keep, &variables, &there)?)?;
    steps::say(&format!("what you told is in {}, readable by you alone", keep.display()));
    let served = match (arguments.target, &arguments.url) {
        (Runtime::Workers, url) => {
            publish::switch_on(project)?;
            let named = publish::to_workers(project, &tools, &variables, &deployment(arguments, &given))?;
            (url.clone().or(named).context(NO_ADDRESS)?, None)
        }
        (Runtime::Spin, Some(url)) => (url.clone(), None),
        (Runtime::Spin, None) => {
            let server = publish::on_spin_here(project, &config, &variables)?;
            (server.base.clone(), Some(server))
        }
    };
    publish::wait(&served.0)?;
    send(&served.0, &given)?;
    say_what_is_next(arguments, &served.0, &keep);
    Ok(())
}

/// Tools and programs; what is deployed is built where it is needed.
fn prepare(project: &Project, arguments: &Arguments) -> Result<Tools> {
    if arguments.skip_build {
        return setup::tools(project, &[arguments.target]);
    }
    let _lock = setup::lock(project)?;
    let tools = setup::tools(project, &[arguments.target])?;
    migrate::compile(project)?;
    if arguments.target == Runtime::Spin {
        build::programs(project, &[Runtime::Spin])?;
        build::functions(project, &tools, &[Runtime::Spin], &[])?;
    }
    Ok(tools)
}

/// What would be done.
fn rehearse(project: &Project, arguments: &Arguments, config: &WorkerConfig, given: &Given) -> Result<()> {
    for name in questions::missing(given, config) {
        println!("- {name} would be asked for");
    }
    for name in questions::made(config, arguments.target).filter(|name| given.get(name).is_empty()) {
        println!("- {name} would be made, unless the deployment has one");
    }
    let mut found = accounts::variables(given, config);
    found.retain(|one| !matches!(one, Err(Fault::Missing { .. })));
    let faults = tell(&found);
    println!("- the three accounts would be asked, and the schema brought to {}", newest_migration(project)?);
    match arguments.target {
        Runtime::Spin => println!("- the variables would be written, and the components served here for one message"),
        Runtime::Workers => {
            println!(
                "- the secrets would be put by wrangler, the Worker deployed, and one message sent; now the rehearsal of that"
            );
            deploy::run(project, &deployment(arguments, given))?;
        }
    }
    println!("nothing has left this machine");
    match faults {
        0 => Ok(()),
        _ => bail!("what is given would be refused\n  what to do: as is said above"),
    }
}

/// `deploy` as it is to be run here.
fn deployment(arguments: &Arguments, given: &Given) -> deploy::Arguments {
    let database_url = Some(given.get("DATABASE_URL").to_owned());
    deploy::Arguments { dry_run: arguments.dry_run, database_url, skip_build: arguments.skip_build }
}

/// One that the deployment has is left: a new one would make every guest a stranger.
fn make_secrets(given: &mut Given, config: &WorkerConfig, target: Runtime, there: &BTreeSet<String>) -> Result<()> {
    for name in questions::made(config, target).filter(|name| !there.contains(*name)) {
        if given.get(name).is_empty() {
            given.set(name, &random_secret()?);
            steps::say(&format!("✓ {name} is made"));
        }
    }
    Ok(())
}

/// A schema that is missing or old is no reason to stop: it is brought up to date next.
fn try_accounts(given: &Given, config: &WorkerConfig, there: &BTreeSet<String>, needed: i64) -> Result<()> {
    let is_there = |one: &Found| matches!(one, Err(Fault::Missing { name }) if there.contains(name));
    let mut found = accounts::variables(given, config);
    found.retain(|one| !is_there(one));
    let mut clocks = Clocks::default();
    found.extend(steps::step("ask the three accounts", || Ok(accounts::vendors(given, needed, &mut clocks)))?);
    found.extend(clocks.judge());
    found.retain(|one| !matches!(one, Err(Fault::NoSchema { .. } | Fault::OlderSchema { .. })));
    match tell(&found) {
        0 => Ok(()),
        _ => bail!("nothing has been deployed\n  what to do: as is said above, then run this again"),
    }
}

fn send(base: &str, given: &Given) -> Result<()> {
    let sent = steps::step("one message", || {
        Ok(message::guest(base).and_then(|(token, _)| message::send_one(base, &token, given)))
    })?;
    match tell(&[sent]) {
        0 => Ok(()),
        _ => bail!("it is deployed at {base}, and does not answer as it should\n  what to do: as is said above"),
    }
}

fn say_what_is_next(arguments: &Arguments, base: &str, keep: &std::path::Path) {
    if arguments.target == Runtime::Spin {
        println!("once a day a scheduler of yours shows MAINTENANCE_TOKEN: docs/operate.md, \"Once a day\"");
    }
    match (arguments.target, &arguments.url) {
        (Runtime::Spin, None) => println!(
            "it was tried on this machine; to serve: `spin up --variable @{}`, or docs/deploy-spin.md with {}",
            keep.display(),
            keep.with_extension("env").display()
        ),
        _ => {
            println!("open {base}; later `cargo xtask doctor {base}` looks at all of it again");
            println!(
                "for accounts with passkeys: ACCOUNTS_ENABLED is true, PUBLIC_ORIGIN is {base} or the domain you put before it"
            );
        }
    }
}
