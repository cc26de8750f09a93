//! What is in the results, as CycloneDX 1.5: `.local/sbom/worker.cdx.json`, `spin.cdx.json`, `page.cdx.json`.
//!
//! Cargo tells which crates are linked, with their licences, and the lock file has their digests; npm tells what the page is bundled of.
//! Of the functions each file that is deployed is named with its digest. Nothing in them is of this machine or of this hour, so the same
//! sources have the same lists, byte for byte: that is how two builds are compared.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use toml::Table;

use super::{components, worker};
use crate::crates;
use crate::crates::Target;
use crate::pins;
use crate::project::Project;
use crate::runtime::Runtime;
use crate::setup::Tools;
use crate::steps;

/// The crates that are the page's own Wasm.
const WASM: &[&str] = &["markdown", "password"];

/// Of the functions of a runtime.
pub fn of_functions(project: &Project, runtime: Runtime) -> Result<()> {
    let entries = crates::CRATES.iter().filter(|one| one.folder.starts_with("functions/"));
    let entries = entries.filter(|one| one.target == Target::Only(runtime)).map(|one| one.name);
    let list = linked(project, &entries.collect::<Vec<_>>(), runtime.target())?;
    let (name, files) = match runtime {
        Runtime::Workers => ("worker", {
            let mut files = worker::files(project);
            files.push(worker::entry(project));
            files
        }),
        Runtime::Spin => {
            ("spin", components::sources(project)?.into_values().map(|file| project.root().join(file)).collect())
        }
    };
    let mut document = list.document(&format!("edgewise-{name}"));
    if let Some(Value::Array(all)) = document.get_mut("components") {
        // Of Spin's components some may not have been built.
        for file in files.iter().filter(|file| file.exists()) {
            all.push(delivered(project.root(), file)?);
        }
    }
    write(project, name, &document)
}

/// A file of the result.
fn delivered(root: &Path, file: &Path) -> Result<Value> {
    let bytes = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    let digest = digest(&bytes);
    let name = file.strip_prefix(root).unwrap_or(file).display().to_string();
    Ok(json!({ "bom-ref": name, "type": "file", "name": name, "hashes": [{ "alg": "SHA-256", "content": digest }] }))
}

/// SHA-256, as everybody writes it.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Of the page: npm's packages, and the crates in its Wasm.
pub fn of_page(project: &Project, tools: &Tools) -> Result<()> {
    let mut npm = project.command("npm");
    npm.args(["sbom", "--sbom-format", "cyclonedx", "--omit", "dev"]).current_dir(project.path("static"));
    let output = tools.equip(&mut npm).output().context("starting npm")?;
    ensure!(output.status.success(), "npm sbom: {}", String::from_utf8_lossy(&output.stderr).trim());
    let bundled: Value = serde_json::from_slice(&output.stdout).context("reading what npm sbom tells")?;
    let mut crates = linked(project, WASM, pins::WORKERS_TARGET)?;
    let told = |part: &str| bundled.get(part).and_then(Value::as_array).cloned().unwrap_or_default();
    let (whole, needs): (Vec<_>, Vec<_>) = told("dependencies").into_iter().partition(is_the_page);
    let top = whole.iter().filter_map(|one| one.get("dependsOn")?.as_array()).flatten().filter_map(Value::as_str);
    crates.entries.extend(top.map(str::to_owned));
    let mut document = crates.document("edgewise-page");
    for (part, more) in [("components", told("components")), ("dependencies", needs)] {
        if let Some(Value::Array(all)) = document.get_mut(part) {
            all.extend(more.into_iter().map(placeless));
        }
    }
    write(project, "page", &document)
}

/// What npm calls the project itself.
fn is_the_page(dependency: &Value) -> bool {
    dependency.get("ref").and_then(Value::as_str).is_some_and(|name| name.starts_with("edgewise-page@"))
}

/// Without where it is: a registry's address differs from machine to machine.
fn placeless(mut component: Value) -> Value {
    if let Some(component) = component.as_object_mut() {
        component.remove("externalReferences");
    }
    component
}

fn write(project: &Project, name: &str, document: &Value) -> Result<()> {
    let folder = project.local("sbom");
    fs::create_dir_all(&folder)?;
    let count = document.get("components").and_then(Value::as_array).map_or(0, Vec::len);
    let path = folder.join(format!("{name}.cdx.json"));
    fs::write(&path, serde_json::to_string_pretty(document)?).with_context(|| format!("writing {}", path.display()))?;
    steps::say(&format!("parts of it: {count}, in .local/sbom/{name}.cdx.json"));
    Ok(())
}

/// A crate that is linked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Linked {
    name: String,
    version: String,
    licence: String,
    is_ours: bool,
}

impl Linked {
    /// Reads `name v1.2.3|licence`, with `(path)` behind the version of a crate of ours.
    fn parse(text: &str) -> Option<Self> {
        let (package, licence) = text.split_once('|')?;
        let mut words = package.split_whitespace();
        let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
        let licence = licence.trim_end_matches(" (*)").trim().replace('/', " OR ");
        Some(Self { name: name.to_owned(), version: version.to_owned(), licence, is_ours: words.next().is_some() })
    }

    fn reference(&self) -> String {
        format!("pkg:cargo/{}@{}", self.name, self.version)
    }
}

/// Crates, what each needs, and their digests.
#[derive(Default)]
struct Crates {
    entries: BTreeSet<String>,
    all: BTreeSet<Linked>,
    needs: BTreeMap<String, BTreeSet<String>>,
    digests: BTreeMap<String, String>,
}

/// The crates that are linked into these, without macros and build scripts.
fn linked(project: &Project, entries: &[&str], target: &str) -> Result<Crates> {
    let mut cargo = project.cargo();
    cargo.args(["tree", "--locked", "--target", target, "--edges", "normal,no-proc-macro", "--prefix", "depth"]);
    cargo.args(["--format", "{p}|{l}"]).args(entries.iter().flat_map(|entry| ["--package", entry]));
    let output = cargo.output().context("starting cargo")?;
    ensure!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr).trim());
    let lock = fs::read_to_string(project.path("Cargo.lock")).context("reading Cargo.lock")?;
    let mut crates = Crates::read(&String::from_utf8_lossy(&output.stdout));
    crates.digests = digests(&lock.parse().context("Cargo.lock is not TOML")?);
    Ok(crates)
}

fn digests(lock: &Table) -> BTreeMap<String, String> {
    let packages = lock.get("package").and_then(toml::Value::as_array).into_iter().flatten();
    let text = |package: &toml::Value, key: &str| package.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let named = packages.filter_map(|one| {
        Some((format!("pkg:cargo/{}@{}", text(one, "name")?, text(one, "version")?), text(one, "checksum")?))
    });
    named.collect()
}

impl Crates {
    /// Reads lines that begin with their depth.
    fn read(tree: &str) -> Self {
        let mut crates = Self::default();
        let mut above: Vec<String> = Vec::new();
        for line in tree.lines() {
            let digits = line.len() - line.trim_start_matches(|char: char| char.is_ascii_digit()).len();
            let (depth, text) = line.split_at(digits);
            let Some((depth, one)) = depth.parse::<usize>().ok().zip(Linked::parse(text)) else { continue };
            above.truncate(depth);
            match above.last() {
                Some(parent) => crates.needs.entry(parent.clone()).or_default().insert(one.reference()),
                None => crates.entries.insert(one.reference()),
            };
            above.push(one.reference());
            crates.all.insert(one);
        }
        crates
    }

    fn document(&self, name: &str) -> Value {
        let components: Vec<Value> = self.all.iter().map(|one| self.component(one)).collect();
        let whole = json!({ "ref": name, "dependsOn": self.entries });
        let dependencies = self.all.iter().map(|one| {
            let needs = self.needs.get(&one.reference()).cloned().unwrap_or_default();
            json!({ "ref": one.reference(), "dependsOn": needs })
        });
        json!({
            "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "version": 1,
            "metadata": {
                "lifecycles": [{ "phase": "build" }],
                "component": { "bom-ref": name, "type": "application", "name": name, "version": env!("CARGO_PKG_VERSION") },
            },
            "components": components,
            "dependencies": std::iter::once(whole).chain(dependencies).collect::<Vec<_>>(),
        })
    }

    fn component(&self, one: &Linked) -> Value {
        let mut component = Map::new();
        component.insert("bom-ref".to_owned(), one.reference().into());
        component.insert("type".to_owned(), "library".into());
        component.insert("name".to_owned(), one.name.as_str().into());
        component.insert("version".to_owned(), one.version.as_str().into());
        if !one.licence.is_empty() {
            component.insert("licenses".to_owned(), json!([{ "expression": one.licence }]));
        }
        if !one.is_ours {
            component.insert("purl".to_owned(), one.reference().into());
        }
        if let Some(digest) = self.digests.get(&one.reference()) {
            component.insert("hashes".to_owned(), json!([{ "alg": "SHA-256", "content": digest }]));
        }
        Value::Object(component)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "0worker-function v0.1.0 (/home/ann/edgewise/functions/worker)|Apache-2.0
1api v0.1.0 (/home/ann/edgewise/shared/api)|Apache-2.0
2bytes v1.12.1|MIT
1http v1.5.0|MIT/Apache-2.0
2bytes v1.12.1|MIT (*)
";

    #[test]
    fn a_tree_becomes_parts_and_what_each_needs() {
        let lock = "[[package]]\nname = \"bytes\"\nversion = \"1.12.1\"\nchecksum = \"ab\"\n[[package]]\nname = \"api\"\nversion = \"0.1.0\"";
        let mut crates = Crates::read(TREE);
        crates.digests = digests(&lock.parse().unwrap());
        let document = crates.document("edgewise-worker");
        let parts = document["components"].as_array().unwrap();
        assert_eq!(
            parts.iter().map(|part| part["name"].as_str().unwrap()).collect::<Vec<_>>(),
            ["api", "bytes", "http", "worker-function"]
        );
        assert_eq!(parts[1]["hashes"][0]["content"], "ab");
        assert_eq!((&parts[1]["purl"], &parts[0]["purl"]), (&json!("pkg:cargo/bytes@1.12.1"), &Value::Null));
        assert_eq!(parts[2]["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(
            document["dependencies"][3],
            json!({ "ref": "pkg:cargo/http@1.5.0", "dependsOn": ["pkg:cargo/bytes@1.12.1"] })
        );
        let whole = json!({ "ref": "edgewise-worker", "dependsOn": ["pkg:cargo/worker-function@0.1.0"] });
        assert_eq!(document["dependencies"][0], whole);
        assert!(!document.to_string().contains("/home/"), "a folder of this machine");
    }

    #[test]
    fn a_file_that_is_deployed_is_named_with_its_digest_and_without_its_folder() {
        let root = std::env::temp_dir().join(format!("edgewise-sbom-{}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        fs::write(root.join("index.js"), "abc").unwrap();
        let file = delivered(&root, &root.join("index.js")).unwrap();
        fs::remove_dir_all(&root).unwrap();
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((&file["name"], &file["hashes"][0]["content"]), (&json!("index.js"), &json!(digest)));
    }

    #[test]
    fn what_the_worker_is_made_of_is_listed_and_what_builds_it_is_not() {
        let crates = linked(&Project::open().unwrap(), &["worker-function"], pins::WORKERS_TARGET).unwrap();
        let has = |name: &str| crates.all.iter().any(|one| one.name == name);
        assert!(["worker-function", "api", "worker", "http"].into_iter().all(has));
        assert!(!["clap", "xtask", "rustls", "serde_derive"].into_iter().any(has));
        let foreign = crates.all.iter().filter(|one| !one.is_ours);
        let bare: Vec<_> =
            foreign.filter(|one| !crates.digests.contains_key(&one.reference()) || one.licence.is_empty()).collect();
        assert!(bare.is_empty(), "without digest or licence: {bare:?}");
    }
}
