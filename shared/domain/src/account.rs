//! Accounts: by which name somebody signs in, and who runs the place.

use std::fmt;

use crate::{MailAddress, Role, UserId};

/// An e-mail address as a name to sign in by: nobody has verified it. Two spellings of one address are one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginName(String);

/// A text that is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct LoginNameError;

impl LoginName {
    /// The longest address that mail can be sent to, in characters (RFC 5321 §4.5.3.1.3).
    pub const MAX_CHARS: usize = 254;

    /// Reads an address, without the blanks around it and in small letters. Whether mail reaches it is another question.
    ///
    /// # Errors
    /// [`LoginNameError`] for a text without a name, an `@` and a host, for blanks and control characters in it, and for one that is too long.
    pub fn parse(text: &str) -> Result<Self, LoginNameError> {
        let text = text.trim().to_lowercase();
        let (name, host) = text.rsplit_once('@').ok_or(LoginNameError)?;
        let is_plain = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control());
        let has_labels = host.split('.').all(|label| !label.is_empty());
        let fits = text.chars().count() <= Self::MAX_CHARS;
        if is_plain(name) && is_plain(host) && has_labels && !host.contains('@') && fits {
            Ok(Self(text))
        } else {
            Err(LoginNameError)
        }
    }

    /// An address that mail is sent to is always one.
    pub(crate) fn of(address: &MailAddress) -> Self {
        Self(address.as_str().to_owned())
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LoginName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// `ADMIN_EMAILS`: verified addresses, or accounts by their id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdminList {
    addresses: Vec<LoginName>,
    accounts: Vec<UserId>,
}

impl AdminList {
    /// Nobody.
    pub const NONE: Self = Self { addresses: Vec::new(), accounts: Vec::new() };

    /// Reads a list with commas.
    ///
    /// # Errors
    /// [`LoginNameError`] for an entry that is neither an address nor an id.
    pub fn parse(text: &str) -> Result<Self, LoginNameError> {
        let mut list = Self::default();
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            match UserId::parse(entry) {
                Ok(id) => list.accounts.push(id),
                Err(_) => list.addresses.push(LoginName::parse(entry)?),
            }
        }
        Ok(list)
    }

    /// What an account may do that has `stored` as its role and this verified address. Nothing of it is stored.
    #[must_use]
    pub fn role_of(&self, id: UserId, stored: Role, verified: Option<&str>) -> Role {
        let address = verified.and_then(|address| LoginName::parse(address).ok());
        let is_named = self.accounts.contains(&id) || address.is_some_and(|address| self.addresses.contains(&address));
        if is_named { Role::Admin } else { stored }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn an_address_is_one_name_in_every_spelling() {
        let name = LoginName::parse(" Jo.Doe+x@Example.ORG ").unwrap();
        assert_eq!(name.as_str(), "jo.doe+x@example.org");
        let longest = format!("{}@example.org", "a".repeat(LoginName::MAX_CHARS - 12));
        assert!(LoginName::parse(&longest).is_ok() && LoginName::parse(&format!("a{longest}")).is_err());
        for text in
            ["", "jo", "@example.org", "jo@", "jo doe@example.org", "jo@example..org", "jo@.org", "jo@example.org\n.x"]
        {
            assert_eq!(LoginName::parse(text), Err(LoginNameError), "{text:?}");
        }
    }

    #[test]
    fn admins_are_named_by_verified_address_or_by_id_and_granted_ones_stay() {
        let id = |byte| UserId::new(Timestamp::UNIX_EPOCH, [byte; 10]);
        let list = AdminList::parse(&format!("Root@Example.org, {} ,", id(1))).unwrap();
        for (account, stored, address, expected) in [
            (id(1), Role::User, None, Role::Admin),
            (id(2), Role::User, Some("root@example.org"), Role::Admin),
            (id(2), Role::User, Some("other@example.org"), Role::User),
            (id(2), Role::User, None, Role::User),
            (id(2), Role::Admin, None, Role::Admin),
        ] {
            assert_eq!(list.role_of(account, stored, address), expected, "{account} {address:?}");
        }
        assert_eq!(AdminList::parse(""), Ok(AdminList::default()));
        assert_eq!(AdminList::parse("root"), Err(LoginNameError));
    }
}
