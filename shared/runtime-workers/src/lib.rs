//! Cloudflare Workers as a platform: the core's traits on fetch, streams and timers of the Workers runtime.
//!
//! Compiles for wasm32-unknown-unknown only. No decision about a chat is made here.

mod bodies;
mod clock;
mod gate;
mod http;
mod js;
mod log;
mod missing;
mod random;
mod request;
mod response;
mod tape;
mod tasks;
mod upstream;
mod variables;

use std::cell::OnceCell;
use std::rc::Rc;

use api::{ConfigState, Endpoint, Service};
use futures::FutureExt;
use futures::future::{Either, select};
use platform::Platform;
use worker::{Context, Env};

thread_local! {
    /// Variables and routes of a Worker change with a deployment only, which starts new isolates.
    static KEPT: OnceCell<(ConfigState, Rc<Service>)> = const { OnceCell::new() };
}

/// Serves one request from `tables`.
///
/// When the client leaves, the handler is dropped (what it started as a task runs on) and tapes are told. workerd 1.20261117
/// says so only once the response has begun; a client who leaves before it is noticed at its first byte.
///
/// # Errors
/// Only if the runtime refuses to build a response.
pub async fn serve(
    tables: &[&'static [Endpoint]],
    request: web_sys::Request,
    env: Env,
    context: Context,
) -> worker::Result<web_sys::Response> {
    let left = request::left(&request).shared();
    let mut incoming = request::incoming(request)?;
    if let Some(page) = missing::answer(&incoming.parts, &env).await? {
        return Ok(page);
    }
    incoming.comes_too_often = gate::refuses(&incoming.parts, incoming.client, &env).await;
    let platform = Platform {
        http: Rc::new(http::ReqwestClient::new()),
        upstream: Rc::new(upstream::FetchUpstream::new(left.clone())),
        bodies: Rc::new(bodies::StreamBodies::new(left.clone())),
        clock: Rc::new(clock::JsClock),
        random: Rc::new(random::JsRandom),
        tasks: Rc::new(tasks::WaitUntil::new(context)),
        variables: Rc::new(variables::EnvVariables::new(env)),
        log: Rc::new(log::ConsoleLog),
    };
    let (loaded, service) = match KEPT.with(|kept| kept.get().cloned()) {
        Some(kept) => kept,
        None => {
            let fresh = (ConfigState::load(&platform).await, Rc::new(Service::new(tables)));
            KEPT.with(|kept| kept.get_or_init(|| fresh).clone())
        }
    };
    let serving = std::pin::pin!(service.serve(platform, &loaded, incoming));
    match select(serving, left).await {
        Either::Left((answer, _)) => Ok(response::outgoing(answer)?),
        Either::Right(((), _)) => Err(worker::Error::RustError("the client left before the response".to_owned())),
    }
}
