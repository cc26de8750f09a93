//! The Spin components: those that `spin.toml` names, each put where it says.
//!
//! rustc links a core module, wasm-opt makes it smaller, and `xtask/component` makes a component of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result, anyhow, ensure};
use serde::Deserialize;

use super::page;
use crate::brand;
use crate::paths;
use crate::pins;
use crate::project::Project;
use crate::setup::Tools;
use crate::stamp::Stamp;
use crate::steps;

/// Where Spin looks for an application.
pub const MANIFEST: &str = "spin.toml";

/// What components are made of, the page apart.
const INPUTS: &[&str] = &["functions", "shared", MANIFEST, "Cargo.toml", "Cargo.lock", ".cargo"];

/// The component that carries the page.
const PAGE: &str = "page";

/// The profile of `Cargo.toml` that makes them small.
const PROFILE: &str = "component";

/// For size, with the features of rustc's target. Similar functions are merged: generic code is compiled once a type, with little difference. The
/// lowest kilobyte of memory is the end of the stack, which nothing reaches that has not overflowed it: constants are folded into addresses.
const WASM_OPT: &[&str] = &[
    "-Oz",
    "--merge-similar-functions",
    "-Oz",
    "--low-memory-unused",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// As much of `spin.toml` as is wanted here.
#[derive(Deserialize)]
struct Manifest {
    component: BTreeMap<String, Component>,
}

#[derive(Deserialize)]
struct Component {
    source: PathBuf,
}

/// The components' programs, by name, as paths from the root.
pub fn sources(project: &Project) -> Result<BTreeMap<String, PathBuf>> {
    let text = fs::read_to_string(project.path(MANIFEST)).context("reading spin.toml")?;
    let manifest: Manifest = toml::from_str(&text).context("spin.toml is not as expected")?;
    Ok(manifest.component.into_iter().map(|(name, component)| (name, component.source)).collect())
}

/// Builds all of them, or those named.
pub fn build(project: &Project, tools: &Tools, only: &[String]) -> Result<()> {
    let mut sources = sources(project)?;
    for name in only {
        ensure!(sources.contains_key(name), "spin.toml has no component {name:?}");
    }
    sources.retain(|name, _| only.is_empty() || only.contains(name));
    let mut inputs = INPUTS.to_vec();
    if sources.contains_key(PAGE) {
        page::build(project, tools)?;
        inputs.push("static/dist");
    }
    let named: Vec<&str> = sources.keys().map(String::as_str).collect();
    let told = brand::told()?;
    let versions = format!("{} {told:?}", pins::RUST);
    let stamp = Stamp::of(project, &format!("component-{}", named.join("-")), &inputs, &versions)?;
    let places: Vec<PathBuf> = sources.values().map(|source| project.root().join(source)).collect();
    if stamp.is_current(&places) {
        return Ok(());
    }
    let mut cargo = project.cargo();
    cargo.args(["build", "--profile", PROFILE, "--target", pins::SPIN_TARGET]);
    cargo.args(sources.keys().flat_map(|name| ["--package".to_owned(), format!("{name}-function")]));
    cargo.envs(told);
    paths::shorten(project, &mut cargo, &["-Clink-arg=--skip-wit-component"]);
    let title = format!("Spin components: {}", named.join(", "));
    steps::run(project, &title, "the compiler's words above say what is wrong", &mut cargo)?;
    let mut cargo = project.native_cargo();
    cargo.args(["build", "--bin", "edgewise-componentize"]).args(super::AS_TESTS_ARE);
    steps::run(project, "componentize", "the compiler's words above say what is wrong", &mut cargo)?;
    steps::step("wasm-opt", || {
        thread::scope(|scope| {
            let finishing = sources.iter().map(|(name, source)| {
                let place = project.root().join(source);
                scope.spawn(move || finish(project, tools, name, &place))
            });
            let finishing: Vec<_> = finishing.collect();
            finishing.into_iter().try_for_each(|one| one.join().map_err(|_| anyhow!("wasm-opt's thread panicked"))?)
        })
    })?;
    stamp.keep()
}

/// What the module of a component is called.
pub fn module(project: &Project, name: &str) -> PathBuf {
    project.target().join(pins::SPIN_TARGET).join(PROFILE).join(format!("{name}_function.wasm"))
}

/// From the linked module to the component in its place.
fn finish(project: &Project, tools: &Tools, name: &str, place: &Path) -> Result<()> {
    let module = module(project, name);
    let smaller = module.with_extension("opt.wasm");
    let mut wasm_opt = project.command(&tools.node);
    wasm_opt.arg(tools.module("binaryen/bin/wasm-opt")).args(WASM_OPT).arg(&module).arg("-o").arg(&smaller);
    steps::quietly(project, &format!("wasm-opt {name}"), "the words above say what is wrong", &mut wasm_opt)?;
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut componentize = project.command(project.program("edgewise-componentize"));
    steps::quietly(
        project,
        &format!("componentize {name}"),
        "the words above say what is wrong",
        componentize.arg(smaller).arg(place),
    )?;
    paths::refuse(project, place)
}
