//! The layout's invariants, checked on the files themselves: `docs/ARCHITECTURE.md` lists them with their reasons.
//!
//! Every rule is a function from texts to complaints, so that its test can hand it a tree that breaks it.

mod circles;
mod dependencies;
mod files;
mod licences;
mod links;
mod versions;

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::project::Project;
use crate::stamp::is_result;
use crate::steps;

/// What a rule has to say, a line each: where, and what is wrong.
type Complaints = Vec<String>;

/// A file of the project, its path given from the root.
struct Source {
    path: String,
    text: String,
}

/// Folders that are not read, beside those that are results.
const SKIPPED: &[&str] = &[".git", ".local", "screenshots"];

/// Endings of the files that are read.
const READ: &[&str] = &["rs", "ts", "tsx", "mjs", "js", "css", "sql", "lua", "toml", "md", "json", "html", "yml"];

/// Applies every rule.
pub fn run(project: &Project) -> Result<()> {
    steps::step("layout rules", || {
        let mut sources = Vec::new();
        read(project.root(), project.root(), &mut sources)?;
        let complaints = [
            files::check(&sources),
            circles::check(&sources),
            dependencies::check(&sources),
            links::check(&sources),
            versions::check(&sources),
            licences::check(project)?,
        ]
        .concat();
        match complaints.is_empty() {
            true => Ok(()),
            false => bail!("the layout rules are broken:\n  {}", complaints.join("\n  ")),
        }
    })
}

fn read(root: &Path, folder: &Path, sources: &mut Vec<Source>) -> Result<()> {
    let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() {
            if !SKIPPED.iter().any(|skipped| name == *skipped) && !is_result(&path) {
                read(root, &path, sources)?;
            }
        } else if is_read(&path) {
            let inside = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            sources.push(Source { path: inside, text: fs::read_to_string(&path)? });
        }
    }
    Ok(())
}

fn is_read(path: &Path) -> bool {
    let is_lock = path.file_name().is_some_and(|name| name == "Cargo.lock");
    is_lock || path.extension().is_some_and(|ending| READ.iter().any(|read| ending == *read))
}

/// The text of the file at a path; empty when it is missing, which every rule then complains about in its own words.
fn text<'a>(sources: &'a [Source], path: &str) -> &'a str {
    sources.iter().find(|source| source.path == path).map_or("", |source| source.text.as_str())
}

#[cfg(test)]
fn sources(files: &[(&str, &str)]) -> Vec<Source> {
    files.iter().map(|(path, text)| Source { path: path.to_string(), text: text.to_string() }).collect()
}
