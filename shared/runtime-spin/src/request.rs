//! From the host's request to the core's.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::future::select;
use http::HeaderMap;
use http_body_util::BodyExt;
use platform::{HttpError, IncomingBody};
use spin_sdk::http::Request;
use spin_sdk::wasip3::http_compat::IncomingRequestBody;

use crate::clock;
use crate::tasks::Spawner;

/// Where Spin tells the client's address.
const CLIENT_ADDRESS: &str = "spin-client-addr";

/// What is still read of a body that is not wanted, and for how long. A server that closes while its client is sending takes its
/// own answer away from them: they would see a broken connection instead of "too large".
const DISCARDED: usize = 16 * 1024 * 1024;
const DISCARDING: Duration = Duration::from_secs(5);

/// Converts head and client address; the body stays where it is.
pub(crate) fn incoming(request: Request, spawner: Spawner) -> api::Incoming {
    let (parts, body) = request.into_parts();
    let client = client(&parts.headers);
    api::Incoming { parts, body: Box::new(RequestBody { body: Some(body), spawner }), client }
}

/// The client's address as Spin saw it.
///
/// A client can send this header too. Spin 4.1 leaves theirs and adds its own after it (`trigger-http`, `headers.rs`), so only
/// the last one counts.
fn client(headers: &HeaderMap) -> Option<IpAddr> {
    let value = headers.get_all(CLIENT_ADDRESS).iter().next_back()?.to_str().ok()?;
    value.parse::<SocketAddr>().map(|address| address.ip()).or_else(|_| value.parse()).ok()
}

struct RequestBody {
    /// Until it has been read to its end.
    body: Option<IncomingRequestBody>,
    spawner: Spawner,
}

#[async_trait(?Send)]
impl IncomingBody for RequestBody {
    async fn collect(mut self: Box<Self>, limit: usize) -> Result<Bytes, HttpError> {
        let mut all = BytesMut::new();
        while let Some(chunk) = self.next().await? {
            if all.len() + chunk.len() > limit {
                return Err(HttpError::TooLarge(limit));
            }
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }
}

impl RequestBody {
    async fn next(&mut self) -> Result<Option<Bytes>, HttpError> {
        let frame = match &mut self.body {
            Some(body) => body.frame().await,
            None => None,
        };
        match frame {
            Some(Ok(frame)) => Ok(Some(frame.into_data().unwrap_or_default())),
            Some(Err(error)) => {
                self.body = None;
                Err(HttpError::Connection(error.to_string()))
            }
            None => {
                self.body = None;
                Ok(None)
            }
        }
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        let Some(mut body) = self.body.take() else { return };
        self.spawner.spawn(async move {
            let reading = async {
                let mut discarded = 0;
                while let Some(Ok(frame)) = body.frame().await
                    && discarded < DISCARDED
                {
                    discarded += frame.data_ref().map_or(0, Bytes::len);
                }
            };
            select(std::pin::pin!(reading), std::pin::pin!(clock::sleep(DISCARDING))).await;
        });
    }
}
