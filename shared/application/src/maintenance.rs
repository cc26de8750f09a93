//! What has been kept long enough goes, in steps that nobody waits for (docs/reliability.md, "Retention").
//!
//! A platform's clock or an operator's scheduler asks for a run. All that it knows stands in the rows, so a run may be killed anywhere, and two may run at once.

use domain::{MaintenanceRun, Tended};
use infrastructure::StoreError;
use platform::{Field, Level};

use crate::{App, storage};

/// Statements of one run, each a call that is made once. Cloudflare's free plan gives a run 50 calls and 10 ms: one takes most of a millisecond
/// (`tests/bench`, `accounts`).
const STATEMENTS: u32 = 8;

/// What a run has done.
#[derive(Clone, Copy, Debug)]
pub struct Maintained {
    /// In rows.
    pub tended: Tended,
    /// Nothing is left for the next run.
    pub is_finished: bool,
}

/// Runs once, and writes `maintenance_done`.
///
/// # Errors
/// [`StoreError`] of the last statement that failed, after all others were tried. What is done is done.
pub async fn run(app: &App) -> Result<Maintained, StoreError> {
    let mut run = MaintenanceRun::new(STATEMENTS);
    let mut failed = None;
    while let Some(chore) = run.next_chore() {
        match app.postgres.tend(chore, &app.config.retention).await {
            Ok(step) => run.did(chore, step),
            Err(error) => {
                run.failed();
                app.log_cause(Level::Warn, "a part of maintenance waits for the next run", &error);
                failed = Some(error);
            }
        }
    }
    if let Some(low) = app.config.storage.low() {
        storage::warn_if_low(app, app.postgres.measure_storage(low).await);
    }
    let mut fields: Vec<(&'static str, Field)> = vec![("event", "maintenance_done".into())];
    fields.extend(run.tended.counts().map(|(name, count)| (name, count.into())));
    fields.push(("outcome", if run.is_finished() { "finished" } else { "more" }.into()));
    app.log(Level::Info, "maintenance", fields);
    match failed {
        Some(error) => Err(error),
        None => Ok(Maintained { tended: run.tended, is_finished: run.is_finished() }),
    }
}

/// What runs would do, until nothing is left; nothing is changed.
///
/// # Errors
/// [`StoreError`] when Postgres gives no answer.
pub async fn look(app: &App) -> Result<Tended, StoreError> {
    app.postgres.count_due(&app.config.retention).await
}
