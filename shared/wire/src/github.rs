//! GitHub's REST API, as far as it says who somebody is (<https://docs.github.com/en/rest/users>).

use serde::Deserialize;

/// The version of the API that is asked.
pub const API_VERSION: &str = "2022-11-28";

/// Reads the number of `GET /user`, which stays when the name changes; `None`: it is no user.
#[must_use]
pub fn user_id(body: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct User {
        id: u64,
    }
    serde_json::from_slice(body).ok().map(|User { id }| id)
}

/// Reads the main address of `GET /user/emails`; `None`: nobody has made sure of it, or there is none.
#[must_use]
pub fn verified_email(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Email {
        email: String,
        primary: bool,
        verified: bool,
    }
    let emails: Vec<Email> = serde_json::from_slice(body).ok()?;
    emails.into_iter().find(|one| one.primary && one.verified).map(|one| one.email)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_a_number() {
        assert_eq!(user_id(br#"{"login":"octocat","id":583231,"email":null}"#), Some(583_231));
        for wrong in ["", "{}", r#"{"id":"583231"}"#, r#"{"message":"Bad credentials"}"#] {
            assert_eq!(user_id(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn only_the_main_address_counts_and_only_when_it_is_verified() {
        let emails = |primary, verified| {
            let one =
                format!(r#"{{"email":"a@b.example","primary":{primary},"verified":{verified},"visibility":null}}"#);
            verified_email(format!(r#"[{{"email":"c@d.example","primary":false,"verified":true}},{one}]"#).as_bytes())
        };
        assert_eq!(emails(true, true).as_deref(), Some("a@b.example"));
        assert_eq!((emails(true, false), emails(false, true)), (None, None));
        assert_eq!(verified_email(br#"{"message":"Not Found"}"#), None);
    }
}
