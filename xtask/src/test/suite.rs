//! One suite: run it, show its output, keep what it counted.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::report::Report;
use super::round::Round;
use crate::steps;

/// A program that runs tests and prints what it ran.
pub struct Suite {
    /// As in the table.
    pub name: &'static str,
    /// What to run.
    pub command: Command,
    /// Runs the tests whose names are added to it, and no others; `None`: the runner tries again by itself, or it would show nothing.
    pub again: Option<Command>,
}

/// As many red tests of a suite are tried again. They have a machine for themselves then, which hundreds side by side had not; more have one cause.
const TRIED_AGAIN: usize = 3;

/// What came of a suite in one round, or without any.
pub struct Row {
    /// The suite.
    pub suite: String,
    /// Which functions and stores it ran against, if any.
    pub round: Option<Round>,
    /// Its result.
    pub outcome: Outcome,
    /// Its tests.
    pub report: Report,
    /// How long it took.
    pub took: Duration,
}

/// A suite's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All is well.
    Passed,
    /// Something is not.
    Failed,
    /// It was green on exactly these files before.
    Known,
    /// It would have shown nothing, for this reason.
    LeftOut(&'static str),
}

impl Suite {
    /// Only what is named like `part`, if there is one. Cargo and npm both hand on what follows two dashes.
    pub fn only(mut self, part: Option<&str>) -> Self {
        if let Some(part) = part {
            self.command.args(["--", part]);
            self.again = None;
        }
        self
    }

    /// Runs it with these variables on top.
    pub fn run(self, round: Option<Round>, variables: &[(String, String)]) -> Row {
        steps::say(&format!("\n── {} {}", self.name, round.map(Round::name).unwrap_or_default()));
        let started = Instant::now();
        let outcome = watch(self.command, variables).and_then(|first| match self.again {
            Some(again) => tried_again(first, again, variables),
            None => Ok(first),
        });
        if let Err(error) = &outcome {
            steps::failed(error);
        }
        let (succeeded, report) = outcome.unwrap_or_default();
        // A suite that found nothing to run has shown nothing.
        let outcome = Outcome::of(succeeded && report.failed == 0 && report.passed != 0);
        let row = Row { suite: self.name.to_owned(), round, outcome, report, took: started.elapsed() };
        let compiling = row.report.compiled.map_or(Duration::ZERO, |at| at.duration_since(started));
        steps::took(&format!("{}: compile", row.title()), compiling);
        steps::took(&row.title(), row.took - compiling);
        row
    }
}

/// The same, after the few red tests of it were tried again.
fn tried_again(
    (succeeded, mut report): (bool, Report),
    mut again: Command,
    variables: &[(String, String)],
) -> Result<(bool, Report)> {
    let names = report.red_tests();
    if succeeded || !(1..=TRIED_AGAIN).contains(&names.len()) || names.len() != report.failed as usize {
        return Ok((succeeded, report));
    }
    steps::say(&format!("\n── again, alone: {}", names.join(", ")));
    again.args(&names);
    let (is_mended, second) = watch(again, variables)?;
    if is_mended && second.passed == report.failed {
        report.mend_all(&names);
    }
    Ok((is_mended, report))
}

/// Whether it succeeded, and what it told meanwhile.
fn watch(mut command: Command, variables: &[(String, String)]) -> Result<(bool, Report)> {
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().context("starting the suite")?;
    let errors = child.stderr.take().context("its errors")?;
    let output = child.stdout.take().context("its output")?;
    let beside = thread::spawn(move || follow(errors));
    let mut report = follow(output);
    report.add(beside.join().unwrap_or_default());
    Ok((child.wait()?.success(), report))
}

/// Reads to the end and shows each line.
fn follow(output: impl Read) -> Report {
    let mut report = Report::default();
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        report.read(&line);
        println!("{line}");
    }
    report
}

impl Outcome {
    fn of(passed: bool) -> Self {
        if passed { Self::Passed } else { Self::Failed }
    }
}

impl Row {
    /// Something without which nothing else could run.
    pub fn failed(suite: &str, round: Round) -> Self {
        Self::without_a_run(suite, round, Outcome::Failed)
    }

    /// A suite that this round has no use for.
    pub fn left_out(suite: &str, round: Round, reason: &'static str) -> Self {
        Self::without_a_run(suite, round, Outcome::LeftOut(reason))
    }

    fn without_a_run(suite: &str, round: Round, outcome: Outcome) -> Self {
        let (suite, report) = (suite.to_owned(), Report::default());
        Self { suite, round: Some(round), outcome, report, took: Duration::ZERO }
    }

    /// The suite and its round.
    pub fn title(&self) -> String {
        let round = self.round.map(|round| format!(", {}", round.name()));
        format!("{}{}", self.suite, round.unwrap_or_default())
    }

    /// Whether something is wrong.
    pub fn has_failed(&self) -> bool {
        self.outcome == Outcome::Failed
    }

    /// Whether it did not run, for a reason.
    pub fn is_left_out(&self) -> bool {
        matches!(self.outcome, Outcome::LeftOut(_))
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
    let outcome = Outcome::of(outcome.is_ok());
    Row { suite, round: None, outcome, report: Report::default(), took: started.elapsed() }
}
