//! Versions that stand in several files are the ones in `pins.rs`.

use toml::Table;

use super::{Complaints, Source, text};
use crate::pins;

/// Checks the Rust, worker, wasm-bindgen and wrangler versions, and that lock files name no registry host.
pub fn check(sources: &[Source]) -> Complaints {
    let minor = pins::RUST.rsplit_once('.').map_or(pins::RUST, |(minor, _)| minor);
    let mut complaints = Vec::new();
    let mut equal = |file: &str, what: &str, found: Option<String>, pin: &str| {
        if found.as_deref() != Some(pin) {
            complaints.push(format!("{file}: {what} is {found:?}, xtask/src/pins.rs says {pin}"));
        }
    };
    let toolchain = at(text(sources, "rust-toolchain.toml"), &["toolchain", "channel"]);
    equal("rust-toolchain.toml", "the channel", toolchain, pins::RUST);
    let manifest = at(text(sources, "Cargo.toml"), &["workspace", "package", "rust-version"]);
    equal("Cargo.toml", "rust-version", manifest, minor);
    let lock = text(sources, "Cargo.lock");
    equal("Cargo.lock", "wasm-bindgen", locked(lock, "wasm-bindgen"), pins::WASM_BINDGEN);
    equal("Cargo.lock", "worker", locked(lock, "worker"), pins::WORKER_BUILD);
    let node = text(sources, "xtask/node/package.json");
    equal("xtask/node/package.json", "wrangler", npm(node, "wrangler"), pins::WRANGLER);
    let wrangler = text(sources, "xtask/node/package-lock.json");
    if wrangler.contains("node_modules/wrangler/node_modules/miniflare\"") {
        complaints.push("xtask/node/package.json: miniflare is another version than wrangler's".into());
    }
    for source in sources.iter().filter(|source| source.path.ends_with("package-lock.json")) {
        if source.text.contains("\"resolved\": \"http") {
            complaints.push(format!(
                "{}: names a registry host; `npm install` with omit-lockfile-registry-resolved",
                source.path
            ));
        }
    }
    complaints
}

fn at(text: &str, keys: &[&str]) -> Option<String> {
    let table: Table = text.parse().ok()?;
    let (first, rest) = keys.split_first()?;
    rest.iter().try_fold(table.get(*first)?, |value, key| value.get(key))?.as_str().map(str::to_owned)
}

fn locked(lock: &str, name: &str) -> Option<String> {
    let after = lock.split(&format!("name = \"{name}\"\nversion = \"")).nth(1)?;
    after.split('"').next().map(str::to_owned)
}

fn npm(package: &str, name: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(package).ok()?;
    value.get("dependencies")?.get(name)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sources;

    fn complaints(rust: &str, bindgen: &str, wrangler: &str, resolved: &str) -> usize {
        check(&sources(&[
            ("rust-toolchain.toml", &format!("[toolchain]\nchannel = \"{rust}\"")),
            ("Cargo.toml", "[workspace.package]\nrust-version = \"1.95\""),
            (
                "Cargo.lock",
                &format!(
                    "name = \"wasm-bindgen\"\nversion = \"{bindgen}\"\n\nname = \"worker\"\nversion = \"{}\"\n",
                    pins::WORKER_BUILD
                ),
            ),
            ("xtask/node/package.json", &format!("{{\"dependencies\":{{\"wrangler\":\"{wrangler}\"}}}}")),
            ("xtask/node/package-lock.json", resolved),
        ]))
        .len()
    }

    #[test]
    fn versions_are_the_pinned_ones() {
        assert_eq!(complaints(pins::RUST, pins::WASM_BINDGEN, pins::WRANGLER, "{}"), 0);
        assert_eq!(complaints("1.94.0", pins::WASM_BINDGEN, pins::WRANGLER, "{}"), 1);
        assert_eq!(complaints(pins::RUST, "0.2.1", pins::WRANGLER, "{}"), 1);
        assert_eq!(complaints(pins::RUST, pins::WASM_BINDGEN, "4.0.0", "{}"), 1);
    }

    #[test]
    fn lock_files_name_no_host() {
        let text = "{ \"resolved\": \"https://registry.example/x.tgz\" }";
        assert_eq!(complaints(pins::RUST, pins::WASM_BINDGEN, pins::WRANGLER, text), 1);
    }
}
