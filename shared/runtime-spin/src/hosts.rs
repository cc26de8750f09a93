//! The hosts that Spin lets a component call, against the addresses that it is configured to call.
//!
//! Spin reads `allowed_outbound_hosts` at the first call only, tells the component nothing but "denied", and one entry that it does
//! not understand voids the whole list: a wrong `model_host` looks like a Redis that is down. So the entries are read here too,
//! before anything is called, and the wrong one is named.

use std::net::IpAddr;

use api::Complaint;
use http::Uri;
use spin_sdk::variables;

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
            && let Err(rule) = check(entry.trim(), address)
        {
            complaints.push(Complaint { variable, rule: rule.to_owned() });
        }
    }
    complaints
}

/// Whether Spin understands `entry` and lets a call to `address` pass by it; else what is wrong with it.
fn check(entry: &str, address: &str) -> Result<(), &'static str> {
    const MALFORMED: &str = "must be scheme://host or scheme://host:port, without a path";
    let (scheme, rest) = entry.split_once("://").ok_or(MALFORMED)?;
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        Some(_) | None => (rest, ""),
    };
    let ports = Ports::parse(port.trim_end_matches('/'), scheme).ok_or(MALFORMED)?;
    let host = host.strip_suffix('/').unwrap_or(host);
    let is_network =
        host.split_once('/').is_some_and(|(ip, bits)| ip.parse::<IpAddr>().is_ok() && bits.parse::<u8>().is_ok());
    let domain = host.strip_prefix("*.").unwrap_or(host);
    let is_host = host == "*" || is_network || (domain.parse::<Uri>().is_ok_and(|uri| uri.host() == Some(domain)));
    if !is_host || domain.contains('*') && host != "*" {
        return Err(MALFORMED);
    }
    // What is no address is told by the configuration.
    let Ok(address) = address.parse::<Uri>() else { return Ok(()) };
    let (Some(its_scheme), Some(its_host)) = (address.scheme_str(), address.host()) else { return Ok(()) };
    let its_host = its_host.to_ascii_lowercase();
    let host_fits = match host.strip_prefix('*') {
        Some(suffix) => its_host.ends_with(&suffix.to_ascii_lowercase()),
        // Which network an address belongs to is left to Spin.
        None => is_network || its_host == host.to_ascii_lowercase(),
    };
    let port_fits = address.port_u16().or(known_port(its_scheme)).is_some_and(|port| ports.contain(port));
    let scheme_fits = scheme == "*" || scheme == its_scheme;
    if host_fits && port_fits && scheme_fits { Ok(()) } else { Err("does not allow the configured address") }
}

/// The ports of an entry: the first, and the one after the last.
struct Ports(u32, u32);

impl Ports {
    fn parse(text: &str, scheme: &str) -> Option<Self> {
        let number = |text: &str| text.parse::<u16>().ok().map(u32::from);
        let one = |port: u32| Self(port, port + 1);
        match (text, text.split_once("..")) {
            ("*", _) => Some(Self(0, u32::MAX)),
            ("", _) => known_port(scheme).map(u32::from).map(one),
            (_, Some((first, end))) => Some(Self(number(first)?, number(end)?)),
            (_, None) => number(text).map(one),
        }
    }

    fn contain(&self, port: u16) -> bool {
        (self.0..self.1).contains(&u32::from(port))
    }
}

fn known_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}
