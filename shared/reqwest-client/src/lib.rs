//! What reqwest does alike on a machine of its own, where it calls both stores, and on Workers, where it calls Redis.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use platform::HttpError;
use reqwest::Url;

/// Sends `request` and collects the answer. How long that may take is its caller's. A redirect is an answer, and is not followed: where the client cannot be
/// told so, as on fetch, what another address has answered is not given.
///
/// # Errors
/// [`HttpError`]: the request is none, or there was no whole answer.
pub async fn exchange(client: &reqwest::Client, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let request = reqwest::Request::try_from(request).map_err(|error| HttpError::BadRequest(words(error)))?;
    let lost = |error| HttpError::Connection(words(error));
    let asked = request.url().clone();
    let mut answer = client.execute(request).await.map_err(lost)?;
    if place(answer.url()) != place(&asked) {
        let mut redirect = Response::new(Bytes::new());
        *redirect.status_mut() = StatusCode::FOUND;
        return Ok(redirect);
    }
    let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
    let mut response = Response::new(answer.bytes().await.map_err(lost)?);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

/// An address as an answer tells it: without who asks.
fn place(url: &Url) -> (&str, Option<&str>, Option<u16>, &str, Option<&str>) {
    (url.scheme(), url.host_str(), url.port(), url.path(), url.query())
}

/// reqwest's words without the address: a connection string can be part of it.
#[must_use]
pub fn words(error: reqwest::Error) -> String {
    error.without_url().to_string()
}
