//! HTTP in front of the components.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::handler::ProxyHandler;

use crate::instance::Template;
use crate::routes::Routes;

/// Time for the tasks of instances when the server ends: they save what their readers were given.
const TASKS_END_WITHIN: Duration = Duration::from_secs(5);

/// Everything that answers.
pub struct Application {
    /// Which component is asked.
    pub routes: Routes,
    /// The components, by id.
    pub components: BTreeMap<String, ProxyHandler<Template>>,
}

/// Serves until `stop`; then connections are cut, as if every client had left, and tasks may end.
pub async fn serve(
    application: Application,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
    mut alive: watch::Receiver<usize>,
) -> Result<()> {
    let application = Arc::new(application);
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => {
                let (stream, client) = accepted?;
                stream.set_nodelay(true)?;
                connections.spawn(serve_connection(Arc::clone(&application), stream, client));
            }
        }
    }
    connections.shutdown().await;
    if tokio::time::timeout(TASKS_END_WITHIN, alive.wait_for(|count| *count == 0)).await.is_err() {
        eprintln!("{} instances were still at work", *alive.borrow());
    }
    Ok(())
}

/// A connection that breaks is its client's affair: hyper drops the answer's body, which the component sees.
async fn serve_connection(application: Arc<Application>, stream: TcpStream, client: SocketAddr) {
    let service = service_fn(|request| {
        let application = Arc::clone(&application);
        async move { Ok::<_, Infallible>(application.answer(request, client).await) }
    });
    let _ = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
}

impl Application {
    async fn answer(&self, mut request: Request<Incoming>, client: SocketAddr) -> Response<WasiBody> {
        let path = request.uri().path().to_owned();
        let Some(matched) = self.routes.find(&path) else { return empty(StatusCode::NOT_FOUND) };
        let Some(component) = self.components.get(&matched.route.component) else {
            return empty(StatusCode::NOT_FOUND);
        };
        if let Err(error) = matched.prepare(&mut request, client) {
            eprintln!("component {}: {error:#}", matched.route.component);
            return empty(StatusCode::INTERNAL_SERVER_ERROR);
        }
        let request = request.map(|body| body.map_err(Into::into).boxed_unsync());
        component.handle((), request).await.unwrap_or_else(|error| {
            eprintln!("component {}: {error:?}", matched.route.component);
            empty(StatusCode::INTERNAL_SERVER_ERROR)
        })
    }
}

fn empty(status: StatusCode) -> Response<WasiBody> {
    let mut response = Response::new(Empty::new().map_err(|never: Infallible| match never {}).boxed_unsync());
    *response.status_mut() = status;
    response
}
