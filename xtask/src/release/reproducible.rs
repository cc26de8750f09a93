//! The same sources make the same Worker, byte for byte: wherever the folder lies, and from nothing.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use super::clones;
use crate::build;
use crate::project::Project;
use crate::steps;

/// Two clones, in folders of other names, depths and lengths.
const FOLDERS: [&str; 2] = ["one", "another/and/deeper"];

/// What is in it, with the crates and their digests.
const LIST: &str = "sbom/worker.cdx.json";

/// The command.
pub fn run(project: &Project) -> Result<()> {
    let changes = clones::git(project, &["status", "--porcelain"])?;
    ensure!(
        changes.is_empty(),
        "the work tree has changes that are not committed, and clones have what is:\n{changes}\n  what to do: commit them, or put \
         them aside with `git stash --include-untracked`"
    );
    let commit = clones::git(project, &["rev-parse", "HEAD"])?;
    clones::in_new_folder(|folder| {
        let [one, other] = FOLDERS.map(|name| folder.join(name));
        compare(&built(project, &commit, one)?, &built(project, &commit, other)?)
    })?;
    steps::say(&format!("two clones of {commit} made the same Worker"));
    Ok(())
}

fn built(project: &Project, commit: &str, place: PathBuf) -> Result<Project> {
    let clone = clones::clone(project, commit, place)?;
    let title = format!("Worker, from nothing, in {}", clone.root().display());
    let hint = "the words above say what is wrong";
    steps::aloud(&title, hint, clones::xtask(&clone).args(["build", "--worker"]))?;
    Ok(clone)
}

/// What is compared of a work tree.
fn files(project: &Project) -> Vec<PathBuf> {
    let built = build::worker_files(project).into_iter();
    built.chain([build::worker_entry(project), project.local(LIST)]).collect()
}

/// Prints each file's digest, and names those that differ.
fn compare(one: &Project, other: &Project) -> Result<()> {
    let mut different = Vec::new();
    for (file, twin) in files(one).iter().zip(&files(other)) {
        let name = file.strip_prefix(one.root()).unwrap_or(file).display();
        let read = |path: &PathBuf| fs::read(path).with_context(|| format!("reading {}", path.display()));
        let (bytes, twins) = (read(file)?, read(twin)?);
        println!("{}  {name}", build::digest(&bytes));
        if bytes != twins {
            let same = bytes.iter().zip(&twins).take_while(|(one, other)| one == other).count();
            different.push(format!("{name}, after {same} bytes"));
        }
    }
    ensure!(
        different.is_empty(),
        "two clones of the same commit made other bytes:\n  {}\n  what to do: compare the two files; a path of the folder is for \
         xtask/src/paths.rs, an hour or a random order for whoever puts it in",
        different.join("\n  ")
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_differs_is_named() {
        let folder = std::env::temp_dir().join(format!("edgewise-reproducible-{}", std::process::id()));
        let [one, other] = FOLDERS.map(|name| Project::at(folder.join(name)));
        for file in files(&one).iter().chain(&files(&other)) {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "same").unwrap();
        }
        compare(&one, &other).unwrap();
        fs::write(build::worker_entry(&other), "sane").unwrap();
        let complaint = compare(&one, &other).unwrap_err().to_string();
        assert!(complaint.contains("\n  functions/worker/entry.js, after 2 bytes\n"), "{complaint}");
        fs::remove_dir_all(&folder).unwrap();
    }
}
