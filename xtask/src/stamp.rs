//! Steps that need not run again: a stamp in `.local/stamps/` holds the hash of what went into the last good run.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::project::{Project, is_result};

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
            add(project, &path, &mut hasher).with_context(|| format!("reading {}", input.as_ref()))?;
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn add(project: &Project, path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> =
            fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
        entries.sort();
        for entry in entries {
            if !is_result(&entry) {
                add(project, &entry, hasher)?;
            }
        }
    } else {
        // A work tree that was moved, or is reached by another name, is the same.
        path.strip_prefix(project.root()).unwrap_or(path).hash(hasher);
        fs::read(path)?.hash(hasher);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_elsewhere_have_the_same_stamp_and_others_have_not() {
        let folder = std::env::temp_dir().join(format!("edgewise-stamps-{}", std::process::id()));
        let of = |tree: &str, name: &str, text: &str| {
            let root = folder.join(tree);
            fs::create_dir_all(root.join("part")).unwrap();
            fs::write(root.join("part").join(name), text).unwrap();
            hash_of(&Project::at(root), &["part"], "").unwrap()
        };
        let first = of("first", "one", "text");
        assert_eq!(of("second", "one", "text"), first);
        assert_ne!(of("third", "one", "other"), first);
        assert_ne!(of("fourth", "another", "text"), first);
        fs::remove_dir_all(folder).unwrap();
    }
}
