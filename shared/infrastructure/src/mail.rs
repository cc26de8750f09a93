//! A host that sends mail.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, header};
use platform::{Clock, HttpClient, HttpError};
use wire::mail::{self, Mail};

/// How long the host may take: nobody waits for it.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How long after a failure a mail is sent once more.
const PAUSE: Duration = Duration::from_secs(2);

/// Why a mail was not sent. The texts are for the log and contain neither the mail nor its address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The host gave no answer, or not in time.
    #[error("the mail's host is unreachable: {0}")]
    Unreachable(#[from] HttpError),
    /// The host does not take it.
    #[error("the mail's host answered {0}")]
    Refused(u16),
}

/// The way to the host.
pub struct MailHost<'a> {
    /// The way there.
    pub http: Rc<dyn HttpClient>,
    /// For the pause before a second try.
    pub clock: &'a dyn Clock,
    /// Where mails are posted to.
    pub url: &'a str,
    /// What proves us to it.
    pub token: &'a str,
}

impl MailHost<'_> {
    /// Sends a mail, and once more where that may help. `key` tells a host that knows `Idempotency-Key` that it is the same one.
    ///
    /// # Errors
    /// [`MailError`]: it was not taken, as far as is known.
    pub async fn send(&self, mail: &Mail<'_>, key: &str) -> Result<(), MailError> {
        let body = Bytes::from(mail::request_body(mail));
        match self.post(body.clone(), key).await {
            Err(MailError::Unreachable(HttpError::BadRequest(cause))) => Err(HttpError::BadRequest(cause).into()),
            Err(MailError::Refused(status)) if !mail::passes_by_itself(status) => Err(MailError::Refused(status)),
            Err(_) => {
                self.clock.sleep(PAUSE).await;
                self.post(body, key).await
            }
            Ok(()) => Ok(()),
        }
    }

    async fn post(&self, body: Bytes, key: &str) -> Result<(), MailError> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(self.url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header("idempotency-key", key)
            .body(body)
            .map_err(|error| HttpError::BadRequest(error.to_string()))?;
        let status = self.http.send(request, TIMEOUT).await?.status();
        if status.is_success() { Ok(()) } else { Err(MailError::Refused(status.as_u16())) }
    }
}

#[cfg(test)]
mod tests {
    use futures::future::LocalBoxFuture;
    use jiff::Timestamp;

    use super::*;
    use crate::fixtures::{Server, now};

    struct AtOnce;

    impl Clock for AtOnce {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }

        fn sleep(&self, _: Duration) -> LocalBoxFuture<'static, ()> {
            Box::pin(std::future::ready(()))
        }
    }

    #[test]
    fn a_mail_is_sent_once_more_where_that_may_help() {
        let lost = || Err(HttpError::Connection("reset".to_owned()));
        let answer = |status| Ok((status, String::new()));
        for (outcomes, calls, expected) in [
            ([answer(200), answer(200)], 1, Ok(())),
            ([lost(), answer(202)], 2, Ok(())),
            ([answer(503), answer(200)], 2, Ok(())),
            ([answer(429), answer(503)], 2, Err(MailError::Refused(503))),
            ([answer(422), answer(200)], 1, Err(MailError::Refused(422))),
            ([answer(301), answer(200)], 1, Err(MailError::Refused(301))),
        ] {
            let told = format!("{outcomes:?}");
            let server = Server::with(outcomes);
            let host = MailHost { http: server.clone(), clock: &AtOnce, url: "https://mail.example/", token: "t" };
            let mail = Mail { from: "c@example.org", to: "jo@example.org", subject: "s", text: "t" };
            assert_eq!((now(host.send(&mail, "key")), 2 - server.left()), (expected, calls), "{told}");
        }
    }
}
