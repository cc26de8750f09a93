//! What an operator is told of a while (docs/metrics.md): one statement and one request to Redis.

mod kept;

use domain::{Figures, ModelFigures, Role, SharedFigures, User, day_of, end_of_day};
use futures::future::try_join;
use infrastructure::StoreError;
use infrastructure::redis::SharedOverview;
use jiff::Timestamp;

pub use kept::{Snapshot, snapshot, snapshot_for_all};

use crate::App;

/// A while, and what has happened in it.
#[derive(Clone, Debug)]
pub struct Overview {
    /// What the rows say.
    pub figures: Figures,
    /// What all instances share.
    pub shared: SharedFigures,
    /// Where the day's money stands; `None`: there is no limit.
    pub budget: Option<Budget>,
}

/// The operator's money of a day, in micro-dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// `CHAT_DAILY_BUDGET_USD`.
    pub daily: u64,
    /// Spent today.
    pub spent: u64,
    /// Kept free for running answers.
    pub held: u64,
    /// When there is a new one.
    pub resets_at: Timestamp,
}

impl Budget {
    /// What is left of it.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.daily.saturating_sub(self.spent).saturating_sub(self.held)
    }
}

/// Why there is no overview.
#[derive(Debug, thiserror::Error)]
pub enum OverviewError {
    /// It is the operator's.
    #[error("the caller is no admin")]
    NotAdmin,
    /// Another request is asking for the first figures at this moment.
    #[error("another request reads the first figures")]
    NotYet,
    /// A store gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What has happened between two moments, for an admin.
///
/// # Errors
/// [`OverviewError`].
pub async fn read(app: &App, caller: &User, from: Timestamp, to: Timestamp) -> Result<Overview, OverviewError> {
    if caller.role != Role::Admin {
        return Err(OverviewError::NotAdmin);
    }
    let rows = app.postgres.read_overview(from, to, Some(caller));
    let (figures, SharedOverview { now, figures: mut shared, .. }) =
        try_join(rows, app.redis.shared_overview()).await?;
    let day = |time: Timestamp| day_of(time.as_millisecond());
    shared.refusals.retain(|(of, ..)| (day(from)..=day(to)).contains(of));
    let budget = budget(app, &shared, now);
    Ok(Overview { figures, shared, budget })
}

/// What a model's tokens cost by its price, or by the dearest one's, in micro-dollars.
#[must_use]
pub fn cost(app: &App, of: &ModelFigures) -> u64 {
    let tokens = domain::TokenUsage { prompt: of.prompt_tokens, completion: of.completion_tokens };
    app.config.cost(&of.model, tokens)
}

/// `now`: by Redis' clock, in milliseconds.
fn budget(app: &App, shared: &SharedFigures, now: i64) -> Option<Budget> {
    let daily = app.config.daily_budget;
    let resets_at = Timestamp::from_millisecond(now).map(end_of_day).unwrap_or_default();
    (daily > 0).then_some(Budget { daily, spent: shared.spent, held: shared.held, resets_at })
}
