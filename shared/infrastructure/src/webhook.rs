//! The room in which an operator is told something.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, header};
use platform::HttpClient;
use wire::webhook;

/// How long its host may take: nobody waits for it. What takes longer may have been taken, and be said again.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Why nothing was told. The texts are for the log and do not contain the address, which is a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// No answer, or not in time.
    #[error("the webhook's host is unreachable")]
    Unreachable,
    /// It was not taken.
    #[error("the webhook's host answered {0}")]
    Refused(u16),
}

impl WebhookError {
    /// Whether the same words may be taken a moment later.
    #[must_use]
    pub fn may_pass(self) -> bool {
        match self {
            Self::Unreachable => true,
            Self::Refused(status) => matches!(status, 408 | 429 | 500..),
        }
    }
}

/// Says `text` there, once.
///
/// # Errors
/// [`WebhookError`]: it was not taken, as far as is known.
pub async fn tell(http: &dyn HttpClient, url: &str, text: &str) -> Result<(), WebhookError> {
    let request = Request::builder()
        .method(Method::POST)
        .uri(url)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Bytes::from(webhook::request_body(text)))
        .map_err(|_| WebhookError::Unreachable)?;
    let status = http.send(request, TIMEOUT).await.map_err(|_| WebhookError::Unreachable)?.status();
    if status.is_success() { Ok(()) } else { Err(WebhookError::Refused(status.as_u16())) }
}

#[cfg(test)]
mod tests {
    use platform::HttpError;

    use super::*;
    use crate::fixtures::{Server, now};

    #[test]
    fn it_is_tried_once_and_no_error_names_the_address() {
        let url = "https://hooks.example/T0/secret";
        for (outcome, expected, may_pass) in [
            (Ok((200, "ok".to_owned())), Ok(()), false),
            (Ok((204, String::new())), Ok(()), false),
            (Ok((302, String::new())), Err(WebhookError::Refused(302)), false),
            (Ok((404, "no_service".to_owned())), Err(WebhookError::Refused(404)), false),
            (Ok((429, String::new())), Err(WebhookError::Refused(429)), true),
            (Ok((500, String::new())), Err(WebhookError::Refused(500)), true),
            (Err(HttpError::Connection(url.to_owned())), Err(WebhookError::Unreachable), true),
        ] {
            let server = Server::with([outcome]);
            let told = now(tell(&*server, url, "words"));
            assert_eq!((told, server.left()), (expected, 0));
            assert_eq!(told.err().is_some_and(WebhookError::may_pass), may_pass, "{told:?}");
            assert!(told.err().is_none_or(|error| !error.to_string().contains("secret")));
        }
    }
}
