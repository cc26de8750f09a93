//! The HTTP server: takes connections, finds the face, runs each call into its faults, and writes the call log.

use crate::Stack;
use crate::body::{AnswerBody, Content, Cut, CutAfter};
use crate::control;
use crate::face::Face;
use crate::faults::Effect;
use crate::redis::CommandCount;
use crate::turnstile;
use bytes::{Bytes, BytesMut};
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A body is read up to this many times its limit, only to be thrown away.
const DRAINED: usize = 10;

/// Pause before the next connection is taken after one could not be.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// How long a stop waits for open connections.
const CLOSED_WITHIN: Duration = Duration::from_millis(500);

/// An answer before it is counted and cut.
pub type Answer = Response<Content>;

/// A request with its body read.
pub struct Call<'a> {
    /// Method, path, headers.
    pub head: &'a http::request::Parts,
    /// The body; `None` when it was larger than the face allows.
    pub body: Option<Bytes>,
}

/// A JSON answer.
pub fn json(status: StatusCode, body: impl Into<Content>) -> Answer {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    answer
}

/// Serves until `stop` turns true, then gives open calls a moment to end.
pub async fn serve(stack: Arc<Stack>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let mut tasks = tokio::task::JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
            Some(_) = tasks.join_next() => continue,
        };
        match accepted {
            Ok((socket, _)) => {
                tasks.spawn(connection(stack.clone(), socket, stop.clone()));
            }
            Err(error) => {
                // Out of file descriptors, most likely: taking a breath is all that helps.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_AGAIN_AFTER).await;
            }
        }
    }
    drop(listener);
    let rest = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(CLOSED_WITHIN, rest).await.is_err() {
        tracing::info!("closing connections that are still busy");
    }
}

async fn connection(stack: Arc<Stack>, socket: TcpStream, mut stop: watch::Receiver<bool>) {
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    stack.connections.fetch_add(1, Ordering::Relaxed);
    let shared = stack.clone();
    let service = service_fn(move |request| answer(shared.clone(), request));
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), service);
    let mut connection = std::pin::pin!(connection);
    let stopped = async {
        // The guard inside the answer must not live on.
        let _ = stop.wait_for(|stop| *stop).await.map(|_| ());
    };
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = stopped => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
    stack.connections.fetch_sub(1, Ordering::Relaxed);
}

/// One request. `Err` closes the connection without an answer. Dropped by hyper when the client leaves, and with it everything the
/// call holds.
async fn answer(stack: Arc<Stack>, request: Request<Incoming>) -> Result<Response<AnswerBody>, Cut> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let Some(face) = Face::at(&path) else {
        let uncounted = crate::calls::Calls::new(false).begin(Face::Sql, &path, b"");
        let content = if stack.control_enabled && path.starts_with("/control/") {
            let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
            control::answer(&stack, &head, &body).await
        } else {
            json(StatusCode::NOT_FOUND, r#"{"error":"nothing here"}"#)
        };
        return Ok(finish(content, uncounted, CutAfter::default()));
    };
    let body = read(body, stack.body_limit(face)).await?;
    let shown = head.uri.path_and_query().map_or(path.as_str(), |both| both.as_str());
    let mut log = stack.calls.begin(face, shown, body.as_deref().unwrap_or_default());
    let call = Call { head: &head, body };
    if head.method == Method::OPTIONS {
        let answer = run(&stack, face, call).await;
        return Ok(finish(answer, log, CutAfter::default()));
    }
    let verdict = stack.faults.judge(face, &path, call.body.as_deref().unwrap_or_default());
    if verdict.latency_ms > 0 {
        tokio::time::sleep(Duration::from_millis(verdict.latency_ms)).await;
    }
    match verdict.effect {
        Effect::None => {
            let answer = run(&stack, face, call).await;
            Ok(finish(answer, log, CutAfter::default()))
        }
        Effect::Cut(cut) => {
            let answer = run(&stack, face, call).await;
            Ok(finish(answer, log, cut))
        }
        Effect::LostReply => {
            note_commands(&run(&stack, face, call).await, &log);
            log.end("fault:lost_reply");
            Err(Cut)
        }
        Effect::Refuse => {
            log.end("fault:refuse");
            Err(Cut)
        }
        Effect::Hang => std::future::pending().await,
        Effect::Status(status, body, retry_after) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            log.status(status.as_u16());
            log.end("fault:status");
            let mut answer = json(status, body);
            if let Some(seconds) = retry_after {
                answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            Ok(finish(answer, log, CutAfter::default()))
        }
        Effect::Garbage => {
            log.status(200);
            log.end("fault:garbage");
            Ok(finish(json(StatusCode::OK, "<<< this is not what you asked for"), log, CutAfter::default()))
        }
    }
}

/// The whole body, or `None` when it is longer than `limit`. What is too much is read all the same, up to a point: a client that is cut off
/// while it still sends never sees the answer.
async fn read(mut body: Incoming, limit: usize) -> Result<Option<Bytes>, Cut> {
    let mut whole = BytesMut::new();
    let mut length = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Cut)?.into_data() else {
            continue;
        };
        length = length.saturating_add(data.len());
        if length <= limit {
            whole.extend_from_slice(&data);
        } else if length > limit.saturating_mul(DRAINED) {
            break;
        }
    }
    Ok((length <= limit).then(|| whole.freeze()))
}

async fn run(stack: &Stack, face: Face, call: Call<'_>) -> Answer {
    match face {
        Face::Sql => stack.sql.answer(call).await,
        Face::Redis => stack.redis.answer(call).await,
        Face::Model => stack.model.answer(call).await,
        Face::Turnstile => turnstile::answer(&call),
        Face::Mail => stack.mail.answer(&call),
        Face::GitHub => stack.github.answer(&call),
    }
}

/// Writes down how many commands an answer of Redis took.
fn note_commands(answer: &Answer, log: &crate::calls::Call) {
    if let Some(CommandCount(count)) = answer.extensions().get() {
        log.commands(*count);
    }
}

fn finish(answer: Answer, log: crate::calls::Call, cut: CutAfter) -> Response<AnswerBody> {
    note_commands(&answer, &log);
    log.status(answer.status().as_u16());
    let (mut head, content) = answer.into_parts();
    if let Content::Whole(whole) = &content {
        head.headers.insert(header::CONTENT_LENGTH, whole.len().into());
    }
    Response::from_parts(head, AnswerBody::new(content, log, cut))
}
