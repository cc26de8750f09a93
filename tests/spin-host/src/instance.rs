//! Components and their instances.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tokio::sync::watch;
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
use crate::outbound::{AllowedHosts, Outbound};
use crate::variables::{ComponentVariables, Variables};

/// How long an instance that may be used again waits for it; Spin's default.
const IDLE: Duration = Duration::from_secs(1);

/// How often an instance is used: by default once, which finds what a function forgets to save before its answer is over. Spin's
/// options of the same names, and like Spin it can use an instance again (by default it does: 128 times, 16 at once).
#[derive(Clone, Copy, clap::Args)]
pub struct Reuse {
    /// Requests an instance answers in its life.
    #[arg(long, default_value_t = 1, env = "MAX_INSTANCE_REUSE_COUNT")]
    max_instance_reuse_count: usize,
    /// Requests an instance answers side by side.
    #[arg(long, default_value_t = 1, env = "MAX_INSTANCE_CONCURRENT_REUSE_COUNT")]
    max_instance_concurrent_reuse_count: usize,
}

/// Compiles components.
pub struct Compiler {
    engine: Engine,
    reuse: Reuse,
    alive: watch::Sender<usize>,
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
        Ok(Self { engine: Engine::new(&config)?, reuse, alive: watch::Sender::new(0) })
    }

    /// How many instances there are.
    pub fn alive(&self) -> watch::Receiver<usize> {
        self.alive.subscribe()
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
        let entries: Result<Vec<String>> =
            component.allowed_outbound_hosts.iter().map(|entry| variables.fill(entry)).collect();
        let folders = component.files.iter().map(|files| (manifest.folder(files), files.destination.clone()));
        Ok(ProxyHandler::new(Template {
            id: id.into(),
            program,
            variables: variables.of_component(component)?,
            allowed: Arc::new(AllowedHosts::parse(&entries?).with_context(|| format!("component {id}"))?),
            environment: component.environment.clone().into_iter().collect(),
            folders: folders.collect(),
            reuse: self.reuse,
            alive: self.alive.clone(),
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
    alive: watch::Sender<usize>,
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
            outbound: Outbound { component: Arc::clone(&self.id), allowed: Arc::clone(&self.allowed) },
            variables: self.variables.clone(),
        };
        let mut store = Store::new(self.program.engine(), state);
        let proxy = Proxy::P3(self.program.instantiate_async(&mut store).await?);
        Ok(Instance {
            store,
            proxy,
            view: State::http,
            expiration: Expiration { sleep: Box::pin(tokio::time::sleep(IDLE)) },
            state: Life::begin(&self.id, self.reuse, &self.alive),
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

/// When an instance ends that is neither answering nor at work: after [`IDLE`].
pub struct Expiration {
    sleep: Pin<Box<Sleep>>,
}

impl WorkerExpiration for Expiration {
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>, status: WorkerStatus, since: Instant) -> Poll<()> {
        if status != WorkerStatus::Idle {
            return Poll::Pending;
        }
        let end = (since + IDLE).into();
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
    alive: watch::Sender<usize>,
}

impl Life {
    fn begin(component: &Arc<str>, reuse: Reuse, alive: &watch::Sender<usize>) -> Self {
        alive.send_modify(|count| *count += 1);
        Self { component: Arc::clone(component), reuse, alive: alive.clone() }
    }
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
        Box::pin(std::future::pending())
    }

    fn drop(&self, store: Store<State>, result: wasmtime::Result<()>) {
        drop(store);
        if let Err(error) = result {
            eprintln!("component {}: {error:?}", self.component);
        }
        self.alive.send_modify(|count| *count = count.saturating_sub(1));
    }
}
