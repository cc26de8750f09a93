//! Every word that is sent by mail. None of it comes from a visitor: nobody can have us write to somebody else in their words.

use domain::{MailAddress, MailPurpose, PublicOrigin};
use infrastructure::Mail;

/// A subject and a text.
pub(super) struct Letter {
    subject: String,
    text: String,
}

/// The end of each: what it is to somebody who has not asked for it.
const NOT_YOU: &str = "If it was not you, do nothing: without the link nothing changes, and it ends by itself.";

impl Letter {
    /// One that carries a link.
    pub fn with_link(origin: &PublicOrigin, purpose: MailPurpose, link: &str) -> Self {
        let host = origin.rp_id();
        let (subject, what, how) = match purpose {
            MailPurpose::SignIn => (
                format!("Sign in to {host}"),
                format!("Somebody has asked for a link to sign in to your account at {host}."),
                "Open it where you want to sign in; it need not be where it was asked for. The page asks for a click before it signs you in.",
            ),
            MailPurpose::Verify => (
                format!("Confirm your address for {host}"),
                format!(
                    "Somebody who is signed in at {host} says that this address is theirs. Confirming it lets them in by mail."
                ),
                "Open it in a browser where you are signed in to that account: it is good there alone.",
            ),
            MailPurpose::Reset => (
                format!("A new password for {host}"),
                format!("Somebody has asked to set a new password for your account at {host}."),
                "Open it where you want to sign in; it need not be where it was asked for. All other devices are signed out then.",
            ),
        };
        let text = format!(
            "{what} If it was you, open this link within 15 minutes. It is good once.\n\n{link}\n\n{how}\n\n{NOT_YOU} Give it to nobody.\n"
        );
        Self { subject, text }
    }

    /// One to an address that is no account's.
    pub fn to_nobody(origin: &PublicOrigin) -> Self {
        let (host, origin) = (origin.rp_id(), origin.as_str());
        let text = format!(
            "Somebody has asked for a link to an account at {host}, but no account there has confirmed this address.\n\n\
             If it was you: perhaps your account has another address, or you have never confirmed this one; then sign in as you did before \
             ({origin}), by a password, a passkey or your recovery code. If you have no account, you can make one there.\n\n\
             If it was not you, do nothing.\n"
        );
        Self { subject: format!("No account at {host}"), text }
    }

    /// As it is sent.
    pub fn to<'a>(&'a self, from: &'a str, address: &'a MailAddress) -> Mail<'a> {
        Mail { from, to: address.as_str(), subject: &self.subject, text: &self.text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_has_its_link_once_in_a_line_of_its_own_and_no_other() {
        let origin = PublicOrigin::parse("https://chat.example").unwrap();
        let link = "https://chat.example/#mail=token";
        for purpose in [MailPurpose::SignIn, MailPurpose::Verify, MailPurpose::Reset] {
            let letter = Letter::with_link(&origin, purpose, link);
            assert_eq!(letter.text.lines().filter(|line| *line == link).count(), 1, "{}", letter.text);
            assert_eq!(letter.text.matches("://").count(), 1, "{}", letter.text);
            assert!(letter.subject.contains("chat.example") && !letter.subject.contains('\n'));
        }
        let none = Letter::to_nobody(&origin);
        assert!(!none.text.contains('#') && none.text.contains("no account"), "{}", none.text);
    }
}
