//! An entry of Spin's `allowed_outbound_hosts`, as Spin reads it.

use std::net::IpAddr;

use http::Uri;

/// A variable of `spin.toml` whose value stands in lists of hosts that components may call.
#[derive(Clone, Copy, Debug)]
pub struct HostVariable {
    /// Its name.
    pub name: &'static str,
    /// The variables that lead there: the first that is set counts.
    pub addresses: &'static [&'static str],
    /// Its value where none is given.
    pub default: &'static str,
}

/// Each of them: of the database, of Redis, of the model, of Turnstile, of mail, of alerts, of GitHub, of an OpenID provider.
pub const HOST_VARIABLES: [HostVariable; 8] = [
    HostVariable {
        name: "DATABASE_HOST",
        addresses: &["DATABASE_HTTP_URL", "DATABASE_URL"],
        default: "https://*.neon.tech",
    },
    HostVariable { name: "REDIS_HOST", addresses: &["UPSTASH_REDIS_REST_URL"], default: "https://*.upstash.io" },
    HostVariable { name: "MODEL_HOST", addresses: &["SAMBANOVA_API_BASE"], default: "https://api.sambanova.ai" },
    HostVariable {
        name: "TURNSTILE_HOST",
        addresses: &["TURNSTILE_VERIFY_URL"],
        default: "https://challenges.cloudflare.com",
    },
    HostVariable { name: "MAIL_HOST", addresses: &["MAIL_API_URL"], default: "https://api.resend.com" },
    HostVariable { name: "ALERT_HOST", addresses: &["ALERT_WEBHOOK_URL"], default: "https://hooks.slack.com" },
    HostVariable { name: "GITHUB_HOST", addresses: &["OAUTH_GITHUB_URL"], default: "https://github.com" },
    // Nobody's, until there is one.
    HostVariable { name: "OIDC_HOST", addresses: &["OIDC_ISSUER"], default: "https://oidc.invalid" },
];

/// Why an entry is no permission for a call. The messages follow the name of what holds the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostFault {
    /// Spin does not understand it, and with it voids the whole list.
    #[error("must be scheme://host or scheme://host:port, without a path")]
    Malformed,
    /// It is for other calls.
    #[error("does not allow the configured address")]
    OtherAddress,
}

/// Whether Spin understands `entry` and lets a call to `address` pass by it.
///
/// # Errors
/// [`HostFault`]. An `address` that is none passes: what reads it has more to say.
pub fn check(entry: &str, address: &str) -> Result<(), HostFault> {
    let (scheme, rest) = entry.split_once("://").ok_or(HostFault::Malformed)?;
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        Some(_) | None => (rest, ""),
    };
    let ports = Ports::parse(port.trim_end_matches('/'), scheme).ok_or(HostFault::Malformed)?;
    let host = host.strip_suffix('/').unwrap_or(host);
    let is_network =
        host.split_once('/').is_some_and(|(ip, bits)| ip.parse::<IpAddr>().is_ok() && bits.parse::<u8>().is_ok());
    let domain = host.strip_prefix("*.").unwrap_or(host);
    let is_host = host == "*" || is_network || (domain.parse::<Uri>().is_ok_and(|uri| uri.host() == Some(domain)));
    if !is_host || domain.contains('*') && host != "*" {
        return Err(HostFault::Malformed);
    }
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
    if host_fits && port_fits && scheme_fits { Ok(()) } else { Err(HostFault::OtherAddress) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_default_is_understood() {
        for variable in HOST_VARIABLES {
            assert_eq!(check(variable.default, ""), Ok(()), "{}", variable.name);
        }
    }

    #[test]
    fn an_entry_lets_pass_what_spin_lets_pass() {
        for (entry, address, expected) in [
            ("https://*.neon.tech", "https://api.eu-central-1.aws.neon.tech/sql", Ok(())),
            ("https://*.neon.tech", "https://neon.tech.example.com/sql", Err(HostFault::OtherAddress)),
            ("https://*.neon.tech", "http://127.0.0.1:8080/sql", Err(HostFault::OtherAddress)),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/sql", Ok(())),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/sql", Ok(())),
            ("http://127.0.0.1", "http://127.0.0.1:8080/sql", Err(HostFault::OtherAddress)),
            ("http://127.0.0.1:*", "http://127.0.0.1:8080/sql", Ok(())),
            ("http://127.0.0.1:8000..8081", "http://127.0.0.1:8080/sql", Ok(())),
            ("http://127.0.0.1:8000..8080", "http://127.0.0.1:8080/sql", Err(HostFault::OtherAddress)),
            ("http://10.0.0.0/8:8080", "http://10.1.2.3:8080/sql", Ok(())),
            ("http://[::1]:8080", "http://[::1]:8080/sql", Ok(())),
            ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1", Err(HostFault::Malformed)),
            ("elsewhere.invalid", "https://elsewhere.invalid/", Err(HostFault::Malformed)),
            ("https://*.*.invalid", "https://elsewhere.invalid/", Err(HostFault::Malformed)),
            ("*://*:*", "https://elsewhere.invalid/", Ok(())),
            ("https://elsewhere.invalid", "", Ok(())),
        ] {
            assert_eq!(check(entry, address), expected, "{entry} {address}");
        }
    }
}
