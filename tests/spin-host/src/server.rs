//! HTTP in front of the components: as bare as Spin's. No TCP_NODELAY, no time limit for a request's head.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::handler::ProxyHandler;

use crate::instance::Template;
use crate::routes::Routes;

/// What the host answers itself, whatever the manifest says.
const WELL_KNOWN: &str = "/.well-known/spin/";

/// Everything that answers.
pub struct Application {
    /// What it says about itself.
    pub info: String,
    /// Which component is asked.
    pub routes: Routes,
    /// The components, by id.
    pub components: BTreeMap<String, ProxyHandler<Template>>,
}

/// Serves until the process ends. Like Spin, it does not survive an `accept` that fails.
pub async fn serve(application: Application, listener: TcpListener) -> Result<()> {
    let application = Arc::new(application);
    loop {
        let (stream, client) = listener.accept().await?;
        tokio::spawn(serve_connection(Arc::clone(&application), stream, client));
    }
}

/// A connection that breaks is its client's affair: hyper drops the answer's body, which the component sees.
async fn serve_connection(application: Arc<Application>, stream: TcpStream, client: SocketAddr) {
    let service = service_fn(|request| {
        let application = Arc::clone(&application);
        async move { application.answer(request, client).await }
    });
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

impl Application {
    /// An error closes the connection without an answer.
    async fn answer(&self, mut request: Request<Incoming>, client: SocketAddr) -> Result<Response<WasiBody>> {
        let path = request.uri().path().to_owned();
        if let Some(name) = path.strip_prefix(WELL_KNOWN) {
            return Ok(self.well_known(name));
        }
        let Some(matched) = self.routes.find(&path) else { return Ok(empty(StatusCode::NOT_FOUND)) };
        let name = &matched.route.component;
        let Some(component) = self.components.get(name) else { return Ok(empty(StatusCode::NOT_FOUND)) };
        matched.address(&mut request)?;
        if let Err(error) = matched.add_headers(&mut request, client) {
            eprintln!("component {name}: {error:#}");
            return Ok(empty(StatusCode::INTERNAL_SERVER_ERROR));
        }
        let request = request.map(|body| body.map_err(Into::into).boxed_unsync());
        Ok(component.handle((), request).await.unwrap_or_else(|error| {
            eprintln!("component {name}: {error:?}");
            empty(StatusCode::INTERNAL_SERVER_ERROR)
        }))
    }

    fn well_known(&self, name: &str) -> Response<WasiBody> {
        match name {
            "health" => Response::new(whole("OK")),
            "info" => {
                let mut response = Response::new(whole(&self.info));
                response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                response
            }
            _ => empty(StatusCode::NOT_FOUND),
        }
    }
}

fn empty(status: StatusCode) -> Response<WasiBody> {
    let mut response = Response::new(whole(""));
    *response.status_mut() = status;
    response
}

fn whole(text: &str) -> WasiBody {
    Full::new(Bytes::copy_from_slice(text.as_bytes())).map_err(|never| match never {}).boxed_unsync()
}
