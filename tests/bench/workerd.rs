//! A Worker on plain `workerd`, from a configuration of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tests::{WHERE_THINGS_ARE, eventually, optional_variable, variable};

/// A bare Worker: what the runtime itself costs.
const BARE: &str = "export default { async fetch(request, env) {
  if (request.method === 'GET') return new Response('ok');
  return fetch(env.MODEL, { method: 'POST', headers: { authorization: 'Bearer ' + env.KEY, 'content-type': 'application/json' }, body: request.body });
} };";

/// One in JavaScript that makes a message's calls and records its stream, and does nothing else.
const CALLS_ONLY: &str = include_str!("calls_only.js");

/// One that has our modules and does not call them: what the runtime takes for their bytes.
const CARRYING: &str = "import chat from './worker/build/index_bg.wasm';
export default { async fetch() { return new Response(chat instanceof WebAssembly.Module ? 'ok' : 'no'); } };";

/// What the Worker imports, under the folder of the functions.
const BUILT: [&str; 5] = [
    "worker/socket.js",
    "worker/build/index.js",
    "worker/build/index_bg.wasm",
    "worker-accounts/build/index.js",
    "worker-accounts/build/index_bg.wasm",
];

/// Whether the inspector listens. It costs processor time, also when nobody is attached.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Inspector {
    Listens,
    Off,
}

/// A running workerd.
pub struct Workerd {
    /// `http://127.0.0.1:port`.
    pub base: String,
    /// Where its inspector listens if it does, `127.0.0.1:port`.
    pub inspector: String,
    began: Instant,
    child: Child,
    folder: PathBuf,
}

impl Workerd {
    /// Ours, with the limits out of the way.
    pub fn edgewise(inspector: Inspector) -> Self {
        Self::with(&variables(), inspector)
    }

    /// Ours, with these variables.
    pub fn with(variables: &[(String, String)], inspector: Inspector) -> Self {
        let folder = folder("edgewise");
        let modules = [copied(&folder, "worker/entry.js"), built(&folder)].join(", ");
        Self::start(folder, &modules, variables, inspector)
    }

    /// One that only returns what it fetches.
    pub fn bare(model: &str, inspector: Inspector) -> Self {
        let folder = folder("bare");
        let script = script(&folder, BARE);
        Self::start(folder, &script, &model_bindings(model), inspector)
    }

    /// One that does what a message asks of the runtime, and nothing of its own.
    pub fn calls_only(model: &str, inspector: Inspector) -> Self {
        let folder = folder("calls-only");
        let script = script(&folder, CALLS_ONLY);
        Self::start(folder, &script, &[model_bindings(model).to_vec(), services()].concat(), inspector)
    }

    /// One that has our modules and does not call them.
    pub fn carrying() -> Self {
        let folder = folder("carrying");
        let modules = [script(&folder, CARRYING), built(&folder)].join(", ");
        Self::start(folder, &modules, &[], Inspector::Off)
    }

    fn start(folder: PathBuf, modules: &str, bindings: &[(String, String)], inspector: Inspector) -> Self {
        let [address, inspected] = free_addresses();
        let quote = |text: &str| serde_json::Value::from(text).to_string();
        let bindings: Vec<String> =
            bindings.iter().map(|(name, value)| format!("(name = {}, text = {})", quote(name), quote(value))).collect();
        let flags = optional_variable("COMPATIBILITY_FLAGS").unwrap_or_default();
        let flags: Vec<String> = flags.split_whitespace().map(quote).collect();
        let config = format!(
            "using Workerd = import \"/workerd/workerd.capnp\";\n\
             const config :Workerd.Config = (\n\
             services = [\n\
             (name = \"main\", worker = (modules = [{modules}], compatibilityDate = {},\n\
             compatibilityFlags = [{}], bindings = [{}], globalOutbound = \"net\")),\n\
             (name = \"net\", network = (allow = [\"public\", \"private\", \"local\"])) ],\n\
             sockets = [ (name = \"http\", address = \"{address}\", http = (), service = \"main\") ]\n);\n",
            quote(&variable("COMPATIBILITY_DATE")),
            flags.join(", "),
            bindings.join(", ")
        );
        let path = folder.join("config.capnp");
        fs::write(&path, config).unwrap();
        let mut command = Command::new(variable("WORKERD"));
        command.args(["serve", "--experimental"]);
        if inspector == Inspector::Listens {
            command.arg(format!("--inspector-addr={inspected}"));
        }
        let began = Instant::now();
        let child = command.arg(&path).stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("workerd starts");
        Self { base: format!("http://{address}"), inspector: inspected, began, child, folder }
    }

    /// Waits until it does.
    pub async fn answers(&self) {
        let client = reqwest::Client::new();
        let url = self.health();
        eventually("workerd answers", || async {
            let answer =
                client.get(&url).timeout(Duration::from_secs(2)).send().await.map_err(|error| error.to_string())?;
            if answer.status().is_success() { Ok(()) } else { Err(answer.status().to_string()) }
        })
        .await;
    }

    /// An address that is answered without a store.
    pub fn health(&self) -> String {
        format!("{}/api/v1/health", self.base)
    }

    /// Waits for its first answer, and says how long after its start it came.
    pub async fn first_answer(&self) -> Duration {
        let (client, url) = (reqwest::Client::new(), self.health());
        loop {
            if client.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return self.began.elapsed();
            }
            assert!(self.began.elapsed() < Duration::from_secs(30), "workerd does not answer");
            // Until it listens: shorter than what is measured.
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
    }

    /// Processor time it has used so far.
    pub fn processor_time(&self) -> Duration {
        processor_time(&self.child)
    }

    /// The most memory it has held so far, in MiB.
    pub fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }
}

impl Drop for Workerd {
    fn drop(&mut self) {
        // It may have ended by itself, and the folder is only temporary.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
        let _gone = fs::remove_dir_all(&self.folder);
    }
}

/// A module of a configuration: a file under `folder`.
fn embedded(folder: &Path, name: &str) -> String {
    fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
    let kind = if name.ends_with(".wasm") { "wasm" } else { "esModule" };
    format!("(name = \"{name}\", {kind} = embed \"{name}\")")
}

/// What we have built.
fn built(folder: &Path) -> String {
    BUILT.map(|name| copied(folder, name)).join(", ")
}

/// A module of our functions.
fn copied(folder: &Path, name: &str) -> String {
    let module = embedded(folder, name);
    fs::copy(PathBuf::from(variable("FUNCTIONS")).join(name), folder.join(name)).unwrap();
    module
}

/// A script of the bench's own.
fn script(folder: &Path, text: &str) -> String {
    let name = "script.js";
    let module = embedded(folder, name);
    fs::write(folder.join(name), text).unwrap();
    module
}

fn model_bindings(model: &str) -> [(String, String); 2] {
    [("MODEL".to_owned(), model.to_owned()), ("KEY".to_owned(), variable("SAMBANOVA_API_KEY"))]
}

/// Processor time that a process has used so far.
pub fn processor_time(child: &Child) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    // After the name in parentheses: utime and stime are fields 14 and 15, in ticks of 10 ms (USER_HZ is 100 on Linux).
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

/// What the functions are given; limits are out of the way.
pub fn variables() -> Vec<(String, String)> {
    let limits = [
        ("CHAT_RATE_LIMIT_PER_MINUTE", "100000"),
        ("CHAT_DAILY_MESSAGE_QUOTA", "1000000"),
        ("CHAT_MAX_CONCURRENT_STREAMS", "10000"),
        // All of it comes from one address.
        ("CHAT_DAILY_BUDGET_USD", "10000"),
        ("CHAT_MAX_RUNNING_ANSWERS", "0"),
        ("CHAT_ADDRESS_DAILY_MESSAGES", "0"),
        // A session of 100,000 messages is larger than a guest's share.
        ("CHAT_USER_STORAGE_MB", "1000000"),
        // A thousand streams that begin at once keep a small machine busy.
        ("REDIS_TIMEOUT_MS", "30000"),
    ];
    limits.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).chain(services()).collect()
}

/// Where things are, and nothing else: limits as they are without being set.
pub fn services() -> Vec<(String, String)> {
    let mut variables =
        vec![("FEATURE_CHAT_ENABLED".to_owned(), "true".to_owned()), ("LOG_LEVEL".to_owned(), "error".to_owned())];
    variables.extend(WHERE_THINGS_ARE.iter().map(|name| ((*name).to_owned(), variable(name))));
    variables
}

/// Two at once, so that they differ.
pub fn free_addresses() -> [String; 2] {
    let sockets = [(); 2].map(|()| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    sockets.map(|socket| socket.local_addr().unwrap().to_string())
}

/// A folder of this run, which may be there already.
pub fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("edgewise-bench-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}
