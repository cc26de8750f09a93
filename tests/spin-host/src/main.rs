//! Serves a `spin.toml` where Spin itself is not installed: in this project's tests, and for `cargo xtask dev --spin`.
//!
//! It is no product and knows of Spin what this project uses: routes, variables, the hosts a component may call, the headers
//! Spin adds, instances and their background tasks, all on the runtime library that Spin is made of. A component that runs here
//! runs there.
//!
//! `ready http://…` on standard output says that it serves; the components' log is on standard error. SIGTERM ends it at once,
//! with everything that is under way, as it ends Spin.

mod instance;
mod log;
mod manifest;
mod outbound;
mod routes;
mod server;
mod variables;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::thread;

use anyhow::{Context, Result, anyhow};
use clap::Parser;
use tokio::net::TcpListener;

use crate::instance::{Compiler, Reuse};
use crate::manifest::Manifest;
use crate::routes::Routes;
use crate::server::Application;
use crate::variables::Variables;

/// Serves a Spin application. Variables come from the environment: SPIN_VARIABLE_NAME.
#[derive(Parser)]
struct Arguments {
    /// The manifest.
    #[arg(long, default_value = "spin.toml")]
    manifest: PathBuf,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// Where to keep compiled components for the next start.
    #[arg(long)]
    cache: Option<PathBuf>,
    #[command(flatten)]
    reuse: Reuse,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let manifest = Manifest::read(&arguments.manifest)?;
    let compiler = Compiler::new(arguments.cache, arguments.reuse)?;
    let application = load(&manifest, &compiler)?;
    let listener =
        TcpListener::bind(arguments.listen).await.with_context(|| format!("listening on {}", arguments.listen))?;
    println!("ready http://{}", listener.local_addr()?);
    server::serve(application, listener).await
}

fn load(manifest: &Manifest, compiler: &Compiler) -> Result<Application> {
    let variables = Variables::of(&manifest.variables)?;
    let components = thread::scope(|scope| {
        let compiling: Vec<_> = manifest
            .component
            .iter()
            .map(|(id, component)| {
                let variables = &variables;
                (id, scope.spawn(move || compiler.compile(id, component, manifest, variables)))
            })
            .collect();
        let done = compiling.into_iter().map(|(id, thread)| {
            let component = thread.join().map_err(|_| anyhow!("compiling {id} panicked"))??;
            Ok((id.clone(), component))
        });
        done.collect::<Result<_>>()
    })?;
    Ok(Application { info: manifest.info()?, routes: Routes::of(manifest)?, components })
}
