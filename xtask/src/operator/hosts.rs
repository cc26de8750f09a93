//! Spin's lists of hosts, against the addresses that components call: as `shared/runtime-spin/src/hosts.rs` reads them before each call.

use url::Url;

use super::fault::Fault;
use super::given::Given;

/// The variables in the lists, and those that lead there.
const HOSTS: [(&str, &[&str], &str); 3] = [
    ("DATABASE_HOST", &["DATABASE_HTTP_URL", "DATABASE_URL"], "https://*.neon.tech"),
    ("REDIS_HOST", &["UPSTASH_REDIS_REST_URL"], "https://*.upstash.io"),
    ("MODEL_HOST", &["SAMBANOVA_API_BASE"], "https://api.sambanova.ai"),
];

/// Compares each; the defaults are those of `spin.toml`.
pub fn check(given: &Given) -> Vec<Result<String, Fault>> {
    let mut found: Vec<_> = HOSTS.iter().filter_map(|one| blocked(given, one)).map(Err).collect();
    if found.is_empty() {
        found.push(Ok("hosts: Spin lets each component call what it is given".to_owned()));
    }
    found
}

fn blocked(given: &Given, (variable, addresses, default): &(&str, &[&str], &str)) -> Option<Fault> {
    let entry = Some(given.get(variable)).filter(|entry| !entry.is_empty()).unwrap_or(default);
    let address = addresses.iter().map(|name| given.get(name)).find(|address| !address.is_empty())?;
    let origin = origin(address)?;
    let variable = variable.to_lowercase();
    (!allows(entry, &origin)).then(|| Fault::BlockedHost { variable, entry: entry.to_owned(), origin: ascii(&origin) })
}

/// Of a database's own address: where its `/sql` is.
fn origin(address: &str) -> Option<Url> {
    match super::database::sql_endpoint(address) {
        Some(endpoint) => Url::parse(&endpoint).ok(),
        None => Url::parse(address).ok(),
    }
}

fn ascii(origin: &Url) -> String {
    origin.origin().ascii_serialization()
}

/// Whether an entry `scheme://host[:port]` lets a call pass. Networks, and what is malformed, are the functions' own to judge.
fn allows(entry: &str, origin: &Url) -> bool {
    let Some((scheme, rest)) = entry.trim().split_once("://") else { return false };
    let rest = rest.trim_end_matches('/');
    if rest.contains('/') {
        return rest.split('/').next().is_some_and(|ip| ip.parse::<std::net::IpAddr>().is_ok());
    }
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (rest, ""),
    };
    let its_host = origin.host_str().unwrap_or_default();
    let host_fits = match host.strip_prefix('*') {
        Some(suffix) => its_host.ends_with(&suffix.to_ascii_lowercase()),
        None => its_host.eq_ignore_ascii_case(host),
    };
    let its_port = origin.port_or_known_default();
    let port_fits = match port {
        "*" => true,
        "" => its_port == if scheme == "http" { Some(80) } else { Some(443) },
        port => port.parse().ok() == its_port,
    };
    host_fits && port_fits && (scheme == "*" || scheme == origin.scheme())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_lets_pass_what_spin_lets_pass() {
        for (entry, address, passes) in [
            ("https://*.neon.tech", "https://api.eu-central-1.aws.neon.tech/sql", true),
            ("https://*.neon.tech", "https://neon.tech.example.com/sql", false),
            ("https://*.neon.tech", "http://127.0.0.1:8080/sql", false),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/sql", true),
            ("http://127.0.0.1", "http://127.0.0.1:8080/sql", false),
            ("http://127.0.0.1:*", "http://127.0.0.1:8080/sql", true),
            ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1", false),
            ("elsewhere.invalid", "https://elsewhere.invalid/", false),
            ("*://*:*", "https://elsewhere.invalid/", true),
        ] {
            assert_eq!(allows(entry, &Url::parse(address).unwrap()), passes, "{entry} {address}");
        }
    }

    #[test]
    fn a_databases_address_leads_to_its_sql() {
        let database = "postgres://u:p@ep-x.eu-central-1.aws.neon.tech/db";
        assert_eq!(ascii(&origin(database).unwrap()), "https://api.eu-central-1.aws.neon.tech");
        assert_eq!(ascii(&origin("https://sql.example.com/sql").unwrap()), "https://sql.example.com");
    }

    #[test]
    fn the_defaults_are_those_of_spin_toml() {
        let spin: toml::Table = include_str!("../../../spin.toml").parse().unwrap();
        for (name, _, default) in HOSTS {
            assert_eq!(spin["variables"][name.to_lowercase()]["default"].as_str(), Some(default));
        }
    }
}
