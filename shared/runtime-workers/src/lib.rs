//! Cloudflare Workers as a platform: the core's traits on fetch, streams and timers of the Workers runtime.
//!
//! Compiles for wasm32-unknown-unknown only. No decision about a chat is made here.

mod bodies;
mod call;
mod clock;
mod gate;
mod head;
mod http;
mod js;
mod log;
mod missing;
mod random;
mod request;
mod response;
mod signatures;
mod tape;
mod tasks;
mod timers;
mod upstream;
mod variables;

use std::cell::OnceCell;
use std::rc::Rc;
use std::task::{self, Poll, Waker};

use api::{ConfigState, Endpoint, Service};
use futures::FutureExt;
use futures::future::{Either, select};
use js_sys::Promise;
use platform::Platform;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::future_to_promise;
use worker::{Context, Env};

use crate::tape::Left;

thread_local! {
    /// Routes of a Worker change with a deployment only, which starts new isolates.
    static SERVICE: OnceCell<Rc<Service>> = const { OnceCell::new() };

    /// Its variables, too.
    static LOADED: OnceCell<ConfigState> = const { OnceCell::new() };
}

/// Serves one request from `tables`: with a response, or with the promise of one. What is answered without waiting, such as `/health`, is
/// spared the promise and the microtask.
pub fn serve(
    tables: &'static [&'static [Endpoint]],
    request: web_sys::Request,
    env: Env,
    context: worker::worker_sys::Context,
) -> JsValue {
    let mut answering = Box::pin(async move {
        let answer = answer(tables, request, env, Context::new(context)).await;
        answer.or_else(|error| failed(&error)).map(JsValue::from)
    });
    match answering.as_mut().poll(&mut task::Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(response)) => response,
        // Polled again there, by somebody who can be woken. The runtime answers for a rejected promise, too.
        Poll::Ready(Err(error)) => Promise::reject(&error).into(),
        Poll::Pending => future_to_promise(answering).into(),
    }
}

/// Runs maintenance, as a cron trigger asks for it (wrangler.toml, `[triggers]`).
pub fn maintain(env: Env, context: worker::worker_sys::Context) -> Promise {
    future_to_promise(async move {
        // Nobody waits who could leave.
        let platform = platform(&Rc::new(env), Context::new(context), std::future::pending().boxed_local().shared());
        let loaded = loaded(&platform).await;
        api::maintain(platform, &loaded).await;
        Ok(JsValue::UNDEFINED)
    })
}

fn platform(env: &Rc<Env>, context: Context, left: Left) -> Platform {
    let timers = timers::Timers::default();
    Platform {
        http: Rc::new(http::ReqwestClient::new(timers.clone())),
        sql: Rc::new(http::FetchClient::new(timers.clone())),
        upstream: Rc::new(upstream::FetchUpstream::new(left.clone(), timers.clone())),
        bodies: Rc::new(bodies::StreamBodies::new(left)),
        clock: Rc::new(clock::JsClock::new(timers)),
        random: Rc::new(random::JsRandom),
        signatures: Rc::new(signatures::WebCrypto),
        tasks: Rc::new(tasks::WaitUntil::new(context)),
        variables: Rc::new(variables::EnvVariables::new(Rc::clone(env))),
        log: Rc::new(log::ConsoleLog),
        has_sockets: true,
    }
}

async fn loaded(platform: &Platform) -> ConfigState {
    if let Some(loaded) = LOADED.with(|loaded| loaded.get().cloned()) {
        return loaded;
    }
    let fresh = ConfigState::load(platform).boxed_local().await;
    LOADED.with(|loaded| loaded.get_or_init(|| fresh).clone())
}

/// The answer of last resort: nothing of the error but in the log.
fn failed(error: &worker::Error) -> Result<web_sys::Response, JsValue> {
    worker::console_error!("{error}");
    let init = web_sys::ResponseInit::new();
    init.set_status(500);
    web_sys::Response::new_with_opt_str_and_init(Some("INTERNAL SERVER ERROR"), &init)
}

/// When the client leaves, the handler is dropped (what it started as a task runs on) and tapes are told. workerd 1.20261117
/// says so only once the response has begun; a client who leaves before it is noticed at its first byte.
async fn answer(
    tables: &'static [&'static [Endpoint]],
    request: web_sys::Request,
    env: Env,
    context: Context,
) -> worker::Result<web_sys::Response> {
    let left = request::left(JsValue::clone(&request).unchecked_into()).shared();
    let incoming = request::incoming(request)?;
    if let Some(page) = missing::answer(&incoming.parts, &env).await? {
        return Ok(page);
    }
    let service = SERVICE.with(|service| Rc::clone(service.get_or_init(|| Rc::new(Service::new(tables)))));
    // A clone of the handle itself would be a call of the runtime.
    let env = Rc::new(env);
    let platform = platform(&env, context, left.clone());
    let loaded = loaded(&platform).await;
    let gate = async |asked: &api::Asked<'_>| gate::refuses(asked, &env).boxed_local().await;
    let serving = std::pin::pin!(service.serve(platform, &loaded, incoming, gate));
    match select(serving, left).await {
        Either::Left((answer, _)) => Ok(response::outgoing(answer)?),
        Either::Right(((), _)) => Err(worker::Error::RustError("the client left before the response".to_owned())),
    }
}
