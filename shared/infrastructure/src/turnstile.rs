//! Whether a token of Cloudflare's Turnstile proves a visitor.

use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use domain::RequestId;
use http::{Method, Request, header};
use platform::{HttpClient, HttpError};
use wire::turnstile::{self, LONGEST_TOKEN, Verdict};

use crate::kept_connection::send_or_again;

/// How long a visitor waits for it.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Why a token could not be checked. The texts are for the log and contain no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TurnstileError {
    /// It gave no answer, or not in time.
    #[error("turnstile unreachable: {0}")]
    Unreachable(#[from] HttpError),
    /// Its answer says nothing about the token.
    #[error("turnstile answered {0} without a verdict")]
    Unclear(u16),
    /// It does not know the secret.
    #[error("TURNSTILE_SECRET is not one of Turnstile's")]
    WrongSecret,
}

/// The site's part of Turnstile.
pub struct Turnstile<'a> {
    /// The way there.
    pub http: Rc<dyn HttpClient>,
    /// Where tokens are redeemed.
    pub url: &'a str,
    /// What proves the site to it.
    pub secret: &'a str,
}

impl Turnstile<'_> {
    /// Redeems a token, which can be done once, or again by the same `request`.
    ///
    /// # Errors
    /// [`TurnstileError`]: whether it proves anybody is unknown.
    pub async fn redeem(
        &self,
        token: &str,
        address: Option<IpAddr>,
        request: RequestId,
    ) -> Result<bool, TurnstileError> {
        if token.is_empty() || token.len() > LONGEST_TOKEN {
            return Ok(false);
        }
        let body = Bytes::from(turnstile::request_body(self.secret, token, address, &request.to_string()));
        let send = async || {
            let request = Request::builder()
                .method(Method::POST)
                .uri(self.url)
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.clone())
                .map_err(|error| HttpError::BadRequest(error.to_string()))?;
            self.http.send(request, TIMEOUT).await
        };
        let answer = send_or_again(send).await?;
        match turnstile::parse_response(answer.body()) {
            Verdict::Passed => Ok(true),
            Verdict::Refused => Ok(false),
            Verdict::WrongSecret => Err(TurnstileError::WrongSecret),
            Verdict::Unclear => Err(TurnstileError::Unclear(answer.status().as_u16())),
        }
    }
}
