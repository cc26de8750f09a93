//! What `setup` asks for, account by account. Each answer is tried at once, and asked for again where it is wrong.

use std::io::{IsTerminal, stdin};

use anyhow::{Context, Result, bail};
use dialoguer::{Input, Password};

use super::clock::Clocks;
use super::fault::Fault;
use super::given::Given;
use super::{database, model, redis};
use crate::dev::WorkerConfig;
use crate::runtime::Runtime;
use crate::steps;

/// Secrets that nobody has to think of.
const MADE: [&str; 2] = ["JWT_SECRET", "ACCOUNTS_PEPPER"];

/// The one that an operator's scheduler shows where no platform asks for maintenance.
const SCHEDULERS: &str = "MAINTENANCE_TOKEN";

/// The secrets that are made for a deployment to `target`, of those that this version knows.
pub fn made(config: &WorkerConfig, target: Runtime) -> impl Iterator<Item = &'static str> {
    let all = MADE.into_iter().chain((target == Runtime::Spin).then_some(SCHEDULERS));
    all.filter(|name| config.names().any(|known| known == *name))
}

/// An account: what to do there, the variables that it fills, and how they are tried.
struct Account {
    words: &'static str,
    names: &'static [&'static str],
    check: fn(&Given, i64) -> Result<String, Fault>,
}

const ACCOUNTS: [Account; 3] = [
    Account {
        words: "1 of 3, Postgres. At neon.com make a project, near your visitors; Connect shows its connection string: the direct one, \
                with connection pooling off.",
        names: &["DATABASE_URL"],
        check: |given, needed| Ok(database::check(given, needed, &mut Clocks::default())?.words),
    },
    Account {
        words: "2 of 3, Redis. At upstash.com make a Redis database in the same region; REST API shows its URL and its Token (not the \
                Readonly Token).",
        names: &["UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN"],
        check: |given, _| redis::check(given, &mut Clocks::default()),
    },
    Account {
        words: "3 of 3, the model. At cloud.sambanova.ai make a key: API Keys. A new account needs a means of payment: Billing.",
        names: &["SAMBANOVA_API_KEY"],
        check: |given, _| {
            model::check(given, &mut Clocks::default())
                .into_iter()
                .collect::<Result<Vec<_>, _>>()
                .map(|all| all.join("; "))
        },
    },
];

/// Asks for what is missing.
pub fn ask(given: &mut Given, config: &WorkerConfig, needed: i64) -> Result<()> {
    let missing = missing(given, config);
    if missing.is_empty() {
        return Ok(());
    }
    if !stdin().is_terminal() {
        bail!(
            "not set: {}\n  what to do: set them in the environment, write them to a file for --answers, or run this on a terminal, \
             where it asks",
            missing.join(", ")
        );
    }
    for account in &ACCOUNTS {
        if account.names.iter().any(|name| missing.iter().any(|one| one == name)) {
            ask_account(given, account, needed)?;
        }
    }
    let is_asked = |name: &String| ACCOUNTS.iter().any(|account| account.names.contains(&name.as_str()));
    for name in missing.iter().filter(|name| !is_asked(name)) {
        given.set(name, &read(name)?);
    }
    Ok(())
}

/// What has to be told and has not been.
pub fn missing(given: &Given, config: &WorkerConfig) -> Vec<String> {
    let told = config.secrets().filter(|name| !MADE.contains(name));
    told.filter(|name| given.get(name).is_empty()).map(str::to_owned).collect()
}

fn ask_account(given: &mut Given, account: &Account, needed: i64) -> Result<()> {
    steps::say(&format!("\n{}", account.words));
    loop {
        for name in account.names {
            given.set(name, copied(&read(name)?));
        }
        match steps::step("ask the vendor", || Ok((account.check)(given, needed)))? {
            Ok(words) => {
                steps::say(&format!("✓ {words}"));
                return Ok(());
            }
            Err(fault) => steps::say(&format!("✗ {}\n  what to do: {}", fault.what(), fault.remedy())),
        }
    }
}

/// Consoles offer an address within a command, `psql 'postgres://…'`, or with quotes.
fn copied(answer: &str) -> &str {
    let answer = answer.trim();
    answer.strip_prefix("psql ").unwrap_or(answer).trim().trim_matches(['\'', '"'])
}

/// An address without a password in it is shown while it is typed.
fn read(name: &str) -> Result<String> {
    let answer = match name {
        "UPSTASH_REDIS_REST_URL" => Input::<String>::new().with_prompt(name).interact_text(),
        _ => Password::new().with_prompt(format!("{name} (not shown)")).interact(),
    };
    answer.with_context(|| format!("asking for {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_console_puts_around_an_address_is_taken_off() {
        for copy in [
            "psql 'postgres://u:p@host.example/db'",
            " \"postgres://u:p@host.example/db\"",
            "postgres://u:p@host.example/db\n",
        ] {
            assert_eq!(copied(copy), "postgres://u:p@host.example/db");
        }
    }
}
