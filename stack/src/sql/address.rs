//! Postgres connection strings: the one the stack is configured with, and the ones clients send.

use std::fmt;
use url::Url;

/// Whether and how a connection to Postgres is encrypted, as `sslmode` says (libpq's words).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Encryption {
    /// `disable`, `allow`, `prefer`, or nothing: in the clear.
    Off,
    /// `require`: encrypted, whatever the server's certificate.
    On,
    /// `verify-ca`, `verify-full`: encrypted, and the server proves its name.
    Verified,
}

/// Everything needed to reach a database.
#[derive(Clone, Eq, PartialEq)]
pub struct Address {
    /// Host name or IP address.
    pub host: String,
    /// Port, 5432 unless given.
    pub port: u16,
    /// Role.
    pub user: String,
    /// Its password, perhaps empty.
    pub password: String,
    /// Database name; the role's name unless given.
    pub database: String,
    /// Encryption of the way there.
    pub encryption: Encryption,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "postgres://{}:***@{}:{}/{}", self.user, self.host, self.port, self.database)
    }
}

/// Why a connection string is refused; Neon's words.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum AddressError {
    /// Not a URL.
    #[error("could not parse connection string: {0}")]
    Malformed(#[from] url::ParseError),
    /// Neither `postgres` nor `postgresql`.
    #[error("invalid connection string: unsupported scheme")]
    Scheme,
    /// No host, or an IP address where a name is required.
    #[error("missing hostname")]
    Host,
    /// No user.
    #[error("missing username")]
    User,
    /// No password.
    #[error("missing authentication credentials: required password")]
    Password,
    /// No database.
    #[error("missing database name")]
    Database,
    /// A part that is not UTF-8 once decoded.
    #[error("invalid connection string: malformed percent-encoding")]
    Encoding,
}

impl Address {
    /// Reads the stack's own setting, where an IP address is as good as a name.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let url = Url::parse(text)?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(AddressError::Scheme);
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(AddressError::Host)?;
        let user = decoded(url.username())?;
        if user.is_empty() {
            return Err(AddressError::User);
        }
        let path = decoded(url.path().trim_start_matches('/'))?;
        let mode = url.query_pairs().find(|(name, _)| name == "sslmode").map(|(_, mode)| mode.into_owned());
        Ok(Self {
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: url.port().unwrap_or(5432),
            password: decoded(url.password().unwrap_or_default())?,
            database: if path.is_empty() { user.clone() } else { path },
            user,
            encryption: match mode.as_deref() {
                Some("require") => Encryption::On,
                Some("verify-ca" | "verify-full") => Encryption::Verified,
                _ => Encryption::Off,
            },
        })
    }

    /// Reads a `Neon-Connection-String` header: a name for host, and user, password and database all given.
    pub fn parse_neon(text: &str) -> Result<Self, AddressError> {
        let url = Url::parse(text)?;
        let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() || host.parse::<std::net::IpAddr>().is_ok() {
            return Err(AddressError::Host);
        }
        if url.password().is_none() {
            return Err(if url.username().is_empty() { AddressError::User } else { AddressError::Password });
        }
        if url.path().trim_start_matches('/').is_empty() {
            return Err(AddressError::Database);
        }
        Self::parse(text)
    }

    /// The address as a URL, password and all, with another host in its place where `host` is given.
    pub fn url(&self, host: Option<&str>) -> String {
        let encode =
            |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        let credentials = format!("{}:{}", encode(&self.user), encode(&self.password));
        let database = encode(&self.database);
        let mode = match self.encryption {
            Encryption::Off => "",
            Encryption::On => "?sslmode=require",
            Encryption::Verified => "?sslmode=verify-full",
        };
        match host {
            Some(host) => format!("postgres://{credentials}@{host}/{database}"),
            None if self.host.contains(':') => {
                format!("postgres://{credentials}@[{}]:{}/{database}{mode}", self.host, self.port)
            }
            None => format!("postgres://{credentials}@{}:{}/{database}{mode}", self.host, self.port),
        }
    }
}

fn decoded(text: &str) -> Result<String, AddressError> {
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8().map_err(|_| AddressError::Encoding)?;
    Ok(decoded.into_owned())
}
