//! Progress on standard error: a spinner on a terminal, a line elsewhere; and what to do when a step fails.
//!
//! Standard output is left to the commands: `dev` prints its ready line and the functions' log there.

use std::collections::VecDeque;
use std::fmt::Display;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, IsTerminal, stderr};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result, anyhow, ensure};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::project::Project;

/// Lines of a failed program's output that are shown; the rest is in its log file.
const LINES_SHOWN: usize = 40;

/// Steps that are named at the end of a run, longest first.
const SLOWEST: usize = 10;

/// What took how long.
static TIMES: Mutex<Vec<(String, Duration)>> = Mutex::new(Vec::new());

/// Several steps may run at once, each with its own spinner.
fn spinners() -> &'static MultiProgress {
    static SPINNERS: OnceLock<MultiProgress> = OnceLock::new();
    SPINNERS.get_or_init(MultiProgress::new)
}

/// Does `work` under a title.
pub fn step<T>(title: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let started = Instant::now();
    let spinner = stderr().is_terminal().then(|| {
        let style = ProgressStyle::with_template("{spinner} {msg} {elapsed:.dim}");
        let bar = spinners().add(ProgressBar::new_spinner());
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_message(title.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    });
    if spinner.is_none() {
        say(&format!("  {title} …"));
    }
    let result = work();
    if let Some(bar) = spinner {
        bar.finish_and_clear();
        spinners().remove(&bar);
    }
    let mark = if result.is_ok() { "✓" } else { "✗" };
    say(&format!("{mark} {title} ({:.1} s)", started.elapsed().as_secs_f32()));
    took(title, started.elapsed());
    result
}

/// Remembers what a step took that was not done by [`step`].
pub fn took(title: &str, time: Duration) {
    TIMES.lock().unwrap_or_else(PoisonError::into_inner).push((title.to_owned(), time));
}

/// The slowest steps so far. Some run beside each other, so the sum says nothing.
pub fn slowest() -> String {
    longest(TIMES.lock().unwrap_or_else(PoisonError::into_inner).clone())
}

fn longest(mut times: Vec<(String, Duration)>) -> String {
    times.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
    let lines = times.iter().take(SLOWEST).map(|(title, time)| format!("{:>8.1} s  {title}\n", time.as_secs_f32()));
    format!("the slowest steps:\n{}", lines.collect::<String>())
}

/// Runs a program under a title, its output in `.local/logs/`. When it fails, the error carries the end of that output
/// and `hint`, what to do now.
pub fn run(project: &Project, title: &str, hint: &str, command: &mut Command) -> Result<()> {
    step(title, || quietly(project, title, hint, command))
}

/// As [`run`]; a warning of the compiler fails it, too. Cargo repeats those of crates that it need not compile again.
pub fn without_warnings(project: &Project, title: &str, hint: &str, command: &mut Command) -> Result<()> {
    step(title, || {
        quietly(project, title, hint, command)?;
        let path = log_of(project, title);
        let is_clean = !fs::read_to_string(&path)?.lines().any(|line| line.starts_with("warning"));
        ensure!(is_clean, "{title}: warnings\n{}\n  all of it: {}\n  what to do: {hint}", tail(&path), path.display());
        Ok(())
    })
}

/// As [`run`], without the title: for a program that is part of a step.
pub fn quietly(project: &Project, title: &str, hint: &str, command: &mut Command) -> Result<()> {
    let path = log_of(project, title);
    fs::create_dir_all(project.local("logs"))?;
    let log = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| anyhow!("cannot start {program}: {error}\n  what to do: {hint}"))?;
    if status.success() {
        return Ok(());
    }
    Err(anyhow!("{title} failed ({status})\n{}\n  all of it: {}\n  what to do: {hint}", tail(&path), path.display()))
}

/// Where a step's output is kept.
fn log_of(project: &Project, title: &str) -> PathBuf {
    let name: String = title.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    project.local("logs").join(format!("{}.log", name.to_lowercase()))
}

/// Runs a program whose output is the point of the step: it goes to ours.
pub fn aloud(title: &str, hint: &str, command: &mut Command) -> Result<()> {
    say(&format!("── {title}"));
    let started = Instant::now();
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| anyhow!("cannot start {program}: {error}\n  what to do: {hint}"))?;
    if !status.success() {
        return Err(anyhow!("{title} failed ({status})\n  what to do: {hint}"));
    }
    say(&format!("✓ {title} ({:.1} s)", started.elapsed().as_secs_f32()));
    Ok(())
}

/// The last lines of a log file.
pub fn tail(path: &std::path::Path) -> String {
    let Ok(file) = File::open(path) else { return String::new() };
    let mut last = VecDeque::new();
    for line in BufReader::new(file).lines().map_while(Result::ok) {
        if last.len() == LINES_SHOWN {
            last.pop_front();
        }
        last.push_back(format!("    {line}"));
    }
    Vec::from(last).join("\n")
}

/// One line to the person who waits.
pub fn say(line: &(impl Display + ?Sized)) {
    spinners().suspend(|| eprintln!("{line}"));
}

/// The end of a command that did not work.
pub fn failed(error: &Error) {
    say(&format!("\nerror: {error:#}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ten_slowest_are_named_longest_first() {
        let text = longest((1..=12).map(|second| (format!("step {second}"), Duration::from_secs(second))).collect());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 1 + SLOWEST, "{text}");
        assert_eq!((lines[1], lines[10]), ("    12.0 s  step 12", "     3.0 s  step 3"), "{text}");
    }
}
