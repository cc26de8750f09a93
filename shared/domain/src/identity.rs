//! Who vouches for somebody, and what they are known by there.

/// Who vouches for somebody, as it stands in routes and in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderId {
    /// GitHub, or a GitHub Enterprise of one's own.
    GitHub,
    /// Google.
    Google,
    /// Any other OpenID provider.
    Oidc,
}

impl ProviderId {
    /// Each of them, in the order in which a page offers them.
    pub const ALL: [Self; 3] = [Self::GitHub, Self::Google, Self::Oidc];

    /// The name in routes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::Google => "google",
            Self::Oidc => "oidc",
        }
    }

    /// Reads a name; `None` for a provider that does not exist.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.name() == name)
    }
}

/// How many identities an account may have: each lets somebody in.
pub const MOST_IDENTITIES: u32 = 20;

/// What somebody is known by at a provider. The same subject at two issuers is two people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    issuer: String,
    subject: String,
}

impl Identity {
    /// The longest subject there is, in characters (OpenID Connect Core §2).
    pub const MAX_SUBJECT: usize = 255;

    /// `None` for what is no issuer or no subject: a text that is empty, too long or has other characters than ASCII's visible ones and blanks.
    #[must_use]
    pub fn new(issuer: &str, subject: &str) -> Option<Self> {
        let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let fits = is_plain(issuer) && is_plain(subject) && subject.len() <= Self::MAX_SUBJECT;
        fits.then(|| Self { issuer: issuer.to_owned(), subject: subject.to_owned() })
    }

    /// Who says so.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What they are there, for ever.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_plain_text_of_a_length() {
        let longest = "a".repeat(Identity::MAX_SUBJECT);
        for subject in ["1", "auth0|x y", &longest] {
            let identity = Identity::new("https://issuer.example", subject).unwrap();
            assert_eq!((identity.issuer(), identity.subject()), ("https://issuer.example", subject));
        }
        for subject in ["", "a\nb", "a\0", "ä", &format!("{longest}a")] {
            assert_eq!(Identity::new("https://issuer.example", subject), None, "{subject:?}");
        }
        assert_eq!(Identity::new("", "1"), None);
        assert_eq!(Identity::new("https://issuer.example\n", "1"), None);
    }

    #[test]
    fn a_provider_is_read_by_its_name() {
        for provider in ProviderId::ALL {
            assert_eq!(ProviderId::from_name(provider.name()), Some(provider));
        }
        for other in ["", "GitHub", "password", "passkeys"] {
            assert_eq!(ProviderId::from_name(other), None);
        }
    }
}
