//! The page, in `static/dist`.

use std::env;
use std::path::Path;

use anyhow::Result;

use crate::brand;
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
    let face = brand::folder()?;
    let mut inputs = INPUTS.to_vec();
    inputs.extend(face.as_deref().and_then(Path::to_str));
    let stamp = Stamp::of(project, "page", &inputs, &versions)?;
    if stamp.is_current(&[project.path("static/dist/index.html"), project.path("static/src/generated")]) {
        return Ok(());
    }
    setup::install_node_project(project, tools, "static")?;
    for (script, title) in [("wasm", "page: markdown as Wasm"), ("build", "page: bundle")] {
        let mut npm = project.command("npm");
        npm.args(["run", "--silent", script]).current_dir(project.path("static"));
        if let Some(face) = &face {
            npm.env(brand::VARIABLE, face);
        }
        paths::shorten(project, &mut npm, &[]);
        steps::run(project, title, "the words above say what is wrong", tools.equip(&mut npm))?;
    }
    paths::refuse(project, &project.path("static/dist"))?;
    stamp.keep()
}
