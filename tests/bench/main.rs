//! The budgets of the product, measured in one run: `cargo xtask bench` starts what this needs and says where it is.
//!
//! The Worker is served by plain `workerd` here, without anything before it, and beside it a bare Worker that only returns the
//! fetched body. Figures are medians of interleaved rounds; ratios of one run are what counts, the machine is noisy.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark that cannot measure stops"
)]

mod accounts;
mod doors;
mod inspector;
mod many_streams;
mod peers;
mod redis;
mod requests;
mod scale;
mod sizes;
mod spin;
mod store_trips;
mod throughput;
mod workerd;

use std::fs;
use std::process::ExitCode;
use std::time::Duration;

use tests::variable;

use crate::workerd::{Inspector, Workerd};

/// One line of the result.
pub struct Line {
    /// What was measured.
    pub what: String,
    /// What came out.
    pub figure: String,
    /// What was promised, if anything.
    pub budget: Option<Budget>,
}

/// A promise.
pub struct Budget {
    /// In words.
    pub words: String,
    /// Whether it holds.
    pub holds: bool,
    /// A count or a size, which no noise excuses.
    pub is_exact: bool,
}

impl Line {
    fn plain(what: impl Into<String>, figure: impl Into<String>) -> Self {
        Self { what: what.into(), figure: figure.into(), budget: None }
    }

    fn exact(what: impl Into<String>, figure: impl Into<String>, words: impl Into<String>, holds: bool) -> Self {
        let budget = Some(Budget { words: words.into(), holds, is_exact: true });
        Self { budget, ..Self::plain(what, figure) }
    }

    fn timed(what: impl Into<String>, figure: impl Into<String>, words: impl Into<String>, holds: bool) -> Self {
        let budget = Some(Budget { words: words.into(), holds, is_exact: false });
        Self { budget, ..Self::plain(what, figure) }
    }
}

/// The middle of some measurements.
pub fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[all.len() / 2]
}

/// Milliseconds, to two places.
pub fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let load_before = load();
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    let is_wanted = |part: &str| chosen.is_empty() || chosen.iter().any(|name| name == part);
    let model = format!("{}/chat/completions", variable("SAMBANOVA_API_BASE"));
    let worker = Workerd::edgewise(Inspector::Off);
    let bare = Workerd::bare(&model, Inspector::Off);
    worker.answers().await;
    bare.answers().await;
    let mut broken = 0;
    // Each part is told as it ends: what took minutes is not lost with what comes after it.
    let mut tell = |lines: Vec<Line>| broken += print(&lines);
    if is_wanted("store-trips") {
        tell(store_trips::measure(&worker).await);
    }
    if is_wanted("redis") {
        tell(redis::measure().await);
    }
    if is_wanted("throughput") {
        tell(throughput::measure(&worker, &bare, &model).await);
    }
    if is_wanted("doors") {
        tell(doors::measure(&worker).await);
    }
    if is_wanted("requests") {
        tell(requests::measure(&worker, &bare, &model).await);
    }
    // Named only: what it compares with is installed for it.
    if chosen.iter().any(|name| name == "peers") {
        tell(peers::measure(&worker, &bare).await);
    }
    if is_wanted("scale") {
        tell(scale::measure(&worker).await);
    }
    if is_wanted("spin") {
        tell(spin::measure(&worker).await);
    }
    drop((worker, bare));
    if is_wanted("many-streams") {
        tell(many_streams::measure(&model).await);
    }
    if is_wanted("accounts") {
        tell(accounts::measure().await);
    }
    if is_wanted("sizes") {
        tell(sizes::measure());
    }
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!("{cores} cores; load of the last minute {load_before} at the beginning, {} at the end", load());
    if broken == 0 {
        return ExitCode::SUCCESS;
    }
    println!("{broken} exact budgets are broken");
    ExitCode::FAILURE
}

/// Prints what a part has measured, and says how many exact budgets are broken.
fn print(lines: &[Line]) -> usize {
    let width = lines.iter().map(|line| line.what.chars().count()).max().unwrap_or_default();
    let mut broken = 0;
    for line in lines {
        let verdict = match &line.budget {
            None => String::new(),
            Some(budget) => {
                broken += usize::from(budget.is_exact && !budget.holds);
                format!("{} ({})", if budget.holds { "ok" } else { "OVER" }, budget.words)
            }
        };
        println!("{:width$}  {:>24}  {verdict}", line.what, line.figure);
    }
    broken
}

/// How busy the machine is, by its own count: with other work beside it the times say less.
fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("unknown").to_owned()
}
