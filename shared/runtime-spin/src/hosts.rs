//! The hosts that Spin lets a component call, against the addresses that it is configured to call.
//!
//! Spin reads `allowed_outbound_hosts` at the first call only, tells the component nothing but "denied", and one entry that it does
//! not understand voids the whole list: a wrong `model_host` looks like a Redis that is down. So the entries are read here too,
//! before anything is called, and the wrong one is named.

use api::Complaint;
use spin_sdk::variables;
use wire::spin_hosts;

/// The variables of spin.toml that stand in the lists.
const DATABASE: &str = "DATABASE_HOST";
const REDIS: &str = "REDIS_HOST";
const MODEL: &str = "MODEL_HOST";
const TURNSTILE: &str = "TURNSTILE_HOST";

/// What is wrong with the lists for these addresses: of the database, of Redis, of the model, of Turnstile.
pub(crate) async fn complaints([database, redis, model, turnstile]: [&str; 4]) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (variable, address) in [(DATABASE, database), (REDIS, redis), (MODEL, model), (TURNSTILE, turnstile)] {
        // A component that is not given the variable calls no such host.
        if let Ok(entry) = variables::get(variable.to_ascii_lowercase()).await
            && let Err(fault) = spin_hosts::check(entry.trim(), address)
        {
            complaints.push(Complaint { variable, rule: fault.to_string() });
        }
    }
    complaints
}
