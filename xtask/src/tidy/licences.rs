//! The licences of what is linked, against the list in `deny.toml`, and that all of it comes from crates.io.
//!
//! cargo-deny reads the same file and checks more, where it is installed; compiling it would take longer than the tests.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde::Deserialize;
use toml::Table;

use super::Complaints;
use crate::project::Project;

/// Where packages come from, in `cargo metadata`'s words.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    license: Option<String>,
    source: Option<String>,
}

/// Asks cargo for every package of the lock file.
pub fn check(project: &Project) -> Result<Complaints> {
    let mut cargo = project.cargo();
    let output = cargo.args(["metadata", "--format-version", "1", "--locked"]).output()?;
    if !output.status.success() {
        return Ok(vec![format!("Cargo.lock: {}", String::from_utf8_lossy(&output.stderr).trim())]);
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout).context("reading cargo metadata")?;
    let deny: Table = std::fs::read_to_string(project.path("deny.toml")).context("reading deny.toml")?.parse()?;
    let listed = deny.get("licenses").and_then(|licenses| licenses.get("allow")).and_then(toml::Value::as_array);
    let allowed = listed.into_iter().flatten().filter_map(toml::Value::as_str).collect();
    Ok(compare(&metadata.packages, &allowed))
}

fn compare(packages: &[Package], allowed: &BTreeSet<&str>) -> Complaints {
    let foreign = packages.iter().filter_map(|package| Some((package, package.source.as_deref()?)));
    foreign
        .filter_map(|(package, source)| match package.license.as_deref() {
            _ if source != CRATES_IO => Some(format!("{} comes from {source}, not from crates.io", package.name)),
            Some(license) if is_allowed(license, allowed) => None,
            license => Some(format!("{}: licence {license:?} is not in deny.toml", package.name)),
        })
        .collect()
}

/// An SPDX expression without deep nesting: every part joined by AND needs one allowed alternative.
fn is_allowed(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let plain = expression.replace(['(', ')'], " ").replace('/', " OR ");
    plain.split(" AND ").all(|part| part.split(" OR ").any(|license| allowed.contains(license.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(license: &str, source: &str) -> usize {
        let package = Package { name: "x".into(), license: Some(license.into()), source: Some(source.into()) };
        compare(&[package], &BTreeSet::from(["MIT", "Apache-2.0", "Unicode-3.0"])).len()
    }

    #[test]
    fn a_licence_off_the_list_is_refused() {
        assert_eq!(complaints("MIT OR Apache-2.0", CRATES_IO), 0);
        assert_eq!(complaints("GPL-3.0 OR MIT", CRATES_IO), 0);
        assert_eq!(complaints("(MIT OR Apache-2.0) AND Unicode-3.0", CRATES_IO), 0);
        assert_eq!(complaints("GPL-3.0", CRATES_IO), 1);
        assert_eq!(complaints("MIT AND GPL-3.0", CRATES_IO), 1);
    }

    #[test]
    fn another_source_is_refused() {
        assert_eq!(complaints("MIT", "git+https://example.org/x"), 1);
    }
}
