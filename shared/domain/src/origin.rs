//! Where browsers find the page: its origin, and the name that passkeys are made for.

/// `PUBLIC_ORIGIN`, as a browser writes an origin: a scheme, a host in small letters, a port unless it is the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicOrigin {
    origin: String,
    host: String,
}

/// A text that is no origin for passkeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an origin for passkeys")]
pub struct PublicOriginError;

/// The one host without TLS: browsers trust what does not leave the machine.
const LOCAL: &str = "localhost";

/// The longest host there is (RFC 1035 §2.3.4).
const MAX_HOST: usize = 253;

impl PublicOrigin {
    /// Reads an origin; a slash at its end is left out.
    ///
    /// # Errors
    /// [`PublicOriginError`] for a text with a path, another scheme than `https` (on `localhost` also `http`), and a host that passkeys cannot be
    /// made for: an IP address, or one that is not written in ASCII.
    pub fn parse(text: &str) -> Result<Self, PublicOriginError> {
        let text = text.trim().to_ascii_lowercase();
        let (scheme, rest) = text.split_once("://").ok_or(PublicOriginError)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port)));
        let port = port.map(|port| port_of(port).ok_or(PublicOriginError)).transpose()?;
        let own_port = match scheme {
            "https" => 443,
            "http" if host == LOCAL => 80,
            _ => return Err(PublicOriginError),
        };
        if !is_name(host) {
            return Err(PublicOriginError);
        }
        let shown_port = port.filter(|port| *port != own_port).map(|port| format!(":{port}")).unwrap_or_default();
        Ok(Self { origin: format!("{scheme}://{host}{shown_port}"), host: host.to_owned() })
    }

    /// As a browser writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.origin
    }

    /// The relying party's id (WebAuthn §4): a passkey is good for this host.
    #[must_use]
    pub fn rp_id(&self) -> &str {
        &self.host
    }
}

fn port_of(text: &str) -> Option<u16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?.filter(|port| *port > 0)
}

/// A host's name. What ends with a number is read as an IPv4 address by every browser; the colons of IPv6 are none of a name's letters.
fn is_name(host: &str) -> bool {
    let is_label = |label: &str| {
        let fits = (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-');
        fits && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit()) || label.starts_with("0x");
    host.len() <= MAX_HOST && host.split('.').all(is_label) && !host.rsplit('.').next().is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (text, origin, rp_id) in [
            ("https://chat.example", "https://chat.example", "chat.example"),
            (" HTTPS://Chat.Example:443/ ", "https://chat.example", "chat.example"),
            ("https://chat.example:8443", "https://chat.example:8443", "chat.example"),
            ("http://localhost:3000", "http://localhost:3000", "localhost"),
            ("http://localhost:80", "http://localhost", "localhost"),
            ("https://localhost", "https://localhost", "localhost"),
            ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example", "xn--bcher-kva.example"),
        ] {
            let read = PublicOrigin::parse(text).unwrap();
            assert_eq!((read.as_str(), read.rp_id()), (origin, rp_id), "{text}");
        }
    }

    #[test]
    fn what_no_passkey_can_be_made_for_is_refused() {
        for text in [
            "",
            "chat.example",
            "http://chat.example",
            "http://127.0.0.1:3000",
            "https://127.0.0.1",
            "https://[::1]",
            "https://0x7f000001",
            "https://2130706433",
            "https://chat.example/path",
            "https://chat.example//",
            "https://chat.example?x",
            "https://user@chat.example",
            "https://chat.example:0",
            "https://chat.example:65536",
            "https://chat.example:+1",
            "https://chat.example:",
            "https://chat..example",
            "https://-chat.example",
            "https://bücher.example",
            "https://",
            "ftp://localhost",
            "https://a.example, https://b.example",
        ] {
            assert_eq!(PublicOrigin::parse(text), Err(PublicOriginError), "{text}");
        }
    }
}
