//! Spin as a platform: the core's traits on WASI 0.3 and Spin's variables.
//!
//! Compiles for wasm32-wasip2 only. No decision about a chat is made here.

mod bodies;
mod body;
mod clock;
mod hosts;
mod http;
mod log;
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
use bytes::Bytes;
use platform::{NoSignatures, Platform, Signatures};
use spin_sdk::http::Request;
use spin_sdk::wasip3::http::types::{ErrorCode, Response};
use wire::spin_hosts::HOST_VARIABLES;

thread_local! {
    /// A host may give an instance further requests, also side by side; variables and routes are read once in its life.
    static KEPT: OnceCell<(ConfigState, Rc<Service>)> = const { OnceCell::new() };
}

/// Serves one request from `tables`, none of which verifies a signature.
///
/// A client who leaves before the response is noticed once there is one: its body is dropped, and the tape says so.
///
/// # Errors
/// Only if the host refuses to build a response.
pub async fn serve(tables: &[&'static [Endpoint]], request: Request) -> Result<Response, ErrorCode> {
    serve_verifying(tables, request, Rc::new(NoSignatures)).await
}

/// As [`serve`], with what verifies signatures: WASI has nothing for it, and only who needs it carries its weight.
///
/// # Errors
/// As [`serve`].
pub async fn serve_verifying(
    tables: &[&'static [Endpoint]],
    request: Request,
    signatures: Rc<dyn Signatures>,
) -> Result<Response, ErrorCode> {
    let spawner = tasks::Spawner::start().await;
    let platform = Platform {
        http: Rc::new(http::WasiClient),
        sql: Rc::new(http::WasiClient),
        upstream: Rc::new(upstream::WasiUpstream::new(spawner.clone())),
        bodies: Rc::new(bodies::WasiBodies),
        clock: Rc::new(clock::WasiClock),
        random: Rc::new(random::WasiRandom),
        signatures,
        tasks: Rc::new(spawner.clone()),
        variables: Rc::new(variables::SpinVariables),
        log: Rc::new(log::StandardError),
        has_sockets: false,
    };
    let (loaded, service) = match KEPT.with(|kept| kept.get().cloned()) {
        Some(kept) => kept,
        None => {
            let fresh = (load(&platform).await, Rc::new(Service::new(tables)));
            // A provider that fails for a moment looks like variables that are not set: only what is in order is kept.
            if let ConfigState::On(_) = fresh.0 {
                KEPT.with(|kept| kept.get_or_init(|| fresh.clone()).clone())
            } else {
                fresh
            }
        }
    };
    let incoming = request::incoming(request, spawner.clone());
    let method = incoming.parts.method.clone();
    // Spin counts no requests by itself.
    let answer = service.serve(platform, &loaded, incoming, async |_| false).await;
    response::outgoing(&method, answer, &spawner)
}

/// The configuration, and whether Spin lets us call what it names.
async fn load(platform: &Platform) -> ConfigState {
    let loaded = ConfigState::load(platform).await;
    let complaints = match &loaded {
        ConfigState::Off => return loaded,
        ConfigState::On(config) => {
            let mail = config.mail.as_ref().map_or("", |mail| mail.url.as_str());
            let issuer = config.providers.oidc.as_ref().map_or("", |oidc| oidc.issuer.as_str());
            let addresses = [&config.sql_endpoint, &config.redis_url, &config.model_base, &config.turnstile_url];
            let [database, redis, model, turnstile] = addresses.map(String::as_str);
            let github = config.providers.github_url.as_str();
            let alert = config.alert_webhook_url.as_deref().unwrap_or_default();
            hosts::complaints([database, redis, model, turnstile, mail, alert, github, issuer]).await
        }
        // Without a configuration only malformed host entries can be reported.
        ConfigState::Wrong(_) => hosts::complaints([""; HOST_VARIABLES.len()]).await,
    };
    loaded.but_for(complaints)
}

/// Answers `request` with what `respond` makes of its method, path and headers. Its body is not read.
///
/// # Errors
/// Only if the host refuses to build a response.
pub fn answer(
    request: &Request,
    respond: impl FnOnce(&::http::Method, &str, &::http::HeaderMap) -> ::http::Response<Bytes>,
) -> Result<Response, ErrorCode> {
    let answer = respond(request.method(), request.uri().path(), request.headers());
    response::whole(request.method(), answer)
}
