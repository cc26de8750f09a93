//! The page, in `static/dist`.

use std::env;

use anyhow::Result;

use crate::paths;
use crate::pins;
use crate::project::Project;
use crate::setup::{self, Tools};
use crate::stamp::Stamp;
use crate::steps;

/// What it is made of.
const INPUTS: &[&str] = &["static", "schema/openapi.json", "schema/openapi.html", "Cargo.toml", "Cargo.lock", ".cargo"];

/// Builds it.
pub fn build(project: &Project, tools: &Tools) -> Result<()> {
    // The page's policy depends on it (static/vite.config.ts).
    let challenge = env::var("GUEST_CHALLENGE").unwrap_or_default();
    let versions = format!("{} {} {challenge}", pins::RUST, pins::WASM_BINDGEN);
    let stamp = Stamp::of(project, "page", INPUTS, &versions)?;
    if stamp.is_current(&[project.path("static/dist/index.html"), project.path("static/src/generated")]) {
        return Ok(());
    }
    setup::install_node_project(project, tools, "static")?;
    for (script, title) in [("wasm", "page: markdown as Wasm"), ("build", "page: bundle")] {
        let mut npm = project.command("npm");
        npm.args(["run", "--silent", script]).current_dir(project.path("static"));
        paths::shorten(project, &mut npm, &[]);
        steps::run(project, title, "the words above say what is wrong", tools.equip(&mut npm))?;
    }
    paths::refuse(project, &project.path("static/dist"))?;
    stamp.keep()
}
