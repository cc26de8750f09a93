//! Addresses that mail is sent to, and what it is sent for.

use std::fmt;

use crate::LoginName;

/// An address that mail is sent to, in small letters.
///
/// It is narrower than RFC 5321, so that nobody writes a list or a name where one address is asked for, and ASCII alone, so that
/// no letter looks like another one: a host outside it has a name within it (`xn--…`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailAddress(String);

/// A text that is no such address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address that mail is sent to")]
pub struct MailAddressError;

impl MailAddress {
    /// Reads an address, without the blanks around it and in small letters.
    ///
    /// # Errors
    /// [`MailAddressError`] for every other text.
    pub fn parse(text: &str) -> Result<Self, MailAddressError> {
        /// What RFC 5322 §3.2.3 lets stand in a word, beside letters and digits.
        const IN_WORDS: &str = "!#$%&'*+-/=?^_`{|}~";
        let text = text.trim();
        let (name, host) = text.split_once('@').ok_or(MailAddressError)?;
        let are = |parts: &str, is_fit: fn(char) -> bool| {
            parts.split('.').all(|part| !part.is_empty() && part.chars().all(is_fit))
        };
        let is_name = are(name, |c| c.is_ascii_alphanumeric() || IN_WORDS.contains(c));
        let is_host = host.contains('.') && are(host, |c| c.is_ascii_alphanumeric() || c == '-');
        if is_name && is_host && text.len() <= LoginName::MAX_CHARS {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(MailAddressError)
        }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same as a name to sign in by.
    #[must_use]
    pub fn login(&self) -> LoginName {
        LoginName::of(self)
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What a link is sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailPurpose {
    /// To sign in.
    SignIn,
    /// To show that an address is the account's.
    Verify,
    /// To set a new password.
    Reset,
}

impl MailPurpose {
    /// The name in the contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Verify => "verify",
            Self::Reset => "reset",
        }
    }

    /// Reads a name; `None` for a purpose that does not exist.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::SignIn, Self::Verify, Self::Reset].into_iter().find(|purpose| purpose.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_and_nothing_beside_it() {
        let address = MailAddress::parse(" Jo.Doe+x@Example.ORG ").unwrap();
        assert_eq!(
            (address.as_str(), address.login()),
            ("jo.doe+x@example.org", LoginName::parse("jo.doe+x@example.org").unwrap())
        );
        for text in [
            "",
            "jo",
            "jo@example",
            "jo@example..org",
            "@example.org",
            "jo..doe@example.org",
            "a@example.org,b@example.org",
            "a@b@example.org",
            "jo@example.org;al",
            "<jo@example.org>",
            "Jo <jo@example.org>",
            "\"jo doe\"@example.org",
            "jo@[127.0.0.1]",
            "jo\n@example.org",
            "jo@example.org\nbcc: al@example.org",
            // Letters that look like others, or become them.
            "m\u{131}ke@example.org",
            "\u{212a}im@example.org",
            "jo@ex\u{e4}mple.org",
        ] {
            assert_eq!(MailAddress::parse(text), Err(MailAddressError), "{text:?}");
        }
        let longest = format!("{}@example.org", "a".repeat(LoginName::MAX_CHARS - 12));
        assert!(MailAddress::parse(&longest).is_ok() && MailAddress::parse(&format!("a{longest}")).is_err());
    }
}
