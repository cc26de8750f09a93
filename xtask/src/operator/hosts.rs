//! Spin's lists of hosts, against the addresses that components call: as the functions read them before each call.

use url::Url;
use wire::neon::sql_endpoint;
use wire::spin_hosts::{self, HOST_VARIABLES, HostVariable};

use super::fault::Fault;
use super::given::Given;

/// Compares each.
pub fn check(given: &Given) -> Vec<Result<String, Fault>> {
    let mut found: Vec<_> = HOST_VARIABLES.iter().filter_map(|one| blocked(given, one)).map(Err).collect();
    if found.is_empty() {
        found.push(Ok("hosts: Spin lets each component call what it is given".to_owned()));
    }
    found
}

fn blocked(given: &Given, HostVariable { name, addresses, default }: &HostVariable) -> Option<Fault> {
    let entry = Some(given.get(name)).filter(|entry| !entry.is_empty()).unwrap_or(default);
    let address = addresses.iter().map(|name| given.get(name)).find(|address| !address.is_empty())?;
    let origin = origin(address)?;
    spin_hosts::check(entry, &origin).err()?;
    Some(Fault::BlockedHost { variable: name.to_lowercase(), entry: entry.to_owned(), origin })
}

/// Of a database's own address: where its `/sql` is.
fn origin(address: &str) -> Option<String> {
    let endpoint = sql_endpoint(address).unwrap_or_else(|_| address.to_owned());
    Url::parse(&endpoint).ok().map(|url| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_databases_address_leads_to_its_sql() {
        let database = "postgres://u:p@ep-x.eu-central-1.aws.neon.tech/db";
        assert_eq!(origin(database).unwrap(), "https://api.eu-central-1.aws.neon.tech");
        assert_eq!(origin("https://sql.example.com/sql").unwrap(), "https://sql.example.com");
    }

    #[test]
    fn the_defaults_are_those_of_spin_toml() {
        let spin: toml::Table = include_str!("../../../spin.toml").parse().unwrap();
        for HostVariable { name, default, .. } in HOST_VARIABLES {
            assert_eq!(spin["variables"][name.to_lowercase()]["default"].as_str(), Some(default));
        }
    }
}
