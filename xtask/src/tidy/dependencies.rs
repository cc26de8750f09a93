//! Who may depend on whom: dependencies between our crates point one way, and only adapters name a platform.

use std::collections::BTreeSet;

use toml::Table;

use super::{Complaints, Source};

/// Our crates, in layers, and which of ours each may use.
const LAYERS: &[(&str, &[&str])] = &[
    ("shared/domain", &[]),
    ("shared/wire", &[]),
    ("shared/platform", &[]),
    ("shared/infrastructure", &["domain", "platform", "wire"]),
    ("shared/application", &["domain", "infrastructure", "platform", "wire"]),
    ("shared/api", &["application", "domain", "platform"]),
    ("shared/runtime-native", &["api", "application", "platform"]),
    ("shared/runtime-spin", &["api", "platform"]),
    ("shared/runtime-workers", &["api", "application", "assets", "platform"]),
    ("shared/assets", &[]),
    ("shared/assets-build", &["assets"]),
    ("functions/auth", &["api", "runtime-spin"]),
    ("functions/messages", &["api", "runtime-spin"]),
    ("functions/meta", &["api", "runtime-spin"]),
    ("functions/page", &["assets", "runtime-spin"]),
    ("functions/quota", &["api", "runtime-spin"]),
    ("functions/sessions", &["api", "runtime-spin"]),
    ("functions/worker", &["api", "runtime-workers"]),
    ("schema", &[]),
    ("static/markdown", &[]),
    ("tests", &[]),
    ("tests/spin-host", &[]),
    ("tests/stack", &["wire"]),
    ("xtask", &[]),
    ("xtask/component", &[]),
];

/// What ties a crate to a platform, and the folders that may.
const PLATFORMS: &[(&str, &[&str])] = &[
    ("js-sys", &["functions/", "shared/runtime-workers"]),
    ("reqwest", &["shared/runtime-", "tests"]),
    ("spin-sdk", &["functions/", "shared/runtime-spin"]),
    ("wasm-bindgen", &["functions/", "shared/runtime-workers", "static/markdown"]),
    ("wasm-bindgen-futures", &["functions/", "shared/runtime-workers"]),
    ("web-sys", &["functions/", "shared/runtime-workers"]),
    ("worker", &["functions/", "shared/runtime-workers"]),
];

/// Checks every crate's manifest.
pub fn check(sources: &[Source]) -> Complaints {
    let mut complaints = Vec::new();
    for source in sources {
        let Some(folder) = source.path.strip_suffix("/Cargo.toml") else { continue };
        match source.text.parse::<Table>() {
            Ok(manifest) => check_crate(folder, &manifest, sources, &mut complaints),
            Err(error) => complaints.push(format!("{}: {error}", source.path)),
        }
    }
    complaints
}

fn check_crate(folder: &str, manifest: &Table, sources: &[Source], complaints: &mut Complaints) {
    let linked = names(manifest, &["dependencies"]);
    let all = names(manifest, &["dependencies", "dev-dependencies", "build-dependencies"]);
    // Entries are nobody's dependency, and the folder of one has the name of a foreign crate.
    let libraries = LAYERS.iter().filter(|(path, _)| !path.starts_with("functions/"));
    let ours: BTreeSet<&str> = libraries.filter_map(|(path, _)| path.rsplit('/').next()).collect();
    match LAYERS.iter().find(|(path, _)| *path == folder) {
        None => {
            complaints.push(format!("{folder}: a crate that xtask/src/tidy/dependencies.rs does not place in a layer"))
        }
        Some((_, allowed)) => complaints.extend(
            linked
                .iter()
                .filter(|name| ours.contains(name.as_str()) && !allowed.contains(&name.as_str()))
                .map(|name| format!("{folder}: must not depend on `{name}`: dependencies point one way")),
        ),
    }
    for (sdk, rooms) in PLATFORMS {
        if all.contains(*sdk) && !rooms.iter().any(|room| folder.starts_with(room)) {
            complaints.push(format!("{folder}: must not name `{sdk}`: only adapters know a platform"));
        }
    }
    let lints = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
    if lints != Some(true) {
        complaints.push(format!("{folder}: `[lints] workspace = true` is missing"));
    }
    complaints.extend(
        all.iter().filter(|name| !is_used(folder, name, sources)).map(|name| format!("{folder}: `{name}` is not used")),
    );
}

/// The names of a manifest's dependencies, also those of single targets.
fn names(manifest: &Table, sections: &[&str]) -> BTreeSet<String> {
    let mut tables: Vec<&Table> = vec![manifest];
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    tables.extend(targets.into_iter().flat_map(|targets| targets.values().filter_map(toml::Value::as_table)));
    let listed = tables.iter().flat_map(|table| sections.iter().filter_map(|section| table.get(*section)?.as_table()));
    listed.flat_map(|section| section.keys().cloned()).collect()
}

/// Whether a source file of the crate, tests included, names the dependency.
fn is_used(folder: &str, dependency: &str, sources: &[Source]) -> bool {
    let name = dependency.replace('-', "_");
    // The attribute `#[event]` of `worker` expands to these.
    let by_macro =
        ["wasm_bindgen", "wasm_bindgen_futures", "js_sys"].contains(&name.as_str()) && folder.starts_with("functions/");
    by_macro
        || sources.iter().any(|source| {
            source.path.ends_with(".rs")
                && source.path.starts_with(&format!("{folder}/"))
                && source.text.contains(&name)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sources;

    fn complaints(folder: &str, dependencies: &str) -> Complaints {
        let manifest = format!("[dependencies]\n{dependencies}\n[lints]\nworkspace = true\n");
        let code = "//! x\nuse api worker web_sys application serde reqwest";
        check(&sources(&[(&format!("{folder}/Cargo.toml"), &manifest), (&format!("{folder}/src/lib.rs"), code)]))
    }

    #[test]
    fn no_layer_calls_back_up() {
        assert_eq!(complaints("shared/api", "application.workspace = true"), Complaints::new());
        assert_eq!(complaints("shared/domain", "application.workspace = true").len(), 1);
        assert_eq!(complaints("shared/application", "api = { workspace = true }").len(), 1);
        assert_eq!(complaints("tests/stack", "application.workspace = true").len(), 1);
    }

    #[test]
    fn only_adapters_name_a_platform() {
        assert_eq!(complaints("functions/worker", "worker.workspace = true"), Complaints::new());
        assert_eq!(complaints("shared/api", "worker.workspace = true").len(), 1);
        assert_eq!(complaints("shared/infrastructure", "[target.'cfg(unix)'.dependencies]\nreqwest = \"1\"").len(), 1);
    }

    #[test]
    fn a_crate_without_a_place_or_lints_or_use_is_refused() {
        assert_eq!(complaints("shared/extras", "").len(), 1);
        assert_eq!(complaints("shared/api", "http.workspace = true"), ["shared/api: `http` is not used"]);
        assert_eq!(check(&sources(&[("xtask/Cargo.toml", "[dependencies]")])).len(), 1);
    }
}
