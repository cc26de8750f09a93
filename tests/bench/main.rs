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

mod scale;
mod sizes;
mod store_trips;
mod throughput;
mod workerd;

use std::time::Duration;

use tests::variable;

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
async fn main() {
    let worker = workerd::Workerd::edgewise();
    let bare = workerd::Workerd::bare(&format!("{}/chat/completions", variable("SAMBANOVA_API_BASE")));
    worker.answers().await;
    bare.answers().await;
    let mut lines = store_trips::measure(&worker).await;
    lines.extend(throughput::measure(&worker, &bare).await);
    lines.extend(scale::measure(&worker).await);
    lines.extend(sizes::measure());

    let width = lines.iter().map(|line| line.what.chars().count()).max().unwrap_or_default();
    let mut broken = 0;
    println!();
    for line in &lines {
        let verdict = match &line.budget {
            None => String::new(),
            Some(budget) => {
                broken += usize::from(budget.is_exact && !budget.holds);
                format!("{} ({})", if budget.holds { "ok" } else { "OVER" }, budget.words)
            }
        };
        println!("{:width$}  {:>24}  {verdict}", line.what, line.figure);
    }
    assert_eq!(broken, 0, "{broken} exact budgets are broken");
}
