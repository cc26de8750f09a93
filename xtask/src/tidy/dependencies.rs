//! Who may depend on whom: dependencies between our crates point one way, and only adapters name a platform. And that the table of
//! crates says what the manifests say.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::{Complaints, Source};
use crate::crates::{CRATES, Target};

/// What ties a crate to a platform, and the folders that may.
const PLATFORMS: &[(&str, &[&str])] = &[
    ("js-sys", &["functions/", "shared/runtime-workers"]),
    ("reqwest", &["shared/reqwest-client", "shared/runtime-", "tests"]),
    ("spin-sdk", &["functions/", "shared/runtime-spin"]),
    ("wasm-bindgen", &["functions/", "shared/runtime-workers", "static/markdown", "static/password"]),
    ("wasm-bindgen-futures", &["functions/", "shared/runtime-workers"]),
    ("web-sys", &["functions/", "shared/runtime-workers"]),
    ("worker", &["functions/", "shared/runtime-workers"]),
];

/// Checks every crate's manifest.
pub fn check(sources: &[Source]) -> Complaints {
    let mut complaints = Vec::new();
    for source in sources {
        let Some(folder) = source.path.strip_suffix("Cargo.toml") else { continue };
        match source.text.parse::<Table>() {
            Ok(manifest) if folder.is_empty() => complaints.extend(check_workspace(&manifest)),
            Ok(manifest) => check_crate(folder.trim_end_matches('/'), &manifest, sources, &mut complaints),
            Err(error) => complaints.push(format!("{}: {error}", source.path)),
        }
    }
    complaints
}

/// What cargo takes without `--package` are the crates that compile natively.
fn check_workspace(manifest: &Table) -> Option<String> {
    let listed = manifest.get("workspace").and_then(|workspace| workspace.get("default-members"));
    let listed: BTreeSet<&str> = listed.and_then(Value::as_array)?.iter().filter_map(Value::as_str).collect();
    let native = CRATES.iter().filter(|one| !matches!(one.target, Target::Only(_))).map(|one| one.folder).collect();
    let differing: Vec<&&str> = listed.symmetric_difference(&native).collect();
    (!differing.is_empty()).then(|| format!("Cargo.toml: default-members, unlike xtask/src/crates.rs: {differing:?}"))
}

fn check_crate(folder: &str, manifest: &Table, sources: &[Source], complaints: &mut Complaints) {
    let linked = names(manifest, &["dependencies"]);
    let all = names(manifest, &["dependencies", "dev-dependencies", "build-dependencies"]);
    let is_ours = |name: &str| CRATES.iter().any(|one| one.name == name);
    let name = manifest.get("package").and_then(|package| package.get("name")).and_then(Value::as_str);
    match CRATES.iter().find(|one| one.folder == folder && Some(one.name) == name) {
        None => complaints.push(format!("{folder}: a crate that xtask/src/crates.rs does not name")),
        Some(one) => {
            let against = linked.iter().filter(|name| is_ours(name) && !one.uses.contains(&name.as_str()));
            complaints.extend(
                against.map(|name| format!("{folder}: must not depend on `{name}`: dependencies point one way")),
            );
            if matches!(one.target, Target::Only(_)) && names_in(folder, "test]", sources) {
                complaints
                    .push(format!("{folder}: has tests, and does not compile for the machine that would run them"));
            }
        }
    }
    for (sdk, rooms) in PLATFORMS {
        if all.contains(*sdk) && !rooms.iter().any(|room| folder.starts_with(room)) {
            complaints.push(format!("{folder}: must not name `{sdk}`: only adapters know a platform"));
        }
    }
    let lints = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(Value::as_bool);
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
    let targets = manifest.get("target").and_then(Value::as_table);
    tables.extend(targets.into_iter().flat_map(|targets| targets.values().filter_map(Value::as_table)));
    let listed = tables.iter().flat_map(|table| sections.iter().filter_map(|section| table.get(*section)?.as_table()));
    listed.flat_map(|section| section.keys().cloned()).collect()
}

/// Whether a source file of the crate, tests included, names the dependency.
fn is_used(folder: &str, dependency: &str, sources: &[Source]) -> bool {
    let name = dependency.replace('-', "_");
    // The attribute `#[event]` of `worker` expands to these.
    let by_macro =
        ["wasm_bindgen", "wasm_bindgen_futures", "js_sys"].contains(&name.as_str()) && folder.starts_with("functions/");
    by_macro || names_in(folder, &name, sources)
}

/// Whether a source file in a folder has a word.
fn names_in(folder: &str, word: &str, sources: &[Source]) -> bool {
    let folder = format!("{folder}/");
    let mut code = sources.iter().filter(|source| source.path.ends_with(".rs") && source.path.starts_with(&folder));
    code.any(|source| source.text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sources;

    fn complaints(folder: &str, dependencies: &str) -> Complaints {
        let name = CRATES.iter().find(|one| one.folder == folder).map_or("extras", |one| one.name);
        let manifest =
            format!("[package]\nname = '{name}'\n[dependencies]\n{dependencies}\n[lints]\nworkspace = true\n");
        let code = "//! x\nuse api worker web_sys application serde reqwest";
        check(&sources(&[(&format!("{folder}/Cargo.toml"), &manifest), (&format!("{folder}/src/lib.rs"), code)]))
    }

    #[test]
    fn no_layer_calls_back_up() {
        assert_eq!(complaints("shared/api", "application.workspace = true"), Complaints::new());
        assert_eq!(complaints("shared/domain", "application.workspace = true").len(), 1);
        assert_eq!(complaints("shared/application", "api = { workspace = true }").len(), 1);
        assert_eq!(complaints("stack", "application.workspace = true").len(), 1);
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
        let xtask = "[package]\nname = 'xtask'\n[dependencies]";
        assert_eq!(check(&sources(&[("xtask/Cargo.toml", xtask)])).len(), 1);
    }

    #[test]
    fn the_table_says_what_the_manifests_say() {
        let complains = |path: &str, text: &str, code: &str| {
            check(&sources(&[(path, text), ("functions/auth/src/a.rs", code)])).len()
        };
        let auth = "[package]\nname = 'auth-function'\n[lints]\nworkspace = true";
        assert_eq!(complains("functions/auth/Cargo.toml", auth, "#[testing]"), 0);
        assert_eq!(complains("functions/auth/Cargo.toml", auth, "#[tokio::test]"), 1, "tests that nobody runs");
        assert_eq!(complains("functions/auth/Cargo.toml", &auth.replace("-f", "-r"), ""), 1, "another name");
        let native = CRATES.iter().filter(|one| !matches!(one.target, Target::Only(_))).map(|one| one.folder);
        let workspace = format!("[workspace]\ndefault-members = {:?}", native.collect::<Vec<_>>());
        assert_eq!(complains("Cargo.toml", &workspace, ""), 0);
        assert_eq!(complains("Cargo.toml", &workspace.replace("\"schema\", ", ""), ""), 1, "one is missing");
        assert_eq!(complains("Cargo.toml", &workspace.replace("schema", "functions/page"), ""), 1, "another one");
    }
}
