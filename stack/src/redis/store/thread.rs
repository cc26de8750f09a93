//! The thread that owns the keys and the scripts, and the handle to it.

use super::Refusal;
use super::commands::{self, Arguments, SCRIPT_COMMANDS};
use super::keyspace::Keyspace;
use super::number::integer;
use super::script::{ScriptKeys, Scripts};
use super::snapshot;
use crate::redis::Reply;
use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// How soon after a change the snapshot is written; what a crash can lose.
const SNAPSHOT_AFTER: Duration = Duration::from_secs(1);

/// The stack of its thread, in bytes: cjson nests tables a thousand deep, which an unoptimised build needs some megabytes for.
const STACK: usize = 16 * 1024 * 1024;

type Command = Vec<Vec<u8>>;

enum Job {
    Run(Vec<Command>, oneshot::Sender<Executed>),
    Transaction(Vec<Command>, oneshot::Sender<Result<Executed, String>>),
    Clock(i64, oneshot::Sender<()>),
    Stop(oneshot::Sender<()>),
}

/// Commands that have run.
pub struct Executed {
    /// A reply to each.
    pub replies: Vec<Reply>,
    /// How many commands ran: these, and those within their scripts.
    pub commands: u64,
}

/// A handle to the store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    jobs: mpsc::Sender<Job>,
}

impl Store {
    /// Starts the store, from the snapshot at `path` if there is one; without a path nothing is kept. Scripts may use the keys that are `allowed`.
    pub fn start(path: Option<PathBuf>, allowed: ScriptKeys) -> std::io::Result<Self> {
        let keyspace = match &path {
            Some(path) => snapshot::load(path)?,
            None => Keyspace::default(),
        };
        let (jobs, inbox) = mpsc::channel();
        let (ready, started) = mpsc::channel();
        std::thread::Builder::new().name("redis".to_owned()).stack_size(STACK).spawn(move || {
            match Engine::new(keyspace, path, allowed) {
                Ok(engine) => {
                    let _ = ready.send(Ok(()));
                    engine.work(&inbox);
                }
                Err(error) => {
                    let _ = ready.send(Err(std::io::Error::other(error.to_string())));
                }
            };
        })?;
        started.recv().map_err(std::io::Error::other)??;
        Ok(Self { jobs })
    }

    /// Runs commands one after the other. `None` once the store has stopped.
    pub async fn run(&self, commands: Vec<Command>) -> Option<Executed> {
        self.ask(|tell| Job::Run(commands, tell)).await
    }

    /// Runs commands as MULTI and EXEC do: all, or none if one of them is not a command at all.
    pub async fn transaction(&self, commands: Vec<Command>) -> Option<Result<Executed, String>> {
        self.ask(|tell| Job::Transaction(commands, tell)).await
    }

    /// Moves the store's clock against the machine's.
    pub async fn set_clock_offset(&self, offset_ms: i64) {
        self.ask(|tell| Job::Clock(offset_ms, tell)).await;
    }

    /// Writes the snapshot and ends the store.
    pub async fn stop(&self) {
        self.ask(Job::Stop).await;
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<T>) -> Job) -> Option<T> {
        let (tell, told) = oneshot::channel();
        self.jobs.send(job(tell)).ok()?;
        told.await.ok()
    }
}

struct Engine {
    keyspace: Rc<RefCell<Keyspace>>,
    scripts: Scripts,
    /// Commands that have run, those within scripts among them.
    executed: Rc<Cell<u64>>,
    path: Option<PathBuf>,
    /// Writes the last snapshot, beside the store: one of some megabytes takes longer than callers wait for Redis.
    writing: Option<JoinHandle<()>>,
}

impl Engine {
    fn new(keyspace: Keyspace, path: Option<PathBuf>, allowed: ScriptKeys) -> mlua::Result<Self> {
        let keyspace = Rc::new(RefCell::new(keyspace));
        let executed = Rc::new(Cell::new(0));
        let scripts = Scripts::new(keyspace.clone(), executed.clone(), allowed)?;
        Ok(Self { keyspace, scripts, executed, path, writing: None })
    }

    fn work(mut self, inbox: &mpsc::Receiver<Job>) {
        let mut save_at: Option<Instant> = None;
        loop {
            let wait = save_at.map_or(Duration::from_secs(3600), |at| at.saturating_duration_since(Instant::now()));
            match inbox.recv_timeout(wait) {
                Ok(Job::Run(commands, tell)) => {
                    let before = self.executed.get();
                    let replies = commands.iter().map(|command| self.run(command)).collect();
                    let _ = tell.send(Executed { replies, commands: self.executed.get() - before });
                }
                Ok(Job::Transaction(commands, tell)) => {
                    let before = self.executed.get();
                    let replies = self.transaction(&commands);
                    let commands = self.executed.get() - before;
                    let _ = tell.send(replies.map(|replies| Executed { replies, commands }));
                }
                Ok(Job::Clock(offset_ms, tell)) => {
                    self.keyspace.borrow_mut().set_offset(offset_ms);
                    let _ = tell.send(());
                }
                Ok(Job::Stop(tell)) => {
                    self.save_at_the_end();
                    let _ = tell.send(());
                    return;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.save_at_the_end(),
            }
            if save_at.is_some_and(|at| at <= Instant::now()) {
                let is_busy = self.writing.as_ref().is_some_and(|writing| !writing.is_finished());
                save_at = is_busy.then(|| Instant::now() + SNAPSHOT_AFTER);
                if !is_busy {
                    self.save();
                }
            } else if save_at.is_none() && self.keyspace.borrow().dirty {
                save_at = Some(Instant::now() + SNAPSHOT_AFTER);
            }
        }
    }

    fn save(&mut self) {
        let mut keyspace = self.keyspace.borrow_mut();
        let is_dirty = std::mem::take(&mut keyspace.dirty);
        let Some(path) = self.path.clone().filter(|_| is_dirty) else { return };
        keyspace.tick();
        let keys: Vec<_> = keyspace.living().map(|(key, entry)| (key.clone(), entry.clone())).collect();
        self.writing = Some(std::thread::spawn(move || {
            if let Err(error) = snapshot::save(&keys, &path) {
                tracing::error!(%error, path = %path.display(), "cannot write the snapshot");
            }
        }));
    }

    /// The last snapshot is on disk when this returns.
    fn save_at_the_end(&mut self) {
        self.written();
        self.save();
        self.written();
    }

    fn written(&mut self) {
        if let Some(writing) = self.writing.take()
            && writing.join().is_err()
        {
            tracing::error!("writing the snapshot panicked");
        }
    }

    fn run(&mut self, command: &[Vec<u8>]) -> Reply {
        self.keyspace.borrow_mut().tick();
        self.run_now(command)
    }

    fn run_now(&mut self, command: &[Vec<u8>]) -> Reply {
        let outcome = check(command).and_then(|()| {
            self.executed.set(self.executed.get() + 1);
            match Arguments(command).name().as_str() {
                name @ ("eval" | "evalsha" | "script") => self.script(name, command),
                _ => commands::find(command).map(|entry| entry.run(&mut self.keyspace.borrow_mut(), command)),
            }
        });
        outcome.unwrap_or_else(|Refusal(words)| Reply::Error(words))
    }

    fn transaction(&mut self, commands: &[Command]) -> Result<Vec<Reply>, String> {
        if let Some(Refusal(words)) = commands.iter().find_map(|command| check(command).err()) {
            return Err(words);
        }
        // EXEC is one command: the clock stands still during all of it.
        self.keyspace.borrow_mut().tick();
        Ok(commands.iter().map(|command| self.run_now(command)).collect())
    }

    fn script(&mut self, name: &str, command: &[Vec<u8>]) -> Result<Reply, Refusal> {
        let a = Arguments(command);
        if name == "script" {
            return self.scripts.administer(&a);
        }
        let count = integer(a.at(2))?;
        let rest = a.from(3);
        if count > rest.len() as i64 {
            return Err("ERR Number of keys can't be greater than number of args".into());
        }
        let count = usize::try_from(count).map_err(|_| Refusal::from("ERR Number of keys can't be negative"))?;
        let (keys, arguments) = rest.split_at_checked(count).unwrap_or((rest, &[]));
        let sha = if name == "eval" { self.scripts.load(a.at(1))? } else { a.upper(1).to_lowercase() };
        self.scripts.run(&sha, keys, arguments)
    }
}

/// What Redis checks when it queues a command: that it exists and has enough arguments.
fn check(command: &[Vec<u8>]) -> Result<(), Refusal> {
    let name = Arguments(command).name();
    match SCRIPT_COMMANDS.iter().find(|(known, _)| *known == name) {
        Some((known, arity)) => commands::check_arity(known, *arity, command.len()),
        None => commands::find(command).map(|_| ()),
    }
}
