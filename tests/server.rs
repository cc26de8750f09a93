//! A running server: the one under test, or another one started with other variables.

use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, kill_process_group, prlimit};
use serde_json::Value;
use uuid::Uuid;

use crate::processes::{memory_below, started_by};
use crate::{Answer, Contract, variable};

/// A variable of a server that dozens call at once: a busy machine takes longer than Redis may, and is no fault of Redis'. Each call has its decision then.
pub const PATIENT: (&str, &str) = ("REDIS_TIMEOUT_MS", "30000");

/// A server and the connections to it.
#[derive(Clone)]
pub struct Server {
    base: String,
    http: reqwest::Client,
    /// Ends with the last handle to it.
    process: Option<Arc<Process>>,
}

impl Server {
    /// The server under test.
    pub fn under_test() -> Self {
        Self::at(variable("BASE_URL"), None)
    }

    /// Another server with other variables, beside the one under test and on the same stores. It ends when the last handle to it goes.
    pub async fn started_with(variables: &[(&str, &str)]) -> Self {
        Self::started_by(&variable("DEV_COMMAND"), "ready ", variables).await
    }

    /// As [`Server::started_with`], with options for Spin's HTTP trigger, such as `--request-timeout 1s`.
    pub async fn started_on_spin_with(variables: &[(&str, &str)], options: &str) -> Self {
        Self::started_by(&format!("{} -- {options}", variable("DEV_COMMAND")), "ready ", variables).await
    }

    /// A server of `wrangler dev`, on the same stores.
    pub async fn by_wrangler() -> Self {
        // Nothing may be asked, and each server takes a port of its own.
        Self::started_by(&variable("WRANGLER_COMMAND"), "Ready on ", &[("CI", "1")]).await
    }

    /// A server of any Worker and its files, on workerd: what to serve is written as `xtask/node/serve.mjs` reads it.
    pub async fn of_worker(served: &Value) -> Self {
        let mut command = Command::new("sh");
        command.arg("-c").arg(variable("SERVE_COMMAND")).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let told = format!("{served}\n");
        let start = move || Process::start_and_tell(command, "{\"ready\":\"", &told);
        let process = tokio::task::spawn_blocking(start).await.expect("a started server");
        let base = process.base.trim_end_matches("\"}").to_owned();
        Self::at(base, Some(Arc::new(process)))
    }

    /// A server of a command, and what stands before its address once it listens.
    pub(crate) async fn started_by(words: &str, ready: &'static str, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new("sh");
        command.arg("-c").arg(words).stdout(Stdio::piped()).process_group(0);
        command.envs(variables.iter().copied());
        let process =
            tokio::task::spawn_blocking(move || Process::start(command, ready)).await.expect("a started server");
        Self::at(process.base.clone(), Some(Arc::new(process)))
    }

    fn at(base: String, process: Option<Arc<Process>>) -> Self {
        let http = client().build().expect("a client");
        Self { base: base.trim_end_matches('/').to_owned(), http, process }
    }

    /// The same server, reached from another address of this machine, one of 127.0.0.0/8.
    #[must_use]
    pub fn reached_from(&self, address: Ipv4Addr) -> Self {
        // Of hundreds of addresses none keeps a connection that the server may close at any time.
        let http = client().local_address(IpAddr::V4(address)).pool_max_idle_per_host(0).build().expect("a client");
        Self { http, ..self.clone() }
    }

    /// Where it listens, without a path.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The lines it has written to its standard output so far; empty for the server under test.
    pub fn output(&self) -> Vec<String> {
        self.process.as_ref().map(|process| process.lines.lock().unwrap().clone()).unwrap_or_default()
    }

    /// Kills a started server as a crash would: none of its processes runs another instruction.
    ///
    /// # Panics
    /// For the server under test, which is not ours to kill.
    pub fn kill(&self) {
        self.process.as_ref().expect("a started server").kill();
    }

    /// Tells a started server to end, as a service manager does.
    ///
    /// # Panics
    /// For the server under test, which is not ours to end.
    pub fn terminate(&self) {
        let own = self.process.as_ref().expect("a started server").child.id();
        if let Some(process) = Pid::from_raw(own.cast_signed()) {
            let _ = kill_process(process, Signal::TERM);
        }
    }

    /// Leaves the processes behind a started server no more than `most` descriptors each, of those that they open from now on.
    ///
    /// # Panics
    /// For the server under test, whose limits are not ours to change.
    pub fn limit_descriptors(&self, most: u64) {
        let limit = || Rlimit { current: Some(most), maximum: Some(most) };
        for process in started_by(self.process.as_ref().expect("a started server").child.id()) {
            prlimit(Pid::from_raw(process.cast_signed()), Resource::Nofile, limit()).expect("a lower limit");
        }
    }

    /// The resident memory, in bytes, of the processes behind a started server; 0 for the server under test.
    pub fn memory(&self) -> u64 {
        self.process.as_ref().map_or(0, |process| memory_below(process.child.id()))
    }

    /// Makes a call, reads its answer to the end and checks it against the contract.
    pub async fn send(&self, call: Call) -> Answer {
        let path = call.path.clone();
        let answer = self.send_outside_the_contract(call.clone()).await;
        Contract::the().check(&call.method, &path, &answer);
        if answer.status >= 400 && !is_openai(&path) {
            answer.any_problem();
        }
        answer
    }

    /// As [`Server::send`], for a server that may be gone.
    ///
    /// # Errors
    /// No whole answer came.
    pub async fn try_send(&self, call: Call) -> reqwest::Result<Answer> {
        let answer = self.exchange(call.clone()).await?;
        Contract::the().check(&call.method, &call.path, &answer);
        Ok(answer)
    }

    /// Makes a call whose answer the contract does not describe.
    pub async fn send_outside_the_contract(&self, call: Call) -> Answer {
        let name = format!("{} {}", call.method, call.path);
        self.exchange(call).await.unwrap_or_else(|error| panic!("{name}: {error:?}"))
    }

    async fn exchange(&self, call: Call) -> reqwest::Result<Answer> {
        let method = reqwest::Method::from_bytes(call.method.as_bytes()).expect("a method");
        let mut request = self.http.request(method, format!("{}{}", self.base, call.path));
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        if let Some(body) = call.body {
            request = request.body(body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await?;
        Ok(Answer { call: format!("{} {}", call.method, call.path), status, headers, body })
    }
}

/// An address of this machine that nothing else has come from today: what is known of an address lasts as long as its day.
pub fn fresh_address() -> Ipv4Addr {
    let [first, second, third, ..] = Uuid::new_v4().into_bytes();
    Ipv4Addr::new(127, 2 | first, second, 1 + third % 250)
}

/// Whether errors at this address have OpenAI's shape.
fn is_openai(path: &str) -> bool {
    path.starts_with("/v1/") || path.starts_with("/api/v1/openai/")
}

fn client() -> reqwest::ClientBuilder {
    // Where an answer leads is for the test to look at.
    let redirects = reqwest::redirect::Policy::none();
    reqwest::Client::builder().no_proxy().redirect(redirects).timeout(Duration::from_secs(60))
}

/// A call to be made.
#[derive(Clone, Debug)]
pub struct Call {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Call {
    /// A call of any method; `path` begins after the host.
    pub fn new(method: &str, path: impl Into<String>) -> Self {
        Self { method: method.to_owned(), path: path.into(), headers: Vec::new(), body: None }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds the caller's token.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Adds a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// Its method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Where it goes.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The request as HTTP/1.1 writes it.
    pub fn on_the_wire(&self, host: &str) -> Vec<u8> {
        let body = self.body.as_deref().unwrap_or_default();
        let mut wire =
            format!("{} {} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {}\r\n", self.method, self.path, body.len());
        for (name, value) in &self.headers {
            wire += &format!("{name}: {value}\r\n");
        }
        let mut wire = (wire + "\r\n").into_bytes();
        wire.extend_from_slice(body);
        wire
    }

    /// Adds any body.
    #[must_use]
    pub fn body(mut self, media: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        if media.is_empty() { self } else { self.header("content-type", media) }
    }
}

/// A server's process, in a group of its own so that what it starts ends with it.
pub(crate) struct Process {
    child: Child,
    base: String,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Process {
    pub(crate) fn start(command: Command, before_address: &'static str) -> Self {
        Self::start_and_tell(command, before_address, "")
    }

    /// As [`Process::start`], with words for its standard input, where that is a pipe; it stays open.
    fn start_and_tell(mut command: Command, before_address: &'static str, words: &str) -> Self {
        let mut child = command.spawn().expect("the server starts");
        if let Some(input) = &mut child.stdin {
            input.write_all(words.as_bytes()).expect("it reads");
        }
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (ready, is_ready) = mpsc::channel();
        let kept = Arc::clone(&lines);
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if let Some((_, rest)) = line.split_once(before_address) {
                    let _ = ready.send(rest.split_whitespace().next().unwrap_or_default().to_owned());
                }
                kept.lock().unwrap().push(line);
            }
        });
        match is_ready.recv_timeout(Duration::from_secs(60)) {
            Ok(base) => Self { child, base, lines },
            Err(_) => {
                let seen = lines.lock().unwrap().join("\n");
                drop(Self { child, base: String::new(), lines });
                panic!("the command did not print `{before_address}http://…`:\n{seen}");
            }
        }
    }
}

impl Process {
    /// What it has said before it was ready: its address.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// What it has started first, the server itself among them: the parent would still tell its children to end in order.
    fn kill(&self) {
        let own = self.child.id();
        for process in started_by(own).into_iter().chain([own]) {
            if let Some(process) = Pid::from_raw(process.cast_signed()) {
                let _ = kill_process(process, Signal::KILL);
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(group) = Pid::from_raw(self.child.id().cast_signed()) {
            let _ = kill_process_group(group, Signal::TERM);
        }
        let _ = self.child.wait();
    }
}
