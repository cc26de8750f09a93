//! Where visitors reach the Worker: on workerd, made of nothing but what was uploaded.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tests::Server;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

use super::{Kept, NAME, Version, text};
use crate::command::{Folder, Variables};

/// A served deployment.
struct Running {
    /// Of which state of the account.
    changes: u64,
    server: Server,
    _folder: Folder,
}

/// Takes connections for as long as the test runs.
pub async fn listen(listener: TcpListener, kept: Arc<Mutex<Kept>>) {
    let running = Arc::new(tokio::sync::Mutex::new(None));
    while let Ok((visitor, _)) = listener.accept().await {
        tokio::spawn(reach(visitor, Arc::clone(&kept), Arc::clone(&running)));
    }
}

/// What is not deployed is not reached.
async fn reach(mut visitor: TcpStream, kept: Arc<Mutex<Kept>>, running: Arc<tokio::sync::Mutex<Option<Running>>>) {
    let address = {
        let mut running = running.lock().await;
        address(&kept, &mut running).await
    };
    if let Some(address) = address
        && let Ok(mut server) = TcpStream::connect(address).await
    {
        // Either side may leave first.
        let _ended = copy_bidirectional(&mut visitor, &mut server).await;
    }
}

/// Where the newest deployment listens. It is started by its first visitor, and with other secrets anew.
async fn address(kept: &Mutex<Kept>, running: &mut Option<Running>) -> Option<String> {
    let (changes, version, secrets) = {
        let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        (kept.changes, kept.deployed()?.clone(), kept.secrets.clone()?)
    };
    if running.as_ref().is_none_or(|running| running.changes != changes) {
        let folder = Folder::new();
        let server = Server::of_worker(&described(&version, &secrets, &folder)).await;
        *running = Some(Running { changes, server, _folder: folder });
    }
    running.as_ref().map(|running| running.server.base().trim_start_matches("http://").to_owned())
}

/// What to serve, as `xtask/node/serve.mjs` reads it.
fn described(version: &Version, secrets: &Variables, folder: &Folder) -> Value {
    let (modules_root, directory) = (folder.path("modules"), folder.path("files"));
    let config = &version.metadata["assets"]["config"];
    let mut modules = Vec::new();
    for (name, bytes) in &version.modules {
        let kind = match Path::new(name).extension().and_then(|extension| extension.to_str()) {
            Some("wasm") => "CompiledWasm",
            Some("js") => "ESModule",
            _ => continue,
        };
        let module = json!({"type": kind, "path": write(&modules_root, name, bytes)});
        // It starts with the first.
        let place = if version.metadata["main_module"] == name.as_str() { 0 } else { modules.len() };
        modules.insert(place, module);
    }
    for (path, bytes) in &version.files {
        write(&directory, path, bytes);
    }
    for name in ["_headers", "_redirects"] {
        write(&directory, name, config[name].as_str().unwrap_or_default().as_bytes());
    }
    let mut variables = secrets.clone();
    let plain = version.bindings("plain_text");
    variables.extend(plain.map(|binding| (text(&binding["name"]), text(&binding["text"]))));
    json!({
        "name": NAME,
        "root": folder.path(""),
        "modules": modules,
        "modules_root": modules_root,
        "compatibility_date": version.metadata["compatibility_date"],
        "compatibility_flags": version.metadata["compatibility_flags"],
        "assets": {
            "directory": directory,
            "binding": version.bindings("assets").next().expect("a binding of the files")["name"],
            "not_found_handling": config["not_found_handling"],
            "run_worker_first": config["run_worker_first"],
        },
        "variables": variables,
        "host": "127.0.0.1",
        "port": 0,
    })
}

/// Writes a file under the name that it was uploaded by, `./x.wasm` or `/assets/x.js`; its path.
fn write(folder: &str, name: &str, bytes: &[u8]) -> String {
    let path = Path::new(folder).join(name.trim_start_matches('.').trim_start_matches('/'));
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(&path, bytes).expect("a file");
    path.display().to_string()
}
