//! Components and their instances.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tokio::time::Sleep;
use wasmtime::component::{Component, GuestTaskId, Linker, ResourceTable};
use wasmtime::{Cache, CacheConfig, Config, Engine, Store, StoreContextMut};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::handler::{
    HandlerState, Instance, Proxy, ProxyHandler, ShouldAccept, WorkerExpiration, WorkerState, WorkerStatus,
};
use wasmtime_wasi_http::p3::bindings::ServicePre;
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::log::Log;
use crate::manifest::{self, Manifest};
use crate::outbound::{AllowedHosts, Connections, Outbound};
use crate::variables::{ComponentVariables, Variables};

/// How often and how long an instance is used: Spin's options of the same names, with Spin's defaults.
#[derive(Clone, Copy, clap::Args)]
pub struct Reuse {
    /// Requests an instance answers in its life.
    #[arg(long, default_value_t = 128)]
    max_instance_reuse_count: usize,
    /// Requests an instance answers side by side; one whose response has begun no longer counts.
    #[arg(long, default_value_t = 16)]
    max_instance_concurrent_reuse_count: usize,
    /// Time until an instance is cut off in the middle of what it does, counted from its last request and from its last response.
    #[arg(long, value_parser = duration)]
    request_timeout: Option<Duration>,
    /// Time an instance with nothing to do waits for the next request.
    #[arg(long, default_value = "1s", value_parser = duration)]
    idle_instance_timeout: Duration,
}

/// A number of seconds, or a number with `s` or `ms` after it.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit): (_, fn(u64) -> Duration) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, Duration::from_millis),
        (None, Some(number)) => (number, Duration::from_secs),
        (None, None) => (text, Duration::from_secs),
    };
    number.parse().map(unit).map_err(|error| format!("expected a number with `s` or `ms`: {error}"))
}

/// Compiles components.
pub struct Compiler {
    engine: Engine,
    reuse: Reuse,
    connections: Connections,
}

impl Compiler {
    /// Keeps what it compiles in a folder, so that the next start is quick.
    pub fn new(cache: Option<PathBuf>, reuse: Reuse) -> Result<Self> {
        let mut config = Config::new();
        config.wasm_component_model_async(true);
        if let Some(folder) = cache {
            let mut cache = CacheConfig::new();
            cache.with_directory(folder);
            config.cache(Some(Cache::new(cache)?));
        }
        Ok(Self { engine: Engine::new(&config)?, reuse, connections: Connections::new() })
    }

    /// Compiles a component and links it to what its manifest gives it.
    pub fn compile(
        &self,
        id: &str,
        component: &manifest::Component,
        manifest: &Manifest,
        variables: &Variables,
    ) -> Result<ProxyHandler<Template>> {
        let source = manifest.source(component);
        let program = Component::from_file(&self.engine, &source)
            .map_err(anyhow::Error::from)
            .with_context(|| format!("component {id}: compiling {}", source.display()))?;
        let mut linker = Linker::new(&self.engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi::p3::add_to_linker(&mut linker)?;
        wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
        ComponentVariables::add_to_linker(&mut linker, |state: &mut State| &mut state.variables)?;
        let program = ServicePre::new(linker.instantiate_pre(&program)?)
            .map_err(anyhow::Error::from)
            .with_context(|| format!("component {id} is no wasi:http service"))?;
        let folders = component.files.iter().map(|files| (manifest.folder(files), files.destination.clone()));
        Ok(ProxyHandler::new(Template {
            id: id.into(),
            program,
            variables: variables.of_component(component)?,
            allowed: Arc::new(
                AllowedHosts::of(&component.allowed_outbound_hosts, variables)
                    .with_context(|| format!("component {id}"))?,
            ),
            environment: component.environment.clone().into_iter().collect(),
            folders: folders.collect(),
            reuse: self.reuse,
            connections: self.connections.clone(),
        }))
    }
}

/// What instances of a component are made from.
pub struct Template {
    id: Arc<str>,
    program: ServicePre<State>,
    variables: ComponentVariables,
    allowed: Arc<AllowedHosts>,
    environment: Vec<(String, String)>,
    folders: Vec<(PathBuf, String)>,
    reuse: Reuse,
    connections: Connections,
}

impl HandlerState for Template {
    type StoreData = State;
    type WorkerExpiration = Expiration;
    type WorkerState = Life;

    async fn instantiate(&self) -> wasmtime::Result<Instance<State, Expiration, Life>> {
        let mut wasi = WasiCtxBuilder::new();
        wasi.stdout(Log).stderr(Log).envs(&self.environment);
        for (folder, destination) in &self.folders {
            wasi.preopened_dir(folder, destination, FsPerms::ReadOnly)?;
        }
        let state = State {
            table: ResourceTable::new(),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            outbound: Outbound {
                component: Arc::clone(&self.id),
                allowed: Arc::clone(&self.allowed),
                connections: self.connections.clone(),
            },
            variables: self.variables.clone(),
        };
        let mut store = Store::new(self.program.engine(), state);
        let proxy = Proxy::P3(self.program.instantiate_async(&mut store).await?);
        Ok(Instance {
            store,
            proxy,
            view: State::http,
            expiration: Expiration { reuse: self.reuse, sleep: Box::pin(tokio::time::sleep(Duration::MAX)) },
            state: Life { component: Arc::clone(&self.id), reuse: self.reuse },
        })
    }
}

/// What belongs to an instance.
pub struct State {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
    variables: ComponentVariables,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.outbound, table: &mut self.table, ctx: &mut self.http }
    }
}

/// When an instance is ended from outside: idle for too long, or at work for longer than `--request-timeout`.
pub struct Expiration {
    reuse: Reuse,
    sleep: Pin<Box<Sleep>>,
}

impl WorkerExpiration for Expiration {
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>, status: WorkerStatus, since: Instant) -> Poll<()> {
        let limit = match status {
            WorkerStatus::Idle => Some(self.reuse.idle_instance_timeout),
            WorkerStatus::Requests | WorkerStatus::PostReturn => self.reuse.request_timeout,
        };
        let Some(limit) = limit else { return Poll::Pending };
        let end = (since + limit).into();
        if self.sleep.deadline() != end {
            self.sleep.as_mut().reset(end);
        }
        self.sleep.as_mut().poll(cx)
    }
}

/// The life of an instance: how many requests it takes. It ends when its answers and its tasks are done.
pub struct Life {
    component: Arc<str>,
    reuse: Reuse,
}

impl WorkerState for Life {
    type StoreData = State;
    type RequestData = ();

    fn should_accept_request(&self, concurrent: usize, total: usize) -> ShouldAccept {
        if self.reuse.max_instance_reuse_count <= total {
            ShouldAccept::Never
        } else if self.reuse.max_instance_concurrent_reuse_count <= concurrent {
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        }
    }

    fn on_request_start(
        &self,
        _: StoreContextMut<'_, State>,
        (): (),
        _: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + 'static + Send + Sync>> {
        Box::pin(tokio::time::sleep(self.reuse.request_timeout.unwrap_or(Duration::MAX)))
    }

    fn drop(&self, store: Store<State>, result: wasmtime::Result<()>) {
        drop(store);
        if let Err(error) = result {
            eprintln!("component {}: {error:?}", self.component);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_written_as_for_spin() {
        assert_eq!(duration("60s"), Ok(Duration::from_secs(60)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("2"), Ok(Duration::from_secs(2)));
        assert!(duration("soon").is_err() && duration("1m").is_err());
    }
}
