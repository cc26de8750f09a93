//! Makes a component of a core module: the last step of linking for WASI, which rustc's linker leaves out when told to.
//!
//! In between, wasm-opt makes the module smaller. It knows modules only, no components.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use wit_component::ComponentEncoder;

/// Makes a component of a core module that rustc linked with `--skip-wit-component`.
#[derive(Parser)]
struct Arguments {
    /// The core module; its interfaces are described in sections of its own.
    module: PathBuf,
    /// Where to write the component.
    component: PathBuf,
}

fn main() -> Result<()> {
    let Arguments { module, component } = Arguments::parse();
    let bytes = fs::read(&module).with_context(|| format!("reading {}", module.display()))?;
    let encoded = ComponentEncoder::default().validate(true).module(&bytes)?.encode();
    let encoded = encoded.with_context(|| format!("making a component of {}", module.display()))?;
    fs::write(&component, encoded).with_context(|| format!("writing {}", component.display()))
}
