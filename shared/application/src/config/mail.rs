//! Variables of mail.

use super::reader::VariableReader;

/// `MAIL_API_URL`, and what belongs to it.
#[derive(Clone, Debug)]
pub struct Mail {
    /// `MAIL_API_URL`: where a mail is posted to.
    pub url: String,
    /// `MAIL_API_TOKEN`: empty where a function has no use for it.
    pub token: String,
    /// `MAIL_FROM`: an address, or a name with the address in angle brackets.
    pub from: String,
}

impl Mail {
    /// `None`: there is no mail. It is for accounts, and its links lead to the page.
    pub(super) fn read(reader: &VariableReader, has_accounts: bool, has_origin: bool) -> Option<Self> {
        let url = reader.http_url("MAIL_API_URL");
        let token = reader.header_value("MAIL_API_TOKEN");
        let from = reader.text("MAIL_FROM");
        if url.is_empty() || !has_accounts {
            return None;
        }
        let needs = |variable: &'static str| {
            reader.complain::<()>(variable, "must be set while MAIL_API_URL is".to_owned());
        };
        if token.is_empty() && !reader.is_withheld("MAIL_API_TOKEN") {
            needs("MAIL_API_TOKEN");
        }
        if !has_origin {
            needs("PUBLIC_ORIGIN");
        }
        let is_sender = from.contains('@') && !from.contains(char::is_control);
        if !is_sender {
            let rule =
                "must be an address, such as chat@example.org or Chat <chat@example.org>, while MAIL_API_URL is set";
            reader.complain::<()>("MAIL_FROM", rule.to_owned());
        }
        Some(Self { url, token, from })
    }
}
