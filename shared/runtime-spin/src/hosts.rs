//! The hosts that Spin lets a component call, against the addresses that it is configured to call.
//!
//! Spin reads `allowed_outbound_hosts` at the first call only, tells the component nothing but "denied", and one entry that it does
//! not understand voids the whole list: a wrong `model_host` looks like a Redis that is down. So the entries are read here too,
//! before anything is called, and the wrong one is named.

use api::Complaint;
use spin_sdk::variables;
use wire::spin_hosts::{self, HOST_VARIABLES};

/// What is wrong with the lists for these addresses, in the order of [`spin_hosts::HOST_VARIABLES`].
pub(crate) async fn complaints(addresses: [&str; HOST_VARIABLES.len()]) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (spin_hosts::HostVariable { name: variable, .. }, address) in HOST_VARIABLES.into_iter().zip(addresses) {
        // A component that is not given the variable calls no such host.
        if let Ok(entry) = variables::get(variable.to_ascii_lowercase()).await
            && let Err(fault) = spin_hosts::check(entry.trim(), address)
        {
            complaints.push(Complaint { variable, rule: fault.to_string() });
        }
    }
    complaints
}
