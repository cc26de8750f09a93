//! Cloudflare's HTTP API in front of one account, as far as the pinned wrangler calls it for a Worker with files (seen of wrangler 4.164),
//! and the edge at which the Worker is then reached.
//!
//! It keeps what it is given and knows nothing of ours. What wrangler asks beyond that is answered with 404, which fails the test.

mod edge;
mod http;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use self::http::Request;
use crate::command::Variables;

/// A token that may edit Workers.
pub const TOKEN: &str = "may-edit-workers";

/// The account.
const ACCOUNT: &str = "0123456789abcdef0123456789abcdef";

/// The Worker, as wrangler.toml calls it.
const NAME: &str = "edgewise";

/// What lets files be uploaded, and what shows that all of them were.
const SESSION: &str = "upload-session";
const UPLOADED: &str = "upload-complete";

/// An API and an edge. They end with the test.
pub struct Cloudflare {
    /// Where visitors reach the Worker once it is deployed.
    pub edge: String,
    api: String,
    kept: Arc<Mutex<Kept>>,
}

/// What the account holds, and what it was asked.
#[derive(Default)]
pub struct Kept {
    /// The Worker's, by name; `None`: there is no Worker.
    pub secrets: Option<Variables>,
    /// What was put at once, each time that it was taken.
    pub put: Vec<Variables>,
    /// The same, where it was refused.
    pub refused: Vec<Variables>,
    /// Whether it is to be refused, with a message that repeats it.
    pub refuses_secrets: bool,
    /// The command lines of all processes of this machine while secrets were put.
    pub command_lines: String,
    /// What was uploaded, oldest first.
    pub versions: Vec<Version>,
    /// When the Worker is called by the clock.
    pub schedules: Value,
    /// Method and path of each call.
    pub calls: Vec<String>,
    deployed: Option<usize>,
    is_at_workers_dev: bool,
    /// Changes whenever a visitor would meet another Worker.
    changes: u64,
    /// Path and hash of the files that the next version has.
    manifest: Vec<(String, String)>,
    /// All files, by hash.
    files: BTreeMap<String, Vec<u8>>,
}

/// A version of the Worker.
#[derive(Clone)]
pub struct Version {
    /// What wrangler says of it.
    pub metadata: Value,
    /// Its modules, by name.
    pub modules: BTreeMap<String, Vec<u8>>,
    /// Its files, by path.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Version {
    /// What of this type it is bound to.
    pub fn bindings(&self, kind: &str) -> impl Iterator<Item = &Value> {
        let all = self.metadata["bindings"].as_array().expect("bindings");
        all.iter().filter(move |binding| binding["type"] == kind)
    }
}

impl Cloudflare {
    /// One with an empty account.
    pub async fn open() -> Self {
        let kept = Arc::<Mutex<Kept>>::default();
        let api = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let edge = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let cloudflare = Self {
            edge: format!("http://{}", edge.local_addr().unwrap()),
            api: format!("http://{}/client/v4", api.local_addr().unwrap()),
            kept: Arc::clone(&kept),
        };
        tokio::spawn(listen(api, Arc::clone(&kept)));
        tokio::spawn(edge::listen(edge, kept));
        cloudflare
    }

    /// How wrangler finds it.
    pub fn environment<'a>(&'a self, token: &'a str) -> [(&'a str, &'a str); 3] {
        [("CLOUDFLARE_API_BASE_URL", &self.api), ("CLOUDFLARE_ACCOUNT_ID", ACCOUNT), ("CLOUDFLARE_API_TOKEN", token)]
    }

    /// The account. To be let go before anything is waited for.
    pub fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn listen(listener: TcpListener, kept: Arc<Mutex<Kept>>) {
    while let Ok((connection, _)) = listener.accept().await {
        tokio::spawn(hear(connection, Arc::clone(&kept)));
    }
}

async fn hear(mut connection: TcpStream, kept: Arc<Mutex<Kept>>) {
    let Some(request) = Request::read(&mut connection).await else { return };
    let result = kept.lock().unwrap_or_else(PoisonError::into_inner).result(&request);
    let (status, answer) = match result {
        Ok(result) => (200, json!({"success": true, "errors": [], "messages": [], "result": result})),
        Err(Refusal { status, code, message }) => {
            let errors = json!([{"code": code, "message": message}]);
            (status, json!({"success": false, "errors": errors, "messages": [], "result": null}))
        }
    };
    http::answer(&mut connection, status, &answer).await;
}

/// Why there is no result.
struct Refusal {
    status: u16,
    code: u32,
    message: String,
}

fn refusal(status: u16, code: u32, message: impl Into<String>) -> Refusal {
    Refusal { status, code, message: message.into() }
}

impl Kept {
    /// What is served, if anything is.
    pub fn deployed(&self) -> Option<&Version> {
        self.versions.get(self.deployed?)
    }

    fn result(&mut self, request: &Request) -> Result<Value, Refusal> {
        let path = request.path.strip_prefix("/client/v4").unwrap_or_default();
        self.calls.push(format!("{} {path}", request.method));
        let workers = format!("/accounts/{ACCOUNT}/workers");
        let path = path.strip_prefix(&workers).unwrap_or_default();
        let token = if path == "/assets/upload" { SESSION } else { TOKEN };
        if request.header("authorization") != format!("Bearer {token}") {
            return Err(refusal(403, 10000, "Authentication error"));
        }
        let call = (request.method.as_str(), path.strip_prefix("/scripts/edgewise").unwrap_or(path));
        match call {
            // A first, empty Worker, for its secrets.
            ("PUT", "") => {
                self.secrets.get_or_insert_default();
                Ok(json!({"id": NAME, "deployment_id": version_id(0)}))
            }
            ("PATCH", "/secrets-bulk") => self.put_secrets(&request.json()),
            ("POST", "/assets-upload-session") => Ok(self.open_session(&request.json())),
            ("POST", "/assets/upload") => Ok(self.keep_files(request)),
            ("GET", "/subdomain") => Ok(json!({"subdomain": "loopback"})),
            (method, rest) => {
                let secrets = self.secrets.as_ref().ok_or_else(no_worker)?;
                match (method, rest) {
                    ("GET", "/services/edgewise") => {
                        let script = json!({"id": NAME, "tag": "tag", "last_deployed_from": "wrangler"});
                        Ok(json!({"default_environment": {"environment": "production", "script": script}}))
                    }
                    ("GET", "/secrets") => {
                        Ok(secrets.keys().map(|name| json!({"name": name, "type": "secret_text"})).collect())
                    }
                    ("GET", "/settings") => Ok(json!({"bindings": []})),
                    ("POST", "/versions") => self.keep_version(request),
                    ("GET", "/deployments") => Ok(json!({"deployments": self.deployments()})),
                    ("POST", "/deployments") => Ok(self.deploy(&request.json())),
                    ("PATCH", "/script-settings") => Ok(json!({})),
                    ("GET", "/workers/edgewise") => Ok(json!({"name": NAME, "subdomain": self.at_workers_dev()})),
                    ("POST", "/subdomain") => {
                        self.is_at_workers_dev = request.json()["enabled"] == true;
                        Ok(self.at_workers_dev())
                    }
                    ("PUT", "/schedules") => {
                        self.schedules = request.json();
                        Ok(json!({"schedules": self.schedules}))
                    }
                    _ => Err(refusal(404, 7003, format!("Could not route to {method} {rest}"))),
                }
            }
        }
    }

    fn put_secrets(&mut self, body: &Value) -> Result<Value, Refusal> {
        let told = body["secrets"].as_object().expect("secrets").iter();
        let told: Variables = told.map(|(name, secret)| (name.clone(), text(&secret["text"]))).collect();
        self.command_lines += &command_lines();
        if self.refuses_secrets {
            self.refused.push(told);
            return Err(refusal(400, 10021, format!("cannot take {body}")));
        }
        self.secrets.as_mut().ok_or_else(no_worker)?.extend(told.clone());
        self.put.push(told);
        self.changes += 1;
        Ok(json!({}))
    }

    /// Asks for the files that no version has brought.
    fn open_session(&mut self, body: &Value) -> Value {
        let manifest = body["manifest"].as_object().expect("a manifest").iter();
        self.manifest = manifest.map(|(path, file)| (path.clone(), text(&file["hash"]))).collect();
        let hashes = self.manifest.iter().map(|(_, hash)| hash);
        let missing: BTreeSet<&String> = hashes.filter(|hash| !self.files.contains_key(*hash)).collect();
        match missing.is_empty() {
            true => json!({"jwt": UPLOADED, "buckets": []}),
            false => json!({"jwt": SESSION, "buckets": [missing]}),
        }
    }

    fn keep_files(&mut self, request: &Request) -> Value {
        let files = request.parts().into_iter();
        self.files.extend(files.map(|(hash, content)| (hash, STANDARD.decode(content).expect("base64"))));
        json!({"jwt": UPLOADED})
    }

    fn keep_version(&mut self, request: &Request) -> Result<Value, Refusal> {
        let mut modules = request.parts();
        let metadata = modules.remove("metadata").expect("metadata");
        let metadata: Value = serde_json::from_slice(&metadata).expect("JSON");
        assert_eq!(metadata["assets"]["jwt"], UPLOADED, "files are missing");
        let files = self.manifest.iter().map(|(path, hash)| (path.clone(), self.files[hash].clone())).collect();
        let version = Version { metadata, modules, files };
        let inherited: BTreeSet<String> = version.bindings("inherit").map(|binding| text(&binding["name"])).collect();
        let secrets = self.secrets.as_mut().ok_or_else(no_worker)?;
        if let Some(name) = inherited.iter().find(|name| !secrets.contains_key(*name)) {
            return Err(refusal(400, 10021, format!("there is no binding {name} to inherit")));
        }
        // What is not kept by its type or its name is gone.
        let kept = version.metadata["keep_bindings"].as_array();
        if !kept.is_some_and(|kinds| kinds.iter().any(|kind| kind == "secret_text")) {
            secrets.retain(|name, _| inherited.contains(name));
        }
        self.versions.push(version);
        let id = version_id(self.versions.len());
        let resources = json!({"script": {"etag": id}});
        Ok(json!({"id": id, "startup_time_ms": 1, "resources": resources, "metadata": {"has_preview": false}}))
    }

    fn deploy(&mut self, body: &Value) -> Value {
        let is_meant = |number: &usize| body["versions"][0]["version_id"] == version_id(number + 1).as_str();
        self.deployed = (0..self.versions.len()).find(is_meant);
        assert!(self.deployed.is_some(), "{body}");
        self.changes += 1;
        json!({"id": version_id(0)})
    }

    fn deployments(&self) -> Vec<Value> {
        let deployment = |number: usize| {
            let versions = json!([{"version_id": version_id(number + 1), "percentage": 100}]);
            json!({
                "id": version_id(0),
                "source": "wrangler",
                "strategy": "percentage",
                "author_email": "",
                "created_on": "2026-11-01T00:00:00Z",
                "versions": versions,
            })
        };
        self.deployed.map(deployment).into_iter().collect()
    }

    fn at_workers_dev(&self) -> Value {
        json!({"enabled": self.is_at_workers_dev, "previews_enabled": false})
    }
}

fn no_worker() -> Refusal {
    refusal(404, 10007, "This Worker does not exist on your account.")
}

fn version_id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Of all processes; one may end while it is being looked at.
fn command_lines() -> String {
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " ") + "\n").collect()
}
