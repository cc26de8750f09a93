//! `cargo xtask doctor`: looks at the variables, the three accounts and a deployed address, and says of each fault what to do.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::accounts;
use super::clock::Clocks;
use super::database::newest_migration;
use super::fault::{Fault, Found};
use super::given::Given;
use super::served;
use crate::brand;
use crate::dev::WorkerConfig;
use crate::project::Project;
use crate::steps;

/// What to look at.
#[derive(clap::Args)]
pub struct Arguments {
    /// A deployed address, such as `https://chat.example.com`: it is looked at, too.
    url: Option<String>,
    /// A file of variables: `.dev.vars`, or JSON as for `spin up --variable @FILE`. Variables of the environment come before it.
    #[arg(long, value_name = "FILE")]
    variables: Option<PathBuf>,
    /// They are for Spin: its lists of hosts count. A file of JSON says so by itself.
    #[arg(long)]
    spin: bool,
    /// Send a message through the address, and say what it cost.
    #[arg(long, requires = "url")]
    message: bool,
}

/// The command.
pub fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    let config = WorkerConfig::read(project)?;
    let file = arguments.variables.clone().or_else(|| Given::usual_file(project));
    let mut given = Given::read(&config, file)?;
    given.is_for_spin |= arguments.spin;
    let from = given.file.as_ref().map_or("no file".to_owned(), |file| file.display().to_string());
    steps::say(&format!("variables: the environment's, then those of {from}, then wrangler.toml's"));
    let needed = newest_migration(project)?;
    let mut clocks = Clocks::default();
    let mut faults = tell(&accounts::variables(&given, &config));
    faults += tell(&steps::step("ask the three accounts", || Ok(accounts::vendors(&given, needed, &mut clocks)))?);
    if let Some(url) = &arguments.url {
        let look = || Ok(served::check(url, &given, needed, arguments.message, &mut clocks));
        faults += tell(&steps::step("ask the address", look)?);
    } else if !brand::leads_to_privacy(project)? {
        faults += tell(&[Err(Fault::NoPrivacyLink)]);
    }
    faults += tell(&clocks.judge());
    match faults {
        0 => Ok(()),
        1 => bail!("one fault: what to do is said above"),
        _ => bail!("{faults} faults: what to do is said above"),
    }
}

/// Prints what was found; how many faults there are.
pub fn tell(found: &[Found]) -> usize {
    for one in found {
        match one {
            Ok(words) => println!("✓ {words}"),
            Err(fault) => {
                let mark = if fault.is_warning() { '!' } else { '✗' };
                println!("{mark} {}\n  what to do: {}", fault.what(), fault.remedy());
            }
        }
    }
    found.iter().filter(|one| one.as_ref().is_err_and(|fault| !fault.is_warning())).count()
}
