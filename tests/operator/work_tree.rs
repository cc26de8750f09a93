//! A work tree as an operator has one: its files are links to the project's, but for `wrangler.toml`, which a set-up may change.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::json;
use tests::{optional_variable, variable};

use crate::command::Folder;

/// What Cloudflare's tool is told.
const CONFIG: &str = "wrangler.toml";

/// How `wrangler.toml` has the Worker built.
const BUILD: &str = "cargo xtask build --worker";

/// What a work tree has of its own, beside what begins with a dot.
const OWN: [&str; 3] = [CONFIG, "wrangler.placed.toml", "target"];

/// A work tree. It goes at the end.
pub struct WorkTree {
    folder: Folder,
}

impl WorkTree {
    /// One in which everything is built.
    pub fn new() -> Self {
        let tree = Self { folder: Folder::new() };
        for entry in fs::read_dir(project("")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if !name.starts_with('.') && !OWN.contains(&name.as_str()) {
                symlink(project(&name), tree.path(&name)).unwrap();
            }
        }
        fs::create_dir(tree.path(".local")).unwrap();
        for name in [".local/tools", ".local/stamps"] {
            symlink(project(name), tree.path(name)).unwrap();
        }
        let programs = PathBuf::from(variable("XTASK"));
        symlink(programs.ancestors().nth(2).unwrap(), tree.path("target")).unwrap();
        let written = fs::read_to_string(project(CONFIG)).unwrap();
        assert!(written.contains(BUILD), "{written}");
        // No cargo: it would build for this folder.
        let built = written.replace(BUILD, &format!("'{}' build --worker", programs.display()));
        let lines: String = built.lines().map(|line| as_told(line) + "\n").collect();
        fs::write(tree.path(CONFIG), lines).unwrap();
        tree
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> String {
        self.folder.path(name)
    }

    /// Its `wrangler.toml`.
    pub fn config(&self) -> String {
        fs::read_to_string(self.path(CONFIG)).unwrap()
    }

    /// How `xtask` finds it, and wrangler what is not the developer's own.
    pub fn environment(&self) -> [(&'static str, String); 4] {
        [
            ("CARGO_PKG_NAME", "xtask".to_owned()),
            ("CARGO_MANIFEST_DIR", self.path("xtask")),
            ("XDG_CONFIG_HOME", self.path(".local/config")),
            ("WRANGLER_LOG_PATH", self.path(".local/wrangler")),
        ]
    }

    /// All that wrangler has logged.
    pub fn log_of_wrangler(&self) -> String {
        let files = files_below(Path::new(&self.path(".local/wrangler")));
        files.values().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
    }
}

/// A path in the project itself.
pub fn project(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(name)
}

/// Every file of a folder: `/` and its path there, and what is in it.
pub fn files_below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        let name = format!("/{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            files.extend(files_below(&path).into_iter().map(|(below, bytes)| (name.clone() + &below, bytes)));
        } else {
            files.insert(name, fs::read(&path).unwrap());
        }
    }
    files
}

/// Where the stores are, and what is off for tests, is the suite's to say; whether the chat is on is what a set-up does.
fn as_told(line: &str) -> String {
    let is_variable = |name: &str| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let named = line.split_once(" = ").map(|(name, _)| name);
    let name = named.filter(|name| is_variable(name) && *name != "FEATURE_CHAT_ENABLED");
    let told = name.and_then(|name| optional_variable(name).map(|value| format!("{name} = {}", json!(value))));
    told.unwrap_or_else(|| line.to_owned())
}
