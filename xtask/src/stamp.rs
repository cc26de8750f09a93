//! Steps that need not run again: a stamp in `.local/stamps/` holds the hash of what went into the last good run.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::project::Project;

/// Folders that are results, not inputs, wherever they turn up.
const RESULTS: &[&str] = &["node_modules", "dist", "generated", "target", "output", ".wrangler"];

/// Whether a folder is a result. Those called `build` are so only in `functions/`: xtask has a module of that name.
pub fn is_result(folder: &Path) -> bool {
    let is_built =
        || folder.ends_with("build") && folder.ancestors().nth(2).is_some_and(|all| all.ends_with("functions"));
    folder.file_name().is_some_and(|name| RESULTS.iter().any(|result| name == *result)) || is_built()
}

/// The state of a step's inputs, to be compared with the last good run.
pub struct Stamp {
    file: PathBuf,
    hash: String,
}

impl Stamp {
    /// Reads every file in `inputs` (files, or folders with all that is in them). `extra` is anything else that
    /// decides the result, such as the versions of tools.
    pub fn of(project: &Project, name: &str, inputs: &[&str], extra: &str) -> Result<Self> {
        Ok(Self { file: project.local("stamps").join(name), hash: hash_of(project, inputs, extra)? })
    }

    /// Whether the last good run had the same inputs and `results` are still there.
    pub fn is_current(&self, results: &[PathBuf]) -> bool {
        results.iter().all(|result| result.exists())
            && fs::read_to_string(&self.file).is_ok_and(|known| known == self.hash)
    }

    /// To be called after a good run.
    pub fn keep(&self) -> Result<()> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.file, &self.hash).with_context(|| format!("writing {}", self.file.display()))
    }
}

/// The hash of `inputs` and `extra`, as for [`Stamp::of`].
pub fn hash_of<I: AsRef<str>>(project: &Project, inputs: &[I], extra: &str) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    extra.hash(&mut hasher);
    for input in inputs {
        let path = project.path(input.as_ref());
        if path.exists() {
            add(&path, &mut hasher).with_context(|| format!("reading {}", input.as_ref()))?;
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn add(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> =
            fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
        entries.sort();
        for entry in entries {
            if !is_result(&entry) {
                add(&entry, hasher)?;
            }
        }
    } else {
        path.hash(hasher);
        fs::read(path)?.hash(hasher);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_of_a_folder_s_name_is_no_result() {
        for (folder, expected) in [
            ("/x/functions/worker/build", true),
            ("/x/static/src/generated", true),
            ("/x/xtask/src/build", false),
            ("/x/functions/worker", false),
        ] {
            assert_eq!(is_result(Path::new(folder)), expected, "{folder}");
        }
    }
}
