//! Every word that is sent by mail, and its way to the host. None of it comes from a visitor: nobody can have us write to somebody else in their words.

use std::rc::Rc;

use domain::{MailAddress, MailPurpose, PublicOrigin};
use infrastructure::{Mail, MailHost};

use crate::App;
use crate::config;

/// What an account's owner is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// A password was set: a first one, a new one, or in place of one that was lost.
    PasswordSet,
    /// A passkey was added.
    PasskeyAdded,
    /// One was removed.
    PasskeyRemoved,
    /// A provider vouches for them now.
    IdentityAdded,
    /// One does not any more.
    IdentityRemoved,
    /// An API key was made.
    ApiKeyMade,
    /// An API key was revoked.
    ApiKeyRevoked,
    /// Another address stands for the account.
    AddressChanged,
    /// Somebody has come in by the password, in a browser that has not been in this account before.
    NewBrowser,
    /// The account is deleted.
    Deleted,
}

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

    /// One about what has happened in an account.
    pub fn of_notice(origin: &PublicOrigin, notice: Notice) -> Self {
        let (host, origin) = (origin.rp_id(), origin.as_str());
        let what = match notice {
            Notice::PasswordSet => "a new password was set, and all other devices were signed out",
            Notice::PasskeyAdded => "a passkey was added",
            Notice::PasskeyRemoved => "a passkey was removed",
            Notice::IdentityAdded => "a way to sign in by another provider was added",
            Notice::IdentityRemoved => "a way to sign in by another provider was removed",
            Notice::ApiKeyMade => "an API key was made: who has it can use up your messages",
            Notice::ApiKeyRevoked => "an API key was revoked",
            Notice::AddressChanged => "another address was confirmed, in place of this one",
            Notice::NewBrowser => {
                "somebody has signed in by the password, in a browser that was not used for it before"
            }
            Notice::Deleted => "everything was deleted, the account as well",
        };
        // Only ways that the change has left open.
        let how = match notice {
            Notice::PasswordSet => {
                "ask there for a link by mail, or sign in by a passkey or a provider, and set another password in the account's settings. The \
                 recovery code of before is not good any more."
            }
            Notice::AddressChanged => {
                "sign in by a passkey or a provider, confirm your own address again in the account's settings, and set a new password: it signs \
                 all other devices out. Links by mail do not come to this address any more."
            }
            Notice::Deleted => "nothing is left to sign in to; who runs the page can tell you more.",
            Notice::IdentityRemoved => {
                "sign in, and set a new password in the account's settings: it signs all other devices out. This address stays the account's, \
                 and links by mail come to it."
            }
            Notice::ApiKeyMade | Notice::ApiKeyRevoked => {
                "sign in, and set a new password in the account's settings: it signs all other devices out. API keys stay good: revoke there those \
                 that are not yours."
            }
            Notice::PasskeyAdded | Notice::PasskeyRemoved | Notice::IdentityAdded | Notice::NewBrowser => {
                "sign in, and set a new password in the account's settings: it signs all other devices out. Then look at the passkeys and \
                 providers there, and remove what is not yours. If you cannot sign in any more, use your recovery code or a link by mail."
            }
        };
        let text = format!(
            "In your account at {host} {what}.\n\nIf it was you, there is nothing to do.\n\nIf it was not you: open {origin}, {how}\n"
        );
        Self { subject: format!("Your account at {host} has changed"), text }
    }

    /// As it is sent.
    fn to<'a>(&'a self, from: &'a str, address: &'a MailAddress) -> Mail<'a> {
        Mail { from, to: address.as_str(), subject: &self.subject, text: &self.text }
    }
}

/// Sends it. Its text says why it was not taken, without the mail or its address.
pub(super) async fn post(app: &App, mail: &config::Mail, letter: &Letter, address: &MailAddress) -> Result<(), String> {
    let (http, clock) = (Rc::clone(&app.platform.http), &*app.platform.clock);
    let host = MailHost { http, clock, url: &mail.url, token: &mail.token };
    host.send(&letter.to(&mail.from, address), &app.request.to_string()).await.map_err(|error| error.to_string())
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

    #[test]
    fn a_notice_leads_to_the_page_alone_and_carries_nothing_that_lets_somebody_in() {
        let origin = PublicOrigin::parse("https://chat.example").unwrap();
        let all = [
            Notice::PasswordSet,
            Notice::PasskeyAdded,
            Notice::PasskeyRemoved,
            Notice::IdentityAdded,
            Notice::IdentityRemoved,
            Notice::ApiKeyMade,
            Notice::ApiKeyRevoked,
            Notice::AddressChanged,
            Notice::NewBrowser,
            Notice::Deleted,
        ];
        let texts: std::collections::BTreeSet<String> =
            all.into_iter().map(|notice| Letter::of_notice(&origin, notice).text).collect();
        assert_eq!(texts.len(), all.len(), "each says what has happened");
        for text in texts {
            assert_eq!((text.matches("https://chat.example,").count(), text.matches("://").count()), (1, 1), "{text}");
            assert!(!text.contains('#') && text.contains("If it was not you"), "{text}");
        }
    }
}
