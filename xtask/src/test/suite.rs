//! One suite: run it, show its output, keep what it counted.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::counts::Counts;
use crate::steps;

/// A program that runs tests and prints what it ran.
pub struct Suite {
    /// As in the table.
    pub name: &'static str,
    /// What to run.
    pub command: Command,
}

/// A line of the table.
pub struct Row {
    /// The suite.
    pub suite: String,
    /// The stores it ran against, if any.
    pub stores: String,
    /// Whether all is well.
    pub passed: bool,
    counts: Counts,
    took: Duration,
}

impl Suite {
    /// Runs it with these variables on top.
    pub fn run(&self, stores: &str, variables: &[(String, String)]) -> Row {
        steps::say(&format!("\n── {} {stores}", self.name));
        let started = Instant::now();
        let outcome = self.watch(variables);
        if let Err(error) = &outcome {
            steps::failed(error);
        }
        let (passed, counts) = outcome.unwrap_or_default();
        // A suite that found nothing to run has shown nothing.
        let passed = passed && counts.failed == 0 && counts.passed != 0;
        Row { suite: self.name.to_owned(), stores: stores.to_owned(), passed, counts, took: started.elapsed() }
    }

    fn watch(&self, variables: &[(String, String)]) -> Result<(bool, Counts)> {
        let mut command = Command::new(self.command.get_program());
        command.args(self.command.get_args());
        for (name, value) in self.command.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some(folder) = self.command.get_current_dir() {
            command.current_dir(folder);
        }
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("starting the suite {}", self.name))?;
        let errors = child.stderr.take().context("its errors")?;
        let output = child.stdout.take().context("its output")?;
        let beside = thread::spawn(move || show(errors));
        let mut counts = show(output);
        counts += beside.join().unwrap_or_default();
        Ok((child.wait()?.success(), counts))
    }
}

fn show(output: impl Read) -> Counts {
    let mut counts = Counts::default();
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        counts.read(&line);
        println!("{line}");
    }
    counts
}

impl Row {
    /// Something without which nothing else could run.
    pub fn failed(suite: &str, stores: &str) -> Self {
        let (suite, stores) = (suite.to_owned(), stores.to_owned());
        Self { suite, stores, passed: false, counts: Counts::default(), took: Duration::ZERO }
    }
}

/// A step that is a test by itself.
pub fn step(name: &str, work: impl FnOnce() -> Result<()>) -> Row {
    let started = Instant::now();
    let outcome = work();
    if let Err(error) = &outcome {
        steps::failed(error);
    }
    let suite = format!("check: {name}");
    Row { suite, stores: String::new(), passed: outcome.is_ok(), counts: Counts::default(), took: started.elapsed() }
}

/// The table at the end, and the sums below it.
pub fn table(rows: &[Row]) -> String {
    let mut text = format!("{:<32} {:<10} {:>7} {:>7} {:>8}\n", "suite", "stores", "passed", "failed", "seconds");
    let mut sum = Counts::default();
    for row in rows {
        sum += row.counts;
        let mark = if row.passed { "✓" } else { "✗" };
        let Counts { passed, failed } = row.counts;
        let (suite, stores, seconds) = (&row.suite, &row.stores, row.took.as_secs_f32());
        text += &format!("{mark} {suite:<30} {stores:<10} {passed:>7} {failed:>7} {seconds:>8.1}\n");
    }
    let broken = rows.iter().filter(|row| !row.passed).count();
    text + &format!(
        "tests: {} passed, {} failed; suites: {} passed, {broken} failed",
        sum.passed,
        sum.failed,
        rows.len() - broken
    )
}
