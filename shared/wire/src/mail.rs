//! Mail as hosts of it take it over HTTP: one POST of JSON with a bearer token (Resend's `POST /emails` and others of the same shape,
//! <https://resend.com/docs/api-reference/emails/send-email>).

use serde::Serialize;

/// A mail of plain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Mail<'a> {
    /// An address, or a name with the address in angle brackets.
    pub from: &'a str,
    /// One address.
    pub to: &'a str,
    /// What it is about.
    pub subject: &'a str,
    /// What it says.
    pub text: &'a str,
}

/// The body that sends it.
#[must_use]
pub fn request_body(mail: &Mail<'_>) -> Vec<u8> {
    // Strings alone: there is nothing that could not be written.
    serde_json::to_vec(mail).unwrap_or_default()
}

/// Whether a host that answers so may take the same mail a moment later.
#[must_use]
pub fn passes_by_itself(status: u16) -> bool {
    status >= 500 || matches!(status, 408 | 425 | 429)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_one_object_of_texts_and_nothing_in_them_is_markup() {
        let mail = Mail { from: "Chat <c@example.org>", to: "jo@example.org", subject: "s", text: "a\n\"b\"" };
        let body = String::from_utf8(request_body(&mail)).unwrap();
        let expected = r#"{"from":"Chat <c@example.org>","to":"jo@example.org","subject":"s","text":"a\n\"b\""}"#;
        assert_eq!(body, expected);
    }

    #[test]
    fn what_is_refused_for_good_is_not_sent_again() {
        for (status, passes) in
            [(400, false), (401, false), (403, false), (422, false), (429, true), (408, true), (500, true), (503, true)]
        {
            assert_eq!(passes_by_itself(status), passes, "{status}");
        }
    }
}
