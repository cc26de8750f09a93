//! All checks of the variables and of the three accounts that they lead to.

use domain::PublicOrigin;

use super::clock::Clocks;
use super::fault::{Fault, Found};
use super::given::Given;
use super::{database, hosts, mail, model, providers, redis};
use crate::dev::WorkerConfig;

/// The shortest of [`LONG`], in bytes.
const SECRET_BYTES: usize = 32;

/// The secrets that are compared or signed with.
const LONG: [&str; 4] = ["JWT_SECRET", "ACCOUNTS_PEPPER", "MAINTENANCE_TOKEN", "METRICS_TOKEN"];

/// What belongs together: the first switches it on.
const TOGETHER: [&[&str]; 4] = [
    &["MAIL_API_URL", "MAIL_API_TOKEN", "MAIL_FROM", "PUBLIC_ORIGIN"],
    &["OAUTH_GITHUB_ID", "OAUTH_GITHUB_SECRET", "PUBLIC_ORIGIN"],
    &["OAUTH_GOOGLE_ID", "OAUTH_GOOGLE_SECRET", "PUBLIC_ORIGIN"],
    &["OIDC_ID", "OIDC_SECRET", "OIDC_ISSUER", "PUBLIC_ORIGIN"],
];

/// What can be said without asking anybody.
pub fn variables(given: &Given, config: &WorkerConfig) -> Vec<Found> {
    let missing = config.secrets().filter(|name| given.get(name).is_empty());
    let mut found: Vec<Found> = missing.map(|name| Err(Fault::Missing { name: name.to_owned() })).collect();
    if given.get("GUEST_CHALLENGE") == "turnstile" {
        let keys = ["TURNSTILE_SITE_KEY", "TURNSTILE_SECRET"].into_iter().filter(|name| given.get(name).is_empty());
        found.extend(keys.map(|name| Err(Fault::Missing { name: name.to_owned() })));
    }
    let short = LONG.into_iter().filter(|name| (1..SECRET_BYTES).contains(&given.get(name).len()));
    let rule = || format!("has fewer than {SECRET_BYTES} bytes");
    found.extend(short.map(|name| Err(Fault::Malformed { name: name.to_owned(), rule: rule() })));
    let origin = given.get("PUBLIC_ORIGIN");
    if !origin.is_empty() && PublicOrigin::parse(origin).is_err() {
        let rule = "is no https:// address with a host's name and without a path".to_owned();
        found.push(Err(Fault::Malformed { name: "PUBLIC_ORIGIN".to_owned(), rule }));
    }
    found.extend(missing_beside(given));
    if given.is_for_spin && !given.is_of_dev() && given.get("MAINTENANCE_TOKEN").is_empty() {
        found.push(Err(Fault::NoMaintenance));
    }
    if found.is_empty() {
        found.push(Ok("variables: all are set that have to be".to_owned()));
    }
    if given.is_for_spin {
        found.extend(hosts::check(given));
    }
    found
}

/// What is missing beside what is set.
fn missing_beside(given: &Given) -> Vec<Found> {
    let is_on = |names: &&&[&str]| names.first().is_some_and(|first| !given.get(first).is_empty());
    let needed = TOGETHER.iter().filter(is_on).copied().flatten().copied();
    let mut missing: Vec<&str> = needed.filter(|name| given.get(name).is_empty()).collect();
    if given.get("ACCOUNTS_ENABLED") == "true" && given.get("ACCOUNTS_PEPPER").is_empty() {
        missing.push("ACCOUNTS_PEPPER");
    }
    missing.sort_unstable();
    missing.dedup();
    let told = |name: &str| match ["MAIL_FROM", "PUBLIC_ORIGIN", "OIDC_ISSUER"].contains(&name) {
        true => Fault::Lacking { name: name.to_owned() },
        false => Fault::Missing { name: name.to_owned() },
    };
    missing.into_iter().map(|name| Err(told(name))).collect()
}

/// What the three vendors say, and who else is called. A variable that is missing has been told already.
pub fn vendors(given: &Given, needed: i64, clocks: &mut Clocks) -> Vec<Found> {
    let mut found = Vec::new();
    match database::check(given, needed, clocks) {
        Ok(database) => {
            found.push(Ok(database.words));
            found.push(database.schema.map_or_else(|| Ok(format!("schema: at {needed}, as this version needs")), Err));
        }
        Err(fault) => found.push(Err(fault)),
    }
    found.push(redis::check(given, clocks));
    found.extend(model::check(given, clocks));
    found.extend(mail::check(given, clocks));
    found.extend(providers::check(given, clocks));
    found.retain(|one| !matches!(one, Err(Fault::Missing { .. })));
    found
}
