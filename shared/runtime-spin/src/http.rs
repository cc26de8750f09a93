//! The stores' client: `wasi:http`, which lets a component reach the hosts of its `allowed_outbound_hosts` only.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::{Either, select};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use platform::{HttpClient, HttpError};
use spin_sdk::wasip3::http::client;
use spin_sdk::wasip3::http::types::{ErrorCode, Fields, HeaderError, Method, Request, Scheme};

use crate::body::{self, Incoming};
use crate::clock;

/// Whole requests, whole answers.
pub(crate) struct WasiClient;

#[async_trait(?Send)]
impl HttpClient for WasiClient {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        deadline: Duration,
    ) -> Result<http::Response<Bytes>, HttpError> {
        let exchange = async {
            let (head, body) = open(request).await?.into_parts();
            Ok(http::Response::from_parts(head, body.collect(usize::MAX).await?))
        };
        within(deadline, exchange).await
    }
}

/// Runs `work` for at most `limit`; dropping it cancels what the host does for it.
pub(crate) async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, HttpError>>,
) -> Result<T, HttpError> {
    match select(std::pin::pin!(work), std::pin::pin!(clock::sleep(limit))).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(((), _)) => Err(HttpError::Timeout(limit)),
    }
}

/// Sends `request` and waits for the head of its answer. The host follows no redirects.
pub(crate) async fn open(request: http::Request<Bytes>) -> Result<http::Response<Incoming>, HttpError> {
    let (mut head, body) = request.into_parts();
    // With its length known it need not be sent in chunks.
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let headers = fields(&head.headers).map_err(|error| HttpError::BadRequest(error.to_string()))?;
    let (mut writer, contents) = body::outgoing();
    // When it was sent is of no interest: an answer says as much.
    let (outgoing, _sent) = Request::new(headers, Some(contents.stream), contents.ending, None);
    let invalid = |()| HttpError::BadRequest("not a request of wasi:http".to_owned());
    outgoing.set_method(&Method::from(&head.method)).map_err(invalid)?;
    outgoing.set_scheme(head.uri.scheme().map(Scheme::from).as_ref()).map_err(invalid)?;
    outgoing.set_authority(head.uri.authority().map(http::uri::Authority::as_str)).map_err(invalid)?;
    outgoing.set_path_with_query(head.uri.path_and_query().map(http::uri::PathAndQuery::as_str)).map_err(invalid)?;

    let writing = async {
        // An answer that comes before the request is read to its end is an answer all the same.
        if writer.write(body.to_vec()).await.is_ok() {
            writer.end().await;
        }
    };
    // The body is begun first, so that the host finds it beside the head and sends both as one segment: Spin sets no TCP_NODELAY,
    // and on a kept connection a body that comes after its head waits for the store's delayed acknowledgement, some 40 ms.
    let answer = match select(std::pin::pin!(writing), std::pin::pin!(client::send(outgoing))).await {
        Either::Left(((), sending)) => sending.await,
        Either::Right((answer, _)) => answer,
    };
    let answer = answer.map_err(unanswered)?;
    let status = StatusCode::from_u16(answer.get_status_code())
        .map_err(|_| HttpError::Connection("not a status of HTTP".to_owned()))?;
    let mut response = http::Response::new(());
    *response.status_mut() = status;
    *response.headers_mut() = headers_of(answer.get_headers().copy_all());
    Ok(response.map(|()| Incoming::new(answer)))
}

/// Headers for the host.
pub(crate) fn fields(headers: &HeaderMap) -> Result<Fields, HeaderError> {
    let entries: Vec<(String, Vec<u8>)> =
        headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect();
    Fields::from_list(&entries)
}

/// Headers from the host; what the `http` crate would not have is left out.
fn headers_of(entries: Vec<(String, Vec<u8>)>) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(entries.len());
    for (name, value) in entries {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    headers
}

/// Why there is no answer, in the core's classes.
fn unanswered(error: ErrorCode) -> HttpError {
    match error {
        ErrorCode::HttpRequestDenied => {
            HttpError::BadRequest("its host is not among this component's allowed_outbound_hosts".to_owned())
        }
        ErrorCode::HttpRequestUriInvalid => HttpError::BadRequest("its address is not a URL".to_owned()),
        error @ (ErrorCode::DnsTimeout
        | ErrorCode::DnsError(_)
        | ErrorCode::DestinationNotFound
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpProhibited
        | ErrorCode::DestinationIpUnroutable
        | ErrorCode::ConnectionRefused
        | ErrorCode::ConnectionTerminated
        | ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::ConnectionLimitReached
        | ErrorCode::TlsProtocolError
        | ErrorCode::TlsCertificateError
        | ErrorCode::TlsAlertReceived(_)
        | ErrorCode::HttpRequestLengthRequired
        | ErrorCode::HttpRequestBodySize(_)
        | ErrorCode::HttpRequestMethodInvalid
        | ErrorCode::HttpRequestUriTooLong
        | ErrorCode::HttpRequestHeaderSectionSize(_)
        | ErrorCode::HttpRequestHeaderSize(_)
        | ErrorCode::HttpRequestTrailerSectionSize(_)
        | ErrorCode::HttpRequestTrailerSize(_)
        | ErrorCode::HttpResponseIncomplete
        | ErrorCode::HttpResponseHeaderSectionSize(_)
        | ErrorCode::HttpResponseHeaderSize(_)
        | ErrorCode::HttpResponseBodySize(_)
        | ErrorCode::HttpResponseTrailerSectionSize(_)
        | ErrorCode::HttpResponseTrailerSize(_)
        | ErrorCode::HttpResponseTransferCoding(_)
        | ErrorCode::HttpResponseContentCoding(_)
        | ErrorCode::HttpResponseTimeout
        | ErrorCode::HttpUpgradeFailed
        | ErrorCode::HttpProtocolError
        | ErrorCode::LoopDetected
        | ErrorCode::ConfigurationError
        | ErrorCode::InternalError(_)) => HttpError::Connection(error.to_string()),
    }
}
