//! How large the results are, as they are and gzipped.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::{components, worker};
use crate::project::Project;

/// The largest a component may be, in bytes: what a host must load before it can answer.
const BUDGET: usize = 900_000;

/// The largest the Worker's modules may be, gzipped, in the order of [`worker::MODULES`]: what an isolate must load before it can answer. A message
/// never loads the second one.
const MODULE_BUDGETS: [usize; 2] = [600_000, 650_000];

/// Prints how large a folder is.
pub fn print(project: &Project, what: &str, folder: &str) -> Result<()> {
    let (bytes, gzipped) = of(&project.path(folder))?;
    println!("{what}: {} kB, {} kB gzip ({folder})", bytes / 1000, gzipped / 1000);
    Ok(())
}

/// Prints how large each of the Worker's modules is, and refuses one that is too large.
pub fn of_worker(project: &Project) -> Result<()> {
    for (module, budget) in worker::MODULES.iter().zip(MODULE_BUDGETS) {
        print(project, "Worker", module)?;
        let gzipped = of(&project.path(module))?.1;
        ensure!(gzipped <= budget, "{module} is larger than {} kB gzip", budget / 1000);
    }
    Ok(())
}

/// Prints how large each is, and refuses one that is too large.
pub fn of_components(project: &Project, only: &[String]) -> Result<()> {
    let mut large = Vec::new();
    for (name, source) in components::sources(project)? {
        if !only.is_empty() && !only.contains(&name) {
            continue;
        }
        let (bytes, gzipped) = of(&project.root().join(&source))?;
        let linked = fs::metadata(components::module(project, &name)).map_or(0, |module| module.len()) / 1000;
        println!(
            "component {name}: {} kB of {} kB, {} kB gzip; {linked} kB before wasm-opt ({})",
            bytes / 1000,
            BUDGET / 1000,
            gzipped / 1000,
            source.display()
        );
        if BUDGET < bytes {
            large.push(name);
        }
    }
    ensure!(large.is_empty(), "larger than {} kB: {}", BUDGET / 1000, large.join(", "));
    Ok(())
}

/// A file's or a folder's bytes, and the sum of its files when each is gzipped.
fn of(path: &Path) -> Result<(usize, usize)> {
    if path.is_dir() {
        let sizes = fs::read_dir(path)?.map(|entry| of(&entry?.path())).collect::<Result<Vec<_>>>()?;
        return Ok(sizes.iter().fold((0, 0), |sum, size| (sum.0 + size.0, sum.1 + size.1)));
    }
    let bytes = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&bytes)?;
    Ok((bytes.len(), gzip.finish()?.len()))
}
