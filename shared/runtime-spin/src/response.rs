//! From the core's answer to the host's.

use api::Body;
use bytes::Bytes;
use futures::FutureExt;
use http::{HeaderValue, Method, StatusCode, header};
use spin_sdk::wasip3::http::types::{ErrorCode, Response};
use spin_sdk::wasip3::wit_bindgen::{self, FutureReader, StreamReader};

use crate::body::{self, Contents, Ending};
use crate::http::fields;
use crate::tape::Reader;
use crate::tasks::Spawner;

/// Builds the host's response; a stream is handed over as it is.
pub(crate) fn outgoing(
    method: &Method,
    answer: http::Response<Body>,
    spawner: &Spawner,
) -> Result<Response, ErrorCode> {
    let (head, body) = answer.into_parts();
    match body {
        Body::Whole(bytes) => whole(method, http::Response::from_parts(head, bytes)),
        Body::Stream(reader) => match reader.0.downcast::<Reader>() {
            Ok(reader) => {
                let Contents { stream, ending } = reader.contents(spawner);
                build(&head, Some(stream), ending)
            }
            Err(_) => Err(internal("a stream of another runtime")),
        },
    }
}

/// Builds the host's response of an answer that is there as a whole.
pub(crate) fn whole(method: &Method, answer: http::Response<Bytes>) -> Result<Response, ErrorCode> {
    let (mut head, bytes) = answer.into_parts();
    // An answer to HEAD says how long the body would be; one without any news has none at all.
    let is_head = method == Method::HEAD;
    let is_bodiless = is_head || [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&head.status);
    if !is_bodiless || (is_head && !bytes.is_empty()) {
        head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    }
    let (mut writer, contents) = body::outgoing();
    if is_bodiless || bytes.is_empty() {
        wit_bindgen::spawn(writer.end());
        return build(&head, None, contents.ending);
    }
    let mut writing = Box::pin(async move {
        if writer.write(bytes.to_vec()).await.is_ok() {
            writer.end().await;
        }
    });
    // Begun before the host has the head, so that it sends both as one segment: Spin sets no TCP_NODELAY, and a body that comes
    // after its head waits for the client's delayed acknowledgement, some 40 ms.
    if writing.as_mut().now_or_never().is_none() {
        wit_bindgen::spawn(writing);
    }
    build(&head, Some(contents.stream), contents.ending)
}

fn build(
    head: &http::response::Parts,
    contents: Option<StreamReader<u8>>,
    ending: FutureReader<Ending>,
) -> Result<Response, ErrorCode> {
    let headers = fields(&head.headers).map_err(|error| internal(&error.to_string()))?;
    // How the transmission ended is seen by the body's writer.
    let (response, _sent) = Response::new(headers, contents, ending);
    response.set_status_code(head.status.as_u16()).map_err(|()| internal("not a status of HTTP"))?;
    Ok(response)
}

fn internal(cause: &str) -> ErrorCode {
    ErrorCode::InternalError(Some(cause.to_owned()))
}
