//! Where `/sql` is for a database URL, derived as Neon's driver does.

/// Why a database URL names no `/sql` endpoint. The messages never quote the URL: it carries a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not `postgres://` or `postgresql://`.
    #[error("the database url must begin with postgres:// or postgresql://")]
    Scheme,
    /// No `user:password@` before the host.
    #[error("the database url must carry a user and a password")]
    Credentials,
    /// No host, an IP address, a single label, or characters no DNS name has.
    #[error("the database url must name its host by a DNS name of two labels or more")]
    Host,
    /// A port that is no port.
    #[error("the database url has a malformed port")]
    Port,
    /// No database after the host.
    #[error("the database url must name a database")]
    Database,
}

/// `https://api.<host without its first label>/sql`: the endpoint of the host a `postgres://user:password@host/database` URL names.
///
/// The port is checked and left out, as the driver leaves it out. Proxied hosts (`…-pooler`) give the same endpoint.
///
/// # Errors
/// [`UrlError`]: the part of the URL that is missing or malformed.
pub fn sql_endpoint(database_url: &str) -> Result<String, UrlError> {
    let rest = strip_scheme(database_url).ok_or(UrlError::Scheme)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    // The last `@` counts, as for every URL parser: a password may hold an unescaped one.
    let (credentials, address) = authority.rsplit_once('@').ok_or(UrlError::Credentials)?;
    match credentials.split_once(':') {
        Some((user, password)) if !user.is_empty() && !password.is_empty() => {}
        _ => return Err(UrlError::Credentials),
    }
    let (host, port) = address.rsplit_once(':').map_or((address, None), |(host, port)| (host, Some(port)));
    if let Some(port) = port
        && port.parse::<u16>().is_err()
    {
        return Err(UrlError::Port);
    }
    let domain = host.split_once('.').map(|(_, domain)| domain).filter(|_| is_dns_name(host)).ok_or(UrlError::Host)?;
    let database = path.strip_prefix('/').unwrap_or_default().split(['?', '#']).next().unwrap_or_default();
    if database.is_empty() {
        return Err(UrlError::Database);
    }
    Ok(format!("https://api.{domain}/sql"))
}

fn strip_scheme(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    (scheme.eq_ignore_ascii_case("postgres") || scheme.eq_ignore_ascii_case("postgresql")).then_some(rest)
}

/// Labels of letters, digits and inner hyphens, the last not numeric: so no IPv4 address, and no IPv6 in brackets.
fn is_dns_name(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let numeric = host.rsplit('.').next().is_none_or(|last| last.bytes().all(|b| b.is_ascii_digit()));
    host.len() <= 253 && host.split('.').all(label) && !numeric
}
