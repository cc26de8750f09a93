//! What is deployed, and what a reader downloads, gzipped.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tests::variable;

use crate::Line;

/// The Worker's bundle, and the page up to the first keystroke.
pub fn measure() -> Vec<Line> {
    let functions = PathBuf::from(variable("FUNCTIONS"));
    let module = |folder: &str| -> usize {
        ["index.js", "index_bg.wasm"].iter().map(|name| gzipped(&functions.join(folder).join(name))).sum()
    };
    let (worker, accounts) = (module("worker/build"), module("worker-accounts/build"));
    let page = PathBuf::from(variable("PAGE_BUILD"));
    let index = page.join("index.html");
    let html = fs::read_to_string(&index).unwrap();
    let named: Vec<&str> = named_files(&html).collect();
    assert!(named.iter().any(|name| name.ends_with(".js")), "index.html names no script: {named:?}");
    let first: usize = gzipped(&index) + named.iter().map(|name| gzipped(&page.join(name))).sum::<usize>();
    vec![
        Line::exact("the Worker, gzipped", kilobytes(worker), "at most 600 kB", worker <= 600_000),
        Line::exact("its module for accounts, gzipped", kilobytes(accounts), "at most 650 kB", accounts <= 650_000),
        Line::exact("the page before the first keystroke, gzipped", kilobytes(first), "at most 50 kB", first <= 50_000),
    ]
}

/// The files of our own that a page names; whatever these load later is not waited for.
fn named_files(html: &str) -> impl Iterator<Item = &str> {
    html.split(['"', '\''])
        .filter_map(|word| word.strip_prefix('/'))
        .filter(|name| !name.is_empty() && !name.starts_with('/'))
}

fn gzipped(file: &Path) -> usize {
    let output = Command::new("gzip").args(["--stdout", "--best"]).arg(file).output().unwrap();
    assert!(output.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&output.stderr));
    output.stdout.len()
}

fn kilobytes(bytes: usize) -> String {
    format!("{:.1} kB", bytes as f64 / 1000.0)
}
