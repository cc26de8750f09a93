//! All checks of the variables and of the three accounts that they lead to.

use domain::PublicOrigin;

use super::clock::Clocks;
use super::fault::Fault;
use super::given::Given;
use super::{database, hosts, model, providers, redis};
use crate::dev::WorkerConfig;

/// What one look at something found.
pub type Found = Result<String, Fault>;

/// The shortest secret that signs, in bytes.
const SECRET_BYTES: usize = 32;

/// What can be said without asking anybody.
pub fn variables(given: &Given, config: &WorkerConfig) -> Vec<Found> {
    let missing = config.secrets().filter(|name| given.get(name).is_empty());
    let mut found: Vec<Found> = missing.map(|name| Err(Fault::Missing { name: name.to_owned() })).collect();
    if given.get("GUEST_CHALLENGE") == "turnstile" {
        let keys = ["TURNSTILE_SITE_KEY", "TURNSTILE_SECRET"].into_iter().filter(|name| given.get(name).is_empty());
        found.extend(keys.map(|name| Err(Fault::Missing { name: name.to_owned() })));
    }
    if (1..SECRET_BYTES).contains(&given.get("JWT_SECRET").len()) {
        found.push(Err(Fault::Malformed { name: "JWT_SECRET".to_owned(), rule: "has fewer than 32 bytes".to_owned() }));
    }
    let origin = given.get("PUBLIC_ORIGIN");
    if !origin.is_empty() && PublicOrigin::parse(origin).is_err() {
        let rule = "is no https:// address with a host's name and without a path".to_owned();
        found.push(Err(Fault::Malformed { name: "PUBLIC_ORIGIN".to_owned(), rule }));
    }
    found.extend(providers::variables(given));
    if found.is_empty() {
        found.push(Ok("variables: all are set that have to be".to_owned()));
    }
    if given.is_for_spin {
        found.extend(hosts::check(given));
    }
    found
}

/// What the three vendors say. A variable that is missing has been told already.
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
    found.extend(providers::check(given, clocks));
    found.retain(|one| !matches!(one, Err(Fault::Missing { .. })));
    found
}
