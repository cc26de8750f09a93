//! What is deployed, gzipped.

use std::path::PathBuf;
use std::process::Command;

use tests::variable;

use crate::Line;

/// The Worker's bundle.
pub fn measure() -> Vec<Line> {
    let build = PathBuf::from(variable("WORKER_BUILD"));
    let bytes: usize = ["index.js", "index_bg.wasm"]
        .iter()
        .map(|name| {
            Command::new("gzip").args(["--stdout", "--best"]).arg(build.join(name)).output().unwrap().stdout.len()
        })
        .sum();
    vec![Line::exact("the Worker, gzipped", format!("{} kB", bytes / 1000), "at most 600 kB", bytes <= 600_000)]
}
