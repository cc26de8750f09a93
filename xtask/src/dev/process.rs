//! A program that runs beside this one and ends with it, however this one ends.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{self, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// What a program may take to save its data; then it is killed.
const STOP_WITHIN: Duration = Duration::from_secs(15);

/// How often an ending program is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// What happens while it runs.
pub enum Event {
    /// SIGTERM, Ctrl-C, or the terminal went away.
    Stop,
    /// A program wrote a line on its standard output that says it is ready.
    Ready(Value),
    /// A program ended although nobody told it to.
    Ended(&'static str),
}

/// Where all programs say what happens.
pub struct Events {
    /// For one more that has something to say.
    pub sender: Sender<Event>,
    /// What was said.
    pub receiver: Receiver<Event>,
}

impl Events {
    /// None yet.
    pub fn new() -> Self {
        let (sender, receiver) = mpsc::channel();
        Self { sender, receiver }
    }
}

/// A running program. Dropping it sends SIGTERM and waits for the end.
pub struct Child {
    child: process::Child,
}

impl Child {
    /// Starts a program. The kernel sends it SIGTERM when this process dies, be it by SIGKILL. It is in a process group
    /// of its own, so that Ctrl-C reaches only this process, which then stops its children in the right order.
    pub fn start(command: &Command) -> Result<Self> {
        Self::spawn(dying_with_us(command))
    }

    /// As [`Child::start`], with each line of its standard error handed on.
    pub fn start_heard(command: &Command, each: impl Fn(&str) + Send + 'static) -> Result<Self> {
        let mut command = dying_with_us(command);
        command.stderr(Stdio::piped());
        let mut child = Self::spawn(command)?;
        let errors = child.child.stderr.take().context("its errors are taken")?;
        thread::spawn(move || BufReader::new(errors).lines().map_while(Result::ok).for_each(|line| each(&line)));
        Ok(child)
    }

    fn spawn(mut command: Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        Ok(Self { child: child.with_context(|| format!("starting {name}"))? })
    }

    /// Starts a server that talks on no pipe: its output goes to a file.
    pub fn start_logged(command: &Command, log: &Path) -> Result<Self> {
        let mut command = dying_with_us(command);
        let name = command.get_program().to_string_lossy().into_owned();
        let log = File::create(log)?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        Ok(Self { child: command.spawn().with_context(|| format!("starting {name}"))? })
    }

    /// Whether it has not ended.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_none())
    }

    /// Writes a line to its standard input, which stays open.
    pub fn tell(&mut self, line: &str) -> Result<()> {
        let input = self.child.stdin.as_mut().context("its input is closed")?;
        writeln!(input, "{line}")?;
        Ok(input.flush()?)
    }

    /// Waits for the line of its output that `parse` takes to say it is ready, and hands on every other line, also afterwards. From then
    /// on its end is an event. `None`: this process was told to stop meanwhile.
    pub fn wait_until_ready(
        &mut self,
        name: &'static str,
        events: &Events,
        parse: fn(&str) -> Option<Value>,
        each: impl FnMut(&str) + Send + 'static,
    ) -> Result<Option<Value>> {
        let output = self.child.stdout.take().context("its output is taken")?;
        let sender = events.sender.clone();
        thread::spawn(move || {
            read_lines(output, &sender, parse, each);
            // Nobody listens any more when this process is on its way out.
            let _ = sender.send(Event::Ended(name));
        });
        match events.receiver.recv()? {
            Event::Ready(value) => Ok(Some(value)),
            Event::Ended(name) => bail!("{name} ended while starting\n  what to do: its words are above"),
            Event::Stop => Ok(None),
        }
    }

    fn stop(&mut self) {
        let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) else { return };
        if self.child.try_wait().is_ok_and(|status| status.is_some()) || kill_process(pid, Signal::TERM).is_err() {
            return;
        }
        let asked = Instant::now();
        while self.child.try_wait().is_ok_and(|status| status.is_none()) {
            if STOP_WITHIN < asked.elapsed() {
                // It had its time; an error here means that it is gone.
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            thread::sleep(LOOK_EVERY);
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.stop();
    }
}

fn read_lines(output: impl Read, sender: &Sender<Event>, parse: fn(&str) -> Option<Value>, mut each: impl FnMut(&str)) {
    let mut is_ready = false;
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        match parse(&line) {
            Some(value) if !is_ready => {
                is_ready = true;
                if sender.send(Event::Ready(value)).is_err() {
                    return;
                }
            }
            _ => each(&line),
        }
    }
}

/// A ready line that is JSON.
pub fn json(line: &str) -> Option<Value> {
    serde_json::from_str(line).ok()
}

/// The same command behind `setpriv --pdeathsig`, where there is one (util-linux).
fn dying_with_us(command: &Command) -> Command {
    use std::os::unix::process::CommandExt;
    let setpriv = Path::new("/usr/bin/setpriv");
    let mut result = match setpriv.exists() {
        true => {
            let mut wrapped = Command::new(setpriv);
            wrapped.args(["--pdeathsig", "TERM", "--"]).arg(command.get_program());
            wrapped
        }
        false => Command::new(command.get_program()),
    };
    result.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => result.env(name, value),
            None => result.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        result.current_dir(folder);
    }
    result.process_group(0);
    result
}
