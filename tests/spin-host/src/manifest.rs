//! `spin.toml`, manifest version 2, as far as this project's says anything.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

/// An application.
#[derive(Deserialize)]
pub struct Manifest {
    spin_manifest_version: u32,
    application: Application,
    /// The operator's variables.
    #[serde(default)]
    pub variables: BTreeMap<String, Variable>,
    trigger: Triggers,
    /// The programs, by id.
    pub component: BTreeMap<String, Component>,
    /// The folder that paths are given from.
    #[serde(skip)]
    folder: PathBuf,
}

/// What it is called; Spin tells this at `/.well-known/spin/info`.
#[derive(Deserialize, Serialize)]
struct Application {
    name: String,
    version: String,
}

/// A variable of the application.
#[derive(Deserialize)]
pub struct Variable {
    /// Its value when the environment has none; without a default it is required.
    pub default: Option<String>,
}

#[derive(Deserialize)]
struct Triggers {
    http: Vec<HttpTrigger>,
}

/// Which component answers a route.
#[derive(Deserialize)]
pub struct HttpTrigger {
    /// As in the manifest, such as `/api/...`.
    pub route: String,
    /// The component's id.
    pub component: String,
}

/// A program and what it may do.
#[derive(Deserialize)]
pub struct Component {
    source: PathBuf,
    /// `scheme://host[:port]`, or a template that becomes one.
    #[serde(default)]
    pub allowed_outbound_hosts: Vec<String>,
    /// What the component may ask for by name: templates over the application's variables.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Environment variables of the program.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Folders it may read.
    #[serde(default)]
    pub files: Vec<Files>,
}

/// A folder that a component may read.
#[derive(Deserialize)]
pub struct Files {
    source: PathBuf,
    /// Where the component sees it.
    pub destination: String,
}

impl Manifest {
    /// Reads a manifest file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        let mut manifest: Self =
            toml::from_str(&text).with_context(|| format!("{} is not as expected", path.display()))?;
        ensure!(manifest.spin_manifest_version == 2, "only version 2 of the manifest is known here");
        manifest.folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        Ok(manifest)
    }

    /// What Spin tells of an application, as JSON.
    pub fn info(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(&self.application)?)
    }

    /// The routes, in the order of the manifest.
    pub fn routes(&self) -> &[HttpTrigger] {
        &self.trigger.http
    }

    /// Where a component's program is.
    pub fn source(&self, component: &Component) -> PathBuf {
        self.folder.join(&component.source)
    }

    /// Where a folder that a component may read is.
    pub fn folder(&self, files: &Files) -> PathBuf {
        self.folder.join(&files.source)
    }
}
