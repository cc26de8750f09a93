//! What reqwest does alike for the stores' client on a machine of its own and on Workers.

use bytes::Bytes;
use http::{Request, Response};
use platform::HttpError;

/// Sends `request` and collects the answer. How long that may take is its caller's.
///
/// # Errors
/// [`HttpError`]: the request is none, or there was no whole answer.
pub async fn exchange(client: &reqwest::Client, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let request = reqwest::Request::try_from(request).map_err(|error| HttpError::BadRequest(words(error)))?;
    let lost = |error| HttpError::Connection(words(error));
    let mut answer = client.execute(request).await.map_err(lost)?;
    let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
    let mut response = Response::new(answer.bytes().await.map_err(lost)?);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

/// reqwest's words without the address: a connection string can be part of it.
#[must_use]
pub fn words(error: reqwest::Error) -> String {
    error.without_url().to_string()
}
